"""What happened: the timeline entry by entry, and the half screen for somebody who comes late."""

from collections.abc import Callable

from bot.incident import EntryKind, TimelineEntry
from bot.ports import Message
from templates import ladder
from templates.kit import (
    DATED,
    Bold,
    ChannelRef,
    Line,
    Link,
    Person,
    Span,
    When,
    how_many_fit,
    lasted,
    lines,
    message,
)
from templates.letters import LONGEST_TEXT, cut
from templates.view import UNKNOWN, View

MOST_ENTRIES = 40
LATELY = 5
"""How many of the newest entries a latecomer is shown."""


def timeline(view: View) -> Message:
    """Every change with who and when, the newest last; the oldest are left out first, and counted."""
    entries = view.situation.entries
    head: Line = (Bold(f"Timeline of {view.incident.reference}: "), view.incident.title)
    newest = [_line(entry) for entry in reversed(entries[-MOST_ENTRIES:])]
    if how_many_fit([line] for line in newest) < len(newest):
        newest = [shorter(line, LONGEST_WORDS) for line in newest]
    shown = newest[: how_many_fit([line] for line in newest)]
    body = [head, *_left_out(len(entries) - len(shown)), *reversed(shown)]
    # The plain text has room for less; of that, too, the newest are kept.
    told = newest[: how_many_fit(([line] for line in newest), LONGEST_TEXT // 3)]
    text = [head, *_left_out(len(entries) - len(told)), *reversed(told)]
    return message(text, lines("timeline", *body))


def _left_out(count: int) -> list[Line]:
    return (
        [(f"… and {count:,} earlier {'entry' if count == 1 else 'entries'} before these",)] if count else []
    )


LONGEST_WORDS = 300
"""Characters of what somebody wrote, where there is more to show than that."""


def shorter(line: Line, longest: int) -> Line:
    """The line with what people wrote in it cut, which is said there."""
    return tuple(cut(span, longest) if isinstance(span, str) else span for span in line)


def catchup(view: View) -> Message:
    """What, how bad, who, what was done, what is open: on half a screen."""
    incident = view.incident
    since = lasted((view.now - incident.declared_at).total_seconds()) if view.now else ""
    running = (
        f"{incident.status}, for {since}"
        if incident.status.is_open
        else f"{incident.status} after {view.took}"
    )
    body: list[Line] = [
        (Bold(view.headline), f" ({incident.reference}) · {running}"),
        shorter(
            ("Impact: ", incident.impact or UNKNOWN, " · Affected: ", incident.affected_users or UNKNOWN),
            LONGEST_WORDS,
        ),
        ("Commander: ", Person(incident.commander), *_roles(view)),
    ]
    if view.to_acknowledge and incident.acknowledged_by:
        by = ladder.named(incident.acknowledged_by)
        body.append(("Acknowledged by ", *by, f" after {view.to_acknowledge}"))
    body += latest_update(view)
    told = [entry for entry in view.situation.entries if entry.kind in WORTH_TELLING][-LATELY:]
    body += [shorter(_line(entry), LONGEST_WORDS) for entry in told]
    body.append(shorter(open_ends(view), LONGEST_WORDS))
    return message(body, lines("catchup", *body))


def _roles(view: View) -> Line:
    spans: list[Span] = []
    for role, person in view.situation.roles.items():
        spans += [f" · {role}: ", Person(person)]
    return tuple(spans)


def latest_update(view: View) -> list[Line]:
    """When people were told last, and the first line of what; no line when they were not yet."""
    if not view.situation.updates:
        return []
    latest = view.situation.updates[-1]
    return [
        shorter((Bold("Latest update "), When(latest.at), ": ", latest.text.splitlines()[0]), LONGEST_WORDS)
    ]


def open_ends(view: View) -> Line:
    """What is still to be done: the checklist's open items, else the next update."""
    left = [item.text for item in view.situation.items if not item.is_done]
    if left:
        return (Bold("Open: "), f"{len(left)} items of the checklist, first: {left[0]}")
    if view.incident.next_update_at:
        return (Bold("Next update: "), When(view.incident.next_update_at))
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
    }
)


def _line(entry: TimelineEntry) -> Line:
    actor: Line = (Person(entry.actor), " ") if entry.actor else ("Tocsin ",)
    return (When(entry.at, DATED), "  ", *actor, *SAID[entry.kind](entry))


Said = Callable[[TimelineEntry], Line]


def _words(text: str) -> Said:
    return lambda entry: (text.format_map(entry.detail),)


def _about_person(before: str, key: str, after: str = "") -> Said:
    return lambda entry: (before, Person(entry.detail[key]), after.format_map(entry.detail))


def _note(entry: TimelineEntry) -> Line:
    link, author = entry.detail.get("link", ""), entry.detail.get("author", "")
    source: Line = (" ", Link(link, "(message)")) if link else ()
    if author and author != entry.actor:
        return ("noted what ", Person(author), " wrote: ", entry.detail["text"], *source)
    return ("noted: ", entry.detail["text"], *source)


def _acknowledged(entry: TimelineEntry) -> Line:
    after = f"acknowledged after {lasted(float(entry.detail['seconds']))}"
    who, page = entry.detail.get("who", ""), entry.detail.get("page", "")
    return (
        f"{'' if entry.actor else f'heard that {who} '}{after}{f' at PagerDuty, page of {page}' if page else ''}",
    )


def _page_requested(entry: TimelineEntry) -> Line:
    person, words = entry.detail["person"], entry.detail["text"]
    who: Line = (Person(person),) if person else (entry.detail["to"],)
    return ("called ", *who, f": {words}" if words else "")


def _update_asked(entry: TimelineEntry) -> Line:
    people = [Person(each) for each in entry.detail["people"].split()]
    return (f"asked the {entry.detail['role']} for the overdue update: ", *(people or (entry.detail["to"],)))


def _offered(entry: TimelineEntry) -> Line:
    words = entry.detail.get("text", "")
    return ("offered command to ", Person(entry.detail["to"]), *((": ", words) if words else ()))


def _closed(entry: TimelineEntry) -> Line:
    reason = entry.detail.get("reason", "")
    return (f"closed it with {entry.detail['left']} items open: {reason}",) if reason else ("closed it",)


def _cancelled(entry: TimelineEntry) -> Line:
    reason = entry.detail.get("reason", "")
    return (f"cancelled it, a false alarm: {reason}",) if reason else ("cancelled it, a false alarm",)


def _looked(entry: TimelineEntry) -> Line:
    counts = [f"{entry.detail[name]} {word}" for name, word in LOOKED if name in entry.detail]
    what = entry.detail["what"] or "the checks of all playbooks"
    stopped = entry.detail.get("stopped", "")
    what += f", stopped when it was {stopped}" if stopped else ""
    return (f"ran {what}: {', '.join(counts) or 'nothing to run'} (sha256 {entry.detail['digest'][:12]})",)


LOOKED = (("bad", "bad"), ("warn", "suspicious"), ("ok", "fine"), ("unknown", "not checked"))

SAID: dict[EntryKind, Said] = {
    EntryKind.DECLARED: _words("declared {severity}: {title}"),
    EntryKind.PAGED: _about_person("called ", "person", " ({contact})"),
    EntryKind.PAGE_FAILED: _words("could not call {contact}: {why}"),
    EntryKind.ACKNOWLEDGED: _acknowledged,
    EntryKind.PAGE_REQUESTED: _page_requested,
    EntryKind.PAGE_ACCEPTED: _words("paged {contact} by {how}, accepted"),
    EntryKind.PAGE_DELIVERED: _words("heard about {contact}: {why}"),
    EntryKind.PHONE_NAMED: _words("asked the room to call {contact} by telephone. {why}"),
    EntryKind.ON_CALL_FOUND: _words("found who is on call as {contact}: {names}"),
    EntryKind.ON_CALL_NOT_CALLED: _words(
        "called nobody as {contact}: it was answered or made milder meanwhile"
    ),
    EntryKind.ESCALATED: _words("escalated, step {step}: {to}. {why}"),
    EntryKind.ASKED_IF_STILL: _words("asked whether somebody is still on it"),
    EntryKind.STILL_ON_IT: _words("is still on it"),
    EntryKind.LOOKED: _looked,
    EntryKind.PLAYBOOK_CHOSEN: _words("chose the playbook {title}"),
    EntryKind.JOINED: _words("joined"),
    EntryKind.LEFT: _words("left"),
    EntryKind.COMMANDER_CHANGED: _about_person("handed command to ", "to"),
    EntryKind.COMMAND_OFFERED: _offered,
    EntryKind.CHANNEL_OPENED: lambda entry: ("opened ", ChannelRef(entry.detail["channel"])),
    EntryKind.CHANNEL_FAILED: _words("could not open a channel: {why}"),
    EntryKind.ANNOUNCEMENT_FAILED: _words("could not announce it: {why}"),
    EntryKind.CHANNEL_LOST: lambda entry: (
        "lost ",
        ChannelRef(entry.detail["channel"]),
        f": {entry.detail['how']}",
    ),
    EntryKind.CHANNEL_BACK: lambda entry: ("went back to ", ChannelRef(entry.detail["channel"])),
    EntryKind.CHANNEL_RENAMED: _words("saw the channel renamed to {name}"),
    EntryKind.STATUS_CHANGED: _words("set the status to {to}"),
    EntryKind.SEVERITY_CHANGED: _words("changed the severity from {before} to {to}"),
    EntryKind.RENAMED: _words("renamed it to {to}"),
    EntryKind.ROLE_ASSIGNED: _about_person("gave a role to ", "to", ": {role}"),
    EntryKind.NOTE_ADDED: _note,
    EntryKind.SOURCE_EDITED: _words("changed a message that is noted above, it says now: {text}"),
    EntryKind.SOURCE_DELETED: _words("saw that a message was deleted that is noted above: {text}"),
    EntryKind.UPDATE_POSTED: _words("posted a status update"),
    EntryKind.UPDATE_ASKED: _update_asked,
    EntryKind.UPDATE_OVERDUE: _words("told the incidents channel that the update is overdue"),
    EntryKind.REMINDER_SNOOZED: _words("snoozed the reminder"),
    EntryKind.RESOLVED: _words("resolved it"),
    EntryKind.ITEM_TICKED: _words("ticked: {text}"),
    EntryKind.ITEM_UNTICKED: _words("unticked: {text}"),
    EntryKind.CLOSED: _closed,
    EntryKind.CANCELLED: _cancelled,
    EntryKind.REOPENED: _words("reopened it"),
}
"""How each kind of entry reads after its actor."""
