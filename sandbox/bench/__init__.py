"""`./tocsin bench`: every figure that Tocsin promises, measured beside its reference in the same run."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.bench.acknowledging import busy, idle
from sandbox.bench.crowded import crowded, outbox, reminders
from sandbox.bench.declaring import declaring
from sandbox.bench.figures import TINY, Figure, Measure, Round
from sandbox.bench.looking import looking
from sandbox.bench.page import page
from sandbox.bench.paging import ladders, many_people, paging
from sandbox.bench.resting import resting
from sandbox.bench.stage import house
from sandbox.bench.understanding import understanding

MEASURES: dict[str, Measure] = {
    "idle": idle,
    "busy": busy,
    "declaring": declaring,
    "resting": resting,
    "crowded": crowded,
    "outbox": outbox,
    "reminders": reminders,
    "paging": paging,
    "many": many_people,
    "ladders": ladders,
    "check": understanding,
    "page": page,
    "looking": looking,
}
"""What can be measured, by the names that the command line takes."""


async def play(
    names: Sequence[str],
    address: Callable[[str], str],
    folder: Path,
    scopes: Sequence[str],
    events: Sequence[str],
    *,
    say: Callable[[str], None],
    size: Round | None = None,
) -> int:
    """Measure these (none: all) and print a line for each figure. Gives 0 when all are reached, else 1.

    `address` gives the libpq address of a database of a server that is ours.
    """
    say(
        "Each figure: measured, what it must reach, and beside what. Medians of several rounds; takes a few minutes."
    )
    over = 0
    async with house(address, folder, scopes, events) as place:
        for name in names or MEASURES:
            say(f"\n{name} …")
            for figure in await MEASURES[name](place, size or Round()):
                over += not figure.reached
                say(line(figure))
    say(f"\n{'All are reached.' if not over else f'{over} are over.'}")
    return 1 if over else 0


def line(figure: Figure) -> str:
    """One figure as a line of the table."""
    word = "ok  " if figure.reached else "OVER"
    measured = f"{figure.measured:,.1f}" if figure.measured < 100 else f"{figure.measured:,.0f}"
    beside = f"   beside: {figure.beside}" if figure.beside else ""
    return f"{word} {measured:>7} {figure.unit:<9} at most {figure.at_most:<6,.4g} {figure.name}{beside}"


__all__ = ["MEASURES", "TINY", "Figure", "Round", "line", "play"]
