"""A word with the name of an incident, typed in the room of another one and elsewhere: what is named is meant, is said,
and is never replaced by the room's."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.incident import Status
from handlers.slack.command_parser import COMMANDS, WORDS, ArgumentKind
from tests.scenarios.conftest import World

WORDS_BEHIND = {
    "lead": "", "handover": "@bruno look at it", "assign": "scribe @bruno", "page": "@bruno come", "severity": "P0",
    "status": "identified", "update": "we know more", "note": "we know more", "rename": "Another title",
    "impact": "nobody can pay", "fix": "rollback",
    "action": "Add an index", "times": "25 minutes earlier the alert came late",
    "resolve": "rolled back", "cancel": "by mistake", "close": "anyway it is nothing", "run": "", "runbook": "",
}  # fmt: skip
"""What a word needs to do something."""

ONE = [command for command in COMMANDS if command.works_on and command.takes is not ArgumentKind.OTHER]
"""What is about two is in test_merging.py."""
ABOUT_ONE = [each.name for each in ONE]
CHANGING = [each.name for each in ONE if not each.reads]
ENDING = ("cancel", "reopen", "resolve", "close")
"""In this order each of them can be done."""
APART = ("escalate", "review", "meeting", "publish")
"""One needs a severity that escalates, two open a form and change nothing before it is sent, one needs a page."""
SPELLINGS = ("INC-1", "INC 1", "INC-1:", "INC-1\n", "INC-1\t", "INC-1\u00a0", "inc1\u3000", "INC–1", "INC\u20111",
"ＩＮＣ－１",
             "*INC-1*", "`INC-1`", '"INC-1"', "“INC-1”", "(INC-1)", "in INC-1", "for INC-1:", "#inc-1-api-is-down",
             "inc-1-api-is-down", "INC-1-API-IS-DOWN", "from INC-1:", "ІNС-1", "LINK", "BARE LINK")  # fmt: skip


async def rooms(world: World, first: str = "declare p3 API is down") -> tuple[str, str]:
    """Two incidents' channels."""
    return await world.declared(first), await world.declared("declare p3 Search is slow", "chidi")


def spelled(spelling: str, room: str) -> str:
    """A spelling, with a link as Slack sends it."""
    return {"LINK": f"<#{room}|inc-1-api-is-down>", "BARE LINK": f"<#{room}>"}.get(spelling, spelling)


async def type_raw(world: World, who: str, text: str, where: str) -> None:
    """Type `/incident …`, with links to channels as Slack sends them."""
    sent = text.replace("@bruno", "<@U0BRUNO001|bruno>") if "<#" in text else text
    await world.incident(who, sent, where, escaped="<#" not in text)


def state(world: World, number: int) -> Mapping[str, Any]:
    """Everything that a change of one incident leaves behind."""
    return {
        "incident": world.looking.rows("select * from incident where number = %s", number),
        "entries": world.looking.rows(
            "select kind, actor, detail from timeline_entry where incident = %s order by id", number
        ),
        "updates": world.looking.rows(
            "select text from status_update where incident = %s order by id", number
        ),
        "pages": world.looking.rows("select person from page where incident = %s order by person", number),
        "roles": world.looking.rows(
            "select role, person from role where incident = %s order by role", number
        ),
        "remediations": world.looking.rows("select number from remediation where incident = %s", number),
        "followers": world.looking.rows("select person from follower where incident = %s", number),
        "outbox": world.looking.rows("select key from outbox where incident = %s order by key", number),
    }


async def did(world: World, who: str, word: str, text: str, where: str) -> None:
    """Type a word, and send the form or say yes where it asks."""
    await type_raw(world, who, text, where)
    if word == "cancel" and "[Cancel INC-" in world.heard(who):
        await world.slack.people.click(who, world.slack.ephemerals(who)[-1], "cancel")
    if word == "resolve":
        view = await world.form(who)
        assert (await world.slack.people.submit(who, view, {"resolution": {"resolution": "rolled back"}})).ok
    await world.quiet()


async def test_a_changing_word_in_anothers_room_changes_what_is_named_and_says_so(world: World) -> None:
    async with world.bot():
        _, other = await rooms(world)
        untouched = state(world, 2)
        await changes(world, [word for word in CHANGING if word not in (*ENDING, *APART)], 1, other)
        await changes(world, ENDING, 1, other)
        await world.declared("declare p0 Payments fail")
        await changes(world, ["escalate"], 3, other)
        assert state(world, 2) == untouched


async def changes(world: World, words: Sequence[str], number: int, where: str) -> None:
    """Each word, typed one after the other, changes that incident and nothing else, and its answer names it."""
    for word in words:
        others = [state(world, other) for other in (1, 2, 3) if other != number]
        before = state(world, number)
        heard = len(world.slack.ephemerals("devika"))
        await did(world, "devika", word, f"{word} INC {number}: {WORDS_BEHIND.get(word, '')}", where)
        assert state(world, number) != before, (word, world.heard("devika"))
        assert [state(world, other) for other in (1, 2, 3) if other != number] == others, word
        answers = world.slack.ephemerals("devika")[heard:]
        if word != "resolve":
            assert any(f"INC-{number}" in world.text(answer) for answer in answers), word


async def test_every_spelling_before_and_behind_the_word_is_the_one_that_is_named(world: World) -> None:
    async with world.bot():
        room, other = await rooms(world)
        untouched = state(world, 2)
        for place, spelling in enumerate(SPELLINGS):
            name, status = spelled(spelling, room), ("identified", "investigating")[place % 2]
            for where in (other, "general"):
                for side, text in {"behind": f"note {name}", "before": f"{name} note"}.items():
                    told = f"{side} {where} {place}"
                    await type_raw(world, "ana", f"{text} {told}", where)
                    assert state(world, 1)["entries"][-1]["detail"]["text"] == told, spelling
                    said = "For INC-1; this is the channel of INC-2." in world.heard("ana")
                    assert said == (where == other), spelling
            await type_raw(world, "ana", f"{name} timeline", other)
            assert f"before general {place}" in world.heard("ana"), spelling
            await type_raw(world, "ana", f"status {name} {status}", other)
            assert state(world, 1)["incident"][0]["status"] == status, spelling
            await type_raw(world, "bruno", f"{('follow', 'unfollow')[place % 2]} {name}", other)
            assert bool(state(world, 1)["followers"]) == (place % 2 == 0), spelling
        assert state(world, 2) == untouched


UNUSABLE = (
    "INC-9",
    "INC 9:",
    "inc9",
    "ＩＮＣ９",
    "*INC-9*",
    "in INC-9",
    "inc-9-old-things",
    f"INC-{'9' * 30}",
)


async def test_one_that_there_is_not_is_refused_with_the_words_and_never_replaced_by_the_rooms(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        before = state(world, 1)
        for word, name in zip(ABOUT_ONE, itertools.cycle(UNUSABLE), strict=False):
            behind = WORDS_BEHIND.get(word, "")
            for where in (channel, "general"):
                for text in (f"{word} {name} {behind}", f"{name} {word} {behind}"):
                    heard = len(world.slack.ephemerals("ana"))
                    await type_raw(world, "ana", text, where)
                    assert len(world.slack.ephemerals("ana")) == heard + 1, text
                    assert re.search(r"INC-9+ doesn't exist\.", world.heard("ana")), text
                    assert behind.rpartition("@bruno")[2].strip() in world.heard("ana"), text
            assert world.slack.open_view("ana") is None, word
            assert state(world, 1) == before, word


FOR_CLOSED = {command.name for command in ONE if Status.CLOSED in command.works_on}


async def test_one_that_is_closed_is_refused_with_the_words(world: World) -> None:
    async with world.bot():
        room, other = await rooms(world)
        await did(world, "ana", "resolve", "resolve done", room)
        await type_raw(world, "ana", "close anyway done", room)
        await world.quiet()
        before, untouched = state(world, 1), state(world, 2)
        for word in CHANGING:
            if word in FOR_CLOSED:
                continue
            await type_raw(world, "ana", f"{word} INC-1 {WORDS_BEHIND.get(word, '')}", other)
            assert "INC-1 is already closed. Nothing was changed." in world.heard("ana"), word
            assert WORDS_BEHIND.get(word, "").rpartition("@bruno")[2].strip() in world.heard("ana"), word
            assert (state(world, 1), state(world, 2)) == (before, untouched), word
            assert world.slack.open_view("ana") is None, word


async def test_a_hidden_one_is_answered_as_one_that_there_is_not(world: World) -> None:
    async with world.bot():
        hidden, other = await rooms(world, "declare private p3 Payroll was copied")
        before, untouched = state(world, 1), state(world, 2)
        for word in ABOUT_ONE:
            behind = WORDS_BEHIND.get(word, "")
            for name, missing in (("INC-1", "INC-9"), (f"<#{hidden}>", "<#C0NOWHERE9>"), (f"<#{hidden}|>",
            "<#C0NOWHERE9|>"),
                                  (f"<#{hidden}|inc-1-payroll>", "<#C0NOWHERE9|inc-1-payroll>")):  # fmt: skip
                answers = []
                for named in (name, missing):
                    await type_raw(world, "bruno", f"{word} {named} {behind}", other)
                    told = world.heard("bruno").replace("INC-9", "INC-1").replace("C0NOWHERE9", hidden)
                    answers.append(told)
                assert answers[0] == answers[1], (word, name)
                assert "Payroll" not in answers[0]
                assert "INC-1" in answers[0] or "is not the channel of an incident" in answers[0], (
                    word,
                    name,
                )
        assert (state(world, 1), state(world, 2)) == (before, untouched)


async def test_two_ask_which_one(world: World) -> None:
    async with world.bot():
        room, other = await rooms(world)
        before = state(world, 1), state(world, 2)
        spellings = (
            "{} INC-1 INC-2",
            "INC-1 {} INC-2",
            f"{{}} INC-1 and <#{other}>",
            f"{{}} <#{room}>, inc 2:",
            "{} INC-1, 2:",
            "{} INC-1-2",
        )
        for place, word in enumerate(CHANGING):
            for spelling in spellings[place % 2 :: 2]:
                text = spelling.format(word)
                await type_raw(world, "ana", f"{text} {WORDS_BEHIND.get(word, '')}", other)
                assert "Which one do you mean, INC-1 or INC-2?" in world.heard("ana"), text
            assert (state(world, 1), state(world, 2)) == before, word
        await type_raw(world, "ana", f"INC-1 note <#{room}|inc-1-x> the same twice", other)
        assert state(world, 1)["entries"][-1]["detail"]["text"] == "the same twice"


WITHOUT_TEXT = [command.name for command in COMMANDS if command.takes is ArgumentKind.NOTHING]


async def test_a_word_that_takes_no_text_refuses_text(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        before = state(world, 1)
        for word in WITHOUT_TEXT:
            if word == "help":
                continue
            for text in ("for the other one", "@dana", "INC-1 but later", "<#C0NOWHERE9|billing> later"):
                await type_raw(world, "ana", f"{word} {text}", channel)
                assert "Nothing was changed." in world.heard("ana"), (word, text)
                assert text.split()[-1] in world.heard("ana"), (word, text)
            assert state(world, 1) == before, word


async def test_ordinary_words_go_to_the_rooms_incident_as_they_are(world: World) -> None:
    async with world.bot():
        _, other = await rooms(world)
        untouched = state(world, 1)
        for text in ("1 of 6 tasks is up", "in production we see 500s", "incident is nearly over",
                     "the same as INC-1", "we saw INC-9 too", "10:30 rolled back", "500 errors"):  # fmt: skip
            await type_raw(world, "ana", f"note {text}", other)
            assert state(world, 2)["entries"][-1]["detail"]["text"] == text
            await type_raw(world, "ana", f"update {text}", other)
            assert state(world, 2)["updates"][-1]["text"] == text
            await type_raw(world, "ana", f"rename {text}", other)
            assert state(world, 2)["incident"][0]["title"] == text
            assert state(world, 1) == untouched, text


async def test_a_bare_number_in_front_of_text_asks_and_alone_is_the_incident(world: World) -> None:
    async with world.bot():
        _, other = await rooms(world)
        before = state(world, 1), state(world, 2)
        for word in ("update", "note", "resolve", "rename", "cancel", "page"):
            for text in ("#1 rolled back", "1: rolled back", "1, rolled back", "1) rolled back",
                         "INC-O1 rolled back", "INC-l: rolled back", "Incident one rolled back"):  # fmt: skip
                await type_raw(world, "ana", f"{word} {text}", other)
                assert f"/incident {word} INC-1 …" in world.heard("ana"), text
                assert "rolled back" in world.heard("ana"), text
            assert (state(world, 1), state(world, 2)) == before, word
            assert world.slack.open_view("ana") is None, word
        for word, who in {"update": "ana", "resolve": "bruno"}.items():
            await type_raw(world, who, f"{word} #1", other)
            assert "INC-1" in str((await world.form(who)).payload["title"]), word
        for word, said in {
            "note": "INC-1",
            "rename": "INC-1",
            "cancel": "INC-1",
            "page": "Say whom to page",
        }.items():
            await type_raw(world, "chidi", f"{word} #1", other)
            assert said in world.heard("chidi"), word
        assert (state(world, 1), state(world, 2)) == before


async def test_a_link_to_a_channel_of_no_incident_is_text_in_front_of_text_and_refused_elsewhere(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        await type_raw(world, "ana", "note <#C0BILLING1|billing> has the numbers", channel)
        assert state(world, 1)["entries"][-1]["detail"]["text"] == "#billing has the numbers"
        await type_raw(world, "ana", "note INC-1 <#C0BILLING1|billing> has them", channel)
        assert state(world, 1)["entries"][-1]["detail"]["text"] == "#billing has them"
        before = state(world, 1)
        for text in (
            "ack <#C0BILLING1|billing>",
            "<#C0BILLING1|billing> update x",
            "note <#C0BILLING1|inc-7-old> x",
        ):
            await type_raw(world, "ana", text, channel)
            assert "is not the channel of an incident that I know" in world.heard("ana"), text
        assert state(world, 1) == before


async def test_a_renamed_incidents_channel_is_still_its_channel(world: World) -> None:
    async with world.bot():
        room, other = await rooms(world)
        await type_raw(world, "ana", "rename Payments are failing", room)
        await world.quiet()
        for name in (f"<#{room}|war-room>", f"<#{room}|inc-1-payments-are-failing>", "inc-1-api-is-down"):
            await type_raw(world, "ana", f"note {name} by {len(name)}", other)
            assert state(world, 1)["entries"][-1]["detail"]["text"] == f"by {len(name)}"


async def test_what_makes_a_new_incident_names_none(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        await type_raw(world, "ana", "INC-1 declare p3 API is down", channel)
        assert "makes a new incident" in world.heard("ana")
        assert len(world.looking.rows("select 1 from incident")) == 1
        await world.declared("declare p3 INC-1 is back")
        assert world.looking.rows("select title from incident where number = 2") == [
            {"title": "INC-1 is back"}
        ]


def test_the_table_knows_what_every_word_needs() -> None:
    assert set(WORDS_BEHIND) <= set(WORDS)
