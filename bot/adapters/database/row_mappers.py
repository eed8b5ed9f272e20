"""Maps database rows to domain values."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast

from bot.domain.checklist import ChecklistItem
from bot.domain.diagnostic_run import StepResult, parse_evidence, parse_suspect
from bot.domain.incident import (
    Incident,
    IncidentRole,
    MergeTarget,
    PostedMessage,
    Situation,
    Status,
    StatusUpdate,
    TimelineEntry,
)
from bot.domain.meeting import InvitationWay, Meeting, MeetingGuest, MeetingState
from bot.domain.page_attempts import EscalationState, JoinedPage, PageAttempt, SlackPage
from bot.domain.proposal import ProposalState, ReviewProposal
from bot.domain.public_standing import PublicStanding
from bot.domain.timeline_details import parse_detail
from bot.domain.timeline_proof import TimelineHead

Row = dict[str, Any]
T = TypeVar("T")


FIELDS: dict[object, frozenset[str]] = {}


def build_from_row(kind: type[T], row: Mapping[str, Any], /, **values: object) -> T:
    """A value of this dataclass from a row; `values` replace some. What a newer version added is passed over."""
    if kind not in FIELDS:
        FIELDS[kind] = frozenset(field.name for field in fields(cast(Any, kind)))
    known = FIELDS[kind]
    return kind(**{**{name: value for name, value in row.items() if name in known}, **values})


def _build_all(kind: type[T], rows: Iterable[Mapping[str, Any]]) -> tuple[T, ...]:
    return tuple(build_from_row(kind, row) for row in rows)


def build_incident(row: Mapping[str, Any]) -> Incident:
    """An incident from a row of its table."""
    return build_from_row(Incident, row, status=Status(row["status"]), ladder=EscalationState(row["ladder"]))


def build_entry(row: Mapping[str, Any]) -> TimelineEntry:
    """A timeline entry from its row. One of a kind that only a newer version knows is told as that."""
    return TimelineEntry(row["at"], row["actor"], parse_detail(row["kind"], row["detail"]))


def build_page_attempt(row: Mapping[str, Any]) -> PageAttempt:
    """A way from a row of its table."""
    return build_from_row(PageAttempt, row)


def build_update(row: Mapping[str, Any]) -> StatusUpdate:
    """A status update from its row."""
    return build_from_row(StatusUpdate, row, status=Status(row["status"]))


def build_result(row: Mapping[str, Any]) -> StepResult:
    """A result from its row, with its evidence where that was read too."""
    detail = parse_evidence(row.get("detail") or {})
    return build_from_row(StepResult, row, detail=detail, suspect=parse_suspect(row.get("suspect")))


def build_checklist_item(row: Mapping[str, Any]) -> ChecklistItem:
    """An item of the checklist from its JSON."""
    due_on = date.fromisoformat(row["due_on"]) if row["due_on"] else None
    return build_from_row(ChecklistItem, row, window=timedelta(seconds=row["window"]), due_on=due_on)


def build_proposal(row: Mapping[str, Any]) -> ReviewProposal:
    """The pull request of a review from its row."""
    return build_from_row(ReviewProposal, row, state=ProposalState(row["state"]))


def build_meeting(row: Mapping[str, Any]) -> Meeting:
    """The post-mortem meeting from its row, with its guests as JSON."""
    guests = tuple(
        build_from_row(MeetingGuest, guest, way=InvitationWay(guest["way"])) for guest in row["guests"] or ()
    )
    return build_from_row(Meeting, row, state=MeetingState(row["state"]), guests=guests)


def build_situation(row: Row) -> Situation:
    """A situation from the row of the statement of that name: its incident, and JSON around it."""
    around = {name: row.pop(name) for name in AROUND}
    merged, head, public = row.pop("merged"), row.pop("head"), row.pop("public")
    proposal, meeting = row.pop("proposal"), row.pop("meeting")
    listed = {name: tuple(map(_instants, around[name] or ())) for name in AROUND if name != "roles"}
    return Situation(
        incident=build_incident(row),
        pages=_build_all(SlackPage, listed["pages"]),
        entries=tuple(map(build_entry, listed["entries"])),
        updates=tuple(map(build_update, listed["updates"])),
        items=tuple(map(build_checklist_item, listed["items"])),
        posts={post.key: post for post in _build_all(PostedMessage, listed["posts"])},
        roles={IncidentRole(role): person for role, person in (around["roles"] or {}).items()},
        ways=tuple(map(build_page_attempt, listed["ways"])),
        evidence=tuple(map(build_result, listed["evidence"])),
        joined=_build_all(JoinedPage, listed["joined"]),
        merged=build_from_row(MergeTarget, merged) if merged else None,
        head=TimelineHead(**head) if head else None,
        public=PublicStanding(**_instants(public)) if public else None,
        proposal=build_proposal(proposal) if proposal else None,
        meeting=build_meeting(_instants(meeting)) if meeting else None,
    )


AROUND = ("pages", "entries", "updates", "items", "posts", "roles", "ways", "evidence", "joined")
INSTANTS = frozenset(
    name
    for kind in (
        SlackPage,
        JoinedPage,
        TimelineEntry,
        StatusUpdate,
        ChecklistItem,
        PageAttempt,
        StepResult,
        PublicStanding,
        Meeting,
    )
    for name, annotation in kind.__annotations__.items()
    if annotation in (datetime, datetime | None)
)
"""The columns that hold an instant: text in JSON."""


def _instants(row: Row) -> Row:
    return {
        name: datetime.fromisoformat(value) if name in INSTANTS and value is not None else value
        for name, value in row.items()
    }
