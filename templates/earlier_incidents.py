"""The message that says which earlier incidents were like this one, why, and what of them is still not done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.action_item import ActionItem
from bot.domain.earlier_incident import EarlierIncident
from bot.ports import SlackPayload
from templates.blocks import build_lines, build_message
from templates.escaping import flatten_text
from templates.item_owners import format_day
from templates.spans import Bold, Line, UserMention

MAX_FINDINGS, MAX_ACTIONS = 2, 3
MAX_WORDS = 150


def render_earlier_incidents(earlier: Sequence[EarlierIncident], now: datetime) -> SlackPayload:
    """Each with what is the same, then its open action items."""
    body: list[Line] = [(Bold("This was here before:"),)]
    for incident in earlier:
        body.append(_describe(incident, now))
        body += [_describe_action(incident, item) for item in incident.actions[:MAX_ACTIONS]]
    return build_message(body, build_lines("earlier", *body))


def describe_likeness(incident: EarlierIncident) -> str:
    """What is the same, with commas."""
    same = [
        f"the same finding “{flatten_text(finding, MAX_WORDS)}”"
        for finding in incident.findings[:MAX_FINDINGS]
    ]
    same += ["the same title"] if incident.has_same_title else []
    same += ["the same playbook"] if incident.has_same_playbook else []
    return ", ".join(same)


def _describe(incident: EarlierIncident, now: datetime) -> Line:
    age = _format_age(now - incident.declared_at)
    return (Bold(incident.reference), f" {incident.title} ({age}): {describe_likeness(incident)}.")


def _describe_action(incident: EarlierIncident, item: ActionItem) -> Line:
    owner: Line = ("owner ", UserMention(item.owner)) if item.owner else ("no owner",)
    due = f", due {format_day(item.due_on)}" if item.due_on else ""
    return (f"    ☐ its action {item.reference} “{item.text}” is still open, ", *owner, due)


def _format_age(age: timedelta) -> str:
    """In days, later in weeks: `today`, `3 days ago`, `3 weeks ago`."""
    days = max(0, age.days)
    count, unit = (days, "day") if days < 14 else (days // 7, "week")
    return f"{count} {unit}{'' if count == 1 else 's'} ago" if count else "today"
