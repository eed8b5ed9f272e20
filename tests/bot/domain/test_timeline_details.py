"""What a timeline entry tells is kept under names that never change; older and newer rows load."""

import importlib
import pkgutil
from datetime import UTC, datetime
from typing import get_args

import pytest

from bot import services
from bot.adapters.database.row_mappers import build_entry
from bot.adapters.database.row_writers import build_entry_row
from bot.domain.incident import EntryKind, TimelineEntry
from bot.domain.text_fields import dump_texts, list_text_fields
from bot.domain.timeline_details import (
    DETAILS,
    AcknowledgedDetail,
    ImpactChangedDetail,
    JoinedDetail,
    LookedDetail,
    MergedInDetail,
    NoteAddedDetail,
    OfNewerDetail,
    PageFailedDetail,
    PageRequestedDetail,
    RemediationEndedDetail,
    RemediationsSwitchedDetail,
    SeverityChangedDetail,
    TimelineDetail,
    UpdateAskedDetail,
    UpdatePostedDetail,
    parse_detail,
)

AT = datetime(2026, 11, 23, 3, 32, tzinfo=UTC)
REMEDIATION = "approved_by asked_by plan reference state title what why"

KEPT = {
    "declared": "everyone severity title", "paged": "contact person", "page_failed": "contact person why",
    "acknowledged": "by page seconds who", "joined": "", "left": "", "commander_changed": "before by to",
    "channel_opened": "channel", "channel_failed": "why", "status_changed": "before to", "update_posted": "update",
    "update_overdue": "", "update_asked": "people role to", "reminder_snoozed": "", "resolved": "cause done",
    "action_added": "action due owner purpose text", "action_ended": "action state text",
    "action_reopened": "action text",
    "times_corrected": "began reason",
    "learnings_shared": "channels share text",
    "ticket_created": "action name tracker url", "ticket_state": "action state text tracker was",
    "ticket_gone": "action name tracker", "no_actions": "reason", "review_answered": "sections", "review_filed": "file",
    "meeting_arranged": "minutes people starts_at", "meeting_moved": "before minutes people starts_at",
    "meeting_cancelled": "reason starts_at",
    "item_ticked": "text", "item_unticked": "text",
    "item_owned": "due due_before owner owner_before text",
    "closed": "left reason", "cancelled": "reason", "reopened": "before",
    "severity_changed": "before called every reason to", "renamed": "before to", "role_assigned": "role to",
    "command_offered": "text to", "note_added": "author link source text", "announcement_failed": "why",
    "channel_lost": "channel how", "channel_back": "channel", "channel_renamed": "name",
    "source_edited": "source text", "source_deleted": "source text", "page_requested": "person persons text to",
    "page_accepted": "contact how", "page_delivered": "contact why", "phone_named": "contact why",
    "page_held": "names until", "page_dropped": "names", "escalated": "known line of step to why",
    "asked_if_still": "", "still_on_it": "", "on_call_found": "contact names",
    "on_call_not_called": "contact names", "looked": "bad digest found ok points stopped unknown warn what",
    "playbook_chosen": "title",
    "impact_changed": "affected_users affected_users_before impact impact_before text",
    "merged": "channel into title", "merged_in": "channel from title", "unmerged": "channel from title",
    "remediation_proposed": REMEDIATION, "remediation_approved": REMEDIATION, "remediation_started": REMEDIATION,
    "remediation_ended": REMEDIATION, "remediation_checked": "reference title",
    "remediations_switched": "is_on other why", "of_newer": "text",
}  # fmt: skip
"""The names of every kind and of its texts, as rows have them that an older version wrote. One may be added."""


def test_no_name_that_a_row_may_have_is_lost() -> None:
    found = {
        kind.value: {field.name for field in list_text_fields(detail)} for kind, detail in DETAILS.items()
    }
    assert {kind: set(names.split()) - found[kind] for kind, names in KEPT.items()} == {
        kind: set() for kind in KEPT
    }


def test_every_kind_has_one_detail() -> None:
    assert set(DETAILS) == set(EntryKind)


def test_every_entry_comes_back_as_a_row_kept_it() -> None:
    for kind, detail_kind in DETAILS.items():
        texts = {field.name: "1795400000" for field in list_text_fields(detail_kind)}
        detail = parse_detail(kind, texts)
        assert type(detail) is detail_kind and dump_texts(detail) == texts | (
            {"is_on": "yes"} if "is_on" in texts else {}
        )
        row = build_entry_row(detail)
        kept = row["newer"].obj if row["newer"] else {"kind": row["kind"], "detail": row["detail"].obj}
        assert kept["kind"] == kind
        assert build_entry({"at": AT, "actor": "U1", **kept}) == TimelineEntry(AT, "U1", detail)


@pytest.mark.parametrize(
    ("detail", "texts"),
    [
        (JoinedDetail(), {}),
        (AcknowledgedDetail(seconds=95), {"seconds": "95"}),
        (AcknowledgedDetail(seconds=95, by="lead"), {"seconds": "95", "by": "lead"}),
        (AcknowledgedDetail(seconds=9, who="Ana", page="CTO"), {"seconds": "9", "who": "Ana", "page": "CTO"}),
        (PageFailedDetail(contact="CTO", why="x"), {"contact": "CTO", "why": "x"}),
        (PageFailedDetail(contact="CTO", why="x", person=""), {"contact": "CTO", "why": "x", "person": ""}),
        (
            UpdateAskedDetail(role="deputy", people=("U1", "U2"), to=""),
            {"role": "deputy", "people": "U1 U2", "to": ""},
        ),
        (UpdatePostedDetail(update=7), {"update": "7"}),
        (
            SeverityChangedDetail(before="P1", to="P0", called="", every=None, reason=""),
            {"before": "P1", "to": "P0", "called": "", "every": "", "reason": ""},
        ),
        (
            ImpactChangedDetail(impact="Slow", impact_before="", text="impact: Slow"),
            {"impact": "Slow", "impact_before": "", "text": "impact: Slow"},
        ),
        (
            LookedDetail(what="", digest="d", found=("one.", "two."), bad=2, unknown=1),
            {"what": "", "digest": "d", "found": "one.\ntwo.", "bad": "2", "unknown": "1"},
        ),
        (
            MergedInDetail(source="INC-7", title="t", channel=""),
            {"from": "INC-7", "title": "t", "channel": ""},
        ),
        (
            RemediationEndedDetail(reference="R1", state="done", receipt={"run": "1000"}),
            {"reference": "R1", "state": "done", "receipt_run": "1000"},
        ),
        (RemediationsSwitchedDetail(is_on=False, why="w", other=""), {"is_on": "", "why": "w", "other": ""}),
    ],
)
def test_a_row_has_texts_by_plain_names(detail: TimelineDetail, texts: dict[str, str]) -> None:
    assert dump_texts(detail) == texts
    assert parse_detail(detail.kind, texts) == detail


def test_what_an_older_version_wrote_less_into_is_read_with_what_there_is() -> None:
    assert parse_detail("acknowledged", {}) == AcknowledgedDetail(seconds=0)
    requested = parse_detail("page_requested", {"to": "", "person": "U2", "text": ""})
    assert isinstance(requested, PageRequestedDetail) and requested.people == ("U2",)
    assert parse_detail("note_added", {"text": "x"}) == NoteAddedDetail(text="x")


def test_what_a_newer_version_wrote_more_is_passed_over_and_an_unknown_kind_stays() -> None:
    assert parse_detail("joined", {"by": "U1"}) == JoinedDetail()
    assert parse_detail("acknowledged", {"seconds": "95.7"}) == AcknowledgedDetail(seconds=95)
    assert parse_detail("acknowledged", {"seconds": "a while"}) == AcknowledgedDetail(seconds=0)
    assert parse_detail("of_next_year", {"text": "?"}) == OfNewerDetail(text="of next year")
    entry = build_entry({"at": AT, "actor": "", "kind": "of_next_year", "detail": {}})
    assert entry.kind is EntryKind.OF_NEWER


def test_every_detail_is_written_by_a_service() -> None:
    made = {
        value
        for package in pkgutil.iter_modules(services.__path__, "bot.services.")
        for value in vars(importlib.import_module(package.name)).values()
        if isinstance(value, type)
    }
    assert {kind for kind in get_args(TimelineDetail) if kind not in made} == {OfNewerDetail}
