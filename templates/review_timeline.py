"""The timeline of a post-incident review: entry by entry, what happened close together in one line."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.domain.incident import EntryKind, TimelineEntry
from bot.domain.timeline_details import ActionAddedDetail, UpdatePostedDetail
from templates.review_content import ReviewContent
from templates.timeline_entries import render_entry

OWN_AFFAIRS = frozenset({EntryKind.PROPOSED, EntryKind.NOT_PROPOSED, EntryKind.REVIEW_FILED})
"""Entries about the review itself: a document that told of its own commits would never be done."""

MERGED_KINDS = frozenset(
    {
        EntryKind.PAGED,
        EntryKind.PAGE_REQUESTED,
        EntryKind.PAGE_ACCEPTED,
        EntryKind.PAGE_DELIVERED,
        EntryKind.PAGE_FAILED,
        EntryKind.PAGE_DROPPED,
        EntryKind.ON_CALL_FOUND,
        EntryKind.JOINED,
        EntryKind.LEFT,
        EntryKind.ROLE_ASSIGNED,
        EntryKind.ITEM_TICKED,
        EntryKind.ITEM_OWNED,
        EntryKind.ACTION_ADDED,
        EntryKind.ACTION_ENDED,
        EntryKind.TICKET_CREATED,
        EntryKind.TICKET_STATE,
        EntryKind.REVIEW_ANSWERED,
        EntryKind.PUBLISHED,
    }
)
"""Steps of one thing: paging everybody, people who come in, a checklist that is ticked."""

MERGED_WITHIN = timedelta(minutes=2)
"""How long after the first one a further one stands in its line."""


def render_timeline(content: ReviewContent) -> Iterator[str]:
    """Each entry in the words of the timeline; adjacent ones of a kind that came close together share a line."""
    told = [entry for entry in content.situation.entries if entry.kind not in OWN_AFFAIRS]
    for group in _group(told):
        first, last = group[0], group[-1]
        until = f" to {content.tell(last.at)}" if f"{last.at:%H:%M:%S}" != f"{first.at:%H:%M:%S}" else ""
        said = "; ".join(_tell(content, entry) for entry in group)
        yield f"- {content.tell(first.at)}{until} {said}"


def _group(entries: Sequence[TimelineEntry]) -> Iterator[list[TimelineEntry]]:
    group: list[TimelineEntry] = []
    for entry in entries:
        is_next = group and entry.kind is group[0].kind and entry.kind in MERGED_KINDS
        if is_next and entry.at - group[0].at <= MERGED_WITHIN:
            group.append(entry)
            continue
        if group:
            yield group
        group = [entry]
    if group:
        yield group


def _tell(content: ReviewContent, entry: TimelineEntry) -> str:
    """Who and what, with the message that says it."""
    _, _, *line = render_entry(content.situation, entry)
    return f"{content.format_line(tuple(line))}{content.link(*_find_posts(content, entry))}"


def _find_posts(content: ReviewContent, entry: TimelineEntry) -> tuple[str, ...]:
    """The keys under which the message of an entry may have been posted."""
    number = content.situation.incident.number
    match entry.detail:
        case UpdatePostedDetail(update=int(update)):
            return (f"update:{number}:{update}",)
        case ActionAddedDetail(action=action):
            return (f"action:{number}:{action}",)
    if entry.kind is EntryKind.DECLARED and (alert := content.situation.post("alert")):
        return (alert.key,)
    if entry.kind is EntryKind.RESOLVED:
        before = [other for other in content.situation.entries if other.kind is EntryKind.RESOLVED]
        return (f"resolution:{number}:{before.index(entry) + 1}",)
    return ()
