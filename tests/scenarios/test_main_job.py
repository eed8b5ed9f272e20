"""The main job, from the first word to the last ticked item, on the user's runbook."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.scenarios.conftest import World


async def test_one_line_opens_everything_in_the_right_places(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p0 API is down")
        room = world.slack.channel(channel)
        assert room.name == "inc-1-api-is-down"
        assert "INC-1 is declared" in world.heard("ana")
        for who in ("bruno", "chidi", "devika"):
            (page,) = world.slack.direct_messages(who)
            assert world.text(page).splitlines()[0].endswith("P0: API is down")
            assert "[Acknowledge]" in world.text(page)
        (alert,) = world.posts(channel, "INCIDENT ALERT - P0")
        assert [pin for pin in room.pins if alert.ts in str(pin)]
        (announced,) = world.posts("incident-response", "INCIDENT ALERT - P0")
        assert f"War Room: #{room.name}" in world.text(announced)
        assert len(world.posts(channel, "Playbook: API COMPLETELY DOWN")) == 1
        assert {"ana", "bruno", "chidi", "devika"} <= {
            world.slack.person(member).handle for member in room.members if member
        }
        assert len(room.bookmarks) == 1
        assert room.topic["value"] == "P0 · investigating · API is down"


async def test_the_alert_carries_the_runbooks_own_lines_in_their_order_and_no_placeholder(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        text = world.text(world.posts(channel, "INCIDENT ALERT")[0])
        labels = [
            "🚨 INCIDENT ALERT - P0",
            "Status: INVESTIGATING",
            "Impact: not known yet",
            "Started: ",
            "Affected Users: ",
            "Current Actions:",
            "Next Update: ",
            "War Room: #inc-1",
            "Incident Commander: @Ana",
        ]
        places = [text.index(label) for label in labels]
        assert places == sorted(places)
        for raw in (
            "[Time]",
            "[Estimate]",
            "[Action 1]",
            "@engineer-name",
            "#incident-response",
            "In 15 minutes",
        ):
            assert raw not in text


async def test_all_hands_notifies_the_whole_incidents_channel_and_everybody_who_is_called(
    world: World,
) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.people.join("devika", "incident-response")
        await world.declared()
        announced = world.posts("incident-response", "INCIDENT ALERT")[0]
        assert world.slack.person("devika").id in announced.pings
        for who in ("bruno", "chidi", "devika"):
            assert len(world.slack.direct_messages(who)) == 1


async def test_acknowledging_shows_who_and_how_fast_everywhere_and_twice_is_once(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        page = world.slack.direct_messages("bruno")[-1]
        await world.slack.people.click("bruno", page, "acknowledge")
        await world.slack.people.click("bruno", page, "acknowledge", as_seen=True)
        await world.quiet()
        for message in (world.slack.direct_messages("bruno")[-1], world.posts(channel, "INCIDENT ALERT")[0],
                        world.posts("incident-response", "INCIDENT ALERT")[0]):  # fmt: skip
            text = world.text(message)
            assert "Acknowledged by @Bruno Keller after" in text
            assert "[Acknowledge]" not in text
        assert len(world.posts(channel, "@Bruno Keller acknowledged after")) == 1
        await world.until(lambda: "already acknowledged INC-1" in world.heard("bruno"))


async def test_a_reminder_comes_with_a_draft_that_is_posted_with_one_click_in_both_places(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("chidi", "ack", channel)
        await world.incident("devika", "join", channel)
        await world.incident("devika", "note The pool has 5 <!here> connections", channel)
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        (reminder,) = world.posts(channel, "status update is due")
        assert "[Post this draft]  [Edit]" in world.text(reminder)
        for words in ("Acknowledged by chidi.", "The pool has 5 <!here> connections"):
            assert words in world.text(reminder)
        assert "joined" not in world.text(reminder)
        assert (
            reminder.pings == frozenset({world.slack.person("ana").id})
            or world.slack.person("ana").id in reminder.pings
        )
        await world.slack.people.click("ana", reminder, "post_draft")
        await world.quiet()
        for place in (channel, "incident-response"):
            (update,) = world.posts(place, "What changed")
            assert "Acknowledged by chidi." in world.text(update)
            assert "Status: Investigating" in world.text(update)
            assert "currently experiencing" not in world.text(update), "that is for customers"
            assert "<!date^" in json.dumps(update.blocks)
        row = world.looking.rows("select next_update_at - now() as left_over from incident")[0]
        assert row["left_over"] > timedelta(minutes=14)


@pytest.mark.parametrize("how", ["by another update", "by the end", "by a severity without updates"])
async def test_a_reminder_that_nobody_needs_any_more_is_one_short_line(world: World, how: str) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("devika", "note The pool has 5 connections", channel)
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        if how == "by another update":
            await world.incident("chidi", "update We add connections", channel)
            said = "was posted by @Chidi Okafor"
        elif how == "by the end":
            await world.cancel("chidi", "a test", channel)
            said = "INC-1 was cancelled"
        else:
            await world.incident("chidi", "severity p3", channel)
            said = "is no longer due"
        await world.quiet()
        assert not world.posts(channel, "status update is due")
        (left,) = [
            post for post in world.posts(channel, " status update ") if world.text(post).startswith("The ")
        ]
        assert said in world.text(left)
        assert "[" not in world.text(left), "no buttons"
        assert "The pool has" not in world.text(left)
        assert len(world.text(left).splitlines()) == 1


async def test_a_reminder_without_news_offers_to_write_an_update_and_no_draft(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p1 Search is slow")
        await world.incident("ana", "update We look at the index", channel)
        await world.quiet()
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        (reminder,) = world.posts(channel, "status update is due")
        assert "[Write update]" in world.text(reminder)
        assert "Nothing new since the last update" in world.text(reminder)
        assert "[Post this draft]" not in world.text(reminder) and "[Edit]" not in world.text(reminder)
        await world.slack.people.click("ana", reminder, "post_update")
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"update_text": {"update_text": "It is the index"}})
        await world.until(lambda: world.posts(channel, "It is the index"))


async def test_a_draft_tells_what_the_checks_found_since_the_last_update(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update We look at it", channel)
        await world.quiet()
        first = world.looking.rows("select min(id) as id from look")[0]["id"]
        updated = "(select max(at) from status_update)"
        for number, at, verdict, headline in (
            (2, f"{updated} - interval '1 second'", "'ok'", "'200'"),
            (3, "now()", "case when place = 0 then 'bad' else 'ok' end",
             "case when place = 0 then 'Health endpoint returned 503' else '200' end"),
        ):  # fmt: skip
            world.looking.rows(
                "insert into look (incident, number, request, scope, what, asked_by, ended_at) "
                f"select incident, {number}, 'look {number}', scope, what, asked_by, now() from look where id = {first}"
            )
            world.looking.rows(
                "insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline, seen_at) "
                f"select (select max(id) from look), place, playbook, line, file, title, kind, runs, {verdict}, "
                f"{headline}, {at} from result where look = {first}"
            )
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        said = world.text(world.posts(channel, "status update is due")[0])
        assert ": Health endpoint returned 503 (before: 200)." in said
        assert "[Post this draft]" in said


async def test_four_notices_go_to_the_commander_again_to_the_channel_and_to_the_incidents_channel(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        for minutes, place, words in (
            (15, channel, "status update is due"),
            (5, channel, "status update is 5 minutes late"),
            (3, channel, "status update is 8 minutes late"),
            (3, "incident-response", "minutes late"),
        ):
            world.looking.sooner(minutes)
            await world.until(partial(world.posts, place, words))
            assert len(world.posts(place, words)) == 1


async def test_an_update_that_stays_overdue_climbs_to_the_commander_the_deputy_and_a_manager_once_each(
    world: World, tmp_path: Path
) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text('[contacts]\n"DevOps Lead" = "slack:U0CHIDI001"\n"CTO" = "slack:U0BRUNO001"\n')
    async with world.bot(contacts=contacts):
        channel = await world.declared("declare p1 Search is slow")
        await world.incident("ana", "assign deputy @devika", channel)
        await world.incident("ana", "update we look", channel)
        await world.until(lambda: len(world.slack.direct_messages("chidi")) == 1)
        for minutes, words in ((15, "update is due"), (5, "5 minutes late"), (3, "8 minutes late")):
            world.looking.sooner(minutes)
            await world.until(partial(world.posts, channel, words))
        assert [world.slack.direct_messages(who) for who in ("ana", "bruno", "devika")] == [[], [], []]
        for minutes, who, role in ((3, "ana", "commander"), (5, "devika", "deputy"), (5, "bruno", "manager")):
            world.looking.sooner(minutes)
            await world.until(partial(world.posts, channel, f"Please post it, as {role}"))
            await world.quiet()
            (told,) = world.slack.direct_messages(who)
            assert (
                "You're being paged for INC-1 as CTO" if who == "bruno" else f"You're asked as {role}"
            ) in world.text(told)
        said = [world.text(post) for post in world.posts(channel, "Please post it, as")]
        assert "@Ana Duarte hasn't posted it" in said[1]
        assert world.looking.kinds(1).count("update_asked") == 3
        world.looking.sooner(60)
        await world.quiet()
        assert len(world.posts(channel, "Please post it, as")) == 3
        (asked,) = world.slack.direct_messages("devika")
        await world.slack.people.click("devika", asked, "post_update")
        form = await world.form("devika")
        await world.slack.people.submit("devika", form, {"update_text": {"update_text": "It is the index"}})
        await world.until(lambda: world.posts(channel, "It is the index"))


async def test_after_downtime_there_is_one_line_about_what_was_missed(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
    world.looking.sooner(31)
    async with world.bot():
        await world.until(lambda: world.posts(channel, "I was offline"))
        await world.quiet()
        (reminder,) = world.posts(channel, "I was offline")
        assert "I was offline; 2 updates were missed." in world.text(reminder)
        assert len(world.posts(channel, "status update is due")) == 1


async def test_snoozing_says_until_when_and_keeps_the_promise(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        before = world.looking.rows("select next_update_at from incident")[0]
        await world.slack.people.click("ana", world.posts(channel, "status update is due")[0], "snooze")
        await world.until(lambda: "I'll remind you" in world.heard("ana"))
        after = world.looking.rows("select next_update_at, notice_at - now() as ahead from incident")[0]
        assert after["next_update_at"] == before["next_update_at"]
        assert timedelta(minutes=4) < after["ahead"] <= timedelta(minutes=5)


async def test_an_edited_draft_is_posted_with_the_new_status_and_words_that_are_true(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "note The last release fails", channel)
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        await world.slack.people.click("ana", world.posts(channel, "status update is due")[0], "edit_draft")
        view = await world.form("ana")
        words = {
            "update_text": {"update_text": "Rolled back, error rate falls."},
            "status": {"status": "monitoring"},
        }
        assert (await world.slack.people.submit("ana", view, words)).ok
        await world.quiet()
        text = world.text(world.posts(channel, "What changed")[0])
        assert "Status: Monitoring (was investigating)" in text
        assert "currently experiencing" not in text
        assert "Rolled back, error rate falls." in text


async def test_the_customer_copy_has_the_templates_lines_and_nothing_of_the_timeline(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update We blame the intern", channel)
        await world.quiet()
        await world.slack.people.click("ana", world.posts(channel, "What changed")[0], "customer_copy")
        view = await world.shown("ana")
        shown = json.dumps(view.payload, ensure_ascii=False)
        assert "We are currently experiencing issues" in shown
        assert "support@rodistaa.com" in shown
        assert "intern" not in shown


async def test_resolving_posts_the_resolution_and_the_checklist_and_closing_waits_for_it(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "resolve", channel)
        view = await world.form("ana")
        assert (
            await world.slack.people.submit("ana", view, {"resolution": {"resolution": "Rolled back"}})
        ).ok
        await world.quiet()
        for place in (channel, "incident-response"):
            text = world.text(world.posts(place, "INCIDENT RESOLVED")[0])
            assert "Root Cause: not known yet" in text
            assert "- Rolled back" in text
        await world.incident("ana", "close", channel)
        assert "Verify full system recovery" in world.heard("ana")
        await world.incident("ana", "action none it was a rehearsal", channel)
        for position in range(12):
            (checklist,) = world.posts(channel, "Post-incident checklist")
            await world.slack.people.click("chidi", checklist, f"set_item:{position}")
            await world.until(partial(world.posts, channel, f"{position + 1} of 12 done"))
        await world.slack.people.click("chidi", world.posts(channel, "12 of 12 done")[0], "set_item:0")
        await world.until(lambda: world.posts(channel, "11 of 12 done"))
        await world.incident("ana", "close anyway the rest is tracked elsewhere", channel)
        await world.quiet()
        assert len(world.posts(channel, "closed INC-1 with 1 open items: the rest is tracked elsewhere")) == 1


async def test_the_open_items_of_a_window_are_brought_to_the_commander_at_its_end(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "resolve", channel)
        view = await world.form("ana")
        await world.slack.people.submit("ana", view, {"resolution": {"resolution": "Rolled back"}})
        await world.quiet()
        world.looking.rows("update checklist_window set due_at = due_at - interval '61 minutes'")
        await world.until(lambda: world.posts(channel, "4 items are still open after 1 hour"))
        await world.quiet()
        assert len(world.posts(channel, "are still open after")) == 1


async def test_a_p3_has_no_clock_and_calls_nobody(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 A typo on the login button")
        assert "Next Update: no fixed time" in world.text(world.posts(channel, "INCIDENT ALERT")[0])
        assert world.slack.direct_messages("bruno") == []
        assert "@channel" not in world.text(world.posts("incident-response", "INCIDENT ALERT")[0])


async def test_a_lookalike_is_named_with_a_button_that_joins_it_and_nobody_is_stopped(world: World) -> None:
    async with world.bot():
        first = await world.declared("declare p0 API is down")
        second = await world.declared("declare p0 the API is down", who="devika")
        assert second != first
        seen = world.slack.ephemerals("devika")[-1]
        assert "INC-1 is open and looks like the same problem." in world.text(seen)
        world.slack.people.leave("devika", first)
        await world.slack.people.click("devika", seen, "join")
        await world.until(lambda: world.slack.person("devika").id in world.slack.channel(first).members)


async def test_command_goes_to_whom_it_is_offered_once_they_accept(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "lead @chidi", channel)
        await world.quiet()
        assert "Incident Commander: @Ana Duarte" in world.text(world.posts(channel, "INCIDENT ALERT")[0])
        (offer,) = world.posts(channel, "asks you to take command of INC-1")
        await world.slack.people.click("devika", offer, "accept_command")
        await world.until(lambda: "not offered to you" in world.heard("devika"))
        await world.slack.people.click("chidi", offer, "accept_command")
        await world.quiet()
        assert "Incident Commander: @Chidi Okafor" in world.text(world.posts(channel, "INCIDENT ALERT")[0])
        assert len(world.posts(channel, "@Chidi Okafor is now incident commander.")) == 1
