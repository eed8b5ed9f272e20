"""People are woken by other ways than Slack, one after the other, and everybody sees how far that came."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import plan_by_table
from sandbox.slack.faults import (
    Plan,
    make_drop,
    make_garbage,
    make_hang,
    make_rate_limit,
    make_refusal,
    make_server_error,
    plan_always,
    plan_no_faults,
)
from tests.mailbox import Mailbox
from tests.scenarios.conftest import World
from tests.scenarios.duties import asks, due, paging, shown, ways


async def test_a_p0_pages_by_pagerduty_at_once_and_the_alert_shows_how_far_it_came(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        (page,) = duty.incidents
        assert (page.title, page.assignee, page.status) == ("P0: API is down (INC-1)", "PCTO001", "triggered")
        assert len(world.slack.direct_messages("bruno")) == 1
        await world.until(lambda: "CTO: DM sent " in shown(world, channel))
        await world.until(lambda: " · PagerDuty notified " in shown(world, channel))
        assert "If nobody acknowledges, I'll page the next people at" in shown(world, channel)
        page.notified.append(("Bruno", "success"))
        world.looking.rows("update way set due_at = now() where due_at is not null")
        await world.until(lambda: " · PagerDuty delivered " in shown(world, channel))
        await world.incident("bruno", "ack", channel)
        await world.until(lambda: page.status == "acknowledged")
        await world.quiet()
        assert ways(world)["pagerduty:service/OPS_KEY"]["requested_at"] is None
        due(world, "way")
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"resolution": {"resolution": "x"}})
        await world.until(lambda: page.status == "resolved")
        assert len(duty.incidents) == 1


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (plan_by_table({"create": make_refusal("403")}), "PagerDuty refused (403"),
        (plan_by_table({"create": make_refusal("401")}), "PagerDuty refused (401"),
        (plan_by_table({"create": make_refusal("400")}), "PagerDuty refused (400"),
        (plan_by_table({"create": make_refusal("302")}), "PagerDuty answered with a redirect (302)"),
    ],
    ids=["403", "401", "400", "redirect"],
)
async def test_a_refusal_moves_on_to_the_next_way_at_once(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, faults: Plan, said: str
) -> None:
    duty.faults = faults
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.until(lambda: len(duty.incidents) == 1)
        assert duty.incidents[0].assignee == ""  # the service, by the Events API
        await world.quiet()
        await world.incident("ana", "timeline", channel)
        assert said in world.heard("ana")
        assert "Call CTO" not in shown(world, channel)


async def test_when_nothing_helps_the_number_is_named_in_the_room_once(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_always(make_refusal("403"))
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.until(lambda: "Call CTO: +919876543210" in shown(world, channel))
        (said,) = world.posts(channel, "Call CTO")
        assert "PagerDuty refused (403" in world.text(said)


async def test_silence_moves_on_way_by_way_up_to_the_number(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        due(world, "way")
        await world.until(lambda: len(duty.incidents) == 2)
        await world.quiet()
        due(world, "way")
        await world.until(lambda: "Call CTO: +919876543210" in shown(world, channel))
        assert "has not acknowledged a page" in shown(world, channel)
        due(world, "way")
        await world.quiet()
        assert len(world.posts(channel, "Call CTO")) == 1


@pytest.mark.parametrize(
    "fault",
    [make_server_error(True), make_drop(True), make_garbage(), make_hang(True), make_rate_limit(1)],
    ids=["500", "dropped", "no JSON", "no answer", "429"],
)
async def test_without_a_usable_answer_nothing_is_doubled_and_nothing_is_lost(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, fault: object
) -> None:
    duty.faults = plan_by_table({"create": [fault]})  # type: ignore[list-item]
    async with paging(world, duty, tmp_path):
        await world.declared()
        await world.until(lambda: ways(world)["pagerduty:user/PCTO001"]["accepted_at"], 60)
        await world.quiet(20)
        assert len([incident for incident in duty.incidents if incident.assignee == "PCTO001"]) == 1
        assert len(duty.incidents) == (1 if fault == make_rate_limit(1) else 2), (
            "the next way is asked at once"
        )


async def test_pages_do_not_wait_for_slack(world: World, duty: PagerDutyStandIn, tmp_path: Path) -> None:
    async with paging(world, duty, tmp_path):
        await world.declared("declare p3 Typo on a button")  # the bot has met her
        world.slack.api.faults = plan_always(make_hang())
        await world.incident("ana", "declare p0 API is down")
        await world.until(lambda: duty.incidents, 2)
        world.slack.api.faults = plan_no_faults
        await world.quiet(30)
        assert len(duty.incidents) == 1


async def test_who_is_on_call_by_a_schedule_is_paged_and_the_problems_are_said(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    more = '[on_call]\n"On-Call Engineer" = ["pagerduty:schedule/PSCH001"]\n'
    async with paging(world, duty, tmp_path, more=more):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: duty.incidents)
        assert duty.incidents[0].assignee == "PDEV001"
        await world.until(lambda: len(world.slack.direct_messages("devika")) == 1)
        duty.on_call["PSCH001"] = []
        second = await world.declared("declare p2 Search is slower")
        await world.until(lambda: "has nobody on call now" in shown(world, second))
        assert "nobody on call" not in shown(world, channel)


async def test_an_answer_on_the_phone_shows_in_slack_once_with_who_it_was(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        page = duty.incidents[0]
        assert await duty.answer_phone(page.key, "PCTO001") == 202
        await world.until(lambda: "Acknowledged by @Bruno Keller after" in shown(world, channel))
        news = duty.build_news(page, "PCTO001")
        assert [await duty.send_webhook(news) for _ in range(3)] == [202, 202, 202]
        await world.quiet()
        assert len(world.posts(channel, "in PagerDuty after")) == 1
        assert world.looking.kinds(1).count("acknowledged") == 1
        due(world, "way")
        await world.quiet()
        assert len(duty.incidents) == 1, "nobody is called further"


async def test_who_was_not_paged_and_answers_counts_and_is_named(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        assert await duty.answer_phone(duty.incidents[0].key, "PDEV001") == 202
        await world.until(lambda: "Acknowledged by Devika (PagerDuty)" in shown(world, channel))
        await world.until(lambda: "in PagerDuty after" in shown(world, channel))
        row = world.looking.rows("select acknowledged_at, ladder from incident")[0]
        assert row["acknowledged_at"] and row["ladder"] == "answered"


async def test_two_answers_at_once_count_once(world: World, duty: PagerDutyStandIn, tmp_path: Path) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        first = world.incident("bruno", "ack", channel)
        await asyncio.gather(first, duty.answer_phone(duty.incidents[0].key, "PCTO001"))
        await world.quiet()
        assert shown(world, channel).count("Acknowledged by @Bruno Keller after") == 1
        assert duty.incidents[0].status == "acknowledged"


async def test_an_answer_after_the_end_is_said_and_changes_nothing(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.cancel("ana", "a test", channel)
        await world.until(lambda: duty.incidents[0].status == "resolved")
        duty.incidents[0].status = "acknowledged"
        assert await duty.send_webhook(duty.build_news(duty.incidents[0], "PCTO001")) == 202
        await world.until(lambda: "after INC-1 was cancelled" in shown(world, channel))
        assert world.looking.rows("select acknowledged_at from incident") == [{"acknowledged_at": None}]


async def test_resolving_a_page_on_the_phone_answers_it_and_leaves_the_incident_open(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        assert await duty.answer_phone(duty.incidents[0].key, "PCTO001", "resolved") == 202
        await world.until(lambda: "INC-1 stays open" in shown(world, channel))
        row = world.looking.rows("select status, acknowledged_by from incident")[0]
        assert row == {"status": "investigating", "acknowledged_by": world.slack.person("bruno").id}


async def test_forged_old_strange_and_foreign_webhooks_change_nothing(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        await world.declared()
        page = duty.incidents[0]
        good = duty.webhook_secrets
        duty.webhook_secrets = ["somebody else's"]
        assert await duty.answer_phone(page.key, "PCTO001") == 401
        duty.webhook_secrets = good
        old = duty.build_news(page, "PCTO001", at=datetime.now(UTC) - timedelta(hours=2))
        assert await duty.send_webhook(old) == 400
        assert await duty.send_webhook({"event": {"id": "x"}}) == 400
        page.key = page.key.replace(page.key.partition(":")[0], "another-installation")
        assert await duty.send_webhook(duty.build_news(page, "PCTO001")) == 202
        async with aiohttp.ClientSession() as session:
            body = b"\xff not JSON"
            headers = {"X-PagerDuty-Signature": duty.signature(body)}
            async with session.post(duty.webhook_url, data=body, headers=headers) as answer:
                assert answer.status == 400
            async with session.post(duty.webhook_url, data=body) as answer:
                assert answer.status == 401
        await world.quiet()
        assert world.looking.rows("select acknowledged_at from incident") == [{"acknowledged_at": None}]


async def test_one_more_is_called_by_name_with_words_and_again_by_the_next_way(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared("declare p2 Search is slow")
        await world.quiet()
        assert duty.incidents == []
        assert "paged CTO" in await asks(world, "ana", "page cto the index is gone <!channel>", channel)
        await world.until(lambda: duty.incidents)
        assert "the index is gone <!channel>" in str(duty.incidents[0].details)
        await world.until(lambda: len(world.slack.direct_messages("bruno")) == 1)
        (told,) = world.slack.direct_messages("bruno")
        assert "@Ana Duarte: the index is gone <!channel>" in world.text(told)
        called = "paged CTO: the index is gone <!channel>"
        await world.until(lambda: world.posts(channel, called))
        await asks(world, "ana", "page cto", channel)
        await world.until(lambda: len(duty.incidents) == 2)
        await asks(world, "ana", "page cto", channel)
        await world.until(lambda: "Call CTO: +919876543210" in shown(world, channel))
        await asks(world, "ana", "page cto now", channel)
        await world.until(lambda: world.posts(channel, "paged CTO @Bruno Keller: now"))
        await world.incident("bruno", "ack", channel)
        await asks(world, "ana", "page cto once more", channel)
        await world.until(lambda: len(duty.incidents) == 3)
        assert len(world.slack.direct_messages("bruno")) == 1
        assert world.looking.kinds(1).count("page_requested") == 5


async def test_a_person_who_is_no_contact_is_called_by_a_mention(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared("declare p2 Search is slow")
        assert "paged " in await asks(world, "ana", "page @chidi you know the index", channel)
        await world.until(lambda: len(world.slack.direct_messages("chidi")) == 1)
        assert "you know the index" in world.text(world.slack.direct_messages("chidi")[0])
        await asks(world, "ana", "page @bruno", channel)
        await world.until(lambda: duty.incidents)
        assert duty.incidents[0].assignee == "PCTO001", "a contact who is mentioned is called by all own ways"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("page", "Say whom to page"),
        ("page zorro", "There are CTO"),
        ("page aws support", "AWS Support cannot be paged: there is no contact method"),
    ],
)
async def test_who_cannot_be_called_is_said_with_who_can(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, words: str, said: str
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared("declare p2 Search is slow")
        answer = await asks(world, "ana", words, channel)
        assert said in answer
        assert "Nobody was paged" in answer
        assert "page_requested" not in world.looking.kinds(1)


async def test_everyone_is_called_by_hand_once_in_five_minutes_and_never_to_a_private_incident(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared("declare p2 Search is slow")
        await asks(world, "ana", "page everyone", channel)
        answer = await asks(world, "bruno", "page all-hands please", channel)
        assert (
            "Everyone was paged less than a minute ago, so not again for 5 min. Nobody was paged." in answer
        )
        answer = await asks(world, "ana", "page CTO, everyone", channel)
        assert "Paging CTO" in answer and "so not again for 5 min." in answer
        await world.quiet()
        assert len(world.posts("incident-response", "asked for everyone")) == 1
        await world.incident("ana", "declare private p2 A leak")
        await world.quiet()
        assert "not everyone is paged" in await asks(world, "ana", "page INC-2 everyone", channel)
        await world.quiet()
        assert len(world.posts("incident-response", "asked for everyone")) == 1


async def test_the_next_ones_are_called_by_hand_until_nobody_is_left(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared("declare p2 Search is slow")
        for _ in range(4):
            answer = await asks(world, "ana", "escalate", channel)
            if "No one is left" in answer:
                break
        assert "No one is left to escalate to" in answer
        await world.until(lambda: "Paged: CTO" in shown(world, channel))
        await world.until(lambda: world.posts("incident-response", "nobody has acknowledged"))
        waiting = await world.declared("declare p3 A typo on the login page")
        assert "waits for the next business day" in await asks(world, "ana", "escalate", waiting)


async def test_oncall_says_who_is_on_call_and_how_each_is_reached(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    more = '[on_call]\n"On-Call Engineer" = ["pagerduty:schedule/PSCH001", "calendar:gone.ics"]\n'
    async with paging(world, duty, tmp_path, more=more):
        assert "Looking up who is on call" in await asks(world, "devika", "oncall", "general")
        await world.until(lambda: "Who gets paged, and how" in world.heard("devika"))
        said = world.heard("devika")
        assert (
            "On-Call Engineer (P0, P2): \n    Devika until Jan 1, 2036 00:00: Slack, by e-mail, then" in said
        )
        assert "PagerDuty user (PagerDuty schedule)" in said
        assert "The on-call calendar gone.ics cannot be used" in said
        assert "CTO (P0): Slack, then PagerDuty user, then PagerDuty service, then phone" in said
        assert "DevOps Lead (P0, P1): cannot be reached. Add a contact method" in said
        assert "Senior engineers (P1): no contact has that name" in said
        duty.faults = plan_always(make_hang())
        await world.incident("devika", "oncall")
        await world.until(lambda: "PagerDuty did not answer" in world.heard("devika"), 60)


async def test_list_and_card_say_how_long_it_took_by_the_timeline(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await world.declared("declare p2 Search is slow")
        await world.incident("ana", "declare private p2 A leak of names")
        await world.quiet()
        # The columns are a copy for the clock; what is measured is what was written down.
        world.looking.rows(
            "update incident set acknowledged_at = acknowledged_at + interval '1 hour' where number = 1"
        )
        await world.incident("ana", "resolve", channel)
        await world.slack.people.submit("ana", await world.form("ana"), {"resolution": {"resolution": "x"}})
        await world.until(lambda: "resolved after" in shown(world, channel))
        await world.incident("chidi", "list")
        said = world.heard("chidi")
        assert "INC-2 P2 Search is slow" in said
        assert "not acknowledged yet" in said
        assert "Recently resolved\nINC-1 P0 API is down · resolved after" in said
        assert " s · acknowledged after" in said
        assert "leak" not in said
        await world.incident("ana", "INC-1")
        assert "resolved after" in world.heard("ana")
        assert "acknowledged after" in world.heard("ana")
        with pytest.raises(Exception, match="cannot be changed or removed"):
            world.looking.rows("update timeline_entry set at = now()")


async def test_after_reopening_everybody_can_be_called_anew(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await world.incident("ana", "resolve", channel)
        await world.slack.people.submit("ana", await world.form("ana"), {"resolution": {"resolution": "x"}})
        await world.until(lambda: [each.status for each in duty.incidents] == ["resolved"])
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        assert "paged CTO" in await asks(world, "ana", "page CTO it is back", channel)
        await world.until(lambda: [each.status for each in duty.incidents] == ["resolved", "triggered"])
        assert duty.incidents[0].key != duty.incidents[1].key


async def test_what_a_private_incident_is_about_is_not_told_to_a_provider(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        await world.incident("ana", "declare private p0 Payroll was copied")
        await world.incident("ana", "page INC-1 CTO it was the intern")
        await world.until(lambda: duty.incidents)
        await world.quiet()
        told = str(
            [(each.title, each.details) for each in duty.incidents] + [call.body for call in duty.calls]
        )
        assert "P0: a private incident (INC-1)" in told
        assert "Payroll" not in told
        assert "intern" not in told


async def test_while_the_provider_cannot_be_reached_the_next_way_is_asked_at_once(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        await duty.stop()
        channel = await world.declared("declare p2 Search is slow")
        await asks(world, "ana", "page CTO", channel)
        await world.until(lambda: "Call CTO: +919876543210" in shown(world, channel))
        assert "PagerDuty could not be reached" in shown(world, channel)


async def test_who_is_answered_for_before_the_page_went_out_is_not_woken(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    duty.faults = plan_by_table({"create": make_rate_limit(30)})
    async with paging(world, duty, tmp_path):
        await world.incident("ana", "declare p0 API is down")
        waiting = "select 1 from outbox where kind = 'PageContact' and state = 'pending' and attempts > 0"
        await world.until(lambda: world.looking.rows(waiting))
        await world.incident("bruno", "ack INC-1")
        duty.faults = plan_no_faults
        world.looking.rows("update outbox set not_before = now() where state = 'pending'")
        await world.quiet()
        assert duty.incidents == []


async def test_an_incidents_page_comes_by_mail_and_a_refusal_moves_on(
    world: World,
    duty: PagerDutyStandIn,
    mailbox: tuple[Mailbox, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box, address = mailbox
    monkeypatch.setenv("CTO_MAIL", address)
    book = '"On-Call Engineer" = ["apprise:CTO_MAIL", "tel:+4930123456"]\n'
    async with paging(world, duty, tmp_path, book):
        await world.declared("declare p2 Search is slow")
        await world.until(lambda: box.mails)
        (mail,) = box.mails
        assert mail["Subject"] == "P2: Search is slow (INC-1)"
        assert "You're being paged for INC-1 as On-Call Engineer." in str(mail.get_body(("plain",)))
        box.refusal = "550 no such mailbox"
        world.looking.calm()
        second = await world.declared("declare p2 Search is slower")
        await world.until(lambda: "Call On-Call Engineer: +4930123456" in shown(world, second), 60)
        assert len(box.mails) == 1
