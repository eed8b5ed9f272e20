"""People who cannot be called and channels that cannot be made: it is said where it is read, and work goes on."""

from functools import partial
from pathlib import Path

import pytest

from sandbox.slack import Slack, WorkspaceMessage, make_refusal, plan_by_table
from tests.scenarios.asking import contacts, fields
from tests.scenarios.conftest import World


async def test_a_contact_that_slack_does_not_know_is_named_in_the_room_and_the_others_are_called(
    world: World, tmp_path: Path
) -> None:
    others = contacts(tmp_path, '"CTO" = "slack:U0NOBODY01"\n"DevOps Lead" = "slack:gone@team.example"\n'
                      '"On-Call Engineer" = "slack:U0CHIDI001"')  # fmt: skip
    async with world.bot(**others):
        channel = await world.declared()
        shown = "\n".join(world.text(post) for post in world.posts(channel))
        assert shown.count("(CTO) could not be paged: ") == 1
        assert shown.count("DevOps Lead could not be paged: ") == 1
        assert "nobody in Slack has this address" in shown
        assert "users_not_found" not in shown
        assert "channel_not_found" not in shown
        assert len(world.slack.direct_messages("chidi")) == 1


@pytest.mark.parametrize(
    ("handles", "where"),
    [("", "INCIDENT ALERT"), ('"DevOps Lead" = "tel:+15550100"', "INCIDENT ALERT"),
     ('"DevOps Lead" = "slack:gone@team.example"', "needs people"),
     ('"DevOps Lead" = "slack:U0NOBODY01"', "needs people")],
    ids=["no handles", "only a telephone", "an unknown address", "an unknown id"],
)  # fmt: skip
async def test_when_nobody_can_be_reached_for_a_p1_the_incidents_channel_is_called_and_told_why(
    world: World, tmp_path: Path, handles: str, where: str
) -> None:
    async with world.bot(**contacts(tmp_path, handles)):
        await world.quiet()
        world.slack.people.join("bruno", "incident-response")
        await world.declared("declare p1 Payments fail")
        (call,) = world.posts("incident-response", where)
        assert "@channel" in world.text(call)
        assert "obody else can be reached" in world.text(call)
        assert world.slack.person("bruno").id in call.pings
        everywhere = [post for post in world.posts("incident-response") if "@channel" in world.text(post)]
        assert everywhere == [call]


async def test_a_p2_that_reaches_nobody_calls_no_channel(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, "")):
        channel = await world.declared("declare p2 Search is slow")
        assert "@channel" not in "\n".join(world.text(post) for post in world.posts("incident-response"))
        assert not world.posts(channel, "Not reachable"), "nobody there can mend the contacts"


async def test_a_strangers_channel_with_the_name_is_left_alone_and_ours_gets_a_number(world: World) -> None:
    for name in ("inc-1-api-is-down", "inc-1-api-is-down-2"):
        world.slack.add_channel(name, creator="devika", archived=name.endswith("2"))
    async with world.bot():
        channel = await world.declared()
        assert world.slack.channel(channel).name == "inc-1-api-is-down-3"
        for name in ("inc-1-api-is-down", "inc-1-api-is-down-2"):
            assert world.slack.messages(name) == []
            assert world.slack.channel(name).members == [world.slack.person("devika").id]


async def test_without_a_channel_everything_happens_in_the_thread_of_the_announcement(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = plan_by_table({"conversations.create": make_refusal("restricted_action")})
        assert "INC-1 is declared" in (await world.incident("ana", "declare p0 API is down")).body
        await world.quiet()
        (announced,) = (post for post in world.posts("incident-response", "INCIDENT ALERT - P0")
                        if post.thread_ts in (None, post.ts))  # fmt: skip
        thread = partial(replies, world.slack, "incident-response", announced.ts)
        assert len(world.posts("incident-response", "I couldn't create its channel")) == 1
        shown = [world.text(each) for each in thread()]
        for words in (
            "INCIDENT ALERT - P0",
            "Playbook: API COMPLETELY DOWN",
        ):
            assert sum(words in each for each in shown) == 1, words
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]
        await world.incident("ana", "update INC-1 Rolled back")
        world.looking.sooner(15)
        await world.until(lambda: any("status update is due" in world.text(each) for each in thread()))
        assert any("Rolled back" in world.text(each) for each in thread())
        await world.incident("ana", "resolve INC-1")
        assert (await world.slack.people.submit("ana", await world.form("ana"), fields(resolution="x"))).ok
        await world.quiet()
        message = next(each for each in thread() if "Post-incident checklist" in world.text(each))
        await world.slack.people.click("chidi", message, "set_item:0")
        await world.until(lambda: any("1 of 12 done" in world.text(each) for each in thread()))


def replies(slack: Slack, channel: str, ts: str) -> list[WorkspaceMessage]:
    return slack.channel(channel).replies(ts)
