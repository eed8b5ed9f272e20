"""How timeline entries about people, pages and channels read."""

from typing import assert_never

from bot.domain.incident import describe_role_holder
from bot.domain.timeline_details import (
    AcknowledgedDetail,
    AnnouncementFailedDetail,
    AskedIfStillDetail,
    ChannelBackDetail,
    ChannelFailedDetail,
    ChannelLostDetail,
    ChannelOpenedDetail,
    ChannelRenamedDetail,
    CommanderChangedDetail,
    CommandOfferedDetail,
    EscalatedDetail,
    JoinedDetail,
    LeftDetail,
    OnCallFoundDetail,
    OnCallNotCalledDetail,
    PageAcceptedDetail,
    PagedDetail,
    PageDeliveredDetail,
    PageDetail,
    PageDroppedDetail,
    PageFailedDetail,
    PageHeldDetail,
    PageRequestedDetail,
    PageStateDetail,
    PeopleDetail,
    PhoneNamedDetail,
    RoleAssignedDetail,
    RoomDetail,
    StillOnItDetail,
)
from bot.text.durations import format_duration
from templates import page_progress, paging_sentences
from templates.change_sentences import describe_offer
from templates.spans import ChannelMention, Line, UserMention


def describe_people(actor: str, detail: PeopleDetail) -> Line:
    """Who works on it, and in which role."""
    match detail:
        case JoinedDetail():
            return ("joined",)
        case LeftDetail():
            return ("left",)
        case CommanderChangedDetail():
            return _describe_commander(actor, detail)
        case CommandOfferedDetail():
            words: Line = (": ", detail.text) if detail.text else ()
            return ("offered command to ", UserMention(detail.to), *words)
        case RoleAssignedDetail():
            if detail.to == actor:
                return (f"took the role {detail.role}",)
            return ("made ", UserMention(detail.to), f" {describe_role_holder(detail.role)}")
        case StillOnItDetail():
            return ("is still on it",)
        case AskedIfStillDetail():
            return ("asked whether somebody is still on it",)
        case _:
            assert_never(detail)


def _describe_commander(actor: str, detail: CommanderChangedDetail) -> Line:
    """Who took command from whom."""
    before, person = detail.before, detail.to
    whose: Line = (UserMention(before),) if before else ()
    if actor == person:
        offered = describe_offer(before, detail.by)
        return ("took command from ", *whose, *offered) if before else ("took command",)
    if before and actor != before:
        return ("gave command of ", *whose, " to ", UserMention(person))
    return ("handed command to ", UserMention(person))


def describe_paging(actor: str, detail: PageDetail | PageStateDetail) -> Line:
    """Who was paged and acknowledged, and what did not work."""
    if isinstance(detail, PageDetail):
        return _describe_page(actor, detail)
    match detail:
        case AcknowledgedDetail():
            return _describe_acknowledged(actor, detail)
        case PageHeldDetail():
            names = f"put the page for {detail.names} on hold"
            return (f"{names}: they have not acknowledged another one yet",)
        case PageDroppedDetail():
            return (f"dropped the page on hold for {detail.names}: no longer needed",)
        case OnCallFoundDetail():
            return (f"looked up who is on call as {detail.contact}: {detail.names}",)
        case OnCallNotCalledDetail():
            nobody = f"paged nobody as {detail.contact}"
            return (f"{nobody}: acknowledged or lowered in severity meanwhile",)
        case _:
            assert_never(detail)


def _describe_page(actor: str, detail: PageDetail) -> Line:
    match detail:
        case PagedDetail():
            return ("paged ", UserMention(detail.person), f" ({detail.contact})")
        case PageRequestedDetail():
            words = f": {detail.text}" if detail.text else ""
            return ("paged ", *paging_sentences.describe_manual_page(detail), words)
        case PageAcceptedDetail():
            return (f"paged {detail.contact}: {page_progress.describe_method(detail.how)}",)
        case PageDeliveredDetail():
            return (f"heard about {detail.contact}: {detail.why}",)
        case PhoneNamedDetail():
            return (f"asked the channel to phone {detail.contact}. {detail.why}",)
        case PageFailedDetail():
            who = paging_sentences.describe_not_paged(detail.contact, detail.person or "")
            return ("could not page ", *who, f": {detail.why}")
        case EscalatedDetail():
            told = f"escalated, step {detail.step}: {detail.to or 'nobody new'}"
            # who did it by hand is named in front: that they asked for it says the same again
            return (told,) if actor else (f"{told}. ", *paging_sentences.parse_mentions(detail.why))
        case _:
            assert_never(detail)


def _describe_acknowledged(actor: str, detail: AcknowledgedDetail) -> Line:
    recorded = "" if actor else f"recorded that {detail.who or ''} "
    there = f" in PagerDuty ({detail.page} page)" if detail.page else ""
    after = f"acknowledged after {format_duration(float(detail.seconds))}"
    return (f"{recorded}{after}{DEEDS.get(detail.by or '', '')}{there}",)


DEEDS = {
    "lead": ", by taking command",
    "update": ", by posting an update",
    "status": ", by setting the status",
    "resolve": ", by resolving it",
    "still_on_it": ", by saying that they are still on it",
}
"""What counted as the acknowledgement of somebody who did not say so."""


def describe_room(detail: RoomDetail) -> Line:
    """What became of the channels."""
    match detail:
        case ChannelOpenedDetail():
            return ("opened ", ChannelMention(detail.channel))
        case ChannelFailedDetail():
            return (f"could not open a channel: {detail.why}",)
        case ChannelLostDetail():
            return ("lost ", ChannelMention(detail.channel), f": {detail.how}")
        case ChannelBackDetail():
            return ("went back to ", ChannelMention(detail.channel))
        case ChannelRenamedDetail():
            return (f"saw the channel renamed to {detail.name}",)
        case AnnouncementFailedDetail():
            return (f"could not announce it: {detail.why}",)
        case _:
            assert_never(detail)
