"""Incidents on two lines each: what is open, and what was lately."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.incident import Incident, Measured
from bot.listed import Listed
from bot.ports import Message
from templates.kit import (
    DATED_WITHIN,
    Bold,
    ChannelRef,
    Line,
    Person,
    When,
    how_many_fit,
    lasted,
    lines,
    message,
)

LISTED, LATELY, DRILLS = 20, 5, 5
"""How many incidents are listed: open ones, those that are over, and drills."""

Times = Mapping[int, Measured]


def listing(listed: Listed) -> Message:
    """The open incidents, the worst and newest first, those resolved lately with how long it took, and drills."""
    body = open_lines(listed.open, listed.counts, listed.times) or [("No incident is open.",)]
    if listed.over:
        over = (_over(incident, listed.times) for incident in listed.over)
        body = [*body, (), (Bold("Over lately"),), *over]
    if listed.drills:
        body = [*body, (), (Bold("Drills"),), *drill_lines(listed.drills)]
    return message(body, lines("listing", *body))


def drill_lines(drills: Sequence[Incident]) -> list[Line]:
    """The drills that are under way, a line each."""
    return [
        (Bold(f"{each.reference} {each.severity}"), f" {each.title} · {each.status}", *where(each))
        for each in drills
    ]


def open_lines(
    incidents: Sequence[Incident], counts: Mapping[str, int], times: Times | None = None
) -> list[Line]:
    """As many as one block takes, two lines each, and how many of which severity are left out; none for none."""
    rows = [_open_rows(incident, times) for incident in incidents]
    shown = rows[: how_many_fit(rows)]
    rest = Counter(counts)
    rest.subtract(incident.severity for incident in incidents[: len(shown)])
    body = [line for row in shown for line in row]
    if left := {severity: count for severity, count in sorted(rest.items()) if count > 0}:
        each = ", ".join(f"{count:,} {severity}" for severity, count in left.items())
        body.append((f"… and {sum(left.values()):,} more that are open: {each}",))
    return body


def _open_rows(incident: Incident, times: Times | None) -> list[Line]:
    since = When(incident.declared_at, DATED_WITHIN)
    what = f" {incident.title} · {incident.status}"
    answered = f" · {_answered(incident, times) or 'not acknowledged yet'}" if times is not None else ""
    return [
        (Bold(f"{incident.reference} {incident.severity}"), what, *where(incident)),
        ("    since ", since, ", commander ", Person(incident.commander), answered),
    ]


def _over(incident: Incident, times: Times) -> Line:
    took = times[incident.number].to_resolve if incident.number in times else None
    parts = [f"resolved after {lasted(took.total_seconds())}" if took else "", _answered(incident, times)]
    told = "".join(f" · {part}" for part in parts if part)
    return (Bold(f"{incident.reference} {incident.severity}"), f" {incident.title}{told}", *where(incident))


def _answered(incident: Incident, times: Times) -> str:
    took = times[incident.number].to_acknowledge if incident.number in times else None
    return f"acknowledged after {lasted(took.total_seconds())}" if took is not None else ""


def where(incident: Incident) -> Line:
    """Its channel, with a space before; nothing while there is none."""
    return (" ", ChannelRef(incident.channel)) if incident.channel else ()
