"""How people are called, what is said of those who could not be, and what an overdue update says of the time."""

from datetime import timedelta

import pytest

from bot.domain.incident import Status
from bot.domain.notices import ChannelFailedNotice, PageFailedNotice
from bot.domain.page_provider import OnCallPerson, OnCallResult
from bot.runbook import parse_runbook
from templates import alert, notices, on_call_messages, roles, update_messages
from tests.templates.drawn import reminder
from tests.templates.reading import button_labels, read_aloud
from tests.templates.test_words import RESOLVED
from tests.templates.worlds import START, calling_everyone, milder, view, without_channel

PHONES = parse_runbook(
    "# R\n\n## Contacts\n\n- **CTO**: ask the front desk\n- **CFO**: +1 555 0100\n"
    "- **DBA**: [Phone]\n- **Vendor**: 1-800-XXX-XXXX\n"
)


def test_a_page_says_who_declared_it_and_when() -> None:
    text = read_aloud(alert.render_page(view(declared_by="U0CHIDI"), "U0DEVIKA"))
    assert "\nDeclared: 2026-11-23 03:02 UTC by @U0CHIDI\n" in text


@pytest.mark.parametrize("person", ["U0DEVIKA", "U0BRUNO"], ids=["silent", "answered"])
@pytest.mark.parametrize(
    ("status", "how"),
    [(Status.RESOLVED, "resolved"), (Status.CLOSED, "resolved"), (Status.CANCELLED, "cancelled")],
)
def test_a_page_of_the_past_asks_for_nothing_and_says_since_when(
    person: str, status: Status, how: str
) -> None:
    drawn = alert.render_page(view(**{**RESOLVED, "status": status}), person)
    text = read_aloud(drawn)
    assert text.startswith(
        f"{how.capitalize()}: P0: API is down\nINC-42 was {how} at 04:14 UTC.\nYou were paged for INC-42"
    )
    assert not any(each in text for each in ("🚨", "Please acknowledge", "[Acknowledge]"))
    assert drawn.text.startswith(f"{how.capitalize()}: ")


def test_a_page_of_the_past_says_the_day_where_it_ended_on_another_one() -> None:
    late = view(**{**RESOLVED, "resolved_at": START + timedelta(days=1)})
    assert "INC-42 was resolved at 2026-11-24 03:02 UTC.\n" in read_aloud(alert.render_page(late, "U0DEVIKA"))


def test_a_page_says_that_its_severity_calls_this_person_no_more() -> None:
    text = read_aloud(alert.render_page(milder(view()), "U0DEVIKA"))
    assert text.startswith(
        "No longer paged: P2: API is down\nIt is P2 now, which doesn't page you (since 03:10 UTC).\n"
    )
    assert not any(each in text for each in ("🚨", "Please acknowledge", "[Acknowledge]", "You're"))


def test_the_alert_shows_of_the_direct_messages_those_that_still_call_somebody() -> None:
    assert "DM acknowledged" in read_aloud(alert.render_alert(view()))
    assert "DM" not in read_aloud(alert.render_alert(milder(view())))


def test_a_page_fits_on_a_screen_however_long_the_impact_is() -> None:
    text = read_aloud(alert.render_page(view(impact="long " * 600), "U0DEVIKA"))
    assert len(text) < 900
    assert text.endswith("\nPlease acknowledge within 5 min\n[Acknowledge]")


@pytest.mark.parametrize(
    ("contact", "how"),
    [
        ("CTO", "the runbook says ask the front desk"),
        ("dba", "the runbook only says [Phone]"),
        ("Vendor", "the runbook only says 1-800-XXX-XXXX"),
    ],
)
def test_who_cannot_be_called_is_named_with_what_the_runbook_says_about_reaching_them(
    contact: str, how: str
) -> None:
    failed = notices.render_notice(view(PHONES), PageFailedNotice(contact=contact, why="Slack is away"))
    assert f"Slack is away. Reach them yourself: {how}" in read_aloud(failed)


@pytest.mark.parametrize(
    ("contact", "how"),
    [("CTO", "ask the front desk"), ("cfo", ""), ("DBA", ""), ("Vendor", ""), ("Senior engineers", "")],
)
def test_a_room_is_told_how_to_reach_somebody_only_where_that_helps(contact: str, how: str) -> None:
    """A telephone number is left to the message that looks who reads there."""
    assert view(PHONES).describe_phone(contact) == how


def test_what_is_to_be_mended_of_the_contacts_is_said_with_why_and_where() -> None:
    listed = [
        ("AWS Support", "P0", "no contact method"),
        *[(f"Team {n}", "P1, P2", "no contact method") for n in range(20)],
    ]
    text = read_aloud(notices.render_unreachable(listed))
    assert "• AWS Support (P0): no contact method\n• Team 0 (P1, P2): no contact method\n" in text
    assert "… and 6 more\nAdd a contact method to the contacts file" in text


def test_a_name_that_the_runbook_does_not_know_is_named_all_the_same() -> None:
    failed = notices.render_notice(view(PHONES), PageFailedNotice(contact="Dana", why="Slack is away"))
    assert read_aloud(failed) == (
        "Dana could not be paged: Slack is away. Reach them another way, or page somebody else: /incident page WHO"
    )


def test_the_people_are_called_before_the_missing_are_named() -> None:
    text = read_aloud(alert.render_mention(view(), ("U0BRUNO", "U0ANA"), (("AWS Support", "+1 555 0199"),)))
    first, second, third = text.splitlines()
    assert first == "@U0BRUNO @U0ANA you're being paged for INC-42, P0: API is down"
    assert second == "Not reachable from here; contact them yourself:"
    assert third == "• AWS Support: +1 555 0199"


def test_the_whole_channel_is_called_when_the_declaration_says_why() -> None:
    drawn = alert.render_announcement(calling_everyone(view(), "all hands"))
    assert "@channel All hands: P0: API is down" in read_aloud(drawn)
    assert "<!channel>" in drawn.text
    assert "<!channel>" not in alert.render_announcement(view()).text
    over = calling_everyone(view(status=Status.CANCELLED), "all hands")
    assert "<!channel>" not in alert.render_announcement(over).text


def test_nobody_waits_for_a_channel_that_will_never_be_opened() -> None:
    alone = without_channel(view(channel=None), "Slack refused conversations.create: restricted_action")
    shown = [
        read_aloud(each)
        for each in (alert.render_announcement(alone), alert.render_page(alone, "U0DEVIKA"),
         notices.render_everyone(alone, "all hands"))
    ]  # fmt: skip
    for text in shown:
        assert "being opened" not in text
        assert "the thread of its announcement" in text
    told = read_aloud(notices.render_announcement(alone, ChannelFailedNotice(why="Slack refused it")))
    assert (
        "(INC-42) in the thread of its announcement: I couldn't create its channel (Slack refused it)."
        in told
    )


def overdue(stage: int, late: int) -> str:
    of = view()
    return read_aloud(update_messages.render_reminder(of, reminder(of, stage), late)).splitlines()[0]


def test_an_overdue_update_says_by_how_much_and_the_third_time_it_asks_everybody() -> None:
    assert overdue(1, 5) == "@U0ANA the 03:17 UTC status update is 5 minutes late."
    assert overdue(1, 25) == "@U0ANA the 03:17 UTC status update is 25 minutes late."
    assert overdue(2, 8) == "@channel the 03:17 UTC status update is 8 minutes late. Please post it."


def test_command_is_offered_by_name() -> None:
    drawn = roles.render_offer(view(), "U0BRUNO", "U0ANA")
    assert read_aloud(drawn).startswith(
        "P0: API is down · investigating\n@U0BRUNO, @U0ANA asks you to take command of INC-42.\n"
    )
    assert button_labels(drawn) == ["Accept command"]


@pytest.mark.parametrize("source", ["calendar", "PagerDuty schedule", "Slack user group"])
def test_when_a_contacts_own_ways_are_used_beside_who_is_on_call_is_said(source: str) -> None:
    asked = ((source, OnCallResult((OnCallPerson("Devika"),)), ()),)
    drawn = on_call_messages.render_on_call(
        [on_call_messages.ContactStatus("On-Call Engineer", ("P2",), asked, ("Slack", "phone"))]
    )
    assert "If nobody is on call: Slack\n" in read_aloud(drawn)
    assert "If nobody acknowledges: phone" in read_aloud(drawn)
