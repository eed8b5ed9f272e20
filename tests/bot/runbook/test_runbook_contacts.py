"""Whom an action names, and how contacts can be reached."""

import pytest

from bot.runbook import ActionMatch, match_contacts, parse_runbook

NAMES = ("CTO", "DevOps Lead", "On-Call Engineer", "AWS Support")


@pytest.mark.parametrize(
    ("action", "everyone", "matched", "unmatched"),
    [
        ("All hands on deck, page CTO", True, ("CTO",), ()),
        ("Senior engineers + DevOps", False, ("DevOps Lead",), ("Senior engineers",)),
        ("On-call engineer", False, ("On-Call Engineer",), ()),
        ("Regular development process", False, (), ()),
        (
            "Page the on call engineers immediately and notify the CTO if needed",
            False,
            ("CTO", "On-Call Engineer"),
            (),
        ),
        ("Escalate to AWS support; VP of Engineering", False, ("AWS Support",), ("VP of Engineering",)),
        ("Notify team lead", False, (), ("team lead",)),
        ("Entire engineering team", True, (), ()),
        ("Do not page the CTO", False, (), ()),
        ("Open a ticket", False, (), ()),
        ("", False, (), ()),
    ],
)
def test_an_action_names_contacts(
    action: str, everyone: bool, matched: tuple[str, ...], unmatched: tuple[str, ...]
) -> None:
    assert match_contacts(action, NAMES) == ActionMatch(everyone, matched, unmatched)


def test_without_contacts_people_are_unmatched() -> None:
    assert match_contacts("Page CTO", ()) == ActionMatch(False, (), ("CTO",))


@pytest.mark.parametrize(
    ("value", "handles"),
    [
        ("<@U012ABCDE>", ("slack:U012ABCDE",)),
        ("<@W012ABCDE|jane> or +91 98765 43210", ("slack:W012ABCDE", "tel:+919876543210")),
        ("<!subteam^S012ABCDE>", ("slack:S012ABCDE",)),
        ("U012ABCDE", ("slack:U012ABCDE",)),
        ("jane@example.com, (415) 555-0100", ("slack:jane@example.com", "tel:4155550100")),
        ("[jane@example.com](mailto:jane@example.com)", ("slack:jane@example.com",)),
        ("+1-415-555-0100 (24/7)", ("tel:+14155550100",)),
        ("[Phone]", ()),
        ("[Rotation schedule]", ()),
        ("1-800-XXX-XXXX (Premium)", ()),
        ("+1-XXX-XXX-XXXX", ()),
        ("+00 0000 00000", ()),
        ("@jane on duty since 2024-01-15 10:30", ()),
        ("SUPPORT or UPDATE2023, ext. 4242", ()),
        ("https://example.pagerduty.com/U012ABCDEF", ()),
    ],
)
def test_handles_are_only_what_can_be_used(value: str, handles: tuple[str, ...]) -> None:
    [contact] = parse_runbook(f"# R\n## Contacts\n- **CTO**: see {value}\n").contacts
    assert contact.handles == handles


def test_an_action_that_names_nobody_reachable_is_a_warning() -> None:
    runbook = parse_runbook(
        "# R\n## Severity\n### P0 - A\n- Action: page CTO, SRE, VP\n## Contacts\n"
        "- **CTO**: [Phone]\n- VP: a@b.co\n"
    )
    assert [(p.line, p.message.split(",")[0]) for p in runbook.problems if " page" in p.message] == [
        (3, "P0 pages “SRE”"),
        (6, "CTO is paged for P0"),
    ]
