"""The bot is killed in the middle of a merge; started again, the merge is whole and nothing is said twice."""

import asyncio
from pathlib import Path

import pytest

from tests.samples import spread
from tests.scenarios.beside import Databases, run_beside
from tests.scenarios.killing import theatre

CALLS = (0, 1, 2, 4, 6)
"""The calls of a merge at which the bot is killed; 0 when it is recorded and nothing was called yet."""

SAMPLE = 2


@pytest.mark.timeout(300)
async def test_killed_in_the_middle_it_is_merged_whole_and_nothing_is_said_twice(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    await run_beside(CALLS if whole else spread(CALLS, SAMPLE), databases, tmp_path, merge_killed)


async def merge_killed(call: int, database: str, folder: Path) -> None:
    """Kill the bot at this call of a merge."""
    async with theatre(database, folder) as scene:
        titles = [await scene.declared(), await scene.declared()]
        rooms = [
            scene.looking.rows("select channel from incident where title = %s", title)[0]["channel"]
            for title in titles
        ]
        people = scene.slack.people
        await people.command("ana", rooms[0], "/incident", "merge INC-2")
        question = scene.slack.ephemerals("ana")[-1]
        struck = asyncio.Event()
        seen = 0

        async def hook(number: int, method: str) -> None:
            nonlocal seen
            seen += 1
            if seen == call and not struck.is_set():
                struck.set()
                scene.program.kill()

        scene.slack.api.before_answer = hook
        clicking = asyncio.create_task(people.click("ana", question, "merge"))
        recorded = "select 1 from incident where number = 1 and status = 'cancelled'"
        await scene.until(
            lambda: scene.looking.rows(recorded) if call == 0 else struck.is_set(), what="the blow"
        )
        scene.program.kill()
        await asyncio.gather(clicking, return_exceptions=True)
        scene.slack.api.before_answer = None
        await scene.start()
        await scene.until(lambda: scene.quiet() and scene.looking.rows(recorded), what="after the kill")
        said = [
            [scene.text(message) for message in scene.slack.messages(room, of_bot=True)] for room in rooms
        ]
        assert sum("Merged into INC-2" in each for each in said[0]) == 1
        assert sum("Its people are invited here." in each for each in said[1]) == 1
        assert sum("· merged into INC-2" in each for each in said[0]) == 1
        assert set(scene.slack.channel(rooms[0]).members) <= set(scene.slack.channel(rooms[1]).members)
        assert scene.looking.rows("select key, error from outbox where state = 'dead'") == []
