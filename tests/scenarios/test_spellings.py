"""What people type in a hurry: understood, or refused in a sentence."""

from tests.scenarios.asking import fields
from tests.scenarios.conftest import World

AT_ONCE = (
    ["declare P3: API is down", "declare P3, API is down", "declare P3\nAPI is down", "declare P3\tAPI is down",
    "p3 API is down",
     "declare “P3” API is down", 'declare "p3 API is down"', "declare sev 3 API is down", "“declare” p3 API is down",
     "declare low: API is down", "P3: API is down", "sev 3: API is down", "new P3 - API\nis\r\ndown",
     "/incident p3 API is down"]
)  # fmt: skip


async def test_declared_at_once(world: World) -> None:
    async with world.bot():
        for place, words in enumerate(AT_ONCE, 1):
            await world.incident("ana", words.replace("API", f"API{place}"))
            made = world.looking.rows("select severity, title from incident order by number")
            assert len(made) == place, words
            assert made[-1] == {"severity": "P3", "title": f"API{place} is down"}, words


async def test_an_adjective_is_a_title_and_the_severity_is_asked(world: World) -> None:
    asking = {"ana": "high error rate", "bruno": "low disk space", "chidi": "s3 is down"}
    titles = "select title from incident order by number"
    async with world.bot():
        for who, title in asking.items():
            made = world.looking.rows(titles)
            await world.incident(who, f"declare {title}")
            form = await world.form(who)
            assert world.looking.rows(titles) == made, title
            assert (await world.slack.people.submit(who, form, fields(severity="P3"))).ok, title
            await world.quiet()
            assert world.looking.rows(titles) == [*made, {"title": title}]


INVISIBLE = ("\u200b\u200b", "\u3164", "\u2800 \u2060", "\u00ad", "\u115f\u1160", "\ufe0f", "\u202e")


async def test_a_title_that_nobody_sees_is_refused(world: World) -> None:
    async with world.bot():
        for title in INVISIBLE:
            await world.incident("ana", f"declare p3 {title}")
            view = world.slack.open_view("ana")
            if view is not None:
                assert (await world.slack.people.submit("ana", view, fields(title=title), force=True)).ok
                assert view.errors, ascii(title)
            assert world.looking.rows("select 1 from incident") == [], ascii(title)
        channel = await world.declared("declare p3 API is down")
        entries = world.looking.rows("select 1 from timeline_entry")
        for title in INVISIBLE:
            for word in ("rename", "note"):
                heard = len(world.slack.ephemerals("ana"))
                await world.incident("ana", f"{word} {title}", channel)
                assert len(world.slack.ephemerals("ana")) == heard + 1, ascii(title)
                assert "Nothing was changed." in world.heard("ana"), ascii(title)
            assert world.looking.rows("select title from incident") == [{"title": "API is down"}]
            assert world.looking.rows("select 1 from timeline_entry") == entries, ascii(title)


async def test_a_severity_may_have_a_reason_and_a_status_may_have_an_update(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        await world.incident("ana", "severity to P2 because all searches time out", channel)
        await world.quiet()
        assert world.posts(channel, "P3 → P2: because all searches time out")
        await world.incident("ana", "timeline", channel)
        assert "changed severity from P3 to P2: because all searches time out" in world.heard("ana")
        await world.incident("ana", "status identified: a bad deploy", channel)
        await world.quiet()
        assert world.looking.rows("select status from incident") == [{"status": "identified"}]
        assert world.looking.rows("select status, text from status_update") == [
            {"status": "identified", "text": "a bad deploy"}
        ]
        await world.incident("ana", "status to monitoring!", channel)
        assert world.looking.rows("select status from incident") == [{"status": "monitoring"}]
        await world.incident("ana", "severity sev 1", channel)
        assert world.looking.rows("select severity from incident") == [{"severity": "P1"}]
        await world.incident("ana", "severity 3.", channel)
        assert world.looking.rows("select severity from incident") == [{"severity": "P3"}]


async def test_status_alone_says_how_it_stands_also_to_guests_of_its_channel(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        await world.incident("gus", "status INC-1", "general")
        assert "INC-1 doesn't exist" in world.heard("gus")
        world.slack.people.join("gus", channel)
        await world.quiet()
        for who, words, where in (
            ("ana", "status", channel),
            ("gus", "status?", channel),
            ("gus", "status INC-1", "general"),
        ):
            await world.incident(who, words, where)
            assert "Search is slow" in world.heard(who)
        await world.incident("gus", "status identified", channel)
        assert "Guests can read" in world.heard("gus")


async def test_outside_an_incident_the_open_one_is_offered_with_the_words(world: World) -> None:
    async with world.bot():
        await world.declared("declare p3 Search is slow")
        await world.incident("ana", "resolve rolled back", "general")
        assert "Do you mean INC-1: Search is slow? /incident resolve INC-1 rolled back" in world.heard("ana")
        await world.slack.people.click("ana", world.slack.ephemerals("ana")[-1], "resolve")
        assert "Resolve INC-1" in str((await world.form("ana")).payload["title"])
        await world.declared("declare private p3 Payroll was copied", "bruno")
        await world.incident("ana", "update rolled back\nwatching", "general")
        told = world.heard("ana")
        assert "INC-1: Search is slow" in told and "Payroll" not in told and "watching" in told
        assert world.looking.rows("select 1 from status_update") == []


async def test_on_call_is_understood(world: World) -> None:
    async with world.bot():
        for place, words in enumerate(("on call", "oncall?", "On-Call!", "on  call."), 1):
            await world.incident("devika", words)
            assert len(world.slack.ephemerals("devika")) == place, words
            assert "I don't know" not in world.heard("devika"), words
            assert "CTO" in world.heard("devika"), words
