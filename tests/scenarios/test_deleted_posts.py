"""Messages of ours that somebody deletes: posted anew once, learned at the next edit."""

from sandbox.slack.workspace_model import WorkspaceMessage
from tests.scenarios.conftest import World


def noted(world: World) -> list[str]:
    rows = world.looking.rows("select detail from timeline_entry where kind = 'note_added' order by id")
    return [str(row["detail"]["text"]) for row in rows]


def delete(world: World, message: WorkspaceMessage) -> None:
    world.slack.people.delete(message)


async def test_a_deleted_alert_is_posted_anew_and_pinned_once_and_a_second_deletion_is_respected(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        delete(world, world.posts(channel, "INCIDENT ALERT")[0])
        await world.incident("ana", "severity p1", channel)
        await world.quiet()
        [alert] = world.posts(channel, "INCIDENT ALERT - P1")
        assert [pin.ts for pin in world.slack.channel(channel).pins] == [alert.ts]
        await world.incident("bruno", "ack", channel)
        await world.quiet()
        [same] = world.posts(channel, "INCIDENT ALERT - P1")
        assert same.ts == alert.ts
        assert "Acknowledged by" in world.text(same)
        delete(world, same)
        for severity in ("p2", "p1"):
            await world.incident("ana", f"severity {severity}", channel)
            await world.quiet()
        assert world.posts(channel, "INCIDENT ALERT") == []
        assert noted(world) == ["Somebody deleted the alert again. It stays deleted."]
        assert not world.posts(channel, "I couldn't do this")
        await world.incident("ana", "timeline", channel)
        assert "It stays deleted." in world.heard("ana")


async def test_a_deleted_announcement_comes_again_in_the_incidents_channel(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        delete(world, world.posts("incident-response", "INCIDENT ALERT")[0])
        await world.incident("bruno", "ack", channel)
        await world.quiet()
        [announced] = world.posts("incident-response", "INCIDENT ALERT")
        delete(world, announced)
        await world.incident("ana", "severity p1", channel)
        await world.quiet()
        assert world.posts("incident-response", "INCIDENT ALERT") == []
        assert noted(world) == ["Somebody deleted the announcement again. It stays deleted."]


async def test_a_deleted_announcement_that_was_replied_to_comes_again(world: World) -> None:
    """Slack leaves a stone in its place, so that its thread stays."""
    async with world.bot():
        channel = await world.declared()
        [announced] = world.posts("incident-response", "INCIDENT ALERT")
        world.slack.people.say("bruno", "incident-response", "I am looking", announced.ts)
        delete(world, announced)
        await world.incident("bruno", "ack", channel)
        await world.quiet()
        [again] = world.posts("incident-response", "INCIDENT ALERT")
        assert again.ts != announced.ts


async def test_a_deleted_checklist_comes_again_as_it_stands(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "resolve", channel)
        given = {"resolution": {"resolution": "Rolled back"}}
        await world.slack.people.submit("ana", await world.form("ana"), given)
        await world.quiet()
        listed, item = world.button(channel, "set_item")
        await world.slack.people.click("ana", listed, item)
        await world.quiet()
        deleted, item = world.button(channel, "set_item")
        await world.incident("ana", "checklist", channel)
        delete(world, deleted)
        kept = world.slack.ephemerals("ana")[-1]
        await world.slack.people.click("ana", kept, item)
        await world.quiet()
        again, _ = world.button(channel, "set_item")
        assert again.ts != deleted.ts
        assert len(world.posts(channel, "Verify full system recovery")) == 1
