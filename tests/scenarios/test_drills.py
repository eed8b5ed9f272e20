"""A drill: the whole flow, marked everywhere, nobody called, counted apart."""

from pathlib import Path

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import WorkspaceView
from tests.scenarios.conftest import World
from tests.scenarios.duties import CTO, asks, due, paging, shown, ways


async def resolved(world: World, channel: str) -> None:
    """Resolve in the form."""
    await world.incident("ana", "resolve", channel)
    await world.slack.people.submit(
        "ana", await world.form("ana"), {"resolution": {"resolution": "rolled back"}}
    )
    await world.quiet()


async def test_a_drill_goes_the_whole_way_and_calls_nobody(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO):
        channel = await world.declared("drill p0 API is down")
        await world.until(lambda: "This is a drill." in shown(world, channel))
        assert "these would be paged now: CTO" in shown(world, channel)
        assert "Not reachable: " in shown(world, channel)
        assert "you're being paged" not in shown(world, channel), "nobody is, also not who rehearses"
        assert "acknowledged" in await asks(world, "bruno", "ack", channel)
        await world.incident("ana", "severity p1", channel)
        await world.incident("ana", "severity p0", channel)
        await world.incident("ana", "update we look", channel)
        for _ in range(6):  # also when its updates stay overdue
            world.looking.rows("update incident set notice_at = now() where notice_at is not null")
            await world.quiet()
        due(world)
        await world.quiet()
        await resolved(world, channel)
        assert "Share learnings with team" in shown(world, channel)
        assert duty.calls == []
        assert ways(world) == {}
        assert world.looking.rows("select 1 from page") == []
        told = [world.slack.direct_messages(who) for who in ("ana", "bruno", "chidi", "devika")]
        assert not any(told), "no direct message to anybody"
        assert not world.posts("incident-response", "<!channel>")
        assert world.looking.rows("select ladder, look_at from incident") == [{"ladder": "", "look_at": None}]


async def test_every_message_of_a_drill_says_that_it_is_one(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO):
        channel = await world.declared("drill p0 API is down")
        await world.incident("bruno", "ack", channel)
        await world.incident("ana", "note the index is gone", channel)
        await world.incident("ana", "rename Checkout is down", channel)
        await world.incident("ana", "update we look", channel)
        await resolved(world, channel)
        said = [*world.posts(channel), *world.posts("incident-response")]
        # What is to be mended of the contacts is about no incident.
        everywhere = [message for message in said if not message.text.startswith("The runbook pages these")]
        assert len(everywhere) > 8
        for message in everywhere:
            assert message.text.startswith("DRILL: "), message.text
            assert "DRILL" in world.text(message).splitlines()[0] or "DRILL" in str(message.blocks[0])
        assert world.looking.rows("select title from incident") == [{"title": "DRILL: Checkout is down"}]
        assert "drill" in world.slack.channel(channel).name
        assert "DRILL" in world.slack.channel(channel).topic["value"]


async def test_a_drill_is_counted_apart_and_never_meant_instead_of_something_real(world: World) -> None:
    async with world.bot():
        drill = await world.declared("drill p0 API is down")
        await world.declared("declare p1 API is down", who="ana")
        answer = (await world.incident("ana", "list")).body
        listed, _, drills = answer.partition("Drills")
        assert "INC-2" in listed
        assert "INC-1" not in listed
        assert "INC-1" in drills
        assert "looks like the same problem" not in world.heard("ana"), (
            "a real one is not compared with a drill"
        )
        await world.slack.people.open_home("ana")
        await world.until(lambda: world.slack.home("ana"))
        home = world.slack.home("ana")
        assert isinstance(home, WorkspaceView)
        assert "Drills" in str(home.blocks)
        await resolved(world, drill)
        assert "INC-1" not in (await world.incident("ana", "list")).body


async def test_by_name_and_by_escalation_nobody_is_called_to_a_drill(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, CTO):
        channel = await world.declared("drill p1 API is down")
        for words in ("page CTO come", "page everyone", "escalate"):
            assert "INC-1 is a drill: nobody is paged for it." in await asks(world, "ana", words, channel)
        await world.quiet()
        assert duty.calls == []
        await world.cancel("ana", "enough", channel)
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        assert duty.calls == []


async def test_without_words_the_form_begins_a_drill(world: World) -> None:
    async with world.bot():
        await world.incident("ana", "drill")
        form = await world.form("ana")
        assert form.title == "Begin a drill"
        values = {"severity": {"severity": "P1"}, "title": {"title": "Mails are late"}}
        await world.slack.people.submit("ana", form, values)
        await world.until(lambda: world.looking.rows("select 1 from incident"))
        await world.incident("ana", "drill the search is slow")
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"severity": {"severity": "P2"}})
        await world.until(lambda: len(world.looking.rows("select 1 from incident")) == 2)
        rows = world.looking.rows("select title, drill from incident order by number")
        assert rows == [
            {"title": "DRILL: Mails are late", "drill": True},
            {"title": "DRILL: the search is slow", "drill": True},
        ]
