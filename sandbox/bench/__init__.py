"""`./tocsin bench`: every figure that Tocsin promises, measured beside its reference in the same run."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.bench.acknowledgement import measure_busy, measure_idle
from sandbox.bench.declare_latency import measure_declaration
from sandbox.bench.diagnostics_latency import measure_diagnostics
from sandbox.bench.environment import open_bench_environment
from sandbox.bench.figures import TINY, BenchFigure, BenchRound, Measure
from sandbox.bench.idle import measure_idle_memory
from sandbox.bench.load import measure_open_incidents, measure_outbox, measure_reminders
from sandbox.bench.page_latency import measure_escalations, measure_group_paging, measure_paging
from sandbox.bench.publishing import measure_publishing
from sandbox.bench.records import measure_records
from sandbox.bench.remediation_latency import measure_kills, measure_remediation
from sandbox.bench.reviews import measure_reviews
from sandbox.bench.runbook_parsing import measure_parsing
from sandbox.bench.status_pages import measure_status_pages
from sandbox.bench.tracker_kills import measure_tracker_kills
from sandbox.bench.web_ui import measure_page
from sandbox.demo.bot_process import Launch, launch_program

MEASURES: dict[str, Measure] = {
    "idle": measure_idle,
    "busy": measure_busy,
    "declaring": measure_declaration,
    "resting": measure_idle_memory,
    "crowded": measure_open_incidents,
    "records": measure_records,
    "outbox": measure_outbox,
    "reminders": measure_reminders,
    "paging": measure_paging,
    "many": measure_group_paging,
    "ladders": measure_escalations,
    "check": measure_parsing,
    "page": measure_page,
    "looking": measure_diagnostics,
    "remediation": measure_remediation,
    "kills": measure_kills,
    "publishing": measure_publishing,
    "statuspages": measure_status_pages,
    "reviews": measure_reviews,
    "trackers": measure_tracker_kills,
}
"""What can be measured, by the names that the command line takes."""

SERVER = {"max_connections": "300"}
"""What the database needs to have: several bots at the same time, and what a killed one has left behind."""


async def run_benchmarks(
    names: Sequence[str],
    address: Callable[[str], str],
    folder: Path,
    scopes: Sequence[str],
    events: Sequence[str],
    *,
    say: Callable[[str], None],
    size: BenchRound | None = None,
    launch: Launch = launch_program,
) -> int:
    """Measure these (none: all) and print a line for each figure. Gives 0 when all are reached, else 1.

    `address` gives the libpq address of a database of a server that is ours; `launch` starts a bot.
    """
    say(
        "Each figure: measured, what it must reach, and beside what. Medians of several rounds; takes a few minutes."
    )
    over = 0
    async with open_bench_environment(address, folder, scopes, events, launch) as place:
        for name in names or MEASURES:
            say(f"\n{name} …")
            for figure in await MEASURES[name](place, size or BenchRound()):
                over += not figure.reached
                say(format_figure(figure))
    say(f"\n{'All are reached.' if not over else f'{over} are over.'}")
    return 1 if over else 0


def format_figure(figure: BenchFigure) -> str:
    """One figure as a line of the table."""
    word = "ok  " if figure.reached else "OVER"
    measured = f"{figure.measured:,.1f}" if figure.measured < 100 else f"{figure.measured:,.0f}"
    beside = f"   beside: {figure.beside}" if figure.beside else ""
    return f"{word} {measured:>7} {figure.unit:<9} at most {figure.at_most:<6,.4g} {figure.name}{beside}"


__all__ = ["MEASURES", "SERVER", "TINY", "BenchFigure", "BenchRound", "format_figure", "run_benchmarks"]
