"""The runbook's own message templates with their placeholders filled: its lines, its labels, its order."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

from bot.domain.incident import EntryKind, Status
from bot.runbook import Placeholder, Template, TemplateLine
from bot.text.durations import format_duration
from templates.incident_view import UNKNOWN, IncidentViewModel
from templates.paging_sentences import format_contact
from templates.spans import INLINE_DATE_FORMAT, Line, Span, Timestamp, UserMention

MAX_ACTIONS = 5
NO_CADENCE = "as soon as there is news"
EVERY = re.compile(r"\bevery\s*$", re.I)
IN_A_SENTENCE = {"cadence": NO_CADENCE, "postmortem_date": "a date to be announced"}
"""What is not known, where it stands in the middle of a sentence."""

BULLET = re.compile(r"^\s*[-•*]\s+")
Values = Mapping[str, Sequence[Span]]
"""What stands for a placeholder, in spans."""

ONE_BY_ONE = frozenset({"actions", "resolution"})
"""Placeholders whose spans each stand for themselves: on lines of their own where the line repeats."""


OVERDUE = (EntryKind.UPDATE_OVERDUE, EntryKind.UPDATE_ASKED)


def fill_template(template: Template, values: Values) -> list[Line]:
    """The template's lines with every placeholder filled; what is not known says so, nothing is shown raw."""
    found: list[Line] = []
    for line in template.lines:
        if line.repeats and line.placeholders:
            name = line.placeholders[0].name
            found += [_line(line, {**values, name: (value,)}) for value in values.get(name) or (UNKNOWN,)]
        else:
            found.append(_line(line, values))
    return found


def _line(line: TemplateLine, values: Values) -> Line:
    spans: list[Span] = []
    for part in line.parts:
        if not isinstance(part, Placeholder):
            spans.append(part.text)
            continue
        before = spans[-1] if spans and isinstance(spans[-1], str) else ""
        value = _value(part, values, before)
        if value == (NO_CADENCE,):
            spans[-1:] = [EVERY.sub("", before)]
        if value[0] == DUE_BY:
            spans[-1:] = [SCHEDULED.sub(": ", before)] if before else []
        spans += value
    return tuple(spans)


def _value(gap: Placeholder, values: Values, before: str) -> tuple[Span, ...]:
    known = tuple(values.get(gap.name, ()))
    if not known or known == ("",):
        in_a_sentence = before != "" and not before.rstrip().endswith(":")
        return (IN_A_SENTENCE.get(gap.name, UNKNOWN) if in_a_sentence else UNKNOWN,)
    if gap.name == "status" and isinstance(known[0], str):
        return (known[0].upper() if gap.upper else known[0].capitalize(),)
    if gap.name == "postmortem_date":
        return _due(known, before)
    if gap.name in ONE_BY_ONE:
        return tuple(
            span for pair in zip(known, [*["; "] * (len(known) - 1), ""], strict=True) for span in pair
        )
    return known


def _due(day: tuple[Span, ...], before: str) -> tuple[Span, ...]:
    """The day that something is due, so that nobody takes it for an appointment, whatever words stand before it: in the
    middle of a sentence such as `scheduled for` nothing is, until somebody has set a date."""
    if DUE.search(before):
        return day
    if not before.strip() or before.rstrip().endswith(":") or SCHEDULED.search(before):
        return (DUE_BY, *day)
    return (f"{IN_A_SENTENCE['postmortem_date']} (due by ", *day, ")")


DUE_BY = "due by "
SCHEDULED = re.compile(r"\s*(?:\b(?:is|will be)\s+)?\b(?:scheduled|planned|set)\s+(?:for|on|at)\s*$", re.I)
"""Words that make an appointment of the day that follows, which nobody has made: a colon stands for them."""

DUE = re.compile(r"\b(?:by|due|until|before|no later than)\W*$", re.I)
"""Words that say of what follows that it is the latest moment."""


def build_values(view: IncidentViewModel) -> Values:
    """What the bot knows of an incident, by the placeholders' names."""
    incident = view.incident
    return {
        **{name: (text,) for name, text in incident.fields.items()},
        "severity": (incident.severity,),
        "reference": (incident.reference,),
        "timestamp": (Timestamp(incident.declared_at, INLINE_DATE_FORMAT),),
        "ended": (Timestamp(incident.resolved_at, INLINE_DATE_FORMAT) if incident.resolved_at else "",),
        "status": (view.standing,),
        "title": (incident.title,),
        "playbook": (view.playbook.title if view.playbook else "",),
        "impact": (incident.impact,),
        "feature": (incident.fields.get("feature") or f"“{incident.title}”",),
        "affected_users": (incident.affected_users,),
        "started": (Timestamp(incident.declared_at, INLINE_DATE_FORMAT),),
        "war_room": (view.room,),
        "commander": (UserMention(incident.commander),),
        "next_update": (_next_update(view),),
        "cadence": (format_cadence(incident.cadence) if incident.cadence else "",),
        "actions": list_actions(view),
        "duration": _duration(view),
        "root_cause": (incident.root_cause,),
        "resolution": tuple(
            BULLET.sub("", line).strip() for line in incident.resolution.splitlines() if line.strip()
        ),
        "postmortem_date": (
            Timestamp(incident.postmortem_at, INLINE_DATE_FORMAT) if incident.postmortem_at else "",
        ),
    }


def _next_update(view: IncidentViewModel) -> Span:
    incident = view.incident
    if not incident.status.is_open:
        return f"none ({view.standing})"
    return Timestamp(incident.next_update_at) if incident.next_update_at else "no fixed time"


def _duration(view: IncidentViewModel) -> tuple[Span, ...]:
    incident = view.incident
    if incident.resolved_at is None:
        return ()
    same_day = incident.declared_at.astimezone(UTC).date() == incident.resolved_at.astimezone(UTC).date()
    form = "{time}" if same_day else INLINE_DATE_FORMAT
    return (
        Timestamp(incident.declared_at, form),
        " - ",
        Timestamp(incident.resolved_at, form),
        f" ({view.took})",
    )


def format_cadence(cadence: timedelta) -> str:
    """`15 minutes`, `1 hour`; the runbook's own sentence has the `every` before it."""
    for seconds, unit in ((3600, "hour"), (60, "minute")):
        count, rest = divmod(int(cadence.total_seconds()), seconds)
        if count and not rest:
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return format_duration(cadence.total_seconds())


def list_actions(view: IncidentViewModel) -> tuple[Span, ...]:
    """What is being done, from what happened: at most five, the newest last."""
    done = _list_paged(view)
    if view.playbook:
        done.append(f"Working through the playbook {view.playbook.title}")
    if view.to_acknowledge:
        done.append(f"Acknowledged after {view.to_acknowledge}")
    done += [update.text.splitlines()[0] for update in view.situation.updates]
    if view.incident.status == Status.RESOLVED:
        done.append("Resolved")
    if any(entry.kind in OVERDUE for entry in view.situation.entries[-1:]):
        done.append("The status update is overdue")
    return tuple(done[-MAX_ACTIONS:]) or ("Finding out what is wrong",)


def _list_paged(view: IncidentViewModel) -> list[str]:
    """Who was paged, and whose page is not accepted yet."""
    pages = [page for page in view.situation.pages if not page.failed]
    paged = list(dict.fromkeys(page.contact for page in pages if page.accepted_at))
    paging = [name for name in dict.fromkeys(page.contact for page in pages) if name not in paged]
    named = (("Paged", paged), ("Paging", paging))
    return [f"{what}: {', '.join(map(format_contact, names))}" for what, names in named if names]
