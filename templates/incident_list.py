"""Incidents on two or three lines each: what is open, and what was lately."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.incident import Incident, IncidentDurations, Status
from bot.domain.incident_list import IncidentList
from bot.ports import SlackPayload
from bot.text.durations import format_duration
from bot.text.truncation import join_lines
from templates.blocks import build_lines, build_message, count_fitting
from templates.escaping import flatten_text
from templates.spans import INLINE_DATE_FORMAT, Bold, ChannelMention, Line, Timestamp, UserMention

LISTED, LATELY, DRILLS = 20, 5, 5
"""How many incidents are listed: open ones, those that are over, and drills."""

Times = Mapping[int, IncidentDurations]


def render_list(listed: IncidentList) -> SlackPayload:
    """The open incidents, the worst and newest first, those resolved lately with how long it took, and drills."""
    body = render_open_incidents(listed.open, listed.counts, listed.times) or [("No incident is open.",)]
    if listed.over:
        over = (over_line(incident, listed.times) for incident in listed.over)
        body = [*body, (), (Bold("Recently resolved"),), *over]
    if listed.drills:
        body = [*body, (), (Bold("Drills"),), *render_drills(listed.drills)]
    return build_message(body, build_lines("listing", *body))


def render_drills(drills: Sequence[Incident]) -> list[Line]:
    """The drills that are under way, a line each."""
    return [
        (
            Bold(f"{drill.reference} {drill.severity}"),
            f" {drill.title} · {drill.status}",
            *render_channel(drill),
        )
        for drill in drills
    ]


def render_open_incidents(
    incidents: Sequence[Incident], counts: Mapping[str, int], times: Times | None = None
) -> list[Line]:
    """As many as one block takes, two or three lines each, and how many of which severity are left out."""
    rows = [open_rows(incident, times) for incident in incidents]
    shown = rows[: count_fitting(rows)]
    body = [line for row in shown for line in row]
    rest = rest_line(counts, incidents[: len(shown)])
    return [*body, rest] if rest else body


def rest_line(counts: Mapping[str, int], shown: Iterable[Incident]) -> Line:
    """How many more are open of each severity; empty where there are none."""
    rest = Counter(counts)
    rest.subtract(incident.severity for incident in shown)
    left = {severity: count for severity, count in sorted(rest.items()) if count > 0}
    each = ", ".join(f"{count:,} {severity}" for severity, count in left.items())
    return (f"… and {sum(left.values()):,} more that are open: {each}",) if left else ()


def open_rows(incident: Incident, times: Times | None, said: str = "") -> list[Line]:
    """One that is open, in two or three lines; `said` stands at the end."""
    since = Timestamp(incident.declared_at, INLINE_DATE_FORMAT)
    what = f" {incident.title} · {incident.status}"
    answered = (
        f" · {_describe_acknowledged(incident, times) or 'not acknowledged yet'}" if times is not None else ""
    )
    return [
        (Bold(f"{incident.reference} {incident.severity}"), what, *render_channel(incident)),
        *_impact(incident),
        ("    since ", since, ", commander ", UserMention(incident.commander), f"{answered}{said}"),
    ]


def _impact(incident: Incident) -> list[Line]:
    """What it does to people, where somebody said it."""
    impact, affected = (
        flatten_text(join_lines(text), MAX_IMPACT_LENGTH)
        for text in (incident.impact, incident.affected_users)
    )
    told = [*([f"Impact: {impact}"] if impact else []), *([f"Affected: {affected}"] if affected else [])]
    return [(f"    {' · '.join(told)}",)] if told else []


MAX_IMPACT_LENGTH = 100


def over_line(incident: Incident, times: Times) -> Line:
    """One that has ended: how long it took."""
    took = times[incident.number].to_resolve if incident.number in times else None
    parts = [
        f"{_ended(incident)} after {format_duration(took.total_seconds())}" if took else "",
        _describe_acknowledged(incident, times),
    ]
    told = "".join(f" · {part}" for part in parts if part)
    return (
        Bold(f"{incident.reference} {incident.severity}"),
        f" {incident.title}{told}",
        *render_channel(incident),
    )


def _ended(incident: Incident) -> str:
    return "closed, resolved" if incident.status is Status.CLOSED else "resolved"


def _describe_acknowledged(incident: Incident, times: Times) -> str:
    took = times[incident.number].to_acknowledge if incident.number in times else None
    return f"acknowledged after {format_duration(took.total_seconds())}" if took is not None else ""


def render_channel(incident: Incident) -> Line:
    """Its channel, with a space before; nothing while there is none."""
    return (" ", ChannelMention(incident.channel)) if incident.channel else ()
