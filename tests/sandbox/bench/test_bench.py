"""The bench: each measurement works, and says when a figure is not reached. No time is asserted here."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.slack import list_required_scopes
from bot.cli.doctor.database_checks import BESIDE_POOL
from bot.performance import MAX_CONNECTIONS
from handlers import EVENTS
from sandbox import bench
from sandbox.bench.declare_latency import count_longest_chain
from sandbox.bench.environment import BenchEnvironment
from sandbox.bench.figures import BenchFigure, BenchRound, compute_percentile
from sandbox.bench.remediation_kills import KINDS, STATES, list_rounds
from sandbox.bench.remediation_latency import ROOMS
from sandbox.bench.remediation_stage import SESSIONS
from sandbox.demo.bot_process import launch_program
from sandbox.demo.screenshots import find_browser
from sandbox.slack.call_log import CallRecord
from tests.bot_template import TEMPLATE

PROMISED = {
    "idle": {"idle, a command that reads, p50", "idle, a command that writes, p99"},
    "busy": {"while 2 incidents are declared", "processor time for one"},
    "declaring": {
        "calls before the first acknowledgement",
        "to the alert",
        "to the first direct message",
        "Slack calls for one",
        "calls in a row",
    },
    "resting": {"start to ready", "memory of the bot"},
    "records": {"stats over", "actions with", "of one's own"},
    "crowded": {"list with", "home with", "update form with", "database's work at rest"},
    "outbox": {"Slack at 30 ms, p50", "Slack at 30 ms, p95"},
    "paging": {"Slack well", "Slack at 300 ms", "Slack at 10 s", "Slack silent"},
    "many": {"direct messages by one", "lost or doubled", "within a minute"},
    "ladders": {"lateness of a step", "of one core"},
    "check": {"check of a runbook"},
    "looking": {
        "steps of 300 ms",
        "the other 11 are shown",
        "the message is complete",
        "first verdict in the channel",
        "acknowledgements meanwhile",
        "steps without a finding",
        "memory of the bot and all",
        "ms        at most 60     a chart",
        "longest pause of the event loop",
    },
    "remediation": {
        "asked for to its card",
        "approved to the act's call",
        "not void",
        "unentitled approvals",
    },
    "kills": {"carried out twice", "lost"},
    "statuspages": {"lost: Statuspage", "lost: incident.io", "incidents, drawn", "its front page"},
    "trackers": {"there twice", "pull requests: lost"},
    "reviews": {"review of 500 entries, made", "in calls: GitHub", "in calls: GitLab"},
    "publishing": {"Publish to published", "in any minute", "doubled or lost texts"},
    "page": {"in another window", "the page answering", "demo --script"},
    "reminders": {"the tick", "not sent exactly once"},
}


STARTS = "resting"
"""What measures a start, and therefore is given a fresh interpreter, as `./tocsin bench` gives to all."""


async def run(names: Sequence[str], postgres: PrivatePostgres, folder: Path) -> tuple[int, str]:
    """The exit code and what was printed, of the smallest measurement."""
    said: list[str] = []
    code = await bench.run_benchmarks(
        names,
        postgres.conninfo,
        folder,
        sorted(list_required_scopes()),
        EVENTS,
        say=said.append,
        size=bench.TINY,
        launch=launch_program if STARTS in names else TEMPLATE.launch,
    )
    return code, "\n".join(said)


def test_everything_that_is_promised_can_be_measured() -> None:
    assert set(PROMISED) == set(bench.MEASURES)


@pytest.mark.whole
@pytest.mark.parametrize("name", PROMISED)
async def test_each_measurement_works(name: str, postgres: PrivatePostgres, tmp_path: Path) -> None:
    if name == "page" and not find_browser():
        pytest.skip("NO BROWSER: install chromium (Debian: apt-get install chromium)")
    code, said = await run([name], postgres, tmp_path)
    lines = [line for line in said.splitlines() if line.startswith(("ok", "OVER"))]
    for words in PROMISED[name]:
        assert sum(words in line for line in lines) == 1, said
    assert code == any(line.startswith("OVER") for line in lines)


async def test_a_figure_that_is_over_is_said_and_ends_the_run_with_1(
    postgres: PrivatePostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def over(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
        return [BenchFigure("the tick", 1.2, 1.0, "s", "nothing"), BenchFigure("the rest", 1.0, 1.0, "s")]

    monkeypatch.setitem(bench.MEASURES, "over", over)
    code, said = await run(["over"], postgres, tmp_path)
    assert code == 1
    assert [line.split()[0] for line in said.splitlines() if "at most" in line] == ["OVER", "ok"]
    assert "beside: nothing" in said


def test_a_chain_of_calls_counts_those_that_waited_for_one_another() -> None:
    times = ((0.0, 1.0), (0.1, 1.1), (1.1, 2.0), (1.2, 2.1), (2.5, 3.0))
    calls = [CallRecord(1, "x", {}, started, finished=finished) for started, finished in times]
    assert count_longest_chain(calls) == 3


def test_percentiles_are_values_that_were_measured() -> None:
    assert compute_percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert compute_percentile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_the_bench_s_database_has_room_for_every_bot_and_for_what_a_killed_one_left() -> None:
    assert int(bench.SERVER["max_connections"]) >= 2 * ROOMS * (MAX_CONNECTIONS + BESIDE_POOL)


def test_each_kind_is_struck_at_each_state_when_they_have_come_twice() -> None:
    rounds = zip((*STATES, *STATES), list_rounds({}), strict=False)
    struck = {(state, kind) for state, kinds in rounds for kind in kinds}
    assert struck == {(state, kind) for state in STATES for kind in (*KINDS, *SESSIONS)}
