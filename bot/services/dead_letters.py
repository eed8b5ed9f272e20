"""What follows when an effect became a dead letter: say so where people look, and do what can be done instead."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.domain.effects import (
    AnnounceIncident,
    CallEveryone,
    DraftRunbook,
    Effect,
    FindOnCall,
    FindResponders,
    MoveToChannel,
    OpenChannel,
    PageContact,
    PageResponder,
    PostFinding,
    PostNotice,
    ProposeReview,
    ProposeRunbook,
    PublishText,
    RefreshAlert,
    RefreshAnnouncement,
    RefreshPage,
    ReturnToChannel,
    ShareReview,
    TellIncidentsChannel,
    TellThread,
    UploadChart,
    UploadReview,
)
from bot.domain.incident import Incident
from bot.domain.notices import ChannelFailedNotice, EffectFailedNotice, PageFailedNotice
from bot.domain.page_provider import OnCallResult
from bot.domain.timeline_details import AnnouncementFailedDetail, ChannelFailedDetail, PageFailedDetail
from bot.ports import Transaction
from bot.services.channel_fallback import schedule_next_move
from bot.services.channel_page import page_everyone_if_unreached
from bot.services.context import ServiceContext
from bot.services.first_attempts import start_page_attempt
from bot.services.on_call_result import page_on_call_people, page_own_slack_handles
from bot.services.page_progress import try_next_method
from bot.services.paging import find_silence_timeout
from bot.services.publication_record import handle_dead_text
from bot.services.review_file import handle_dead_review_file
from bot.services.review_proposal import handle_dead_proposal
from bot.services.runbook_learning import handle_dead_draft
from bot.services.slack_pages import refresh_announced_pages
from bot.text.slack_errors import describe_slack_code


async def handle_dead_letter(desk: ServiceContext, tx: Transaction, effect: Effect, why: str) -> None:
    """An effect can never be delivered: say so in the channel, and do what can be done instead."""
    number = getattr(effect, "incident", None)
    if number is None:
        return
    await tx.lock(number)
    await DEAD_LETTER_HANDLERS.get(type(effect), _report_failed_effect)(desk, tx, effect, why)


async def _try_next_method(desk: ServiceContext, tx: Transaction, effect: PageContact, why: str) -> None:
    attempt = await tx.way(effect.way)
    assert attempt is not None
    await try_next_method(desk, tx, attempt, f"The provider was not contacted: {why}.", refused=True)


async def _page_without_source(desk: ServiceContext, tx: Transaction, effect: FindOnCall, why: str) -> None:
    await page_on_call_people(
        desk, tx, effect, OnCallResult(problem=f"The on-call source could not be read: {why}.")
    )


async def _go_on_in_thread(desk: ServiceContext, tx: Transaction, effect: OpenChannel, why: str) -> None:
    """Without a channel the incident is worked in the announcement's thread, until a channel can be opened."""
    number = effect.incident
    await tx.add_entry(number, "", ChannelFailedDetail(why=why))
    pages = [
        RefreshPage(incident=number, person=page.person, change="no-channel")
        for page in await tx.pages(number)
        if page.held_until is None
    ]
    announced = await tx.make_due_now(AnnounceIncident(incident=number, channel_name="").key)
    refreshed = [] if announced else [RefreshAnnouncement(incident=number, change="no-channel")]
    failed = TellIncidentsChannel.say(number, desk.channel_name, ChannelFailedNotice(why=why), "channel")
    await tx.enqueue([failed, *refreshed, *pages])
    following, later = schedule_next_move(number, 0)
    await tx.enqueue([following], later=later)


async def _retry_move(desk: ServiceContext, tx: Transaction, effect: MoveToChannel, why: str) -> None:
    following, later = schedule_next_move(effect.incident, effect.attempt)
    incident = await tx.lock(effect.incident)
    if incident is not None and incident.status.is_open:
        await tx.enqueue([following], later=later)


async def _post_numbers(desk: ServiceContext, tx: Transaction, effect: UploadChart, why: str) -> None:
    """The numbers are worth more than the picture."""
    await tx.enqueue([PostFinding(incident=effect.incident, look=effect.look, place=effect.place)])


async def _report_announcement(
    desk: ServiceContext, tx: Transaction, effect: AnnounceIncident, why: str
) -> None:
    kind = "AnnounceIncident"
    await tx.add_entry(effect.incident, "", AnnouncementFailedDetail(why=why))
    notice = EffectFailedNotice(what=EFFECT_NAMES[kind], why=why)
    await tx.enqueue([PostNotice.say(effect.incident, notice, kind)])


async def _ignore(desk: ServiceContext, tx: Transaction, effect: Effect, why: str) -> None:
    """Nothing follows: what would tell of it is what could not be delivered."""


async def _report_failed_effect(desk: ServiceContext, tx: Transaction, effect: Any, why: str) -> None:
    """Named after its kind, it is said once for an incident, however often it fails."""
    kind = type(effect).__name__
    notice = EffectFailedNotice(what=EFFECT_NAMES[kind], why=why)
    if effect.lane.startswith("room:"):
        await tx.enqueue([TellIncidentsChannel.say(effect.incident, desk.channel_name, notice, kind)])
    else:
        await tx.enqueue([PostNotice.say(effect.incident, notice, kind)])


async def handle_unread_page(desk: ServiceContext, tx: Transaction, effect: PageResponder) -> None:
    """Slack took the direct message, but the account is deactivated: nobody will read it."""
    await tx.lock(effect.incident)
    await report_unreachable_person(desk, tx, effect, describe_slack_code("user_disabled"))


async def report_unreachable_person(
    desk: ServiceContext, tx: Transaction, effect: PageResponder | FindResponders, why: str
) -> None:
    """Somebody cannot be paged in Slack: say so in the channel, with the others of the contact who were reached, else
    with the phone number when no other method is left."""
    number, contact = effect.incident, effect.contact
    person = effect.person if isinstance(effect, PageResponder) else ""
    key = person or getattr(effect, "handle", "")
    if person:
        await tx.mark_page_failed(number, person, why)
    await tx.add_entry(number, "", PageFailedDetail(contact=contact, why=why, person=person))
    others = [page.person for page in await tx.pages(number) if page.contact == contact and not page.failed]
    notice = PageFailedNotice(contact=contact, why=why, person=person, others=tuple(others))
    effects: list[Effect] = [
        PostNotice.say(number, notice, f"{contact}:{key}"),
        RefreshAlert(incident=number, change=f"not-called:{contact}:{key}"),
        *await refresh_announced_pages(tx, number, f"not-called:{contact}:{key}"),
    ]
    if not others:
        incident = await tx.lock(number)
        assert incident is not None
        effects += await _telephone(desk, tx, incident, contact)
        effects += await page_own_slack_handles(desk, tx, incident, contact)
    effects += await page_everyone_if_unreached(desk, tx, number)
    await tx.enqueue(effects)


async def _telephone(desk: ServiceContext, tx: Transaction, incident: Incident, contact: str) -> list[Effect]:
    """Name the telephone of a contact whom nothing else is under way to."""
    own = [attempt for attempt in await tx.ways(incident.number) if attempt.contact == contact]
    if not all(attempt.is_phone for attempt in own):
        return []
    silence = await find_silence_timeout(desk, incident)
    reason = f"{contact} could not be paged in Slack."
    left = [attempt for attempt in own if attempt.requested_at is None and attempt.is_waiting]
    return [await start_page_attempt(tx, attempt, reason, silence) for attempt in left]


DeadLetterHandler = Callable[[ServiceContext, Transaction, Any, str], Awaitable[None]]

DEAD_LETTER_HANDLERS: Mapping[type[Effect], DeadLetterHandler] = {
    PageResponder: report_unreachable_person,
    FindResponders: report_unreachable_person,
    PageContact: _try_next_method,
    FindOnCall: _page_without_source,
    OpenChannel: _go_on_in_thread,
    MoveToChannel: _retry_move,
    UploadChart: _post_numbers,
    AnnounceIncident: _report_announcement,
    PublishText: handle_dead_text,
    ProposeReview: handle_dead_proposal,
    UploadReview: handle_dead_review_file,
    ShareReview: handle_dead_review_file,
    DraftRunbook: handle_dead_draft,
    ProposeRunbook: handle_dead_draft,
    PostNotice: _ignore,
    TellIncidentsChannel: _ignore,
    CallEveryone: _ignore,
    TellThread: _ignore,
    ReturnToChannel: _ignore,
}
"""What is done for a dead letter; one of any other kind is reported as a failed effect."""

EFFECT_NAMES = {
    "PostAlert": "the alert",
    "PinAlert": "pinning the alert",
    "RefreshAlert": "bringing the alert up to date",
    "RefreshAnnouncement": "bringing the announcement up to date",
    "TellOfFlood": "reporting that very much is declared at once",
    "RefreshFlood": "counting what is declared at once",
    "RefreshPage": "bringing a direct message up to date",
    "AskForUpdate": "asking somebody for the overdue update",
    "InvitePeople": "inviting people",
    "PostMeeting": "when the meeting is",
    "RefreshMeeting": "bringing the meeting's message up to date",
    "SendInvitation": "an invitation to the meeting",
    "TellOfMeeting": "telling somebody when the meeting is",
    "PostAction": "an action item",
    "RefreshAction": "bringing an action item up to date",
    "OfferReview": "offering the review",
    "PostReview": "how far the review is",
    "PostRunbookDraft": "what the runbook could learn",
    "RemoveReview": "taking an earlier file of the review away",
    "RefreshReview": "bringing the review's message up to date",
    "RemindOfAction": "reminding of an action item",
    "ShareLearnings": "what was learned, in another channel",
    "TellOfEarlier": "earlier incidents like this one",
    "CreateTicket": "an action item at the tracker",
    "SendTicketState": "telling the tracker how an action item stands",
    "TellItemOwner": "telling somebody that an item of the checklist is theirs",
    "KeepMessage": "noting a pinned message",
    "MentionPeople": "mentioning people",
    "MovePeople": "inviting people to where it goes on",
    "PostPlaybook": "the playbook",
    "AddBookmark": "the bookmark",
    "SetTopic": "the topic",
    "AnnounceIncident": "the announcement",
    "RemindOfUpdate": "the update reminder",
    "SettleReminder": "shortening an old reminder",
    "SettleUpdateRequest": "closing an old request for an update",
    "PostUpdate": "the status update",
    "PublishUpdate": "the status update in the incidents channel",
    "PostResolution": "the resolution message",
    "PublishResolution": "the resolution message in the incidents channel",
    "PostChecklist": "the checklist",
    "RefreshChecklist": "bringing the checklist up to date",
    "RemindOfChecklist": "the checklist reminder",
    "FollowPage": "telling the paging provider",
    "RepeatPage": "asking the paging provider once more",
    "NotePage": "adding a note at the paging provider",
    "NamePhone": "naming whom to call by telephone",
    "AskIfStill": "asking who is still on it",
    "SettleCheckIn": "closing an old question who is still on it",
    "PostEvidence": "what the diagnostics found",
    "RefreshEvidence": "bringing the diagnostics up to date",
    "RefreshOffers": "bringing the buttons of a message up to date",
    "PostFinding": "the evidence of a step",
    "PostRemediation": "the card of a remediation",
    "RefreshRemediation": "bringing the card of a remediation up to date",
    "PostPublicDraft": "the draft for customers",
    "RefreshPublicDraft": "bringing the draft for customers up to date",
    "PageApprovers": "paging the approvers of a remediation",
    "TellApprover": "telling an approver of a remediation",
    "TellOfBreakGlass": "telling that one approver alone acts",
    "TellRequester": "telling somebody what came of their remediation",
    "OfferCommand": "offering command",
    "SettleOffer": "closing an old offer of command",
    "FindShift": "asking who is on call next",
    "TellOfShift": "telling that a shift ends",
    "TellFollower": "telling somebody who follows it",
    "RenameChannel": "renaming the channel",
    "Repost": "posting a deleted message anew",
    "ArchiveChannel": "archiving the channel",
}
"""What an effect is called when it could not be done."""
