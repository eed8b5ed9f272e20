"""The call that people join: named once, in the runbook or by a setting, and read wherever somebody is called."""

import asyncio
from pathlib import Path

import pytest

from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests.scenarios.conftest import RUNBOOK, World
from tests.scenarios.duties import paging
from tests.scenarios.killing import RUNBOOK_URL, theatre
from tests.scenarios.test_runbook import copied

ZOOM = "https://zoom.us/j/91234567890?pwd=a1_B-2&x=<3"
IN_RUNBOOK = ZOOM.partition("<")[0]
MEET = "https://meet.google.com/abc-defg-hij"
JOIN = "Join the call ({})"
"""How the stand-in writes a link in plain text."""


def bookmarks(world: World, channel: str) -> list[tuple[str, str]]:
    return [
        (bookmark["title"], bookmark["link"]) for bookmark in world.slack.channel(channel).bookmarks.values()
    ]


async def test_the_runbooks_call_is_in_the_first_line_of_what_people_read_and_a_bookmark(
    world: World, tmp_path: Path
) -> None:
    copied(world, tmp_path, f"\n- **Zoom bridge**: [join]({IN_RUNBOOK})\n")
    async with world.bot():
        channel = await world.declared()
        said = JOIN.format(IN_RUNBOOK)
        for post in (
            world.posts(channel, "INCIDENT ALERT")[0],
            world.posts("incident-response", "INCIDENT ALERT")[0],
            world.slack.direct_messages("bruno")[0],
        ):
            lines = [line for line in world.text(post).splitlines() if line.strip()]
            assert any(said in line for line in lines[:2]), lines
            assert "Join the call" in post.text.splitlines()[0]
        assert bookmarks(world, channel) == [("Call", IN_RUNBOOK), ("Runbook", RUNBOOK_URL)]
        await world.incident("ana", "resolve", channel)
        await world.slack.people.submit(
            "ana", await world.form("ana"), {"resolution": {"resolution": "rolled back"}}
        )
        await world.quiet()
        assert "Join the call" not in world.text(world.posts(channel, "INCIDENT ALERT")[0])


async def test_the_setting_wins(world: World, tmp_path: Path) -> None:
    copied(world, tmp_path, f"\nBridge: {IN_RUNBOOK}\n")
    async with world.bot(call_url=MEET):
        channel = await world.declared()
        assert JOIN.format(MEET) in world.text(world.posts(channel, "INCIDENT ALERT")[0])
        assert bookmarks(world, channel) == [("Call", MEET), ("Runbook", RUNBOOK_URL)]


async def test_another_call_after_the_runbook_was_edited_is_that_of_new_incidents(
    world: World, tmp_path: Path
) -> None:
    path = copied(world, tmp_path, f"\nBridge: {IN_RUNBOOK}\n")
    async with world.bot():
        first = await world.declared("declare p1 Payments are failing")
        path.write_text(RUNBOOK.read_text() + f"\nMeet: {MEET}\n")
        running = world.running
        assert running is not None
        await world.until(lambda: str(running.services.runbook_versions.current.runbook.call).find(MEET) > 0)
        second = await world.declared("declare p1 The queue is stuck")
        await world.incident("ana", "status identified", first)
        await world.quiet()
        assert JOIN.format(IN_RUNBOOK) in world.text(world.posts(first, "INCIDENT ALERT")[0])
        assert JOIN.format(MEET) in world.text(world.posts(second, "INCIDENT ALERT")[0])
        assert ("Call", MEET) in bookmarks(world, second)
        assert ("Call", IN_RUNBOOK) in bookmarks(world, first)


async def test_a_private_incident_has_it_too(world: World) -> None:
    async with world.bot(call_url=MEET):
        channel = await world.declared("declare private p1 Payroll was copied")
        assert JOIN.format(MEET) in world.text(world.posts(channel, "INCIDENT ALERT")[0])
        assert JOIN.format(MEET) in world.text(world.slack.direct_messages("devika")[0])
        assert ("Call", MEET) in bookmarks(world, channel)


async def test_an_address_with_marks_of_slacks_stays_one_link(world: World) -> None:
    async with world.bot(call_url="https://zoom.us/j/1?a=1&b=2|<!channel>"):
        channel = await world.declared()
        (alert,) = world.posts(channel, "INCIDENT ALERT")
        assert "<!channel>" not in alert.text
        assert "%3C!channel%3E" in alert.text


async def test_who_is_paged_by_a_provider_reads_it_in_the_first_line(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    world.settings = world.settings.model_copy(update={"call_url": MEET})
    async with paging(world, duty, tmp_path):
        await world.declared()
        await world.until(lambda: duty.incidents)
        first = str(duty.incidents[0].details["details"]).splitlines()[0]
        assert first.startswith("You're being paged for INC-1 as CTO.")
        assert first.endswith(f"Join the call: {MEET}")


@pytest.mark.parametrize("moment", ["before_answer", "after_answer"])
@pytest.mark.parametrize("which", [1, 2])
async def test_killed_at_either_bookmark_each_is_there_once(
    database: str, tmp_path: Path, moment: str, which: int
) -> None:
    async with theatre(database, tmp_path, more={"TOCSIN_CALL_URL": MEET}) as scene:
        struck = asyncio.Event()
        seen = 0

        async def hook(number: int, method: str) -> None:
            nonlocal seen
            seen += method == "bookmarks.add"
            if seen == which and method == "bookmarks.add" and not struck.is_set():
                struck.set()
                scene.program.kill()

        setattr(scene.slack.api, moment, hook)
        assert await scene.deliver(scene.command())
        await scene.until(struck.is_set, what="the bookmark")
        await scene.start()
        await scene.until(scene.quiet, what="after the kill")
        assert sorted(scene.seen(scene.titles[-1])["bookmarks"]) == sorted([MEET, RUNBOOK_URL])  # type: ignore[call-overload]
