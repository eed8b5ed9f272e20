"""The runbook's own message templates with their placeholders filled: its lines, its labels, its order."""

from collections.abc import Sequence

from bot.incident import EntryKind, Status
from bot.runbook import Placeholder, Template, TemplateLine
from templates.kit import Line, Person, Span, When, lasted
from templates.view import UNKNOWN, View

MOST_ACTIONS = 5
Values = dict[str, Sequence[Span]]
"""What stands for a placeholder: one span, or several for a line that repeats."""


def filled(template: Template, values: Values) -> list[Line]:
    """The template's lines with every placeholder filled; what is not known says so, nothing is shown raw."""
    found: list[Line] = []
    for line in template.lines:
        if line.repeats and line.placeholders:
            name = line.placeholders[0].name
            found += [_line(line, {**values, name: (each,)}) for each in values.get(name) or (UNKNOWN,)]
        else:
            found.append(_line(line, values))
    return found


def _line(line: TemplateLine, values: Values) -> Line:
    return tuple(_span(part, values) if isinstance(part, Placeholder) else part.text for part in line.parts)


def _span(gap: Placeholder, values: Values) -> Span:
    known = values.get(gap.name)
    if not known or known[0] == "":
        return UNKNOWN
    span = known[0]
    if gap.name == "status" and isinstance(span, str):
        return span.upper() if gap.upper else span.capitalize()
    return span


def values_of(view: View) -> Values:
    """What the bot knows of an incident, by the placeholders' names."""
    incident = view.incident
    return {
        **{name: (text,) for name, text in incident.fields.items()},
        "severity": (incident.severity,),
        "status": (str(incident.status),),
        "title": (incident.title,),
        "impact": (incident.impact,),
        "feature": (incident.fields.get("feature") or incident.title,),
        "affected_users": (incident.affected_users,),
        "started": (When(incident.declared_at, "{date_short_pretty} {time}"),),
        "war_room": (view.room,),
        "commander": (Person(incident.commander),),
        "next_update": (_next_update(view),),
        "cadence": (
            lasted(incident.cadence.total_seconds()).replace("min", "minutes") if incident.cadence else "",
        ),
        "actions": actions(view),
        "duration": (_duration(view),),
        "root_cause": (incident.root_cause,),
        "resolution": tuple(
            each.strip("-•* \t") for each in incident.resolution.splitlines() if each.strip()
        ),
        "postmortem_date": (
            When(incident.postmortem_at, "{date_short_pretty} {time}") if incident.postmortem_at else "",
        ),
    }


def _next_update(view: View) -> Span:
    incident = view.incident
    if not incident.status.is_open:
        return "none, it is over"
    return When(incident.next_update_at) if incident.next_update_at else "no fixed time"


def _duration(view: View) -> str:
    incident = view.incident
    if incident.resolved_at is None:
        return ""
    return f"{When(incident.declared_at).utc} - {When(incident.resolved_at).utc} ({view.took})"


def actions(view: View) -> tuple[Span, ...]:
    """What is being done, from what happened: at most five, the newest last."""
    done: list[str] = []
    names = list(dict.fromkeys(page.contact for page in view.situation.pages if not page.failed))
    if names:
        done.append(f"Called: {', '.join(names)}")
    if view.playbook:
        done.append(f"Working through the playbook {view.playbook.title}")
    if view.to_acknowledge:
        done.append(f"Acknowledged after {view.to_acknowledge}")
    done += [update.text.splitlines()[0] for update in view.situation.updates]
    if view.incident.status == Status.RESOLVED:
        done.append("Resolved")
    if any(entry.kind == EntryKind.UPDATE_OVERDUE for entry in view.situation.entries[-1:]):
        done.append("The promised update is overdue")
    return tuple(done[-MOST_ACTIONS:]) or ("Finding out what is wrong",)


def true_to_status(lines: list[Line], status: Status, feature: Span) -> list[Line]:
    """Once the outage is only watched, sentences that say it goes on are replaced by what is true."""
    if status is not Status.MONITORING:
        return lines
    found: list[Line] = []
    for line in lines:
        text = "".join(span for span in line if isinstance(span, str))
        if "experiencing" in text.casefold():
            found.append(("🟡 A fix for the issues with ", feature, " is in place"))
        elif "actively working" in text.casefold():
            found.append(("We are watching it closely and will tell when it is over.",))
        else:
            found.append(line)
    return found
