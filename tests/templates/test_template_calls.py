"""How people are called, what is said of those who could not be, and what an overdue update says of the time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.incident import Post
from bot.runbook import read
from templates import alert, notices, roles, updates
from templates.view import View
from tests.templates.drawn import reminder
from tests.templates.reading import button_labels, read_aloud
from tests.templates.test_template_words import RESOLVED
from tests.templates.worlds import START, calling_everyone, view, without_channel

PHONES = read(
    "# R\n\n## Contacts\n\n- **CTO**: ask the front desk\n- **CFO**: +1 555 0100\n"
    "- **DBA**: [Phone]\n- **Vendor**: 1-800-XXX-XXXX\n"
)


def test_a_page_says_who_declared_it_and_when() -> None:
    text = read_aloud(alert.page(view(declared_by="U0CHIDI"), "U0DEVIKA"))
    assert "\nDeclared: 2026-11-23 03:02 UTC by @U0CHIDI\n" in text


def test_a_page_of_the_past_asks_for_nothing() -> None:
    text = read_aloud(alert.page(view(**RESOLVED), "U0DEVIKA"))
    assert "You were called as DevOps Lead for INC-42." in text
    assert "Answer expected" not in text
    assert "[Acknowledge]" not in text


def test_a_page_fits_on_a_screen_however_long_the_impact_is() -> None:
    text = read_aloud(alert.page(view(impact="long " * 600), "U0DEVIKA"))
    assert len(text) < 900
    assert text.endswith("\nAnswer expected: Immediate (< 5 minutes)\n[Acknowledge]")


@pytest.mark.parametrize(
    ("contact", "how"),
    [
        ("CTO", "The runbook says ask the front desk"),
        ("dba", "The runbook only says [Phone]"),
        ("Vendor", "The runbook only says 1-800-XXX-XXXX"),
    ],
)
def test_who_cannot_be_called_is_named_with_what_the_runbook_says_about_reaching_them(
    contact: str, how: str
) -> None:
    drawn = alert.mention(view(PHONES, playbook=None), (), ((contact, "no Slack handle"),))
    assert f"• {contact}: no Slack handle. Add one to the contacts file. {how}" in read_aloud(drawn)
    failed = notices.notice(view(PHONES), "page_failed", {"contact": contact, "why": "Slack is away"})
    assert f"Slack is away. Reach them yourself: t{how[1:]}" in read_aloud(failed)


def test_a_telephone_number_is_left_to_the_message_that_looks_who_reads_there() -> None:
    drawn = alert.mention(view(PHONES, playbook=None), (), (("CFO", "only a phone number"),))
    assert "• CFO: only a phone number, it is named here." in read_aloud(drawn)
    assert "555" not in read_aloud(drawn)


def test_a_name_that_the_runbook_does_not_know_is_named_all_the_same() -> None:
    failed = notices.notice(view(PHONES), "page_failed", {"contact": "Dana", "why": "Slack is away"})
    assert read_aloud(failed) == "Dana could not be called: Slack is away. Reach them yourself."


def test_the_people_are_called_before_the_missing_are_named() -> None:
    text = read_aloud(alert.mention(view(), ("U0BRUNO", "U0ANA"), (("AWS Support", "no Slack handle"),)))
    first, second, _ = text.splitlines()
    assert first == "@U0BRUNO @U0ANA you are called for INC-42, P0: API is down"
    assert second == "Not called, reach them yourself:"


def test_the_whole_channel_is_called_when_the_declaration_says_why() -> None:
    drawn = alert.announcement(calling_everyone(view(), "all hands"))
    assert "@channel All hands: P0: API is down" in read_aloud(drawn)
    assert "<!channel>" in drawn.text
    assert "<!channel>" not in alert.announcement(view()).text


def test_nobody_waits_for_a_channel_that_will_never_be_opened() -> None:
    alone = without_channel(view(channel=None), "Slack refused conversations.create: restricted_action")
    shown = [
        read_aloud(each)
        for each in (alert.announcement(alone), alert.page(alone, "U0DEVIKA"), notices.everyone(alone, "all hands"))
    ]  # fmt: skip
    for text in shown:
        assert "being opened" not in text
        assert "the thread of its announcement" in text
    told = read_aloud(notices.told(alone, "channel_failed", {"why": "Slack refused it"}))
    assert (
        "(INC-42) in the thread of its announcement: its channel could not be made (Slack refused it)."
        in told
    )


def overdue(of: View, stage: int) -> str:
    return read_aloud(updates.reminder(of, reminder(of, stage))).splitlines()[0]


def test_an_overdue_update_says_by_how_much_and_the_third_time_it_asks_everybody() -> None:
    assert overdue(view(), 1) == "@U0ANA the status update is 5 minutes overdue, promised for 03:17 UTC."
    assert overdue(view(), 2) == (
        "@channel the status update is 8 minutes overdue, promised for 03:17 UTC. Somebody please post it."
    )


def test_a_snoozed_update_is_overdue_by_the_snooze_too() -> None:
    assert "10 minutes overdue" in overdue(view(snoozed=True), 1)


def test_a_reminder_after_a_late_first_one_counts_from_the_promise() -> None:
    ordinary = view()
    effect = reminder(ordinary, 0)
    sent_at = START + timedelta(minutes=15 + 20)
    first = Post(effect.key, "C0ROOM", f"{sent_at.timestamp():.6f}")
    late = replace(ordinary, situation=replace(ordinary.situation, posts={first.key: first}))
    assert "25 minutes overdue" in overdue(late, 1)


def test_command_is_offered_by_name() -> None:
    drawn = roles.offer(view(), "U0BRUNO", "U0ANA")
    assert read_aloud(drawn).startswith(
        "P0: API is down · investigating\n@U0BRUNO, @U0ANA asks you to command INC-42.\n"
    )
    assert button_labels(drawn) == ["Accept command"]
