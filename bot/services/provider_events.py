"""Handles events of paging providers: an acknowledgement on the phone counts like one in Slack."""

import re

from bot.domain.effects import PostNotice, RefreshPage
from bot.domain.incident import EntryKind, Incident, Situation
from bot.domain.notices import (
    AcknowledgedThereNotice,
    AnsweredByNobodyNotice,
    AnsweredTooLateNotice,
    PageResolvedNotice,
)
from bot.domain.page_attempts import PageAttempt
from bot.domain.page_provider import ProviderEvent, ProviderEventKind
from bot.domain.results import CommandResult, NothingNewResult, NoticedResult
from bot.domain.timeline_details import AcknowledgedDetail
from bot.ports import Transaction
from bot.services.acknowledge import build_alert_refreshes
from bot.services.context import ServiceContext, UserRequest
from bot.services.page_acknowledgement import acknowledge_pages, find_contacts_of
from bot.services.page_progress import try_next_method
from bot.services.paging import schedule_check_in
from bot.services.unit_of_work import run_idempotent

NAMED = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)
"""Incident and way in a page's key."""


async def handle_provider_event(desk: ServiceContext, news: ProviderEvent, own: str = "") -> CommandResult:
    """Somebody acknowledged or resolved a page at PagerDuty. The outcome is `noticed`, or `nothing_new`.

    `own` is the user as whom we act there by the REST API, empty when that is not known.
    """
    number, way = await _find_page_attempt(desk, news.key)
    if number is None or news.what is ProviderEventKind.OTHER:
        return NothingNewResult()
    request = UserRequest(f"pagerduty:{news.id}", "")

    async def change(tx: Transaction) -> CommandResult:
        incident = await tx.lock(number)
        situation = await tx.situation(number)
        page = await tx.way(way)
        if incident is None or situation is None or page is None or page.incident != number:
            return NothingNewResult()
        await _record_event(desk, tx, request, situation, page, news, own)
        return NoticedResult(number)

    return await run_idempotent(desk, request, change)


async def _find_page_attempt(desk: ServiceContext, key: str) -> tuple[int | None, int]:
    """The incident and the way that a page's key names, when the page is ours. One that went out in a time that a
    restored backup knows nothing of is not: its number and way may be another's by now."""
    _, _, rest = key.partition(":way:")
    named = NAMED.fullmatch(rest)
    if named is None or await desk.store.find_mark(f"way:{rest}") != key:
        return None, 0
    return int(named[1]), int(named[2])


async def _record_event(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    situation: Situation,
    page: PageAttempt,
    news: ProviderEvent,
    own: str,
) -> None:
    over = news.what is ProviderEventKind.RESOLVED
    if _is_known(desk, page, news, own):
        return
    if not news.person:
        await _by_nobody(desk, tx, request, situation.incident, page, over)
        return
    marks = ("acknowledged", "ended", "settled") if over else ("acknowledged", "settled")
    await tx.update_page_attempt(page.id, *marks)
    await _record_answer(desk, tx, request, situation, page, news)


async def _record_answer(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    situation: Situation,
    page: PageAttempt,
    news: ProviderEvent,
) -> None:
    """A person acknowledged or resolved the page at the provider."""
    incident, number = situation.incident, situation.incident.number
    who, contact, person = news.who or "somebody", page.contact, _in_slack(situation, page, news) or ""
    if not incident.status.is_open or _is_of_before(situation, page):
        status = "" if incident.status.is_open else incident.status
        late = AnsweredTooLateNotice(who=who, contact=contact, person=person, status=status)
        await tx.enqueue([PostNotice.say(number, late, request.change)])
        return
    if news.what is ProviderEventKind.RESOLVED:
        over = PageResolvedNotice(who=who, contact=contact, person=person)
        await tx.enqueue([PostNotice.say(number, over, request.change)])
    if page.acknowledged_at is None:
        await _acknowledge(desk, tx, request, situation, page, who, person)


def _is_known(desk: ServiceContext, page: PageAttempt, news: ProviderEvent, own: str) -> bool:
    """Whether it was recorded before: our own acknowledgement and resolution come back as news too. A person may answer
    after the page went quiet."""
    over = news.what is ProviderEventKind.RESOLVED
    recorded_at = page.ended_at if over else page.acknowledged_at or page.quieted_at
    if recorded_at is None:
        return False
    return page.acknowledged_at is not None or not _is_a_persons(desk, page, news, own)


def _is_a_persons(desk: ServiceContext, page: PageAttempt, news: ProviderEvent, own: str) -> bool:
    """Whether surely a person did it and not we: by the Events API we are no user there, by the REST API a certain
    one."""
    if not news.person or news.person == own:
        return False
    handle = desk.handle(page.handle)
    by_events = handle is not None and (handle.secret or bool(handle.setting))
    return bool(own) or by_events or page.handle == f"pagerduty:user/{news.person}"


def _is_of_before(situation: Situation, page: PageAttempt) -> bool:
    """Whether the page ended before the incident was reopened: its news comes late."""
    reopened = [entry.at for entry in situation.entries if entry.kind is EntryKind.REOPENED]
    return bool(page.ended_at and reopened and page.ended_at < reopened[-1])


async def _by_nobody(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    incident: Incident,
    page: PageAttempt,
    over: bool,
) -> None:
    """PagerDuty or a service did it, no person. A page that it ended is tried by the next method."""
    if over:
        await tx.update_page_attempt(page.id, "ended")
        await try_next_method(desk, tx, page, f"PagerDuty closed the page of {page.contact} by itself.")
    elif incident.status.is_open and page.is_waiting:
        notice = AnsweredByNobodyNotice(contact=page.contact)
        await tx.enqueue([PostNotice.say(incident.number, notice, request.change)])


async def _acknowledge(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    situation: Situation,
    page: PageAttempt,
    who: str,
    actor: str,
) -> None:
    """`who` acknowledged there, in Slack `actor`, empty for somebody unknown."""
    incident = situation.incident
    number, now = incident.number, await tx.now()
    seconds = int((now - incident.declared_at).total_seconds())
    is_first = incident.acknowledged_at is None
    if is_first:
        by = actor or f"{who} (PagerDuty)"
        await tx.change(number, acknowledged_at="now", acknowledged_by=by)
    severity = (await desk.runbook_versions.of(incident)).severity(incident.severity)
    await tx.change(number, **schedule_check_in(desk, incident, severity, now))
    kept = AcknowledgedDetail(seconds=seconds, who=who, page=page.contact)
    await tx.add_entry(number, actor, kept)
    own = find_contacts_of(desk, situation, actor) if actor else []
    await tx.enqueue(await acknowledge_pages(tx, number, request.change, [page.contact, *own]))
    if actor:
        await tx.mark_page_acknowledged(number, actor)
        await tx.enqueue([RefreshPage(incident=number, person=actor, change=request.change)])
    await tx.enqueue(build_alert_refreshes(number, request.change))
    notice = AcknowledgedThereNotice(who=who, contact=page.contact, person=actor, seconds=seconds)
    await tx.enqueue([PostNotice.say(number, notice, request.change)])


def _in_slack(situation: Situation, page: PageAttempt, news: ProviderEvent) -> str | None:
    """The Slack user of the event's person: the one who was paged as the contact with this PagerDuty user."""
    contacts = {way.contact for way in situation.ways if way.handle == f"pagerduty:user/{news.person}"}
    people = {page.person for page in situation.pages if page.contact in contacts}
    return people.pop() if len(people) == 1 else None
