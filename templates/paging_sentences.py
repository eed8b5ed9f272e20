"""The sentences about people who are called: up the ladder, back from the providers, on the next business day."""

import re
from collections.abc import Iterable
from typing import assert_never

from bot.domain.incident_changes import ManualPage
from bot.domain.notices import (
    BusinessDayNotice,
    EscalatedNotice,
    NobodyThereNotice,
    NoWayLeftNotice,
    OnCallProblemNotice,
    PageDroppedNotice,
    PageFailedNotice,
    PageHeldNotice,
    PageLostNotice,
    PageNotice,
    PageProblemNotice,
    PageRequestedNotice,
    StillOnItNotice,
    WouldBeCalledNotice,
)
from bot.domain.results import EscalatedResult, NobodyThereResult, PagedAlreadyResult, PagedResult, PageResult
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, Code, Line, Span, Timestamp, UserMention


def parse_mentions(text: str) -> Line:
    """Bold words of ours that may begin with a mention, as `<@U0ANA> asked for more people.`"""
    found = MENTION.match(text)
    return (UserMention(found[1]), Bold(text[found.end() :])) if found else (Bold(text),)


MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")


def describe_empty_channel(channel_name: str) -> str:
    """What is wrong with an incidents channel in which nobody would read a call."""
    return f"0 people are in {format_channel(channel_name)}: invite them"


def format_channel(channel_name: str) -> str:
    """A channel as the settings name it, by its name or its id, for texts without links."""
    return channel_name if CHANNEL_ID.fullmatch(channel_name) else f"#{channel_name}"


CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,20}")


def _describe_escalation(view: IncidentViewModel, notice: EscalatedNotice) -> Line:
    source: Line = (" (the runbook, ", view.build_level_link(notice.line), ")") if notice.line else ()
    no_more = (
        f" {notice.known}: already paged, and I have no other way to reach them." if notice.known else ""
    )
    mentions = _mentions(notice.people)
    said = f"Now paged: {notice.to}" if notice.to else "Nobody new could be paged"
    return (
        *parse_mentions(f"{notice.why} {said}"),
        *source,
        ".",
        no_more,
        *mentions,
        ", please acknowledge." if mentions else " Please acknowledge.",
    )


def _mentions(people: Iterable[str]) -> Line:
    """Mentions of those who were called in Slack before: it rings once more."""
    return tuple(span for person in people for span in (" ", UserMention(person)))


def describe_manual_page(page: ManualPage, mentioned: Iterable[str] = ()) -> Line:
    """Who was called by hand: contacts and groups by name, with those `mentioned` who ring once more, and people by
    mention."""
    named = bool(page.to) and page.to != BY_HAND
    spans: list[Span] = [Bold(page.to), *_mentions(mentioned)] if named else []
    for person in page.people:
        spans += [", ", UserMention(person)] if spans else [UserMention(person)]
    return tuple(spans)


def describe_not_paged(contact: str, person: str) -> Line:
    """Who could not be called: a contact, with the person where it may stand for several, or a person by mention."""
    if not person:
        return (Bold(contact),)
    return (UserMention(person),) if contact == BY_HAND else (UserMention(person), " (", Bold(contact), ")")


def format_contact(contact: str) -> str:
    """A contact's name where nobody can be mentioned."""
    return "people by name" if contact == BY_HAND else contact


BY_HAND = "responder"
"""The contact's name of people who are called by hand and are no contact."""


def describe_page_notice(view: IncidentViewModel, notice: PageNotice) -> Line:
    """The line about people who are paged, or whose pages wait."""
    match notice:
        case PageRequestedNotice():
            words = f": {notice.text}" if notice.text else "."
            who = describe_manual_page(notice, notice.mentioned)
            return (UserMention(notice.actor), " paged ", *who, words)
        case EscalatedNotice():
            return _describe_escalation(view, notice)
        case WouldBeCalledNotice():
            return _would_be_called(notice)
        case PageHeldNotice():
            return (
                Bold(f"{notice.names}: page on hold. "),
                "They haven't acknowledged another page yet. This one rings once they do, by ",
                Timestamp(notice.until),
                " at the latest.",
            )
        case PageDroppedNotice():
            return (f"{notice.names}: the page on hold is no longer needed. It never rang.",)
        case StillOnItNotice():
            return (UserMention(notice.actor), " is still on it.")
        case BusinessDayNotice():
            waiting = f" it's the next business day: {view.incident.reference} is waiting for you."
            return (UserMention(notice.person), waiting)
        case _:
            assert_never(notice)


def _would_be_called(notice: WouldBeCalledNotice) -> Line:
    called = "In a real incident, nobody would be paged."
    if notice.names:
        called = f"In a real incident, these would be paged now: {notice.names}."
    everyone = (
        f" @channel would be posted in the incidents channel ({notice.everyone})." if notice.everyone else ""
    )
    missing = f" Not reachable: {notice.missing}." if notice.missing else ""
    return (Bold("This is a drill. "), f"{called}{everyone}{missing}")


def describe_page_problem(view: IncidentViewModel, notice: PageProblemNotice) -> Line:
    """The line about people who could not be paged, and how to reach them."""
    match notice:
        case PageFailedNotice():
            return _page_failed(view, notice)
        case NoWayLeftNotice():
            how = view.describe_reach(notice.contact)
            reach = Bold(f"{notice.why} Reach {notice.contact} another way")
            return (reach, f": {how}." if how else ". No phone number is known.")
        case NobodyThereNotice():
            empty = Bold(f"{describe_empty_channel(notice.channel)}. ")
            return (empty, "The @channel message there reached nobody.")
        case PageLostNotice():
            contact, how = notice.contact, view.describe_reach(notice.contact)
            lost = Bold(f"PagerDuty accepted the page for {contact} but has no incident for it. ")
            reached = f"reach {contact} another way{f': {how}' if how else ''}."
            return (lost, f"I'm trying once more. If it's urgent, {reached}")
        case OnCallProblemNotice():
            return (Bold(f"Who is on call as {notice.contact}: "), notice.why)
        case _:
            assert_never(notice)


def _page_failed(view: IncidentViewModel, notice: PageFailedNotice) -> Line:
    how, others = view.describe_reach(notice.contact), notice.others or ()
    who = describe_not_paged(notice.contact, notice.person or "")
    failed: Line = (*who, Bold(" could not be paged"), f": {notice.why}. ")
    if others:
        more = f" and {len(others) - MAX_OTHERS} more" if len(others) > MAX_OTHERS else ""
        return (*failed, f"Others paged as {notice.contact}:", *_mentions(others[:MAX_OTHERS]), f"{more}.")
    if how:
        return (*failed, f"Reach them yourself: {how}")
    return (*failed, "Reach them another way, or page somebody else: ", Code("/incident page WHO"))


MAX_OTHERS = 10


def _remarks(result: PagedResult | PagedAlreadyResult | NobodyThereResult) -> Line:
    """Who of those that were typed is not called, in sentences."""
    said = [result.remarks] if result.remarks else []
    if not isinstance(result, NobodyThereResult) and result.empty:
        said.append(f"@channel was not posted: {describe_empty_channel(result.empty)}.")
    return (" ", Bold(" ".join(said))) if said else ()


def describe_page(result: PageResult) -> Line:
    """What who paged people by hand is told."""
    match result:
        case PagedResult():
            who = describe_manual_page(result)
            return ("Paging ", *who, ". The alert shows who has acknowledged.", *_remarks(result))
        case PagedAlreadyResult():
            said = "They were already paged, and I have no other way to reach them. Nobody was paged."
            return (said, *_remarks(result))
        case NobodyThereResult():
            empty = Bold(f"{describe_empty_channel(result.channel)}. ")
            return (empty, "Nobody was paged.", *_remarks(result))
        case EscalatedResult():
            return ("Paging the next people; see the channel.",)
        case _:
            assert_never(result)
