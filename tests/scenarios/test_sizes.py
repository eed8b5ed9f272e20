"""As much as a team will ever have: everything stays within what Slack takes (the stand-in's fixture looks), what is
left out is said in words with its number, and what is newest or worst is what is kept."""

import json
import re
from pathlib import Path

from sandbox.slack import BotAnswer
from tests.scenarios.asking import contacts, fields
from tests.scenarios.conftest import World

NASTY = "Orders & <refunds> fail for “everyone” 👩‍👩‍👧 — "
IMPACT = (NASTY * 80)[:3000]


async def asked(world: World, words: str, channel: str = "general") -> str:
    """What a command shows to its author."""
    answer: BotAnswer = await world.incident("ana", words, channel)
    assert answer.ok
    return world.heard("ana")


def number_in(words: str, text: str) -> int:
    """The number for which `N` stands in these words."""
    pattern = re.escape(words).replace("N", "([0-9,]+)")
    found = re.search(pattern, text)
    assert found is not None, (words, text)
    return int(found[1].replace(",", ""))


async def test_3000_characters_of_everything_are_shortened_everywhere(
    world: World,
) -> None:
    async with world.bot():
        await world.incident("ana", "declare p0")
        form = await world.form("ana")
        texts = [block["block_id"] for block in form.blocks
                 if block["type"] == "input" and block["element"]["type"] == "plain_text_input"]  # fmt: skip
        given = {**dict.fromkeys(texts, IMPACT), "title": "API is completely down"}
        assert (await world.slack.people.submit("ana", form, fields(**given))).ok
        await world.quiet()
        row = world.looking.rows("select impact, channel from incident")[0]
        assert row["impact"] == IMPACT.strip()
        channel = row["channel"]
        (alert,) = world.posts(channel, "INCIDENT ALERT")
        (announced,) = world.posts("incident-response", "INCIDENT ALERT")
        for message in (alert, announced, world.slack.direct_messages("chidi")[-1]):
            shown = world.text(message)
            assert NASTY * 5 in shown
            assert "…" in shown
            assert len(shown) < 4000, "one screen or two of a phone"
        assert "…" in await asked(world, "catchup", channel)
        assert len(world.heard("ana")) < 1500
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, fields(update_text=IMPACT))).ok
        await world.quiet()
        for place in (channel, "incident-response"):
            assert NASTY * 50 in world.text(world.posts(place, "What changed")[0])
        await asked(world, "catchup", channel)
        await world.incident("ana", f"resolve {'x' * 3000}", channel)
        form = await world.form("ana")
        ending = fields(resolution=IMPACT, root_cause=IMPACT)
        assert (await world.slack.people.submit("ana", form, ending)).ok
        await world.quiet()
        for place in (channel, "incident-response"):
            assert NASTY * 10 in world.text(world.posts(place, "INCIDENT RESOLVED")[0])
        assert world.looking.rows("select key, error from outbox where state = 'dead'") == []


async def test_of_200_timeline_entries_the_newest_are_shown_and_the_others_counted(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        for number in range(100):
            await world.incident("ana", f"note entry {number}: {NASTY if number % 2 else IMPACT}", channel)
        world.looking.rows(
            "insert into timeline_entry (incident, actor, kind, detail) select 1, 'U0ANA00001', 'note_added',"
            " jsonb_build_object('text', 'short ' || n) from generate_series(1, 100) n"
        )
        entries = len(world.looking.kinds(1))
        assert entries > 200
        shown = await asked(world, "timeline", channel)
        left = number_in("… and N earlier entries before these", shown)
        assert [f"short {n}\n" in f"{shown}\n" for n in (100, 99, 61, 60)] == [True, True, True, False]
        assert left == entries - 40
        assert shown.index("short 99") < shown.index("short 100")
        for _ in range(40):
            await world.incident("ana", f"note {IMPACT}", channel)
        await world.incident("ana", "note the last one", channel)
        shown = await asked(world, "timeline", channel)
        kept = shown.count("noted: ")
        assert shown.endswith("noted: the last one")
        assert number_in("… and N earlier entries before these", shown) == entries + 41 - kept
        assert 5 < kept < 40
        assert "…\n" in shown
        assert "the last one" in await asked(world, "catchup", channel)
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        reminder = world.text(world.posts(channel, "status update is due")[0])
        assert number_in("… and N earlier note", reminder) > 180
        assert reminder.count("\n") < 20
        assert "the last one" in reminder


async def test_of_500_open_incidents_the_worst_and_newest_are_shown_and_the_others_counted(
    world: World,
) -> None:
    async with world.bot():
        await world.declared("declare p0 API is down", who="bruno")
        world.looking.rows(
            "insert into incident (title, severity, commander, declared_by, edition)"
            " select repeat('&', 140) || n, case when n %% 10 = 0 then 'P2' else 'P3' end, %s, %s, edition"
            " from incident, generate_series(1, 499) n",
            world.slack.person("ana").id,
            world.slack.person("ana").id,
        )
        shown = await asked(world, "list")
        first, *_ = shown.splitlines()
        assert first.startswith("INC-1 P0 API is down"), "the oldest, and the worst"
        listed = re.findall(r"^INC-(\d+) (P\d)", shown, re.M)
        assert [severity for _, severity in listed] == ["P0", *["P2"] * (len(listed) - 1)]
        assert [int(number) for number, _ in listed][1:4] == [491, 481, 471]
        assert 5 < len(listed) <= 20
        more = f"… and {500 - len(listed)} more that are open: {49 - len(listed) + 1} P2, 450 P3"
        assert shown.endswith(more)
        await world.slack.people.open_home("bruno")
        await world.until(lambda: world.slack.home("bruno"))
        home = json.dumps(getattr(world.slack.home("bruno"), "payload", {}), ensure_ascii=False)
        assert home.count("INC-1 P0") == 1, "once, though bruno commands it"
        assert number_in("… and N more that are open: ", home) > 470
        await world.slack.people.open_home("ana")
        await world.until(lambda: world.slack.home("ana"))
        home = json.dumps(getattr(world.slack.home("ana"), "payload", {}), ensure_ascii=False)
        assert number_in("… and N more that are open: ", home) > 470, "also for who commands hundreds"


async def test_300_people_are_called_and_invited_by_the_hundred_and_none_is_rung_twice(
    world: World, tmp_path: Path
) -> None:
    people = [world.slack.add_person(f"person{n}", f"Person {n}") for n in range(300)]
    group = world.slack.add_usergroup("oncall", "On call", people)
    async with world.bot(**contacts(tmp_path, f'"DevOps Lead" = "slack:{group.id}"')):
        assert "is declared" in (await world.incident("ana", "declare p1 Payments fail")).body
        await world.quiet(60)
        channel = world.looking.rows("select channel from incident")[0]["channel"]
        assert [len(world.slack.direct_messages(person)) for person in people] == [1] * 300
        invited = [call.args["users"].split(",") for call in world.slack.calls.of("conversations.invite")]
        assert max(map(len, invited)) == 100
        assert {person.id for person in people} <= set(world.slack.channel(channel).members)
        assert not world.posts(channel, "you're being paged")
        await asked(world, "timeline", channel)
        await asked(world, "catchup", channel)
        assert world.looking.rows("select key, error from outbox where state = 'dead'") == []
