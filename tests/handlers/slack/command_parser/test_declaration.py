"""What is declared by words in a hurry, and what is never declared by an ambiguity."""

from pathlib import Path

import pytest

from bot.runbook import parse_runbook
from handlers.slack.command_parser import (
    ParsedDeclaration,
    find_other_severity,
    has_leading_severity,
    parse_declaration,
    parse_severity,
    parse_status,
)

RUNBOOK = parse_runbook((Path(__file__).parents[4] / "templates" / "runbook.md").read_text(encoding="utf-8"))
BY_WORDS = parse_runbook(
    "# R\n\n## Severities\n\n### SEV1 - Critical Impact\nDown\n\n### SEV2 - Major\nSlow\n\n### SEV3 - Minor\nx\n"
)


@pytest.mark.parametrize(
    ("typed", "level", "title"),
    [
        ("P0: API is down", "P0", "API is down"), ("P0, API is down", "P0", "API is down"), ("p0 API is down", "P0",
        "API is down"),
        ("P0\nAPI is down", "P0", "API is down"), ("P0\tAPI is down", "P0", "API is down"), ("P0 - API is down",
        "P0", "API is down"),
        ("P0 – API is down", "P0", "API is down"), ("P0\u00a0API is down", "P0", "API is down"), ("Ｐ０ API is down",
        "P0", "API is down"),
        ('"P0" API is down', "P0", "API is down"), ("“P0” API is down", "P0", "API is down"), ("`p0` API is down",
        "P0", "API is down"),
        ('"p0 API is down"', "P0", "API is down"), ("“P0 API is down”", "P0", "API is down"), ('p0 "API is down"',
        "P0", "API is down"),
        ("[P0] API is down", "P0", "API is down"), ("(P0) API is down", "P0", "API is down"), ("*P0* API is down",
        "P0", "API is down"),
        ("sev 1 login fails", "P1", "login fails"), ("SEV1: login fails", "P1", "login fails"),
        ("sev-1 login fails", "P1", "login fails"),
        ("severity 1 login fails", "P1", "login fails"), ("Sev 0 x", "P0", "x"), ("priority 2 x", "P2", "x"),
        ("P-1 x", "P1", "x"),
        ("P 1 x", "P1", "x"), ("critical API is down", "P0", "API is down"), ("Critical: API is down", "P0",
        "API is down"),
        ("CRITICAL", "P0", ""), ("high: errors", "P1", "errors"), ("low, a typo", "P3", "a typo"), ("high", "P1", ""),
        ("P9 x", "P9", "x"), ("p0", "P0", ""), ("P0!", "P0", ""), ("p1 a\nb\r\nc", "P1", "a b c"),
        ("p1 the private network is down", "P1", "the private network is down"), ("p1 -5% of orders", "P1",
        "-5% of orders"),
        ("sev-0 x", "P0", "x"), ("SEV_1 x", "P1", "x"), ("sev#1 x", "P1", "x"), ("sev: 1 x", "P1", "x"), ("sev.1 x",
        "P1", "x"), ("severity=1 x", "P1", "x"), ("severity P1 x", "P1", "x"), ("Severity: P1: x", "P1", "x"),
        ("prio: 2 x", "P2", "x"), ("🚨 p0 x", "P0", "x"), ("🚨p0 x", "P0", "x"),
        (":rotating_light: P0: x", "P0", "x"),
        ("- p0 x", "P0", "x"), (": p0 x", "P0", "x"), ("— p0 x", "P0", "x"), ("→ sev1 x", "P1", "x"),
        ("_p0_ x", "P0", "x"),
        ("**p0** x", "P0", "x"), ("p0\ufe0f x", "P0", "x"), ("p\u200b0 x", "P0", "x"), ("p0 -> x", "P0", "x"),
        ("p0 -&gt; x", "P0", "x"), ("p0|x", "P0", "x"), ("p0=x", "P0", "x"), ("p0 🔥 x", "P0", "🔥 x"),
        ("P0!!! API DOWN", "P0", "API DOWN"), ("p0 5 hosts are gone", "P0", "5 hosts are gone"),
        ("p1 O'Reilly's feed", "P1", "O'Reilly's feed"), ("p0 INC-1 is back", "P0", "INC-1 is back"),
        ("p2 the drill tool fails", "P2", "the drill tool fails"),
        ("p2 a drill press is broken", "P2", "a drill press is broken"), ("p1 privately owned", "P1",
        "privately owned"),
        ("p1 private-key rotation failed", "P1", "private-key rotation failed"), ("p0 “x” is down", "P0",
        "“x” is down"),
    ],
)  # fmt: skip
def test_a_severity_in_front_is_understood_in_any_spelling(typed: str, level: str, title: str) -> None:
    assert parse_declaration(typed, RUNBOOK) == ParsedDeclaration(level, title)
    assert has_leading_severity(typed, RUNBOOK)


@pytest.mark.parametrize(
    "title",
    [
        "API is down", "high error rate", "low disk space", "High latency in EU", "medium sized images fail",
        "p99 latency is up",
        "p95 is 3 s", "p0.5 of the requests fail", "5 hosts are gone", "critically slow search", "s3 is down",
        "S3 uploads fail",
        "sev is unknown", "1 of 6 tasks is up", "0 orders", "severe slowness", "highway cameras are off",
        "critical-path build fails",
        "🔥 API is down", "- API is down", "p0's are piling up", "p1_users is locked",
        "p4d instances are gone", "P2P sync is broken",
        "api is down: p0", "+1 s of latency", "privately owned hosts", "severity is unclear",
        "drills fail to start", "the drill: x", "privates",
    ],
)  # fmt: skip
def test_what_is_no_severity_is_a_title(title: str) -> None:
    assert parse_declaration(title, RUNBOOK) == ParsedDeclaration("", title)
    assert not has_leading_severity(title, RUNBOOK)


@pytest.mark.parametrize(
    ("typed", "private", "drill"),
    [
        ("private p1 x", True, False), ("drill p1 x", False, True), ("Private P1: x",
        True, False), ("private, p1 x", True, False),
        ("private drill p1 x", True, True), ("drill private sev1 x", True, True), ("drill: P1 x", False, True),
        ("private-p1 x", True, False), ("drill–P1: x", False, True), ("private/p1 x", True, False),
        ("“private” p1 x", True, False), ("[drill] p1 x", False, True), ("PRIVATE sev 1: x", True, False),
    ],
)  # fmt: skip
def test_in_front_of_the_severity_private_and_drill_are_words(typed: str, private: bool, drill: bool) -> None:
    assert parse_declaration(typed, RUNBOOK) == ParsedDeclaration("P1", "x", private, drill)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("p1 private network unreachable", ParsedDeclaration("P1", "private network unreachable", True, False,
         ("private",))),
        ("p1: Private: x", ParsedDeclaration("P1", "Private: x", True, False, ("private",))),
        ("p0 drill x", ParsedDeclaration("P0", "drill x", False, True, ("drill",))),
        ("sev0 DRILL: x", ParsedDeclaration("P0", "DRILL: x", False, True, ("drill",))),
        ("p0 [drill] x", ParsedDeclaration("P0", "[drill] x", False, True, ("drill",))),
        ("private key leaked", ParsedDeclaration("", "private key leaked", True, False, ("private",))),
        ("Drill: x", ParsedDeclaration("", "Drill: x", False, True, ("drill",))),
        ("“private” key leaked", ParsedDeclaration("", "“private” key leaked", True, False, ("private",))),
        ("private drill x", ParsedDeclaration("", "private drill x", True, True, ("private", "drill"))),
        ("drill p0 private x", ParsedDeclaration("P0", "private x", True, True, ("private",))),
        ("private p1 private x", ParsedDeclaration("P1", "private x", True)),
        ("private p1 x (private)", ParsedDeclaration("P1", "x (private)", True)),
        ("drill p1 drill x", ParsedDeclaration("P1", "drill x", False, True)),
        ("private p1 private p2 x", ParsedDeclaration("P1", "private p2 x", True, False)),
        ("private p0 drill x", ParsedDeclaration("P0", "drill x", True, True, ("drill",))),
        ("p1 keys leaked (private)", ParsedDeclaration("P1", "keys leaked (private)", True, False, ("private",))),
        ("p1 keys leaked, private", ParsedDeclaration("P1", "keys leaked, private", True, False, ("private",))),
        ("p1 keys leaked [PRIVATE]!", ParsedDeclaration("P1", "keys leaked [PRIVATE]!", True, False, ("private",))),
        ("p0 x - drill", ParsedDeclaration("P0", "x - drill", False, True, ("drill",))),
        ("p0 🔥 drill x", ParsedDeclaration("P0", "🔥 drill x", False, True, ("drill",))),
        ("p0 API down, this is only a drill", ParsedDeclaration("P0",
        "API down, this is only a drill", False, True, ("drill",))),
        ("p0 this is a drill: x", ParsedDeclaration("P0", "this is a drill: x", False, True, ("drill",))),
        ("keys leaked (private)", ParsedDeclaration("", "keys leaked (private)", True, False, ("private",))),
        ("a private p1 x", ParsedDeclaration("", "a private p1 x", True, False, ("private",))),
        ("privat p1 x", ParsedDeclaration("", "privat p1 x", True, False, ("private",))),
        ("prviate: P1 x", ParsedDeclaration("", "prviate: P1 x", True, False, ("private",))),
        ("drils sev1 x", ParsedDeclaration("", "drils sev1 x", False, True, ("drill",))),
        ("search p1 x", ParsedDeclaration("", "search p1 x")),
        ("fire drill p0 x", ParsedDeclaration("", "fire drill p0 x", False, True, ("drill",))),
        ("private and drill p1 x", ParsedDeclaration("", "private and drill p1 x", True, True, ("private", "drill"))),
        ("p1 → p2 x", ParsedDeclaration("P1", "p2 x", False, False, ("p2",))),
        ("p1, p2: x", ParsedDeclaration("P1", "p2: x", False, False, ("p2",))),
        ("p1/p2 search is slow", ParsedDeclaration("P1", "/p2 search is slow", False, False, ("p2",))),
        ("p1 or p2 search is slow", ParsedDeclaration("P1", "or p2 search is slow", False, False, ("p2",))),
    ],
)  # fmt: skip
def test_what_may_be_a_part_of_the_title_is_asked_about(typed: str, expected: ParsedDeclaration) -> None:
    assert parse_declaration(typed, RUNBOOK) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("private", ParsedDeclaration(private=True)), ("drill", ParsedDeclaration(drill=True)), ("private p1",
         ParsedDeclaration("P1",
        private=True)),
        ("", ParsedDeclaration()), ("private drill", ParsedDeclaration(private=True, drill=True)),
    ],
)  # fmt: skip
def test_without_a_title_nothing_is_unclear(typed: str, expected: ParsedDeclaration) -> None:
    assert parse_declaration(typed, RUNBOOK) == expected


def test_names_of_two_words_are_names_too() -> None:
    assert next(severity.name for severity in BY_WORDS.severities).casefold() == "critical impact"
    assert parse_declaration("critical impact: login fails", BY_WORDS) == ParsedDeclaration(
        "SEV1", "login fails"
    )
    assert parse_declaration("major outage", BY_WORDS) == ParsedDeclaration("", "major outage")
    assert parse_declaration("p1 x", BY_WORDS) == ParsedDeclaration("SEV1", "x")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("P2 because it is only slow", ("P2", "because it is only slow")), ("to P2", ("P2", "")), ("P2", ("P2", "")),
        ("to sev 2: only slow", ("P2", "only slow")), ("1", ("P1", "")), ("#1", ("P1", "")), ("1 all logins", ("P1",
        "all logins")),
        ("critical", ("P0", "")), ("high", ("P1", "")), ("low because x", ("P3", "because x")), ("is now P0!",
        ("P0", "")),
        ("-> p0", ("P0", "")), ("→ P0", ("P0", "")), ("-&gt; P0", ("P0", "")), (": P0", ("P0", "")),
        ("up to P0!!", ("P0", "")),
        ("down to P2", ("P2", "")), ("sev: 1", ("P1", "")), ("severity P1", ("P1", "")), ("+1", ("+1", "")),
        ("🔥 p0", ("P0", "")),
        ("= p1", ("P1", "")), ("“P1”", ("P1", "")), ("P9", ("P9", "")), ("", ("", "")), ("worse", ("worse",
        "")), ("P2 - slow", ("P2", "slow")),
    ],
)  # fmt: skip
def test_a_new_severity_may_have_a_reason(typed: str, expected: tuple[str, str]) -> None:
    assert parse_severity(typed, RUNBOOK) == expected


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("P2 -> P0", "P0"), ("P2→P0", "P0"), ("P1 or P2", "P2"), ("P1/P2", "P2"), ("p1 p2", "P2"),
        ("high or critical", "P0"),
        ("#1 P0", "P0"), ("1 to 0", ""), ("P2 to p1", "P1"), ("P0 P0", ""), ("P2 to be safe", ""),
        ("P1 high error rate", ""),
        ("P1 because INC-2 is P0 too", ""), ("P2", ""), ("P2 or so", ""),
        ("from P1 to P2", "P2"), ("from high to critical", "P0"), ("from P2", ""),
    ],
)  # fmt: skip
def test_two_severities_are_noticed(typed: str, other: str) -> None:
    assert find_other_severity(*parse_severity(typed, RUNBOOK), RUNBOOK) == other


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("-> identified", ("identified", "")), (": monitoring", ("monitoring", "")),
        ("set to monitoring", ("monitoring", "")),
        ("identified", ("identified", "")), ("Identified: a bad deploy", ("identified", "a bad deploy")),
        ("to monitoring", ("monitoring", "")), ("is identified, a bad deploy", ("identified", "a bad deploy")),
        ("monitoring we rolled back", ("monitoring", "we rolled back")), ("“identified”", ("identified", "")),
        ("identified!", ("identified", "")), ("identified\na bad deploy", ("identified", "a bad deploy")), ("fixed",
        ("fixed", "")),
    ],
)  # fmt: skip
def test_a_status_may_have_words(typed: str, expected: tuple[str, str]) -> None:
    assert parse_status(typed) == expected
