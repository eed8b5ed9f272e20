"""Every word that expects a person, with every kind of person: done for who is meant, or refused with who was not."""

from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.slack import Slack, make_hang, make_refusal, plan_by_table
from sandbox.slack.faults import plan_no_faults
from tests.scenarios.conftest import World

ANA, BRUNO, CHIDI, DEVIKA = "U0ANA00001", "U0BRUNO001", "U0CHIDI001", "U0DEVIKA01"
GUS, SASHA, STATUSBOT, TOCSIN = "U0GUS00001", "U0SASHA001", "U0STATBOT1", "U0TOCSIN01"

NOTHING = "Nothing was changed."
NOBODY = "Nobody was paged."


@dataclass(frozen=True)
class Kind:
    """One way to type somebody: who is meant by it, or what an answer says of why nobody is. `called` is who is paged
    by it where that is not the same, and `not_called` why nobody is."""

    typed: str
    meant: str = ""
    why: str = ""
    called: str = ""
    not_called: str = ""


def kinds(slack: Slack) -> dict[str, Kind]:
    """Everybody whom somebody could type in the incident's channel; some of them live there only."""
    dora = slack.add_person("dora", "Dora Gone", deleted=True)
    solo = slack.add_person("solo", "Solo Visitor", is_restricted=True, is_ultra_restricted=True)
    oncall = slack.add_usergroup("oncall", "On call", ["chidi", "devika"])
    mixed = slack.add_usergroup("mixed", "Mixed", ["chidi", dora])
    empty = slack.add_usergroup("empty", "Empty", [])
    group = f"<!subteam^{oncall.id}|@oncall>"
    return {
        "a mention": Kind(f"<@{CHIDI}>", CHIDI, called="On-Call Engineer"),
        "a mention with its name": Kind(f"<@{CHIDI}|chidi>", CHIDI, called="On-Call Engineer"),
        "a mention in bold": Kind(f"*<@{CHIDI}>*", CHIDI, called="On-Call Engineer"),
        "an @name that Slack left alone": Kind("@chidi", CHIDI, called="On-Call Engineer"),
        "a first name": Kind("chidi", CHIDI, called="On-Call Engineer"),
        "a first name in capitals": Kind("CHIDI", CHIDI, called="On-Call Engineer"),
        "a full name": Kind("Chidi Okafor", CHIDI, called="On-Call Engineer"),
        "a display name": Kind("Bru K.", BRUNO, called="CTO"),
        "a contact": Kind("CTO", BRUNO, called="CTO"),
        "a contact by e-mail": Kind("DevOps Lead", DEVIKA, called="DevOps Lead"),
        "an e-mail address": Kind("<mailto:chidi@team.example|chidi@team.example>", CHIDI, called="On-Call Engineer"),
        "a role": Kind("the deputy", DEVIKA, called=DEVIKA),
        "oneself": Kind("me", ANA, called=ANA),
        "oneself by mention": Kind(f"<@{ANA}>", ANA, called=ANA),
        "a name that nobody has": Kind("zorro", why="“zorro”"),
        "an @name that nobody has": Kind("@zorro", why="“@zorro”"),
        "a full name that nobody has": Kind("Chidi Smith", why="“Chidi Smith”"),
        "a name of somebody who is not in the channel": Kind("sasha", why="“sasha”"),
        "a name that two have": Kind("alex", why="Alex One (@alexone) or Alex Two (@alextwo)"),
        "a user group": Kind(group, why="@oncall is a user group", called="@oncall"),
        "a user group with a deactivated member": Kind(
            f"<!subteam^{mixed.id}|@mixed>", why="@mixed is a user group", called="@mixed"
        ),
        "an empty user group": Kind(
            f"<!subteam^{empty.id}|@empty>", why="user group", not_called="Nobody is in the user group @empty"
        ),
        "an unknown user group": Kind("<!subteam^S0NOBODY1|@ops>", why="user group", not_called="@ops"),
        "the whole channel": Kind("<!channel>", why="one person", called="everyone"),
        "a bot": Kind(f"<@{STATUSBOT}>", why="@Status Bot is a bot"),
        "Tocsin itself": Kind(f"<@{TOCSIN}|tocsin>", why="@Tocsin is a bot"),
        "a deactivated account": Kind(f"<@{dora.id}|dora>", why="@Dora Gone has a deactivated Slack account"),
        "a stranger": Kind(f"<@{SASHA}>", why="@Sasha Lind belongs to another workspace"),
        "a guest": Kind(f"<@{GUS}>", why="@Gus Holm is a guest", called=GUS),
        "a guest by name": Kind("gus", why="@Gus Holm is a guest", called=GUS),
        "a guest of one channel": Kind(f"<@{solo.id}>", why="@Solo Visitor is a guest", called=solo.id),
        "an unknown id": Kind("<@U0NOBODY1|zed>", why="Slack knows nobody as @zed"),
        "an unknown id without a name": Kind("<@U0NOBODY1>", why="Slack knows nobody as @U0NOBODY1"),
        "a channel": Kind("<#C0OPS0001|ops>", why="#ops"),
        "two at once": Kind(
            f"<@{CHIDI}> <@{BRUNO}>", why="@Chidi Okafor and @Bruno Keller", called="CTO, On-Call Engineer"
        ),
        "two names": Kind("chidi and gus", why="@Chidi Okafor and @Gus Holm", called=f"On-Call Engineer, {GUS}"),
        "two contacts": Kind("CTO, DevOps Lead", why="one person", called="CTO, DevOps Lead"),
        "one good and one bad": Kind(f"<@{CHIDI}> @zorro", why="“@zorro”", called="On-Call Engineer"),
        "one good and one bot": Kind(f"<@{CHIDI}> <@{STATUSBOT}>", why="which one", called="On-Call Engineer"),
    }  # fmt: skip


WORDS = {
    "lead": "lead {}",
    "lead, politely": "lead {} please",
    "handover": "handover {}: the rollback runs",
    "assign": "assign scribe {}",
    "assign, the role behind": "assign {} scribe",
    "page": "page {}: come quickly",
}


async def channel_of(world: World) -> str:
    """An incident with two Alexes, a guest and a deputy in its channel, where nobody was called."""
    slack = world.slack
    bruno = slack.person("bruno")
    slack.workspace.users[bruno.id] = type(bruno)(**{**vars_of(bruno), "display_name": "Bru K."})
    channel = await world.declared("declare p3 Search is slow")
    for each in (slack.add_person("alexone", "Alex One"), slack.add_person("alextwo", "Alex Two")):
        slack.people.join(each, channel)
    for who in ("bruno", "chidi", "gus"):
        slack.people.join(who, channel)
    await world.incident("ana", f"assign deputy <@{DEVIKA}>", channel, escaped=False)
    await world.quiet()
    return channel


def vars_of(user: Any) -> dict[str, Any]:
    """The fields of a value without a dictionary."""
    return {name: getattr(user, name) for name in user.__slots__}


def state(world: World) -> dict[str, Any]:
    """Who commands, who was asked to, who has which role, who was called."""
    pages = world.looking.rows(
        "select detail from timeline_entry where kind = 'page_requested' order by id desc limit 1"
    )
    return {
        **world.looking.rows("select commander, offered_to from incident")[0],
        "roles": world.looking.rows("select role, person from role order by role"),
        "called": pages[0]["detail"] if pages else None,
        "entries": world.looking.rows(
            "select count(*) as n from timeline_entry where kind in ('command_offered', 'commander_changed', "
            "'role_assigned', 'page_requested')"
        ),
    }


def forget(world: World) -> None:
    """Nobody was asked, and nobody is scribe."""
    world.looking.rows("update incident set offered_to = null, commander = %s", ANA)
    world.looking.rows("delete from role where role = 'scribe'")


def done(world: World, word: str, meant: str) -> bool:
    """Whether this word was done for who is meant."""
    now = state(world)
    if word.startswith("assign"):
        return {"role": "scribe", "person": meant} in now["roles"]
    return bool((now["commander"] if meant == ANA else now["offered_to"]) == meant)


@pytest.mark.parametrize("word", [each for each in WORDS if each != "page"])
async def test_command_and_roles_go_to_who_is_meant_or_to_nobody(world: World, word: str) -> None:
    wrong: list[str] = []
    async with world.bot():
        people = kinds(world.slack)
        channel = await channel_of(world)
        for name, kind in people.items():
            if (name, word) == ("a role", "assign, the role behind"):
                continue  # `assign the deputy scribe` says either
            forget(world)
            before = state(world)
            await world.incident("ana", WORDS[word].format(kind.typed), channel, escaped=False)
            said = world.heard("ana")
            if word == "handover" and kind.meant == ANA:
                fine = "Hand over to somebody else" in said and state(world) == before
            elif kind.meant:
                fine = done(world, word, kind.meant)
            else:
                fine = state(world) == before and kind.why in said and NOTHING in said
            fine = fine and "You belong" not in said and "Guests can" not in said
            if not fine:
                wrong.append(f"{name}: {said}")
        await world.quiet()
    assert wrong == []


async def test_those_who_are_meant_are_called_and_the_others_are_named(world: World) -> None:
    wrong: list[str] = []
    async with world.bot():
        people = kinds(world.slack)
        channel = await channel_of(world)
        for name, kind in people.items():
            before = state(world)
            await world.incident("ana", WORDS["page"].format(kind.typed), channel, escaped=False)
            said = world.heard("ana")
            if kind.called:
                called = state(world)["called"]
                fine = {*called["to"].split(", "), *called["persons"].split()} - {""} == set(
                    kind.called.split(", ")
                )
                fine = fine and called["text"] == "come quickly"
            else:
                fine = state(world) == before and (kind.not_called or kind.why) in said and NOBODY in said
            if not fine:
                wrong.append(f"{name}: {said} {state(world)['called']}")
        heard = [world.text(ephemeral) for ephemeral in world.slack.ephemerals("ana")]
        for words in ("“@zorro”", "@Status Bot is a bot: not paged"):
            assert any("Paging " in each and words in each for each in heard), "one good and one bad"
        await world.quiet()
    assert wrong == []


@pytest.mark.parametrize("word", ["lead", "handover", "assign scribe", "assign", "page"])
async def test_without_anybody_only_command_is_taken(world: World, word: str) -> None:
    async with world.bot():
        channel = await channel_of(world)
        forget(world)
        world.looking.rows("update incident set commander = %s", BRUNO)
        before = state(world)
        await world.incident("ana", word, channel)
        if word == "lead":
            assert state(world)["commander"] == ANA
        else:
            assert state(world) == before
            assert "Say " in world.heard("ana")


NOT_UNDERSTOOD = {
    "lead chidi and fix the build soon": "takes no words behind the person",
    "lead chidi and zorro": "“zorro”",
    "lead what is next, ask <@U0CHIDI001>": "“what”",
    "handover tell <@U0CHIDI001> that it burns": "“tell”",
    "handover @zorro tell <@U0CHIDI001>": "“@zorro”",
    "handover <@U0CHIDI001> <@U0BRUNO001> the rollback runs": "which one?",
    "handover": "Say to whom",
    "assign scribe <@U0CHIDI001> <@U0BRUNO001>": "which one?",
    "assign scribe <@U0CHIDI001> and fix the build": "takes no words behind the person",
    "assign boss <@U0CHIDI001>": "there are deputy, scribe, communications, operations",
    "assign <@U0CHIDI001|ops>": "there are deputy, scribe, communications, operations",
    "assign commander <@U0CHIDI001>": "/incident lead @dana",
    "assign comms": "Say who has the role communications",
    "assign ops lead please": "Say who has the role operations",
    "page chidi INC-7 come quickly": "Is INC-7 the incident that you mean",
    "page chidi in INC-7: come": "Is INC-7 the incident that you mean",
    "handover to chidi INC 7: watch the database": "Is INC 7 the incident that you mean",
    "severity P3 -> P0": "Which one do you mean, P3 or P0?",
    "severity #1 P0": "Which one do you mean, P1 or P0?",
    "severity from P3 to P2": "Which one do you mean, P3 or P2?",
    "severity from here": "no severity from",
    "severity P2 #1": "Is “#1” the incident INC-1, or a part of your words? Name the incident in front: "
    "/incident severity INC-1 …, or /incident severity INC-1 P2 #1 …. Nothing was changed.",
    "severity P2 1": "Is “1” the incident INC-1",
    "status identified #7": "Is “#7” the incident INC-7",
    "status identified: 7: x": "Is “7” the incident INC-7",
    "update INC- all good": "Is “INC-” an incident without its number, or a part of your words?",
    "status identified -> monitoring": "Which one do you mean, identified or monitoring?",
    "status identified or monitoring": "Which one do you mean, identified or monitoring?",
    "ack <@U0CHIDI001>": NOTHING,
    "join <@U0CHIDI001>": NOTHING,
    "escalate <@U0CHIDI001>": NOTHING,
}


async def test_what_is_not_understood_changes_nothing(world: World) -> None:
    async with world.bot():
        channel = await channel_of(world)
        forget(world)
        before = state(world)
        for words, said in NOT_UNDERSTOOD.items():
            await world.incident("bruno", words, channel, escaped=False)
            assert said in world.heard("bruno"), words
            assert state(world) == before, words
        assert world.looking.rows("select acknowledged_at from incident") == [{"acknowledged_at": None}]


ASSIGNED = {
    "assign comms {}": "communications",
    "assign Comms Lead: {}": "communications",
    "assign {} comms": "communications",
    "assign {} as ops please": "operations",
    "assign ops to {}": "operations",
    "assign the scribe {}": "scribe",
    "assign {} is the deputy!": "deputy",
    "assign DEPUTY {}": "deputy",
    "assign operations → {}": "operations",
}


@pytest.mark.parametrize("who", ["<@U0CHIDI001|ops>", "chidi", "me"])
async def test_a_role_is_understood_by_its_names_before_and_behind_the_person(world: World, who: str) -> None:
    async with world.bot():
        channel = await channel_of(world)
        for words, role in ASSIGNED.items():
            world.looking.rows("delete from role")
            await world.incident("chidi", words.format(who), channel, escaped=False)
            assert state(world)["roles"] == [{"role": role, "person": CHIDI}], (words, world.heard("chidi"))


HANDED_OVER = (
    "handover the rollback runs <@U0CHIDI001>",
    "handover the rollback runs -> <@U0CHIDI001>",
    "handover to <@U0CHIDI001>: the rollback runs",
    "handover chidi the rollback runs",
    "handover the rollback runs @chidi",
)
IN_ONE_WORD = (
    "handover words <@U0CHIDI001>",
    "handover <@U0CHIDI001|chidi> words",
    "handover to <@U0CHIDI001> words please",
    "handover @chidi good luck",
)


async def test_a_handover_has_the_person_before_or_behind_its_words(world: World) -> None:
    async with world.bot():
        channel = await channel_of(world)
        for count, words in enumerate(HANDED_OVER, 1):
            forget(world)
            await world.incident("ana", words, channel, escaped=False)
            assert state(world)["offered_to"] == CHIDI, (words, world.heard("ana"))
            await world.until(lambda: len(world.posts(channel, "Handover: the rollback runs")) == count)  # noqa: B023
        for words in IN_ONE_WORD:
            forget(world)
            await world.incident("ana", words, channel, escaped="<" not in words)
            assert state(world)["offered_to"] == CHIDI, (words, world.heard("ana"))


@pytest.mark.parametrize("fault", [make_hang(), make_refusal("internal_error")], ids=["hangs", "fails"])
@pytest.mark.parametrize("method", ["conversations.members", "users.info"])
async def test_when_slack_does_not_tell_names_nobody_is_taken_for_another(
    world: World, fault: Any, method: str
) -> None:
    async with world.bot():
        channel = await channel_of(world)
        before = state(world)
        world.slack.api.faults = plan_by_table({method: [fault] * 50})
        for words in ("lead alex", "handover alex x", "assign scribe alex", "page alex"):
            answer = await world.incident("ana", words, channel, escaped=False)
            assert answer.ok and answer.elapsed < 2
            assert "right now" in world.heard("ana"), words
            assert state(world) == before
        world.slack.api.faults = plan_by_table({method: [fault] * 50})
        await world.incident("ana", "page CTO come", channel)
        await world.until(lambda: world.posts(channel, "paged CTO"))
        world.slack.api.faults = plan_no_faults


async def test_in_a_crowded_channel_people_are_mentioned(world: World) -> None:
    async with world.bot():
        channel = await channel_of(world)
        for place in range(60):
            world.slack.people.join(world.slack.add_person(f"crowd{place}", f"Crowd {place}"), channel)
        await world.incident("ana", "lead crowd7", channel, escaped=False)
        assert "too many people" in world.heard("ana")
        await world.incident("ana", f"lead <@{CHIDI}>", channel, escaped=False)
        assert state(world)["offered_to"] == CHIDI


CALLED_BESIDE = {
    # typed, who is called (besides nobody else), what is said of who is not
    f"page <@{BRUNO}> chidi": ("CTO, On-Call Engineer", "", ""),
    "page CTO chidi": ("CTO, On-Call Engineer", "", ""),
    f"page chidi <@{BRUNO}>": ("CTO, On-Call Engineer", "", ""),
    f"page <@{GUS}> Chidi Okafor, devops": (f"DevOps Lead, On-Call Engineer, {GUS}", "", ""),
    "page CTO gus chidi": (f"CTO, On-Call Engineer, {GUS}", "", ""),
    "page CTO chidi and gus: come quickly": (f"CTO, On-Call Engineer, {GUS}", "come quickly", ""),
    "page CTO gus the db is down": (f"CTO, {GUS}", "the db is down", ""),
    "page CTO the deputy": (f"CTO, {DEVIKA}", "", ""),
    "page CTO me": (f"CTO, {ANA}", "", ""),
    "page CTO: chidi": ("CTO, On-Call Engineer", "", ""),
    "page CTO zorro": ("CTO", "zorro", "I don't know who “zorro” is. It went along with your words."),
    "page CTO, sasha": ("CTO", "sasha", "I don't know who “sasha” is."),
    f"page <@{BRUNO}> zorro: it burns": ("CTO", "zorro: it burns", "“zorro”"),
    "page CTO, zorro, gus": (f"CTO, {GUS}", "", "I don't know who “zorro” is."),
    "page CTO chidi says it burns": ("CTO", "chidi says it burns", "“chidi” only in your words: not paged."),
    "page CTO ask gus": ("CTO", "ask gus", "“gus” only in your words: not paged."),
    f"page CTO it burns at <@{GUS}|gus>": ("CTO", "it burns at @gus", "“@gus” only in your words: not paged."),
    "page CTO the index is gone": ("CTO", "the index is gone", ""),
    "page CTO: gus says it burns": ("CTO", "gus says it burns", ""),
    "page CTO because gus is away": ("CTO", "because gus is away", ""),
}  # fmt: skip


async def test_who_stands_beside_others_is_called_or_it_is_said_that_not(world: World) -> None:
    wrong: list[str] = []
    async with world.bot():
        channel = await channel_of(world)
        for typed, (whom, text, said) in CALLED_BESIDE.items():
            before = len(world.slack.ephemerals("ana"))
            await world.incident("ana", typed, channel, escaped=False)
            answers = world.slack.ephemerals("ana")[before:]  # none where the room says all of it
            heard, called = "".join(map(world.text, answers)), state(world)["called"]
            reached = {*called["to"].split(", "), *called["persons"].split()} - {""}
            if reached != set(whom.split(", ")) or called["text"] != text or said not in heard:
                wrong.append(f"{typed}: {heard} {called}")
            if not said and ("not paged" in heard or "I don't know" in heard):
                wrong.append(f"{typed}: {heard}")
        stood = state(world)
        await world.incident("ana", "page CTO alex", channel, escaped=False)
        assert "Alex One (@alexone) or Alex Two (@alextwo)" in world.heard("ana")
        assert state(world) == stood
        await world.quiet()
    assert wrong == []


FOR_ONE = {
    "{0} <@U0BRUNO001> chidi": "which one?",
    "{0} chidi <@U0BRUNO001>": "which one?",
    "{0} CTO chidi": "which one?",
    "{0} <@U0BRUNO001>, chidi": "which one?",
    "{0} <@U0BRUNO001> zorro": "zorro",
    "{0} zorro <@U0BRUNO001>": "zorro",
    "{0} <@U0BRUNO001> Zed Zorro": "Zed Zorro",
}


@pytest.mark.parametrize("word", ["lead", "handover", "assign scribe"])
async def test_what_is_for_one_person_is_not_given_to_the_first_of_two(world: World, word: str) -> None:
    async with world.bot():
        channel = await channel_of(world)
        forget(world)
        before = state(world)
        for typed, said in FOR_ONE.items():
            if word == "handover" and said == "zorro":
                continue  # one word for whom is mentioned
            await world.incident("ana", typed.format(word), channel, escaped=False)
            assert said in world.heard("ana"), (typed, world.heard("ana"))
            assert NOTHING in world.heard("ana"), typed
            assert state(world) == before, typed
        if word == "handover":
            for typed in ("handover <@U0CHIDI001> gus knows the rest", "handover <@U0CHIDI001>: zorro"):
                forget(world)
                await world.incident("ana", typed, channel, escaped=False)
                assert state(world)["offered_to"] == CHIDI, (typed, world.heard("ana"))


async def test_where_slack_does_not_tell_names_who_is_named_is_called_and_the_others_are_said(
    world: World,
) -> None:
    async with world.bot():
        channel = await channel_of(world)
        world.slack.api.faults = plan_by_table(
            {"conversations.members": [make_refusal("internal_error")] * 50}
        )
        await world.incident("ana", "page CTO gus the disk is full", channel, escaped=False)
        assert "Paging CTO" in world.heard("ana")
        assert "“gus” may be somebody, but Slack does not say who is in the channel right now" in world.heard(
            "ana"
        )
        before = state(world)
        await world.incident("ana", f"handover <@{CHIDI}> gus", channel, escaped=False)
        assert NOTHING in world.heard("ana") and state(world) == before
        world.slack.api.faults = plan_no_faults
