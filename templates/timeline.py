"""What happened: the timeline entry by entry, and the half screen for somebody who comes late."""

from bot.domain.incident import EntryKind, TimelineEntry
from bot.ports import SlackPayload
from bot.text.durations import format_duration
from templates import page_progress
from templates.blocks import build_lines, build_message, count_fitting
from templates.escaping import MAX_TEXT_LENGTH, cut
from templates.findings_summary import render_findings
from templates.incident_view import UNKNOWN, IncidentViewModel
from templates.spans import Bold, Line, Span, Timestamp, UserMention
from templates.timeline_entries import render_entry

MAX_ENTRIES = 40
LATELY = 5
"""How many of the newest entries a latecomer is shown, and how many earlier changes of command."""


def render_timeline(view: IncidentViewModel) -> SlackPayload:
    """Every change with who and when, the newest last; the oldest are left out first, and counted."""
    entries = view.situation.entries
    head: Line = (Bold(f"Timeline of {view.incident.reference}: "), view.incident.title)
    newest = [render_entry(view.situation, entry) for entry in reversed(entries[-MAX_ENTRIES:])]
    if count_fitting([line] for line in newest) < len(newest):
        newest = [shorten_line(line, MAX_WORDS_LENGTH) for line in newest]
    shown = newest[: count_fitting([line] for line in newest)]
    body = [head, *_describe_left_out(len(entries) - len(shown)), *reversed(shown)]
    # The plain text has room for less; of that, too, the newest are kept.
    told = newest[: count_fitting(([line] for line in newest), MAX_TEXT_LENGTH // 3)]
    text = [head, *_describe_left_out(len(entries) - len(told)), *reversed(told)]
    return build_message(text, build_lines("timeline", *body))


def _describe_left_out(count: int) -> list[Line]:
    return (
        [(f"… and {count:,} earlier {'entry' if count == 1 else 'entries'} before these",)] if count else []
    )


MAX_WORDS_LENGTH = 300
"""Characters of what somebody wrote, where there is more to show than that."""


def shorten_line(line: Line, longest: int) -> Line:
    """The line with what people wrote in it cut, which is said there."""
    return tuple(cut(span, longest) if isinstance(span, str) else span for span in line)


def render_catchup(view: IncidentViewModel) -> SlackPayload:
    """What, how bad, who, what was done, what is open: on half a screen."""
    incident = view.incident
    since = format_duration((view.now - incident.declared_at).total_seconds()) if view.now else ""
    running = (
        f"{incident.status}, for {since}" if incident.status.is_open else f"{view.standing} after {view.took}"
    )
    body: list[Line] = [
        (Bold(view.headline), f" ({incident.reference}) · {running}"),
        shorten_line(
            ("Impact: ", incident.impact or UNKNOWN, " · Affected: ", incident.affected_users or UNKNOWN),
            MAX_WORDS_LENGTH,
        ),
        ("Commander: ", UserMention(incident.commander), *_roles(view)),
    ]
    if view.to_acknowledge and incident.acknowledged_by:
        by = page_progress.format_person(incident.acknowledged_by)
        body.append(("Acknowledged by ", *by, f" after {view.to_acknowledge}"))
    body += render_latest_update(view)
    body += render_findings(view)
    body += [
        shorten_line(render_entry(view.situation, entry), MAX_WORDS_LENGTH) for entry in _worth_telling(view)
    ]
    body.append(shorten_line(render_open_items(view), MAX_WORDS_LENGTH))
    return build_message(body, build_lines("catchup", *body))


def _roles(view: IncidentViewModel) -> Line:
    spans: list[Span] = []
    for role, person in view.situation.roles.items():
        spans += [f" · {role}: ", UserMention(person)]
    return tuple(spans)


def render_latest_update(view: IncidentViewModel) -> list[Line]:
    """When people were told last, and the first line of what; no line when they were not yet."""
    if not view.situation.updates:
        return []
    latest = view.situation.updates[-1]
    return [
        shorten_line(
            (Bold("Latest update "), Timestamp(latest.at), ": ", latest.text.splitlines()[0]),
            MAX_WORDS_LENGTH,
        )
    ]


def render_open_items(view: IncidentViewModel) -> Line:
    """What is still to be done: the checklist's open items, else the next update."""
    left = [item.text for item in view.situation.items if not item.is_done]
    if left:
        return (Bold("Open: "), f"{len(left)} checklist item{'s' * (len(left) > 1)}, first: {left[0]}")
    if view.incident.next_update_at:
        return (Bold("Next update: "), Timestamp(view.incident.next_update_at))
    return ("Nothing is promised for a fixed time.",)


WORTH_TELLING = frozenset(
    {
        EntryKind.STATUS_CHANGED,
        EntryKind.SEVERITY_CHANGED,
        EntryKind.COMMANDER_CHANGED,
        EntryKind.NOTE_ADDED,
        EntryKind.PAGE_FAILED,
        EntryKind.ESCALATED,
        EntryKind.REOPENED,
        EntryKind.RESOLVED,
        EntryKind.CANCELLED,
        EntryKind.MERGED,
        EntryKind.MERGED_IN,
        EntryKind.UNMERGED,
    }
)


def _worth_telling(view: IncidentViewModel) -> list[TimelineEntry]:
    """The newest of what matters, and who took command from whom before that. Each escalation goes beyond the one
    before, so that the last says enough."""
    told = [entry for entry in view.situation.entries if entry.kind in WORTH_TELLING]
    escalations = [entry for entry in told if entry.kind is EntryKind.ESCALATED]
    told = [entry for entry in told if entry not in escalations[:-1]]
    turns = [entry for entry in told[:-LATELY] if entry.kind is EntryKind.COMMANDER_CHANGED]
    return [*turns[-LATELY:], *told[-LATELY:]]
