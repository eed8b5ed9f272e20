"""Each word of the grammar, in the room, elsewhere by number, and what everybody sees of it."""

from sandbox.slack import DeliveryOptions
from tests.scenarios.conftest import World


async def test_a_status_is_said_in_the_room_and_shown_on_the_alert_and_in_the_topic(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "status Identified", channel)
        await world.quiet()
        assert len(world.posts(channel, "changed status: investigating → identified")) == 1
        assert "Status: IDENTIFIED" in world.text(world.posts(channel, "INCIDENT ALERT")[0])
        assert world.slack.channel(channel).topic["value"].startswith("P0 · identified")
        await world.incident("ana", "status fixed", channel)
        assert "“fixed” is not a status" in world.heard("ana")


async def test_a_severity_says_what_changes_with_it_and_calls_nobody_twice(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p2 Search is slow")
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi")] == [0, 1]
        await world.incident("ana", "severity p0", channel)
        await world.quiet()
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]
        (said,) = world.posts(channel, "P2 → P0")
        assert "Updates are due every 15 min." in world.text(said)
        await world.incident("ana", "severity p3", channel)
        await world.quiet()
        assert "Updates have no fixed time." in world.text(world.posts(channel, "P0 → P3")[0])
        assert world.looking.rows("select next_update_at, notice_at from incident") == [
            {"next_update_at": None, "notice_at": None}
        ]


async def test_notes_and_every_change_stand_in_the_timeline_with_who_and_when(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("chidi", "note Rolled back at 03:10 <!channel>", channel)
        await world.incident("ana", "timeline INC-1", "general")
        text = world.heard("ana")
        assert "Ana Duarte declared P0: API is down" in text
        assert "paged @Bruno Keller (CTO)" in text
        assert "Chidi Okafor noted: Rolled back at 03:10 <!channel>" in text


async def test_a_latecomer_gets_what_how_bad_who_and_what_is_open_on_half_a_screen(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await world.incident("ana", "update Rolled back the deployment", channel)
        world.slack.add_person("noor", "Noor Haddad")
        await world.incident("noor", "catchup INC-1", "general")
        text = world.heard("noor")
        for words in ("P0: API is down (INC-1)", "Commander: @Ana Duarte", "Acknowledged by @Bruno Keller",
                      "Rolled back the deployment", "Next update:"):  # fmt: skip
            assert words in text
        assert len(text.splitlines()) <= 14


async def test_a_handover_tells_the_next_commander_where_things_stand_and_changes_command_when_accepted(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update Rolled back to 1.42", channel)
        await world.incident("ana", "handover", channel)
        assert "Say to whom" in world.heard("ana")
        await world.incident("ana", "handover @ana", channel)
        assert "Hand over to somebody else" in world.heard("ana")
        await world.incident("ana", "handover @devika Watch the <!here> error rate & *tell* legal", channel)
        await world.quiet()
        (offer,) = world.posts(channel, "asks you to take command of INC-1")
        said = world.text(offer)
        assert "Handover: Watch the <!here> error rate & *tell* legal" in said
        assert "Rolled back to 1.42" in said and "Next update" in said
        assert (
            world.looking.rows("select commander from incident")[0]["commander"]
            == world.slack.person("ana").id
        )
        await world.incident("ana", "timeline", channel)
        assert "offered command to @Devika Rao: Watch the <!here> error rate" in world.heard("ana")
        await world.slack.people.click("devika", offer, "accept_command")
        await world.quiet()
        assert (
            world.looking.rows("select commander from incident")[0]["commander"]
            == world.slack.person("devika").id
        )


async def test_roles_are_given_and_an_unknown_one_names_those_there_are(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "assign scribe @devika", channel)
        await world.quiet()
        assert len(world.posts(channel, "@Devika Rao is now scribe.")) == 1
        await world.incident("ana", "assign king @devika", channel)
        assert "deputy, scribe, communications, operations" in world.heard("ana")
        await world.incident("ana", "assign deputy @gus", channel)
        assert "guests can read" in world.heard("ana")


async def test_a_better_title_reaches_the_channel_its_topic_and_the_alert(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "rename Payments are failing", channel)
        await world.quiet()
        room = world.slack.channel(channel)
        assert room.name == "inc-1-payments-are-failing"
        assert room.topic["value"].endswith("Payments are failing")
        assert "P0: Payments are failing" in world.text(world.posts(channel, "INCIDENT ALERT")[0])


async def test_a_false_alarm_is_said_everywhere_and_leaves_no_checklist(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.cancel("ana", "the probe was broken", channel)
        await world.quiet()
        for place in (channel, "incident-response"):
            assert (
                len(world.posts(place, "False alarm. @Ana Duarte cancelled INC-1: the probe was broken")) == 1
            )
        assert "[Acknowledge]" not in world.text(world.slack.direct_messages("bruno")[-1])
        assert world.posts(channel, "Post-incident checklist") == []
        await world.incident("ana", "list", "general")
        assert "No incident is open." in world.heard("ana")


async def test_a_reopened_incident_keeps_its_ticks_and_gets_a_new_checklist_at_its_next_end(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        for turn in (1, 2):
            await world.incident("ana", "resolve", channel)
            form = await world.form("ana")
            done = {"resolution": {"resolution": f"Fix {turn}"}}
            assert (await world.slack.people.submit("ana", form, done)).ok
            await world.quiet()
            assert len(world.posts(channel, "Post-incident checklist")) == turn
            newest = world.posts(channel, "Post-incident checklist")[-1]
            if turn == 1:
                await world.slack.people.click("ana", newest, "set_item:0")
                await world.quiet()
                await world.incident("ana", "reopen", channel)
                await world.quiet()
                assert len(world.posts(channel, "reopened INC-1 (was resolved)")) == 1
                assert world.looking.rows("select status from incident") == [{"status": "investigating"}]
            else:
                assert "1 of 12 done" in world.text(newest)


async def test_a_closed_incidents_channel_is_archived_a_week_later_unless_it_was_reopened(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.cancel("ana", "", channel)
        await world.quiet()
        world.looking.rows("update outbox set not_before = now() where kind = 'ArchiveChannel'")
        await world.until(lambda: world.slack.channel(channel).is_archived)


async def test_outside_an_incident_every_word_asks_which_one_is_meant(world: World) -> None:
    async with world.bot():
        for place, words in enumerate(
            ("status identified", "note x", "rename y", "cancel", "reopen", "severity p1"), 1
        ):
            await world.incident("ana", words, "general")
            assert len(world.slack.ephemerals("ana")) == place, words
            assert "Which incident?" in world.heard("ana"), words
            assert world.looking.rows("select 1 from incident") == []


async def test_who_comes_and_goes_stands_in_the_timeline_once(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        devika = world.slack.person("devika").id

        def moves() -> list[str]:
            rows = world.looking.rows("select kind from timeline_entry where actor = %s order by id", devika)
            return [row["kind"] for row in rows]

        await world.until(lambda: moves() == ["joined"])
        world.slack.people.leave("devika", channel)
        await world.until(lambda: moves() == ["joined", "left"])
        event = {"type": "member_joined_channel", "user": devika}
        here = {**event, "channel": channel}
        await world.slack.people.event(here, delivery=DeliveryOptions(copies=3))
        await world.slack.people.event({**event, "channel": "C0ELSEWHERE"})
        assert moves() == ["joined", "left", "joined"]
