"""How each timeline entry reads. Older versions wrote less into an entry: it is told with what there is."""

from collections.abc import Callable

from bot.domain.incident import EntryKind, Situation, TimelineEntry, describe_role_holder
from bot.text.truncation import join_lines, join_points
from templates import item_owners, page_progress, paging_sentences, remediation_answers
from templates.blocks import format_duration
from templates.change_sentences import describe_impact, describe_offer
from templates.spans import DATE_FORMAT, ChannelMention, Line, Timestamp, UserMention, WebLink


def render_entry(situation: Situation, entry: TimelineEntry) -> Line:
    """One entry: when, who, what. What stands in the situation and not in the entry is looked up there."""
    actor: Line = (UserMention(entry.actor), " ") if entry.actor else ("Tocsin ",)
    by_situation = SITUATION_RENDERERS.get(entry.kind)
    said = by_situation(situation, entry) if by_situation else RENDERERS[entry.kind](entry)
    return (Timestamp(entry.at, DATE_FORMAT), "  ", *actor, *said)


EntryRenderer = Callable[[TimelineEntry], Line]


def _words(text: str) -> EntryRenderer:
    return lambda entry: (text.format_map(entry.detail),)


def _about_person(before: str, key: str, after: str = "") -> EntryRenderer:
    return lambda entry: (before, UserMention(entry.detail[key]), after.format_map(entry.detail))


def _role(entry: TimelineEntry) -> Line:
    person, role = entry.detail["to"], entry.detail["role"]
    if person == entry.actor:
        return (f"took the role {role}",)
    return ("made ", UserMention(person), f" {describe_role_holder(role)}")


def _note(entry: TimelineEntry) -> Line:
    link, author = entry.detail.get("link", ""), entry.detail.get("author", "")
    source: Line = (" ", WebLink(link, "(message)")) if link else ()
    if author and author != entry.actor:
        return ("noted what ", UserMention(author), " wrote: ", entry.detail["text"], *source)
    return ("noted: ", entry.detail["text"], *source)


def _render_acknowledged(entry: TimelineEntry) -> Line:
    by = DEEDS.get(entry.detail.get("by", ""), "")
    after = f"acknowledged after {format_duration(float(entry.detail['seconds']))}{by}"
    who, page = entry.detail.get("who", ""), entry.detail.get("page", "")
    return (
        f"{'' if entry.actor else f'recorded that {who} '}{after}{f' in PagerDuty ({page} page)' if page else ''}",
    )


DEEDS = {
    "lead": ", by taking command",
    "update": ", by posting an update",
    "status": ", by setting the status",
    "resolve": ", by resolving it",
    "still_on_it": ", by saying that they are still on it",
}
"""What counted as the acknowledgement of somebody who did not say so."""


def _page_requested(entry: TimelineEntry) -> Line:
    words = entry.detail["text"]
    return ("paged ", *paging_sentences.describe_manual_page(entry.detail), f": {words}" if words else "")


def _render_accepted(entry: TimelineEntry) -> Line:
    return (f"paged {entry.detail['contact']}: {page_progress.describe_method(entry.detail['how'])}",)


def _page_failed(entry: TimelineEntry) -> Line:
    person = entry.detail.get("person", "")
    who = paging_sentences.describe_not_paged(entry.detail["contact"], person)
    return ("could not page ", *who, f": {entry.detail['why']}")


def _render_escalated(entry: TimelineEntry) -> Line:
    why = paging_sentences.parse_mentions(entry.detail["why"])
    return (f"escalated, step {entry.detail['step']}: {entry.detail['to']}. ", *why)


def _update_asked(entry: TimelineEntry) -> Line:
    people = [UserMention(each) for each in entry.detail["people"].split()]
    return (f"asked the {entry.detail['role']} for the overdue update: ", *(people or (entry.detail["to"],)))


def _render_offered(entry: TimelineEntry) -> Line:
    words = entry.detail.get("text", "")
    return ("offered command to ", UserMention(entry.detail["to"]), *((": ", words) if words else ()))


def _severity(entry: TimelineEntry) -> Line:
    reason = entry.detail.get("reason", "")  # an older version wrote none
    change = "changed severity from {before} to {to}".format_map(entry.detail)
    return (f"{change}: {reason}" if reason else change,)


def _render_closed(entry: TimelineEntry) -> Line:
    reason = entry.detail.get("reason", "")
    return (f"closed it with {entry.detail['left']} items open: {reason}",) if reason else ("closed it",)


def _render_cancelled(entry: TimelineEntry) -> Line:
    reason = entry.detail.get("reason", "")
    return (f"cancelled it, a false alarm: {reason}",) if reason else ("cancelled it, a false alarm",)


def _render_diagnostics(entry: TimelineEntry) -> Line:
    """What a look found: the worst findings' sentences, or how many there are of each verdict where none is bad."""
    detail = entry.detail
    what = detail["what"] or "the checks of all playbooks"
    stopped = detail.get("stopped", "")
    head = f"ran {what}, stopped when it was {stopped}" if stopped else f"ran {what}"
    if not detail.get("found"):  # an older version wrote no findings
        counts = [f"{detail[name]} {word}" for name, word in VERDICT_WORDS if name in detail]
        return (f"{head}: {', '.join(counts) or 'nothing to run'}",)
    points = f" Points to {_sentence(detail['points'])}" if detail.get("points") else ""
    worst, word = next(each for each in VERDICT_WORDS if each[0] in detail)
    told = detail["found"].splitlines()
    left = int(detail[worst]) - len(told) if detail[worst].isdigit() else 0
    more = f" And {left} more {'is' if left == 1 else 'are'} {word}." if left > 0 else ""
    return (f"{head}.{points} {word.capitalize()}: ", " ".join(map(_sentence, told)), more)


VERDICT_WORDS = (("bad", "failing"), ("warn", "warning"), ("ok", "OK"), ("unknown", "not checked"))


def _sentence(text: str) -> str:
    """The text with a full stop, where it has no end of its own."""
    return text if text.endswith((".", "!", "?", "…", ")")) else f"{text}."


def _command(entry: TimelineEntry) -> Line:
    """Who took command from whom."""
    before, person = entry.detail.get("before", ""), entry.detail["to"]
    whose: Line = (UserMention(before),) if before else ()
    if entry.actor == person:
        offered = describe_offer(before, entry.detail.get("by", ""))
        return ("took command from ", *whose, *offered) if before else ("took command",)
    if before and entry.actor != before:
        return ("gave command of ", *whose, " to ", UserMention(person))
    return ("handed command to ", UserMention(person))


def _render_updated(situation: Situation, entry: TimelineEntry) -> Line:
    number = entry.detail.get("update", "")
    text = next((update.text for update in situation.updates if str(update.id) == number), "")
    return ("posted a status update", f": {join_lines(text)}" if text else "")


def _render_resolved(situation: Situation, entry: TimelineEntry) -> Line:
    """What was done and why it was. The words of the last resolution stand at the incident too."""
    done, cause = entry.detail.get("done", ""), entry.detail.get("cause", "")
    last = [each for each in situation.entries if each.kind is EntryKind.RESOLVED][-1:]
    if not done and entry in last:  # an older version wrote none
        done, cause = situation.incident.resolution, situation.incident.root_cause
    said = [f"{word}: {join_points(text)}" for word, text in (("Done", done), ("Cause", cause)) if text]
    return (
        "resolved it",
        *(f". {each}" if not place else f" {each}" for place, each in enumerate(_end_sentences(said))),
    )


def _end_sentences(texts: list[str]) -> list[str]:
    return [*map(_sentence, texts[:-1]), *texts[-1:]]


def _build_merge_renderer(before: str, key: str) -> EntryRenderer:
    """About another incident, with the way there."""

    def said(entry: TimelineEntry) -> Line:
        channel = entry.detail.get("channel", "")
        where: Line = (" in ", ChannelMention(channel)) if channel else ()
        return (f"{before}{entry.detail[key]}: {entry.detail['title']}", *where)

    return said


RENDERERS: dict[EntryKind, EntryRenderer] = {
    EntryKind.DECLARED: _words("declared {severity}: {title}"),
    EntryKind.PAGED: _about_person("paged ", "person", " ({contact})"),
    EntryKind.PAGE_FAILED: _page_failed,
    EntryKind.ACKNOWLEDGED: _render_acknowledged,
    EntryKind.PAGE_REQUESTED: _page_requested,
    EntryKind.PAGE_ACCEPTED: _render_accepted,
    EntryKind.PAGE_DELIVERED: _words("heard about {contact}: {why}"),
    EntryKind.PHONE_NAMED: _words("asked the channel to phone {contact}. {why}"),
    EntryKind.ON_CALL_FOUND: _words("looked up who is on call as {contact}: {names}"),
    EntryKind.ON_CALL_NOT_CALLED: _words(
        "paged nobody as {contact}: acknowledged or lowered in severity meanwhile"
    ),
    EntryKind.ESCALATED: _render_escalated,
    EntryKind.ASKED_IF_STILL: _words("asked whether somebody is still on it"),
    EntryKind.STILL_ON_IT: _words("is still on it"),
    EntryKind.LOOKED: _render_diagnostics,
    EntryKind.PLAYBOOK_CHOSEN: _words("chose the playbook {title}"),
    EntryKind.JOINED: _words("joined"),
    EntryKind.LEFT: _words("left"),
    EntryKind.COMMANDER_CHANGED: _command,
    EntryKind.COMMAND_OFFERED: _render_offered,
    EntryKind.CHANNEL_OPENED: lambda entry: ("opened ", ChannelMention(entry.detail["channel"])),
    EntryKind.CHANNEL_FAILED: _words("could not open a channel: {why}"),
    EntryKind.ANNOUNCEMENT_FAILED: _words("could not announce it: {why}"),
    EntryKind.CHANNEL_LOST: lambda entry: (
        "lost ",
        ChannelMention(entry.detail["channel"]),
        f": {entry.detail['how']}",
    ),
    EntryKind.PAGE_HELD: _words(
        "put the page for {names} on hold: they have not acknowledged another one yet"
    ),
    EntryKind.PAGE_DROPPED: _words("dropped the page on hold for {names}: no longer needed"),
    EntryKind.CHANNEL_BACK: lambda entry: ("went back to ", ChannelMention(entry.detail["channel"])),
    EntryKind.CHANNEL_RENAMED: _words("saw the channel renamed to {name}"),
    EntryKind.STATUS_CHANGED: _words("changed status to {to}"),
    EntryKind.SEVERITY_CHANGED: _severity,
    EntryKind.IMPACT_CHANGED: lambda entry: describe_impact(entry.detail),
    EntryKind.RENAMED: _words("renamed it to {to}"),
    EntryKind.ROLE_ASSIGNED: _role,
    EntryKind.NOTE_ADDED: _note,
    EntryKind.SOURCE_EDITED: _words("noted that a message above was edited; it now says: {text}"),
    EntryKind.SOURCE_DELETED: _words("noted that a message above was deleted: {text}"),
    EntryKind.UPDATE_ASKED: _update_asked,
    EntryKind.UPDATE_OVERDUE: _words("posted in the incidents channel that the update is overdue"),
    EntryKind.REMINDER_SNOOZED: _words("snoozed the reminder"),
    EntryKind.ITEM_TICKED: _words("checked off: {text}"),
    EntryKind.ITEM_UNTICKED: _words("unchecked: {text}"),
    EntryKind.ITEM_OWNED: lambda entry: item_owners.describe_owner_change(entry.detail),
    EntryKind.CLOSED: _render_closed,
    EntryKind.CANCELLED: _render_cancelled,
    EntryKind.REOPENED: _words("reopened it"),
    EntryKind.MERGED: _build_merge_renderer("merged it into ", "into"),
    EntryKind.MERGED_IN: _build_merge_renderer("merged into it: ", "from"),
    EntryKind.UNMERGED: _build_merge_renderer("reopened and no longer part of this: ", "from"),
    EntryKind.REMEDIATION_PROPOSED: remediation_answers.describe_proposed,
    EntryKind.REMEDIATION_APPROVED: remediation_answers.describe_approved,
    EntryKind.REMEDIATION_STARTED: remediation_answers.describe_started,
    EntryKind.REMEDIATION_ENDED: remediation_answers.describe_ended,
    EntryKind.REMEDIATION_CHECKED: remediation_answers.describe_checked,
    EntryKind.REMEDIATIONS_SWITCHED: remediation_answers.describe_switched,
    EntryKind.OF_NEWER: _words("did something that only a newer version of Tocsin understands: {text}"),
}
"""How each kind of entry reads after its actor."""

SITUATION_RENDERERS: dict[EntryKind, Callable[[Situation, TimelineEntry], Line]] = {
    EntryKind.UPDATE_POSTED: _render_updated,
    EntryKind.RESOLVED: _render_resolved,
}
"""Those whose words stand in the situation, too."""
