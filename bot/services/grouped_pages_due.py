"""Releases held pages: the page that they joined is answered, ended or milder by now, or their time has come."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.effects import Effect, MentionPeople, PageResponder, PostNotice, RefreshAlert, RefreshPage
from bot.domain.incident import Incident
from bot.domain.notices import PageDroppedNotice
from bot.domain.page_attempts import HeldPage, RingingPage
from bot.domain.timeline_details import PageDroppedDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext
from bot.services.first_attempts import start_page_attempt
from bot.services.page_grouping import RINGS_FOR, hold_behind_newest, is_full, select_as_severe
from bot.services.paging import find_silence_timeout
from bot.services.unit_of_work import process_each_due


async def release_due_pages(desk: ServiceContext) -> int:
    """Ring the held pages that are due, the worst first; drop those that nobody needs any more, with a notice. Gives
    the number of incidents processed."""
    severities = [severity.id for severity in desk.runbook_versions.current.runbook.severities]

    async def due(tx: Transaction, limit: int) -> Sequence[int]:
        return await tx.list_held_page_incidents(limit, severities, RINGS_FOR, RINGS_FOR)

    return await process_each_due(desk, "held page", due, _process_incident)


async def _process_incident(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    calls = await tx.list_held_pages(incident.number)
    ringing = await tx.list_ringing_pages(incident.number, [call.who for call in calls], RINGS_FOR)
    now, own = await tx.now(), select_as_severe(desk, incident, ringing)
    effects: list[Effect] = []
    dropped: list[HeldPage] = []
    for call in calls:
        behind = own.get(call.who, [])
        if call.is_answered:
            effects += await _clear_answered(tx, incident.number, call)
        elif call.is_over or not incident.status.is_open:
            dropped.append(call)
        elif not _is_due(call, behind, now):
            continue
        elif call.is_direct and is_full(behind):
            effects += await _extend_hold(tx, incident.number, call, behind, now)
        else:
            effects += await _rung(desk, tx, incident, call)
    effects += await drop_held_pages(tx, incident.number, dropped)
    await tx.enqueue(effects)


def _is_due(call: HeldPage, behind: Sequence[RingingPage], now: datetime) -> bool:
    """As the statement says it by which the incident was found."""
    joins = any(page.incident == call.joined for page in behind)
    return not joins or call.until <= now or call.until > now + RINGS_FOR


async def _clear_answered(tx: Transaction, number: int, call: HeldPage) -> list[Effect]:
    """Release what is held for somebody who has acknowledged this incident or is being paged already."""
    await tx.clear_hold(number, call)
    if not call.is_direct:
        return []
    await tx.withdraw_effect(_page(number, call).key)
    return [_build_page_refresh(number, call)]


async def _extend_hold(
    tx: Transaction, number: int, call: HeldPage, behind: Sequence[RingingPage], now: datetime
) -> list[Effect]:
    """There are as many unanswered direct messages as one person gets: it joins the newest of them."""
    hold = hold_behind_newest(behind, now)
    await tx.hold_page(number, call.person, hold.joined, hold.until)
    await tx.postpone_effect(_page(number, call).key, now + hold.wait)
    moved = RefreshPage(incident=hold.joined, person=call.person, change=f"joined:{number}:{hold.until}")
    return [_build_page_refresh(number, call), moved]


async def _rung(desk: ServiceContext, tx: Transaction, incident: Incident, call: HeldPage) -> list[Effect]:
    number = incident.number
    if call.way is not None:
        await tx.clear_hold(number, call)
        way = await tx.way(call.way)
        assert way is not None
        return [await start_page_attempt(tx, way, "", await find_silence_timeout(desk, incident))]
    page = _page(number, call)
    await tx.release_held_page(number, call.person)
    await tx.enqueue([page])
    await tx.make_due_now(page.key)
    change = f"rang:{call.person}"
    return [
        MentionPeople(incident=number, people=(call.person,), missing=(), change=change),
        RefreshAlert(incident=number, change=change),
        _build_page_refresh(number, call),
    ]


async def drop_held_pages(tx: Transaction, number: int, calls: Sequence[HeldPage]) -> list[Effect]:
    """Nobody needs these any more before they rang. Gives the effects that report it."""
    if not calls:
        return []
    effects: list[Effect] = []
    for call in calls:
        if call.is_direct:
            await tx.withdraw_effect(_page(number, call).key)
            await tx.drop_page(number, call.person)
            effects.append(_build_page_refresh(number, call))
        else:
            await tx.clear_hold(number, call)
    names = ", ".join(dict.fromkeys(call.contact for call in calls))
    await tx.add_entry(number, "", PageDroppedDetail(names=names))
    change = f"dropped:{calls[0].until.timestamp():.6f}"
    return [
        *effects,
        PostNotice.say(number, PageDroppedNotice(names=names), change),
    ]


def _page(number: int, call: HeldPage) -> PageResponder:
    return PageResponder(incident=number, person=call.person, contact=call.contact)


def _build_page_refresh(number: int, call: HeldPage) -> RefreshPage:
    """The page that it joined shows it no longer."""
    return RefreshPage(incident=call.joined, person=call.person, change=f"left:{number}:{call.until}")
