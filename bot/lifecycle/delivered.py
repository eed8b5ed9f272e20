"""What follows when an effect was delivered, and when it can never be."""

from collections.abc import Mapping, Sequence

from bot.calls import not_paged
from bot.effects import (
    AnnounceIncident,
    CallEveryone,
    Effect,
    FindOnCall,
    FindResponders,
    InvitePeople,
    MentionPeople,
    MoveToChannel,
    OpenChannel,
    PageContact,
    PageResponder,
    PostAlert,
    PostFinding,
    PostNotice,
    RefreshAlert,
    RefreshAnnouncement,
    RefreshPage,
    ReturnToChannel,
    TellIncidentsChannel,
    TellThread,
    UploadChart,
)
from bot.incident import EntryKind
from bot.lifecycle import calling, on_call, waiting
from bot.lifecycle.desk import Desk
from bot.lifecycle.rooms import next_move
from bot.paging import Duty
from bot.ports import Transaction


async def channel_opened(work: Transaction, number: int, channel: str) -> None:
    """The incident's channel exists: keep its id and let announcement and direct messages lead to it."""
    await work.lock(number)
    await work.change(number, channel=channel)
    await work.add_entry(number, "", EntryKind.CHANNEL_OPENED, channel=channel)
    pages = [
        RefreshPage(incident=number, person=page.person, change="opened") for page in await work.pages(number)
    ]
    await work.enqueue([RefreshAnnouncement(incident=number, change="opened"), *pages])


async def page_accepted(work: Transaction, effect: PageResponder) -> None:
    """Slack took the direct message."""
    await work.page_accepted(effect.incident, effect.person)
    await work.add_entry(effect.incident, "", EntryKind.PAGED, person=effect.person, contact=effect.contact)
    if await work.is_begun(PostAlert(incident=effect.incident).key):
        await work.enqueue([RefreshAlert(incident=effect.incident, change=f"called:{effect.person}")])


async def responders_found(work: Transaction, effect: FindResponders, people: Sequence[str]) -> None:
    """Slack translated a contact's address or usergroup into people: page, invite and mention those who are new."""
    number = effect.incident
    await work.lock(number)
    paged = not_paged(await work.pages(number), [(effect.contact, person) for person in people])
    await work.add_pages(number, paged)
    new = tuple(person for _, person in paged)
    change = f"{effect.contact}:{effect.handle}"
    effects: list[Effect] = [
        PageResponder(incident=number, person=each, contact=effect.contact) for each in new
    ]
    if new:
        effects.append(InvitePeople(incident=number, people=new, change=change))
        effects.append(MentionPeople(incident=number, people=new, missing=(), change=change))
    elif not people:
        effects.append(
            _said(number, "page_failed", change, contact=effect.contact, why="nobody is in its group")
        )
    await work.enqueue(effects)


async def buried(desk: Desk, work: Transaction, effect: Effect, why: str) -> None:
    """An effect can never be delivered: say so where people look, and do what can be done instead."""
    number = getattr(effect, "incident", None)
    if number is None:
        return
    await work.lock(number)
    match effect:
        case PageResponder() | FindResponders():
            await _page_failed(desk, work, effect, why)
        case PageContact():
            way = await work.way(effect.way)
            assert way is not None
            await waiting.moved_on(desk, work, way, f"The provider was not asked: {why}.", refused=True)
        case FindOnCall():
            await on_call.found(desk, work, effect, Duty(problem=f"Nobody could be asked: {why}."))
        case OpenChannel():
            await work.add_entry(number, "", EntryKind.CHANNEL_FAILED, why=why)
            pages = [
                RefreshPage(incident=number, person=page.person, change="no-channel")
                for page in await work.pages(number)
            ]
            announced = RefreshAnnouncement(incident=number, change="no-channel")
            await work.enqueue([_told(desk, number, "channel_failed", "channel", why=why), announced, *pages])
            following, later = next_move(number, 0)
            await work.enqueue([following], later=later)
        case MoveToChannel():
            following, later = next_move(number, effect.attempt)
            incident = await work.lock(number)
            if incident is not None and incident.status.is_open:
                await work.enqueue([following], later=later)
        case UploadChart():  # the numbers are worth more than the picture
            await work.enqueue([PostFinding(incident=number, look=effect.look, place=effect.place)])
        case AnnounceIncident():
            await work.add_entry(number, "", EntryKind.ANNOUNCEMENT_FAILED, why=why)
            await work.enqueue(
                [_said(number, "effect_failed", "AnnounceIncident", what=WORDS["AnnounceIncident"], why=why)]
            )
        case PostNotice() | TellIncidentsChannel() | CallEveryone() | TellThread() | ReturnToChannel():
            return
        case _:
            # Named after its kind, it is said once for an incident, however often it fails.
            kind = type(effect).__name__
            detail = {"what": WORDS[kind], "why": why}
            if effect.lane.startswith("room:"):
                await work.enqueue([_told(desk, number, "effect_failed", kind, **detail)])
            else:
                await work.enqueue([_said(number, "effect_failed", kind, **detail)])


async def _page_failed(
    desk: Desk, work: Transaction, effect: PageResponder | FindResponders, why: str
) -> None:
    number = effect.incident
    if isinstance(effect, PageResponder):
        await work.page_failed(number, effect.person, why)
        key = effect.person
    else:
        key = effect.handle
    await work.add_entry(number, "", EntryKind.PAGE_FAILED, contact=effect.contact, why=why)
    effects: list[Effect] = [
        _said(number, "page_failed", f"{effect.contact}:{key}", contact=effect.contact, why=why),
        RefreshAlert(incident=number, change=f"not-called:{effect.contact}:{key}"),
    ]
    incident = await work.lock(number)
    assert incident is not None
    for way in await work.ways(number):
        if way.contact == effect.contact and way.is_phone and way.requested_at is None and way.is_waiting:
            earlier = [each for each in await work.ways(number) if each.contact == effect.contact]
            if all(each.is_phone for each in earlier):  # nothing else is under way to this contact
                reason = f"{way.contact} could not be called in Slack."
                silence = await calling.silence_of(desk, incident)
                effects.append(await calling.asked(work, way, reason, silence))
    effects += await calling.nobody_left(desk, work, number)
    await work.enqueue(effects)


async def not_invited(work: Transaction, number: int, change: str, refused: Mapping[str, str]) -> None:
    """Some people could not be brought into the channel: name them there."""
    names = ", ".join(f"{person} ({code})" for person, code in refused.items())
    await work.enqueue(
        [_said(number, "effect_failed", f"invite:{change}", what="inviting people", why=names)]
    )


def _said(number: int, words: str, change: str, **detail: str) -> PostNotice:
    return PostNotice(incident=number, words=words, detail=tuple(detail.items()), change=change)


def _told(desk: Desk, number: int, words: str, change: str, **detail: str) -> TellIncidentsChannel:
    return TellIncidentsChannel(
        incident=number,
        channel_name=desk.channel_name,
        words=words,
        detail=tuple(detail.items()),
        change=change,
    )


WORDS = {
    "PostAlert": "the alert",
    "PinAlert": "pinning the alert",
    "RefreshAlert": "bringing the alert up to date",
    "RefreshAnnouncement": "bringing the announcement up to date",
    "RefreshPage": "bringing a direct message up to date",
    "AskForUpdate": "asking somebody for the overdue update",
    "InvitePeople": "inviting people",
    "KeepMessage": "noting a pinned message",
    "MentionPeople": "mentioning people",
    "PostPlaybook": "the playbook",
    "AddBookmark": "the bookmark",
    "SetTopic": "the topic",
    "AnnounceIncident": "the announcement",
    "RemindOfUpdate": "the update reminder",
    "PostUpdate": "the status update",
    "PublishUpdate": "the status update in the incidents channel",
    "PostResolution": "the resolution message",
    "PublishResolution": "the resolution message in the incidents channel",
    "PostChecklist": "the checklist",
    "RefreshChecklist": "bringing the checklist up to date",
    "RemindOfChecklist": "the checklist reminder",
    "FollowPage": "telling the paging provider",
    "NamePhone": "naming whom to call by telephone",
    "AskIfStill": "asking who is still on it",
    "PostEvidence": "what the diagnostics found",
    "RefreshEvidence": "bringing the diagnostics up to date",
    "PostFinding": "the evidence of a step",
    "OfferCommand": "offering command",
    "RenameChannel": "renaming the channel",
    "ArchiveChannel": "archiving the channel",
}
"""What an effect is called when it could not be done."""
