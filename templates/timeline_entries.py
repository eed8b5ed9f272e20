"""How each timeline entry reads. Older versions wrote less into an entry: it is told with what there is."""

from typing import assert_never

from bot.domain.incident import EntryKind, Situation, TimelineEntry
from bot.domain.timeline_details import (
    ActionDetail,
    CancelledDetail,
    ChangeDetail,
    ClosedDetail,
    DeclaredDetail,
    ImpactChangedDetail,
    ItemDetail,
    ItemOwnedDetail,
    ItemTickedDetail,
    ItemUntickedDetail,
    LifeDetail,
    LookedDetail,
    MergedDetail,
    MergeDetail,
    MergedInDetail,
    NoteAddedDetail,
    NoteDetail,
    OfNewerDetail,
    PageDetail,
    PageStateDetail,
    PeopleDetail,
    PlaybookChosenDetail,
    PublicationDetail,
    RemediationDetail,
    ReminderSnoozedDetail,
    RenamedDetail,
    ReopenedDetail,
    ResolvedDetail,
    ReviewDetail,
    RoomDetail,
    SeverityChangedDetail,
    SourceDeletedDetail,
    SourceEditedDetail,
    StatusChangedDetail,
    TimesCorrectedDetail,
    UnmergedDetail,
    UpdateAskedDetail,
    UpdateDetail,
    UpdateOverdueDetail,
    UpdatePostedDetail,
)
from bot.text.truncation import join_lines, join_points
from templates import (
    action_views,
    item_owners,
    publication_sentences,
    remediation_answers,
    review_messages,
)
from templates.change_sentences import describe_impact
from templates.spans import (
    CLOSING_DATE_FORMAT,
    DATE_FORMAT,
    ChannelMention,
    Line,
    Timestamp,
    UserMention,
    WebLink,
)
from templates.timeline_people import describe_paging, describe_people, describe_room


def render_entry(situation: Situation, entry: TimelineEntry) -> Line:
    """One entry: when, who, what. What stands in the situation and not in the entry is looked up there."""
    actor: Line = (UserMention(entry.actor), " ") if entry.actor else ("Tocsin ",)
    said = describe_entry(situation, entry)
    return (Timestamp(entry.at, DATE_FORMAT), "  ", *actor, *said)


def describe_entry(situation: Situation, entry: TimelineEntry) -> Line:
    """What happened, behind its actor. The type checker proves that no kind is forgotten."""
    detail = entry.detail
    if isinstance(detail, LifeDetail):
        return _describe_life(situation, entry, detail)
    if isinstance(detail, ChangeDetail):
        return _describe_change(detail)
    if isinstance(detail, MergeDetail):
        return _describe_merge(detail)
    if isinstance(detail, PeopleDetail):
        return describe_people(entry.actor, detail)
    if isinstance(detail, PageDetail | PageStateDetail):
        return describe_paging(entry.actor, detail)
    if isinstance(detail, RoomDetail):
        return describe_room(detail)
    if isinstance(detail, RemediationDetail):
        return remediation_answers.describe_remediation(detail)
    if isinstance(detail, PublicationDetail):
        return publication_sentences.describe_public_entry(detail)
    return _describe_work(situation, entry.actor, detail)


def _describe_life(situation: Situation, entry: TimelineEntry, detail: LifeDetail) -> Line:
    match detail:
        case DeclaredDetail():
            return (f"declared {detail.severity}: {detail.title}",)
        case ResolvedDetail():
            return _describe_resolved(situation, entry, detail)
        case ClosedDetail():
            return (
                f"closed it with {detail.left} items open: {detail.reason}" if detail.reason else "closed it",
            )
        case CancelledDetail():
            return (f"cancelled it, a false alarm{f': {detail.reason}' if detail.reason else ''}",)
        case ReopenedDetail():
            return ("reopened it",)
        case _:
            assert_never(detail)


def _describe_resolved(situation: Situation, entry: TimelineEntry, detail: ResolvedDetail) -> Line:
    """What was done and why it was. The words of the last resolution stand at the incident too."""
    done, cause = detail.done, detail.cause
    last = [other for other in situation.entries if other.kind is EntryKind.RESOLVED][-1:]
    if not done and entry in last:  # an older version wrote none
        done, cause = situation.incident.resolution, situation.incident.root_cause
    said = [f"{word}: {join_points(text)}" for word, text in (("Done", done), ("Cause", cause)) if text]
    told = (f" {text}" if place else f". {text}" for place, text in enumerate(_end_sentences(said)))
    return ("resolved it", *told)


def _end_sentences(texts: list[str]) -> list[str]:
    return [*map(_sentence, texts[:-1]), *texts[-1:]]


def _sentence(text: str) -> str:
    """The text with a full stop, where it has no end of its own."""
    return text if text.endswith((".", "!", "?", "…", ")")) else f"{text}."


def _describe_change(detail: ChangeDetail) -> Line:
    match detail:
        case StatusChangedDetail():
            return (f"changed status to {detail.to}",)
        case SeverityChangedDetail():
            reason = f": {detail.reason}" if detail.reason else ""  # an older version wrote none
            return (f"changed severity from {detail.before} to {detail.to}{reason}",)
        case RenamedDetail():
            return (f"renamed it to {detail.to}",)
        case ImpactChangedDetail():
            return describe_impact(detail)
        case TimesCorrectedDetail():
            return ("said that it began ", Timestamp(detail.began, CLOSING_DATE_FORMAT), f": {detail.reason}")
        case PlaybookChosenDetail():
            return (f"chose the playbook {detail.title}",)
        case _:
            assert_never(detail)


def _describe_merge(detail: MergeDetail) -> Line:
    """About another incident, with the way there."""
    where: Line = (" in ", ChannelMention(detail.channel)) if detail.channel else ()
    match detail:
        case MergedDetail():
            return (f"merged it into {detail.into}: {detail.title}", *where)
        case MergedInDetail():
            return (f"merged into it: {detail.source}: {detail.title}", *where)
        case UnmergedDetail():
            return (f"reopened and no longer part of this: {detail.source}: {detail.title}", *where)
        case _:
            assert_never(detail)


def _describe_work(
    situation: Situation,
    actor: str,
    detail: UpdateDetail | ItemDetail | ActionDetail | ReviewDetail | NoteDetail,
) -> Line:
    if isinstance(detail, UpdateDetail):
        return _describe_update(situation, detail)
    if isinstance(detail, ActionDetail):
        return action_views.describe_action(detail)
    if isinstance(detail, ReviewDetail):
        return review_messages.describe_review(detail)
    if isinstance(detail, ItemDetail):
        return _describe_item(detail)
    return _describe_note(actor, detail)


def _describe_update(situation: Situation, detail: UpdateDetail) -> Line:
    match detail:
        case UpdatePostedDetail():
            posted = (update.text for update in situation.updates if update.id == detail.update)
            text = next(posted, "")
            return ("posted a status update", f": {join_lines(text)}" if text else "")
        case UpdateOverdueDetail():
            return ("posted in the incidents channel that the update is overdue",)
        case UpdateAskedDetail():
            people = [UserMention(person) for person in detail.people]
            return (f"asked the {detail.role} for the overdue update: ", *(people or (detail.to,)))
        case ReminderSnoozedDetail():
            return ("snoozed the reminder",)
        case _:
            assert_never(detail)


def _describe_item(detail: ItemDetail) -> Line:
    match detail:
        case ItemTickedDetail():
            return (f"checked off: {detail.text}",)
        case ItemUntickedDetail():
            return (f"unchecked: {detail.text}",)
        case ItemOwnedDetail():
            return item_owners.describe_owner_change(detail)
        case _:
            assert_never(detail)


def _describe_note(actor: str, detail: NoteDetail) -> Line:
    match detail:
        case NoteAddedDetail():
            return _describe_added_note(actor, detail)
        case SourceEditedDetail():
            return (f"noted that a message above was edited; it now says: {detail.text}",)
        case SourceDeletedDetail():
            return (f"noted that a message above was deleted: {detail.text}",)
        case LookedDetail():
            return _describe_run(detail)
        case OfNewerDetail():
            return (f"did something that only a newer version of Tocsin understands: {detail.text}",)
        case _:
            assert_never(detail)


def _describe_added_note(actor: str, detail: NoteAddedDetail) -> Line:
    source: Line = (" ", WebLink(detail.link, "(message)")) if detail.link else ()
    if detail.author and detail.author != actor:
        return ("noted what ", UserMention(detail.author), " wrote: ", detail.text, *source)
    return ("noted: ", detail.text, *source)


def _describe_run(detail: LookedDetail) -> Line:
    """What a run found: the worst findings' sentences, or how many there are of each verdict where none is bad."""
    what = detail.what or "the checks of all playbooks"
    head = f"ran {what}, stopped when it was {detail.stopped}" if detail.stopped else f"ran {what}"
    verdicts = (
        (detail.bad, "failing"),
        (detail.warn, "warning"),
        (detail.ok, "OK"),
        (detail.unknown, "without a verdict"),
    )
    counts = [(count, word) for count, word in verdicts if count is not None]
    if not detail.found or not counts:  # an older version wrote no findings
        said = ", ".join(f"{count} {word}" for count, word in counts)
        return (f"{head}: {said or 'nothing to run'}",)
    points = f" Points to {_sentence(detail.points)}" if detail.points else ""
    word, left = counts[0][1], counts[0][0] - len(detail.found)
    more = f" And {left} more {'is' if left == 1 else 'are'} {word}." if left > 0 else ""
    return (f"{head}.{points} {word.capitalize()}: ", " ".join(map(_sentence, detail.found)), more)
