"""Rows of the database to the values that they stand for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.calls import Ladder, Page, Way
from bot.evidence import Result, detail_of
from bot.incident import (
    ChecklistItem,
    EntryKind,
    Incident,
    Post,
    Role,
    Situation,
    Status,
    StatusUpdate,
    TimelineEntry,
)

Row = dict[str, Any]


def incident_of(row: Mapping[str, Any]) -> Incident:
    """An incident from a row of its table."""
    return Incident(**{**row, "status": Status(row["status"]), "ladder": Ladder(row["ladder"])})


def entry_of(row: Mapping[str, Any]) -> TimelineEntry:
    """A timeline entry from its row."""
    return TimelineEntry(at=row["at"], actor=row["actor"], kind=EntryKind(row["kind"]), detail=row["detail"])


def update_of(row: Mapping[str, Any]) -> StatusUpdate:
    """A status update from its row."""
    return StatusUpdate(**{**row, "status": Status(row["status"])})


def result_of(row: Mapping[str, Any]) -> Result:
    """A result from its row, with its evidence where that was read too."""
    return Result(**{**row, "detail": detail_of(row.get("detail") or {})})


def situation_of(row: Row) -> Situation:
    """A situation from the row of the statement of that name: its incident, and JSON around it."""
    around = {name: row.pop(name) for name in AROUND}
    listed = {name: tuple(map(_instants, around[name] or ())) for name in AROUND if name != "roles"}
    return Situation(
        incident=incident_of(row),
        pages=tuple(Page(**each) for each in listed["pages"]),
        entries=tuple(map(entry_of, listed["entries"])),
        updates=tuple(map(update_of, listed["updates"])),
        items=tuple(
            ChecklistItem(**{**each, "window": timedelta(seconds=each["window"])}) for each in listed["items"]
        ),
        posts={each["key"]: Post(**each) for each in listed["posts"]},
        roles={Role(role): person for role, person in (around["roles"] or {}).items()},
        ways=tuple(Way(**each) for each in listed["ways"]),
        evidence=tuple(map(result_of, listed["evidence"])),
    )


AROUND = ("pages", "entries", "updates", "items", "posts", "roles", "ways", "evidence")
INSTANTS = frozenset(
    name
    for kind in (Page, TimelineEntry, StatusUpdate, ChecklistItem, Way, Result)
    for name, annotation in kind.__annotations__.items()
    if annotation in (datetime, datetime | None)
)
"""The columns that hold an instant: text in JSON."""


def _instants(row: Row) -> Row:
    return {
        name: datetime.fromisoformat(value) if name in INSTANTS and value is not None else value
        for name, value in row.items()
    }
