"""What the person who asked is told, for each result of a request. The type checker proves that none is forgotten."""

from typing import assert_never

from bot.domain.results import (
    AcknowledgedAlreadyResult,
    AcknowledgedResult,
    ActionResult,
    ChangeResult,
    ChecklistResult,
    ClosedAlreadyResult,
    ClosedResult,
    DeclarationResult,
    DeclaredBeforeResult,
    DeclaredResult,
    DraftOutdatedResult,
    EndResult,
    FollowerResult,
    GeneralResult,
    ItemOwnedAlreadyResult,
    ItemOwnedResult,
    ItemsOpenResult,
    JoinedAlreadyResult,
    JoinedResult,
    LifeResult,
    NoteResult,
    NothingNewResult,
    NothingToSnoozeResult,
    NoticedResult,
    OtherVersionResult,
    PageResult,
    PeopleResult,
    PlaybookAlreadyResult,
    PlaybookChosenResult,
    PublicationResult,
    RefusedResult,
    RemediationResult,
    RemediationSwitchResult,
    ResolvedAlreadyResult,
    ResolvedResult,
    ResponderResult,
    ReturnResult,
    ReviewResult,
    RoleResult,
    RunActiveResult,
    RunResult,
    RunStartedResult,
    SnoozedAlreadyResult,
    SnoozedResult,
    StillOnItResult,
    TickedAlreadyResult,
    TickedResult,
    UnansweredResult,
    UntickedAlreadyResult,
    UntickedResult,
    UpdatedMeanwhileResult,
    UpdatedResult,
    UpdateResult,
)
from bot.text.durations import format_duration
from templates import (
    action_views,
    change_sentences,
    merge_messages,
    paging_sentences,
    publication_sentences,
    remediation_answers,
    review_messages,
)
from templates.declared_reply import render_declared
from templates.duplicate_question import render_question
from templates.follower_messages import describe_follower
from templates.spans import Bold, ChannelMention, Code, Line, Timestamp, UserMention, split_code

WordedResult = (
    DeclarationResult
    | LifeResult
    | PeopleResult
    | RunResult
    | RemediationResult
    | RemediationSwitchResult
    | PublicationResult
    | GeneralResult
)
"""The results that are answered in sentences."""


def describe_result(result: WordedResult, reference: str) -> list[Line]:
    """The sentences; `reference` is what the incident is called. None where it is shown elsewhere, or nobody asked."""
    if isinstance(result, LifeResult):
        return _describe_life(result, reference)
    if isinstance(result, PeopleResult):
        return _describe_people(result, reference)
    if isinstance(result, DeclarationResult):
        return _describe_declaration(result, reference)
    if isinstance(result, RunResult):
        return [_describe_run(result, reference)]
    if isinstance(result, RemediationResult):
        return [remediation_answers.describe_decision(result, reference)]
    if isinstance(result, RemediationSwitchResult):
        return remediation_answers.describe_switching(result)
    if isinstance(result, PublicationResult):
        return publication_sentences.describe_publication(result, reference)
    return _describe_general(result)


def _describe_life(result: LifeResult, reference: str) -> list[Line]:
    if isinstance(result, ReturnResult):
        return merge_messages.describe_return(result, reference)
    if isinstance(result, EndResult):
        return _describe_end(result, reference)
    if isinstance(result, ChangeResult):
        return [change_sentences.describe_change(result)]
    if isinstance(result, NoteResult):
        return [change_sentences.describe_note(result)]
    if isinstance(result, RoleResult):
        return [change_sentences.describe_role(result)]
    if isinstance(result, UpdateResult):
        return _describe_update(result, reference)
    if isinstance(result, ActionResult):
        return action_views.describe_action_result(result, reference)
    if isinstance(result, ReviewResult):
        return review_messages.describe_review_result(result, reference)
    return _describe_checklist(result)


def _describe_people(result: PeopleResult, reference: str) -> list[Line]:
    if isinstance(result, FollowerResult):
        return describe_follower(result, reference)
    if isinstance(result, PageResult):
        return [paging_sentences.describe_page(result)]
    return [_describe_responder(result, reference)]


def _describe_declaration(result: DeclarationResult, reference: str) -> list[Line]:
    match result:
        case DeclaredResult():
            return render_declared(result, reference)
        case DeclaredBeforeResult():
            return render_question(result, reference)
        case _:
            assert_never(result)


def _describe_responder(result: ResponderResult, reference: str) -> Line:
    match result:
        case AcknowledgedResult():
            return _describe_acknowledged(result, reference)
        case AcknowledgedAlreadyResult():
            return (f"You already acknowledged {reference}.",)
        case JoinedResult():
            return (f"You're invited to {reference}: ", *_room(result.channel))
        case JoinedAlreadyResult():
            return (f"You already joined {reference}: ", *_room(result.channel))
        case StillOnItResult():
            return ("Thanks. I'll check in again when there's no activity for a while.",)
        case _:
            assert_never(result)


def _describe_acknowledged(result: AcknowledgedResult, reference: str) -> Line:
    took, target = format_duration(float(result.seconds)), ""
    if result.target_seconds is not None:
        target = f" (target: under {format_duration(float(result.target_seconds))})"
    return (Bold(f"You acknowledged {reference}"), f" after {took}{target}. Where: ", *_room(result.channel))


def _room(channel: str) -> Line:
    return (ChannelMention(channel),) if channel else ("its channel is being opened",)


def _describe_update(result: UpdateResult, reference: str) -> list[Line]:
    match result:
        case UpdatedResult():
            following: Line = ()
            if result.next is not None:
                following = (" The next one is due at ", Timestamp(result.next), ".")
            return [(f"Update to {reference} posted.", *following)]
        case UpdatedMeanwhileResult():  # the form shows it with what it asks next
            return []
        case DraftOutdatedResult():
            said = "Someone posted an update first, so I discarded this draft. Use /incident update."
            return [(said,)]
        case SnoozedResult():
            until, promise = Timestamp(result.until), Timestamp(result.promise)
            return [("I'll remind you at ", until, "; the update was due at ", promise, ".")]
        case SnoozedAlreadyResult():
            return [("Already snoozed once for this update. Nothing was changed.",)]
        case NothingToSnoozeResult():
            return [("No reminder left to snooze; the update is still due.",)]
        case _:
            assert_never(result)


def _describe_end(result: EndResult, reference: str) -> list[Line]:
    match result:
        case ResolvedResult():
            return [(f"{reference} is resolved. The checklist is in its channel.",)]
        case ResolvedAlreadyResult():
            by: Line = (" by ", UserMention(result.by)) if result.by else ()
            at: Line = (" at ", Timestamp(result.at)) if result.at is not None else ()
            return [(f"{reference} is already resolved", *by, *at, ". Nothing was changed.")]
        case ClosedResult():
            return [(f"{reference} is closed.",)]
        case ClosedAlreadyResult():
            return [(f"{reference} is already closed. Nothing was changed.",)]
        case ItemsOpenResult():
            return [
                (Bold("Not closed: these items are open."),),
                *(("☐ ", text) for text in result.items),
                ("Check them off, or close with a reason: ", Code("/incident close anyway REASON")),
            ]
        case _:
            assert_never(result)


def _describe_checklist(result: ChecklistResult) -> list[Line]:
    """Nothing about ticks: the message with the button shows them."""
    match result:
        case ItemOwnedResult():
            return [("Saved: ", Bold(result.text))]
        case ItemOwnedAlreadyResult():
            return [("The item already has this owner and due date. Nothing was changed.",)]
        case TickedResult() | UntickedResult() | TickedAlreadyResult() | UntickedAlreadyResult():
            return []
        case _:
            assert_never(result)


def _describe_run(result: RunResult, reference: str) -> Line:
    match result:
        case RunStartedResult():
            what = result.title or "the checks of all playbooks"
            return (Bold(f"Running: {what}."), " Results appear in the channel within half a minute.")
        case RunActiveResult():
            return (f"Already running: results appear in the channel of {reference}.",)
        case PlaybookChosenResult():
            title = Bold(result.title)
            return (f"{reference} now uses ", title, ". It's posted, and its checks are running.")
        case PlaybookAlreadyResult():
            return (f"{reference} already uses this playbook: {result.title}.",)
        case _:
            assert_never(result)


def _describe_general(result: GeneralResult) -> list[Line]:
    match result:
        case RefusedResult():
            return [split_code(result.sentence)]
        case UnansweredResult():
            return [("I'm already working on this request. Nothing was done twice.",)]
        case (
            NoticedResult() | NothingNewResult() | OtherVersionResult()
        ):  # nobody asked, or nobody knows what
            return []
        case _:
            assert_never(result)
