"""Who may: guests, bots and people of other workspaces read; every change by them is refused in a sentence."""

import time
from functools import partial
from typing import Any

import pytest

from sandbox.slack import Fault, make_refusal, plan_by_table
from sandbox.slack.faults import make_hang
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World

OUTSIDERS = {
    "gus": "Guests can read here but not change an incident.",
    "statusbot": "Bots can read here but not change an incident.",
    "sasha": "You belong to another workspace, so you can read here but not change an incident.",
}
CHANGES = ("declare", "declare p0 API is down", "declare API is down", "drill", "drill p0 x", "new p1 x", "ack", "join",
           "lead", "lead @gus", "assign scribe @gus", "severity p1", "status monitoring", "update all good", "update",
           "note x", "rename x", "impact x", "impact", "resolve", "resolve done", "cancel", "reopen", "close",
           "close anyway x")  # fmt: skip
BUTTONS = {
    "alert": ("acknowledge", "post_update", "resolve"),
    "announcement": ("acknowledge", "join"),
    "reminder": ("post_draft", "edit_draft", "snooze"),
}


def kept(world: World) -> list[Any]:
    """Everything that a change would leave behind; a start counts who is in the incidents channel."""
    return [
        world.looking.rows("select * from incident order by number"),
        world.looking.rows("select * from timeline_entry order by id"),
        world.looking.rows("select key from outbox where kind <> 'CountPeople' order by id"),
        world.looking.rows("select * from checklist_item order by incident, position"),
    ]


def has_heard(world: World, who: str, times: int) -> bool:
    """Whether this person was answered so many times."""
    return len(world.slack.ephemerals(who)) == times


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_every_changing_command_of_an_outsider_is_refused_and_changes_nothing(
    world: World, who: str
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        before = kept(world)
        for words in CHANGES:
            answer = await world.incident(who, words, channel)
            assert answer.ok
            assert OUTSIDERS[who] in world.heard(who), words
            assert "Nothing was changed." in world.heard(who) or who == "gus", words
        assert len(world.slack.ephemerals(who)) == len(CHANGES)
        assert world.slack.open_view(who) is None
        await world.incident(who, "declare p0 API is down", "partners")
        assert kept(world) == before


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_every_click_of_an_outsider_is_refused_and_changes_nothing(world: World, who: str) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "lead @chidi", channel)
        await world.incident("ana", "note The last release fails", channel)
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        await world.quiet()
        messages = {
            "alert": world.posts(channel, "INCIDENT ALERT")[0],
            "announcement": world.posts("incident-response", "INCIDENT ALERT")[0],
            "reminder": world.posts(channel, "status update is due")[0],
        }
        before = kept(world)
        clicks = [(messages[name], action) for name, actions in BUTTONS.items() for action in actions]
        clicks.append((world.posts(channel, "asks you to take command")[0], "accept_command"))
        for count, (message, action) in enumerate(clicks, 1):
            assert (await world.slack.people.click(who, message, action)).ok
            await world.until(partial(has_heard, world, who, count))
            assert OUTSIDERS[who] in world.heard(who), action
        assert world.slack.open_view(who) is None
        assert kept(world) == before


async def test_a_guest_can_neither_tick_nor_close(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        await world.incident("ana", "resolve", channel)
        assert (await world.slack.people.submit("ana", await world.form("ana"), fields(resolution="x"))).ok
        await world.quiet()
        before = kept(world)
        message, action = world.button(channel, "set_item")
        await world.slack.people.click("gus", message, action)
        await world.until(lambda: OUTSIDERS["gus"] in world.heard("gus"))
        await world.incident("gus", "close anyway I say so", channel)
        assert OUTSIDERS["gus"] in world.heard("gus")
        assert kept(world) == before


@pytest.mark.parametrize("words", ["declare p3", "declare API is down", "update", "resolve"])
async def test_a_form_that_was_opened_before_somebody_became_a_guest_is_refused_beside_its_words(
    world: World, words: str
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        before = kept(world)
        await world.incident("devika", words, channel)
        form = await world.form("devika")
        field = {"declare p3": "title", "update": "update_text", "resolve": "resolution"}.get(
            words, "severity"
        )
        value = "P3" if field == "severity" else "words"
    world.looking.rows("update person set guest = true where id = %s", world.slack.person("devika").id)
    async with world.bot():
        assert (await world.slack.people.submit("devika", form, fields(**{field: value}))).ok
        assert OUTSIDERS["gus"] in form.errors[field]
        assert world.slack.open_view("devika") is form
        assert kept(world) == before


READING = (
    ("", "P3: Search is slow"), ("list", "INC-1 P3"), ("help", "/incident ack"), ("checklist", "has no checklist"),
    ("timeline", "declared P3"), ("catchup", "Commander: @Ana Duarte"), ("runbook", "6 playbooks"),
    ("oncall", "On-Call Engineer"),
)  # fmt: skip


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_outsiders_may_read_what_their_channels_hold(world: World, who: str) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.people.join(who, channel)
        for words, shown in READING:
            await world.incident(who, words, channel)
            assert shown in world.heard(who), words
        await world.incident(who, "INC-1", "partners")
        assert "P3: Search is slow" in world.heard(who)


HIDDEN = ("INC-1", "timeline INC-1", "catchup INC-1", "checklist INC-1", "runbook INC-1", "runbook", "oncall",
          "oncall INC-1", "list")  # fmt: skip


@pytest.mark.parametrize("who", ["gus", "sasha"])
async def test_a_guest_or_stranger_sees_nothing_of_incidents_whose_channels_slack_hides(
    world: World, who: str
) -> None:
    async with world.bot():
        await world.declared("declare p3 Search is slow")
        other = await world.declared("declare p3 Payments fail")
        world.slack.people.join(who, other)
        for words in HIDDEN:
            await world.incident(who, words, "partners")
            said = world.heard(who)
            assert said, words
            assert "Search" not in said, words
            assert "Connection" not in said, words
            assert "On-Call Engineer" not in said, words
        assert "INC-2 P3" in said, "the list has the one that they are in"
        await world.slack.people.open_home(who)
        await world.until(lambda: home_of(world, who))
        assert "Payments fail" in home_of(world, who)
        assert "Search" not in home_of(world, who)


def home_of(world: World, who: str) -> str:
    view = world.slack.workspace.homes.get(world.slack.person(who).id)
    return str(view.blocks) if view else ""


async def test_a_guest_who_has_left_the_channel_sees_no_more_of_it(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.people.join("gus", channel)
        await world.incident("gus", "list")
        assert "INC-1 P3" in world.heard("gus")
        world.slack.people.leave("gus", channel)
        await world.until(lambda: world.looking.kinds(1).count("left") == 1)
        await world.incident("gus", "timeline INC-1")
        assert "INC-1 doesn't exist" in world.heard("gus")


@pytest.mark.parametrize("fault", [make_refusal("internal_error"), make_refusal("missing_scope"), make_hang()],
                         ids=["fails", "is not allowed", "hangs"])  # fmt: skip
async def test_where_slack_does_not_say_who_is_in_a_channel_a_guest_is_shown_nothing(
    world: World, fault: Fault
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.people.join("gus", channel)
        await world.incident("gus", "help", channel)
        world.slack.api.faults = plan_by_table({"conversations.members": fault})
        for words in HIDDEN:
            answer = await world.incident("gus", words, channel)
            assert answer.elapsed < 2
            assert "Search" not in world.heard("gus"), words
            assert "On-Call Engineer" not in world.heard("gus"), words
        await world.incident("ana", "timeline INC-1")
        assert "declared P3" in world.heard("ana"), "members of the workspace do not depend on it"


async def test_outside_an_incident_no_word_at_all_is_a_declaration_that_a_guest_may_not_make(
    world: World,
) -> None:
    async with world.bot():
        await world.incident("gus", "", "general")
        assert OUTSIDERS["gus"] in world.heard("gus")
        assert world.slack.open_view("gus") is None


async def test_command_cannot_be_given_to_an_outsider(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        before = kept(world)
        for words in ("lead @gus", "lead @statusbot", "lead @sasha", "assign scribe @sasha"):
            await world.incident("ana", words, channel)
            assert "Nothing was changed." in world.heard("ana") or "Ask a full member" in world.heard("ana")
        assert kept(world) == before


@pytest.mark.parametrize("fault", [make_refusal("internal_error"), make_refusal("user_not_found"), make_hang()],
                         ids=["fails", "does not know them", "hangs"])  # fmt: skip
async def test_somebody_whom_slack_does_not_tell_about_changes_nothing_and_sees_their_channels_only(
    world: World, fault: Fault
) -> None:
    async with world.bot():
        await world.declared("declare p3 Search is slow")
        before = kept(world)
        world.slack.api.faults = plan_by_table({"users.info": fault})
        answer = await world.incident("bruno", "declare p0 API is down")
        assert answer.ok
        assert answer.elapsed < 2
        assert "Slack isn't telling me who you are right now" in world.heard("bruno")
        await world.incident("bruno", "list")
        assert "No incident is open." in world.heard("bruno"), "for all that is known this is a guest"
        assert kept(world) == before
        await world.incident("ana", "ack INC-1")
        assert "You acknowledged INC-1" in world.heard("ana"), "what Slack said of her earlier still counts"
        world.slack.api.faults = plan_by_table({})
        await world.incident("bruno", "declare p3 API is down")
        assert "INC-2 is declared" in world.heard("bruno")
        await world.quiet()


async def test_a_machine_that_stood_still_is_no_silence_of_slack(world: World) -> None:
    pauses = [1.5]

    def stand_still(number: int, method: str) -> float:
        if method == "users.info" and pauses:
            time.sleep(pauses.pop())  # the whole process, bot and stand-in
        return 0.0

    async with world.bot():
        world.slack.api.latency = stand_still
        await world.declared("declare p3 Search is slow")
        assert pauses == []
