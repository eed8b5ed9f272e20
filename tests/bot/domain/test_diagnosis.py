"""What findings agree on is said; where they do not agree, nothing is."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.diagnosis import find_remedy, find_suspect, format_distance
from bot.domain.diagnostic_run import (
    BAD,
    OK,
    UNKNOWN,
    WARN,
    StepResult,
    Suspect,
    dump_suspect,
    parse_suspect,
)
from bot.runbook import parse_runbook
from tests.templates.looks import result
from tests.templates.worlds import START

AT = START - timedelta(minutes=8)
DEPLOYMENT = Suspect("deployment", "rodistaa-backend-prod:42", "its tasks die of memory", AT)
BY_GIT = Suspect("deployment", "v2.15.0", "", AT - timedelta(minutes=2))
FULL = Suspect("connections", "the database's connections", "shop holds 90 of 97")
RAZORPAY = Suspect("vendor", "Razorpay", "its own status page says so")


def found(verdict: str, suspect: Suspect | None = None, place: int = 0) -> StepResult:
    return replace(result(place, f"Step {place}", verdict, "Some words."), suspect=suspect)


ROWS: list[tuple[str, list[StepResult], Suspect | None]] = [
    ("tasks fail and were just deployed", [found(BAD, DEPLOYMENT), found(OK)], DEPLOYMENT),
    ("two systems tell of one deployment", [found(WARN, BY_GIT), found(BAD, DEPLOYMENT)], DEPLOYMENT),
    ("something fails, a deployment is near", [found(BAD), found(WARN, BY_GIT)], BY_GIT),
    ("a deployment and nothing that fails", [found(WARN, BY_GIT), found(OK)], None),
    ("something fails and nobody is suspected", [found(BAD), found(BAD)], None),
    ("two suspects", [found(BAD, DEPLOYMENT), found(BAD, FULL)], None),
    ("a vendor and a deployment", [found(BAD, RAZORPAY), found(WARN, BY_GIT)], None),
    ("two deployments far apart",
     [found(BAD, DEPLOYMENT), found(WARN, replace(BY_GIT, at=AT - timedelta(minutes=45)))], None),
    ("one release told by two systems",
     [found(BAD, Suspect("release", "5.3.0 (50300)", "97% of those who crashed have it")),
      found(WARN, Suspect("release", "mobile-v5.3.0 (0f64a91)", "", AT))],
     Suspect("release", "5.3.0 (50300)", "97% of those who crashed have it")),
    ("two releases",
     [found(BAD, Suspect("release", "5.3.0")), found(WARN, Suspect("release", "v5.2.9", "", AT))], None),
    ("one suspect named twice", [found(BAD, RAZORPAY), found(BAD, RAZORPAY)], RAZORPAY),
    ("two vendors", [found(BAD, RAZORPAY), found(BAD, replace(RAZORPAY, name="Sentry"))], None),
    ("what is well suspects nobody", [found(OK, DEPLOYMENT), found(BAD)], None),
    ("what was not checked suspects nobody", [found(UNKNOWN, DEPLOYMENT), found(BAD)], None),
    ("nothing was found", [], None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "results", "suspect"), ROWS, ids=[row[0] for row in ROWS])
def test_one_suspect_or_none(name: str, results: list[StepResult], suspect: Suspect | None) -> None:
    assert find_suspect(results) == suspect
    assert find_suspect(list(reversed(results))) == suspect


def test_when_it_began_is_told_against_the_incident() -> None:
    assert format_distance(DEPLOYMENT, START) == "8 min before"
    assert format_distance(replace(DEPLOYMENT, at=START + timedelta(minutes=2)), START) == "2 min after"
    assert format_distance(FULL, START) == ""


RUNBOOK = parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())


def test_a_fix_for_something_else_is_not_what_is_next() -> None:
    assert find_remedy(RAZORPAY, RUNBOOK.playbook("payment-gateway-failing")) is None


@pytest.mark.parametrize(
    ("playbook", "suspect", "step", "words"),
    [
        ("api-completely-down", DEPLOYMENT, 4, "ROLLBACK IMMEDIATELY"),
        ("database-unavailable", FULL, 4, "kill idle ones"),
        ("high-error-rate-5", DEPLOYMENT, 0, "If code-related: Rollback"),
        ("high-error-rate-5", RAZORPAY, 0, "Enable fallback"),
    ],
)
def test_the_playbook_s_own_next_is_named(playbook: str, suspect: Suspect, step: int, words: str) -> None:
    remedy = find_remedy(suspect, RUNBOOK.playbook(playbook))
    assert remedy is not None
    assert (remedy.step, words in remedy.text) == (step, True), remedy


def test_a_step_that_ends_idle_sessions_is_not_for_who_holds_a_lock() -> None:
    blocker = Suspect("lock", "pid 11493 (shop, idle in transaction)", "it holds up 3 sessions")
    assert find_remedy(blocker, RUNBOOK.playbook("database-unavailable")) is None


def test_a_step_whose_preview_would_end_nobody_is_not_what_is_next() -> None:
    playbook = RUNBOOK.playbook("database-unavailable")
    preview = replace(
        result(4, "If too many connections - kill idle ones", UNKNOWN, "No session matches."),
        measure="0 to end",
    )
    assert find_remedy(FULL, playbook, [preview]) is None
    some = find_remedy(FULL, playbook, [replace(preview, measure="12 to end")])
    assert some is not None and some.step == 4


def test_a_playbook_that_says_nothing_of_it_names_nothing() -> None:
    assert find_remedy(FULL, RUNBOOK.playbook("high-error-rate-5")) is None
    assert find_remedy(DEPLOYMENT, None) is None
    assert (
        find_remedy(replace(FULL, kind="of a newer version"), RUNBOOK.playbook("api-completely-down")) is None
    )


def test_a_suspect_comes_back_from_its_row_and_what_is_newer_is_passed_over() -> None:
    kept = dump_suspect(DEPLOYMENT)
    assert kept is not None and parse_suspect({**kept, "newer": 1}) == DEPLOYMENT
    assert parse_suspect(dump_suspect(None)) is None
