"""Messages, checklists, contacts and links are understood however a runbook writes them."""

from datetime import timedelta

from bot.runbook import Literal, Placeholder, parse_runbook
from tests.bot.runbook.relatives import INHERITED, SCENARIOS, TABLES, WORDS


def test_messages_may_stand_in_quotes_with_other_brackets() -> None:
    messages = parse_runbook(SCENARIOS).templates
    assert list(messages) == ["alert", "resolution"]
    assert messages["alert"].lines[0].parts == (
        Literal("🔥 "),
        Placeholder("severity", "severity", "{{severity}}"),
        Literal(" incident: "),
        Placeholder("title", "title", "{{title}}"),
    )
    assert messages["alert"].lines[1].parts == (Literal("Lead: "), Placeholder("commander", "Lead", "<name>"))
    asked = [gap.name for gap in messages["resolution"].placeholders() if not gap.known]
    assert asked == ["ticket_link"]


def test_a_missing_message_is_a_warning() -> None:
    assert any(
        problem.level == "warning" and "update message" in problem.message
        for problem in parse_runbook(SCENARIOS).problems
    )


def test_a_line_that_only_introduces_boxes_is_no_item() -> None:
    text = "# R\n## Checklist\nWithin 1 day:\n- Tell people:\n  - [ ] Support\n  - [ ] Sales\n"
    assert [item.text for item in parse_runbook(text).windows[0].items] == ["Support", "Sales"]


def test_a_checklist_without_windows_gets_one_day_and_a_warning() -> None:
    runbook = parse_runbook(TABLES)
    assert [(w.within, [item.text for item in w.items]) for w in runbook.windows] == [
        (timedelta(hours=24), ["Write the review: timeline; causes", "File action items"])
    ]
    assert any("24 hours are assumed" in problem.message for problem in runbook.problems)


def test_contacts_are_read_from_a_table_with_their_handles() -> None:
    assert [(contact.name, contact.line, contact.handles) for contact in parse_runbook(TABLES).contacts] == [
        ("Primary on-call", 57, ("slack:U01ABCDEF", "tel:+919876543210")),
        ("VP of Engineering", 58, ("slack:lee@example.com", "tel:+14155550100")),
    ]


def test_contacts_are_read_from_a_list_with_dashes() -> None:
    assert [(contact.name, contact.handles) for contact in parse_runbook(INHERITED).contacts] == [
        ("Database on-call", ("slack:S012ABCDE",)),
        ("Vendor", ()),
    ]


def test_a_template_promises_before_prose_and_the_next_update_before_a_frequency() -> None:
    text = "# R\nUpdates every hour.\n## Templates\n### Update\n```\nUpdates every 30 minutes\n{}```\n"
    assert parse_runbook(text.format("")).update_every == timedelta(minutes=30)
    assert parse_runbook(text.format("Next update: in 20 min\n")).update_every == timedelta(minutes=20)


def test_cadence_and_war_room_are_found_in_prose() -> None:
    runbook = parse_runbook(INHERITED)
    assert (runbook.update_every, runbook.war_room) == (timedelta(minutes=30), "inc-handbook")
    assert parse_runbook(SCENARIOS).war_room == "war-room-platform"


def test_links_and_other_runbooks_are_told_apart() -> None:
    runbook = parse_runbook(INHERITED)
    assert [(link.name, link.url) for link in runbook.related] == [("Network", "../network/runbook.md#dns")]
    assert [link.url for link in runbook.links] == ["https://status.example.com"]


def test_front_matter_and_comments_are_not_shown() -> None:
    runbook = parse_runbook(TABLES)
    assert runbook.title == "Billing Service On-Call Runbook"
    assert "quarter" not in repr(runbook)
    assert parse_runbook("---\nincident: fake\n---\nText").playbooks == ()
    assert parse_runbook("---\ntitle: Only here\n---\n\nText").title == "Only here"


def test_windows_line_ends_do_not_change_what_is_read() -> None:
    for text in (TABLES, SCENARIOS, INHERITED, WORDS):
        assert (
            parse_runbook(text.replace("\n", "\r\n")) == parse_runbook("\ufeff" + text) == parse_runbook(text)
        )


def test_checklist_windows_may_be_bold_labels_and_headings_with_nested_boxes() -> None:
    assert [(w.within, [item.text for item in w.items]) for w in parse_runbook(SCENARIOS).windows] == [
        (timedelta(hours=24), ["Write it down", "Times", "Thank people"]),
        (timedelta(days=2), ["Review"]),
    ]
