"""The draft of the next update: what matters since the last one, and none without news."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.diagnostic_run import BAD, OK, UNKNOWN, WARN, StepResult
from bot.domain.incident import EntryKind, TimelineEntry
from bot.domain.timeline_details import parse_detail
from bot.services.update_draft import StepChange, build_draft

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = {"U1": "Bruno Keller", "U2": "Devika Rao"}


def happened(kind: EntryKind, actor: str = "U1", **detail: str) -> TimelineEntry:
    return TimelineEntry(NOON, actor, parse_detail(kind, detail))


def found(
    verdict: str, headline: str, title: str = "Health check", place: int = 0, measure: str = ""
) -> StepResult:
    return StepResult(
        place, "api", 40 + place, "", title, "diagnostic", "http.get", verdict=verdict, headline=headline,
        measure=measure, seen_at=NOON,
    )  # fmt: skip


def test_a_draft_leaves_out_who_came_and_what_is_internal() -> None:
    entries = [
        happened(EntryKind.JOINED),
        happened(EntryKind.LEFT),
        happened(EntryKind.PAGED, "", person="U1", contact="CTO"),
        happened(EntryKind.REMINDER_SNOOZED),
        happened(EntryKind.UPDATE_OVERDUE, ""),
    ]
    assert build_draft(entries, [], NAMES) == ""


def test_without_news_there_is_no_draft() -> None:
    assert build_draft([], [], NAMES) == ""
    same = found(BAD, "Health endpoint returned 503")
    assert build_draft([], [StepChange(same, same)], NAMES) == ""
    assert (
        build_draft([], [StepChange(replace(same, seen_at=NOON + timedelta(minutes=9)), same)], NAMES) == ""
    )
    fine = found(OK, "200")
    assert build_draft([], [StepChange(fine, fine)], NAMES) == ""
    assert build_draft([], [StepChange(found(UNKNOWN, "AWS_REGION is not set"), None)], NAMES) == ""


def test_who_does_what_is_told_by_name() -> None:
    entries = [
        happened(EntryKind.ACKNOWLEDGED, "U1", seconds="9"),
        happened(EntryKind.ACKNOWLEDGED, "U2", seconds="12"),
        happened(EntryKind.COMMANDER_CHANGED, "U1", before="U2", to="U1"),
        happened(EntryKind.ROLE_ASSIGNED, "U1", role="scribe", to="U2"),
    ]
    assert build_draft(entries, [], NAMES) == (
        "Bruno Keller is the incident commander.\nDevika Rao is scribe.\n"
        "Acknowledged by Bruno Keller and Devika Rao."
    )


def test_who_has_no_known_name_is_told_without_one() -> None:
    entries = [
        happened(EntryKind.ACKNOWLEDGED, "U9", seconds="9"),
        happened(EntryKind.COMMANDER_CHANGED, "U9", before="U2", to="U9"),
        happened(EntryKind.ROLE_ASSIGNED, "U9", role="scribe", to="U9"),
        happened(EntryKind.ACKNOWLEDGED, "", seconds="9", who="Bruno (PagerDuty)"),
    ]
    said = build_draft(entries, [], {})
    assert said == (
        "There is a new incident commander.\nThere is a new scribe.\n"
        "Acknowledged by Bruno (PagerDuty) and others."
    )
    assert "U9" not in said


def test_a_command_that_went_on_is_told_once_with_the_last_one() -> None:
    entries = [
        happened(EntryKind.COMMANDER_CHANGED, "U1", before="U2", to="U1"),
        happened(EntryKind.COMMANDER_CHANGED, "U2", before="U1", to="U2"),
    ]
    assert build_draft(entries, [], NAMES) == "Devika Rao is the incident commander."


def test_the_worst_finding_comes_first_with_its_change_since_the_last_update() -> None:
    before, now = (
        found(BAD, "4 of 6 tasks running", measure="4/6"),
        found(BAD, "2 of 6 tasks running", measure="2/6"),
    )
    entries = [happened(EntryKind.NOTE_ADDED, text="Rolled back at 03:10")]
    assert build_draft(entries, [StepChange(now, before)], NAMES) == (
        "Health check: 2 of 6 tasks running (4/6 → 2/6).\nRolled back at 03:10"
    )
    was_fine = StepChange(found(BAD, "Health endpoint returned 503"), found(OK, "200"))
    assert build_draft([], [was_fine], NAMES) == "Health check: Health endpoint returned 503 (before: 200)."


def test_a_first_finding_has_nothing_before_it_and_the_others_are_counted() -> None:
    seen = [
        StepChange(found(WARN, "The queue grows", "Queue", 0), None),
        StepChange(found(BAD, "Health endpoint returned 503.", "Health check", 1), None),
        StepChange(found(BAD, "0 of 6 tasks running", "Tasks", 2), None),
    ]
    assert build_draft([], seen, NAMES) == (
        "Health check: Health endpoint returned 503. 1 more check is failing, 1 shows a warning."
    )


def test_what_did_not_change_is_said_to_be_unchanged_beside_other_news() -> None:
    same = found(BAD, "Health endpoint returned 503")
    entries = [happened(EntryKind.NOTE_ADDED, text="We look at the pool")]
    assert build_draft(entries, [StepChange(same, same)], NAMES) == (
        "Unchanged: Health check: Health endpoint returned 503.\nWe look at the pool"
    )


def test_one_of_several_that_is_ok_again_or_new_is_news_beside_a_worst_that_is_unchanged() -> None:
    same = StepChange(found(BAD, "Health endpoint returned 503"), found(BAD, "Health endpoint returned 503"))
    again = StepChange(found(OK, "1 line", "Logs", 1), found(BAD, "179 lines", "Logs", 1))
    assert build_draft([], [same, again], NAMES) == (
        "Unchanged: Health check: Health endpoint returned 503. OK again: Logs."
    )
    new = StepChange(found(WARN, "The queue grows", "Queue", 2), found(OK, "Empty", "Queue", 2))
    assert build_draft([], [same, new], NAMES) == (
        "Unchanged: Health check: Health endpoint returned 503. 1 shows a warning."
    )


def test_what_was_failing_and_is_fine_again_is_news() -> None:
    seen = [
        StepChange(found(OK, "200"), found(BAD, "Health endpoint returned 503")),
        StepChange(found(OK, "6 of 6", "Tasks", 1), found(OK, "6 of 6", "Tasks", 1)),
    ]
    assert (
        build_draft([], seen, NAMES)
        == "All 2 checks are OK now (before: Health check: Health endpoint returned 503)."
    )


def test_changes_stand_before_notes_and_the_newest_notes_are_kept() -> None:
    entries = [
        *(happened(EntryKind.NOTE_ADDED, text=f"note {n} " + "x" * 200) for n in range(20)),
        happened(EntryKind.STATUS_CHANGED, before="investigating", to="identified"),
        happened(EntryKind.SEVERITY_CHANGED, before="P1", to="P0"),
    ]
    lines = build_draft(entries, [], NAMES).splitlines()
    assert lines[:2] == ["Status is now identified.", "Severity is now P0."]
    assert lines[2].startswith("… and ") and lines[2].endswith(" earlier notes")
    assert lines[-1].startswith("note 19 ")
    assert len("\n".join(lines)) <= 1600


def test_the_impact_is_told_as_it_is_now() -> None:
    entries = [
        happened(EntryKind.IMPACT_CHANGED, impact="Few", impact_before=""),
        happened(EntryKind.IMPACT_CHANGED, impact="All", impact_before="Few", affected_users="1,200"),
        happened(EntryKind.IMPACT_CHANGED, affected_users="", affected_users_before="1,200"),
    ]
    assert build_draft(entries, [], NAMES) == "Impact: All"
