"""The form that resolves: what the checks say, how old that is, and a way to look again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.diagnostic_run import BAD, OK, UNKNOWN, WARN, StepResult
from sandbox.slack.plain_text import render_block_lines
from templates import modals
from tests.message_book import _workspace
from tests.templates.looks import result
from tests.templates.worlds import START, view

NOW = START + timedelta(minutes=30)


def read(place: int, verdict: str | None, minutes: float, headline: str = "fine") -> StepResult:
    """A result that was read so many minutes ago."""
    at = NOW - timedelta(minutes=minutes)
    return result(place, f"Check {place}", verdict, headline, collected_at=at, seen_at=at)


def words(*results: StepResult, **more: Any) -> str:
    seen = view(now=NOW)
    seen = replace(seen, situation=replace(seen.situation, evidence=results))
    form = modals.build_resolve_form(seen, text="", postmortem=NOW, **more)
    return "\n".join(render_block_lines(_workspace(), form["blocks"], "UTC", {}))


def test_the_worst_is_named_with_its_age_in_words_and_all_that_fail_are_counted() -> None:
    text = words(
        read(0, WARN, 2, "The queue grows"),
        read(1, BAD, 4, "API health 503"),
        read(2, BAD, 65, "0 of 6 tasks running"),
        read(3, UNKNOWN, 1, "AWS denies it"),
        read(4, OK, 1),
        read(5, OK, 25),
        read(6, BAD, 3, "third"),
        read(7, BAD, 3, "fourth"),
    )
    assert "4 failing, 1 warning, 1 not checked, 1 OK but read more than 10 min ago. Resolve anyway?" in text
    assert "🔴 Check 1  API health 503, 4 min ago" in text
    assert "🔴 Check 2  0 of 6 tasks running, 1 h 5 min ago" in text
    assert text.index("Check 1") < text.index("Check 6") < text.index("… and 4 more")
    assert "[Check again]" in text


def test_what_has_no_rule_is_to_be_read_and_was_checked() -> None:
    value = replace(read(0, UNKNOWN, 1, "0.42 in Grafana"), cause="no_rule")
    text = words(value, read(1, UNKNOWN, 1, "AWS denies it"))
    assert "1 to read yourself, 1 not checked. Resolve anyway?" in text
    assert "could not be checked" not in words(value)


def test_what_was_read_just_now_says_so() -> None:
    assert "API health 503, just now" in words(read(0, BAD, 0.5, "API health 503."))


def test_when_all_is_ok_it_says_how_old_the_oldest_answer_is() -> None:
    assert "✅ All 2 checks are OK, the oldest read 4 min ago." in words(read(0, OK, 4), read(1, OK, 2))
    stale = words(read(0, OK, 40), read(1, OK, 2))
    assert "1 OK but read more than 10 min ago. Resolve anyway?" in stale
    assert "All 2 checks are OK" not in stale
    assert "Check 0  fine, 40 min ago" in stale


def test_where_nothing_was_checked_it_is_said_and_can_be_run() -> None:
    text = words()
    assert "Nothing has been checked for this incident." in text
    assert "[Run diagnostics]" in text and "[Check again]" not in text


def test_while_it_looks_again_the_form_says_that_nobody_has_to_wait() -> None:
    text = words(read(0, BAD, 4, "API health 503"), looking="again")
    assert "⏳ Checking again. You don't have to wait." in text
    assert "API health 503, 4 min ago" in text
    in_vain = words(read(0, BAD, 4, "API health 503"), looking="in vain")
    assert "No answer in time. These are the last known results." in in_vain
    assert "[Check again]" in in_vain


def test_what_was_typed_stays_when_the_form_is_drawn_again() -> None:
    typed = {
        "resolution": "Rolled back", "root_cause": "A deploy", "impact": "All", "affected_users": "9",
        "postmortem": "1795500000", "gap-x": "y",
    }  # fmt: skip
    form = modals.build_resolve_form(
        view(now=NOW), text="", postmortem=NOW, typed=typed, carried={"incident": 42, "impact": "m"}
    )
    fields = {each["block_id"]: each["element"] for each in form["blocks"] if each["type"] == "input"}
    assert [fields[name]["initial_value"] for name in ("resolution", "root_cause", "impact", "affected_users")] == [
        "Rolled back", "A deploy", "All", "9",
    ]  # fmt: skip
    assert fields["postmortem"]["initial_date_time"] == 1795500000
    assert '"impact": "m"' in form["private_metadata"]
    cleared = modals.build_resolve_form(
        view(now=NOW), text="x", postmortem=NOW, typed={"postmortem": "", "resolution": ""}
    )
    fields = {each["block_id"]: each["element"] for each in cleared["blocks"] if each["type"] == "input"}
    assert "initial_date_time" not in fields["postmortem"]
    assert "initial_value" not in fields["resolution"]
