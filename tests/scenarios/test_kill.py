"""The bot is killed at every call of a declare; started again, it makes the incident whole and doubles nothing."""

import shutil
import signal
from pathlib import Path

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from sandbox.demo.bot_process import launch_program
from tests.samples import spread
from tests.scenarios.beside import AT_ONCE, Databases, run_beside
from tests.scenarios.killing import Moment, Point, Theatre, theatre
from tests.scratch import make_server_folder

SAMPLE = 3
"""Points of a sample; each of the two tests strikes at others."""

FROZEN_FOR = 60.0
"""Seconds within which another replica must have taken over what a frozen one holds: its lease, and a look, whose lease
is 25 s."""

SLACK_WAITS = 3.0
"""Seconds that Slack waits for the answer of a bot that is frozen."""

WHOLE = {
    "channels": 1,
    "alerts in the room": 1,
    "announcements": [1],
    "pinned": [True],
    "bookmarks": ["https://git.example/runbook.md"],
    "topic": "P0 · investigating · TITLE",
    "in the room": ["bruno", "caller", "chidi", "devika", "noor", "tocsin"],
    "paged by direct message": {"bruno": [True], "chidi": [True], "devika": [True], "noor": [True]},
    "mentioned": {},
    "playbook": 1,
    "said in the room": 4,
    "told": {"declared": 1, "channel_opened": 1, "paged": 4, "looked": 1},
    "said to have come twice": [],
    "dead": [],
}
"""A declare that nothing disturbed. Said in the room: the alert, the playbook, what the diagnostics
found and, in its thread, what to run by hand. All were reached by a direct message, so that nobody is mentioned."""


async def calls_of_a_declare(scene: Theatre) -> int:
    """How many calls one undisturbed declare makes."""
    scene.slack.calls.clear()
    assert scene.seen(await scene.declared()) == WHOLE
    return len(scene.slack.calls)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_any_call_of_a_declare_the_restarted_bot_makes_the_incident_whole(
    databases: Databases, tmp_path: Path, moment: Moment, whole: bool
) -> None:
    first = int(moment == "after")  # of the sample

    async def share(number: int, database: str, folder: Path) -> None:
        async with theatre(database, folder) as scene:
            calls = await calls_of_a_declare(scene)
            every = range(calls + 1)
            chosen = every[number::AT_ONCE] if whole else spread(every, SAMPLE, first)
            points = [Point(call, moment) for call in chosen]
            missed = [point for point in points if not await scene.survives(point)]
            for title in scene.titles:
                assert scene.seen(title) == WHOLE, title
            assert len(scene.slack.channels(of_bot=True)) == len(scene.titles) + 1
            print(calls, missed, scene.longest)

    await run_beside(range(AT_ONCE if whole else 1), databases, tmp_path, share)


async def test_killed_again_and_again_within_one_declare_nothing_is_lost_or_doubled(
    database: str, tmp_path: Path
) -> None:
    async with theatre(database, tmp_path) as scene:
        await scene.deliver(scene.command())
        await scene.hounded([3, 4, 5, 6])
        assert scene.seen(scene.titles[0]) == WHOLE


@pytest.mark.timeout(300)
async def test_a_replica_that_freezes_past_its_lease_doubles_nothing_when_it_wakes(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    async def freeze(call: int, database: str, folder: Path) -> None:
        async with theatre(database, folder) as scene:
            frozen = scene.program
            command = scene.command()
            async with scene.strike(Point(call, "before"), lambda: frozen.send(signal.SIGSTOP)) as struck:
                await scene.deliver(command, SLACK_WAITS)
                await scene.until(struck.is_set, what="the freeze")
            await scene.start_second()
            await scene.until(scene.quiet, FROZEN_FOR, f"frozen at call {call}")
            frozen.send(signal.SIGCONT)
            scene.slack.request_url = frozen.request_url
            assert scene.seen(await scene.declared()) == WHOLE
            assert scene.seen(scene.titles[0]) == WHOLE, f"frozen at call {call}"

    # Two at a time: each has two replicas, and those share the server's fifty connections.
    await run_beside((3, 5, 9, 18) if whole else (5, 18), databases, tmp_path, freeze, at_once=2)


async def test_the_private_postgresql_outlives_the_killed_bot_and_is_found_again(tmp_path: Path) -> None:
    private = PrivatePostgres(make_server_folder())
    try:
        async with theatre(private.conninfo(), tmp_path, private.folder, launch=launch_program) as scene:
            server = postmaster(private)
            for point in (Point(5, "before"), Point(12, "after")):
                await scene.survives(point)
                assert scene.seen(scene.titles[-1]) == WHOLE
            assert postmaster(private) == server
            await scene.program.stop()
            assert not (private.folder / "postgres" / "postmaster.pid").exists()
    finally:
        await private.start()
        await private.stop()
        shutil.rmtree(private.folder)


def postmaster(private: PrivatePostgres) -> str:
    """The process of the private server."""
    return (private.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]
