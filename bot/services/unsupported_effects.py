"""Handles effects that no running version supports: a page is reported at once, anything else when it is abandoned."""

from collections.abc import Mapping
from typing import Any

from bot.domain.effects import Effect, FindResponders, PageResponder, PostNotice
from bot.domain.incident import Incident
from bot.domain.notices import EffectFailedNotice
from bot.domain.page_attempts import PageAttempt, is_paged_as
from bot.ports import Transaction, UnsupportedEffect
from bot.services import dead_letters, page_progress
from bot.services.context import ServiceContext
from bot.services.first_attempts import start_page_attempt
from bot.services.paging import find_silence_timeout

SOMEBODY = "Somebody"
NOBODY_KNOWS = "no running version of Tocsin knows how to do this ({kind})"


def explain_unsupported(row: UnsupportedEffect) -> str:
    """Why it is not performed, as the end of a sentence."""
    return NOBODY_KNOWS.format(kind=row.kind)


async def skip_unsupported_page(desk: ServiceContext, tx: Transaction, row: UnsupportedEffect) -> None:
    """A page that no running version supports: try the contact's next method, and tell the channel with the phone
    number. A repetition does no harm."""
    if row.incident is None:
        return
    incident = await tx.lock(row.incident)
    if incident is None or not incident.status.is_open:
        return
    payload = row.payload if isinstance(row.payload, Mapping) else {}
    way = await _way(tx, incident, payload)
    contact = way.contact if way is not None else await _contact(tx, incident, payload)
    why = f"{contact or SOMEBODY} could not be paged: {explain_unsupported(row)}."
    if way is not None:
        await page_progress.try_next_method(desk, tx, way, why)
    else:
        await dead_letters.report_unreachable_person(
            desk, tx, _like(row, incident, payload, contact), explain_unsupported(row)
        )
    await tx.enqueue(await _start_phones(desk, tx, incident, contact, why))


async def _start_phones(
    desk: ServiceContext, tx: Transaction, incident: Incident, contact: str, why: str
) -> list[Effect]:
    """Name the telephones of this contact that were not named yet; of everybody when the `contact` is not known."""
    silence = await find_silence_timeout(desk, incident)
    return [
        await start_page_attempt(tx, attempt, why, silence)
        for attempt in await tx.ways(incident.number)
        if _is_unused_phone(attempt) and (not contact or is_paged_as(attempt.contact, contact))
    ]


def _is_unused_phone(attempt: PageAttempt) -> bool:
    return attempt.is_phone and attempt.is_waiting and attempt.requested_at is None


async def _way(tx: Transaction, incident: Incident, payload: Mapping[str, Any]) -> PageAttempt | None:
    """The way that it names, if it names one of this incident."""
    id = payload.get("way")
    way = await tx.way(id) if isinstance(id, int) and not isinstance(id, bool) else None
    return way if way is not None and way.incident == incident.number else None


async def _contact(tx: Transaction, incident: Incident, payload: Mapping[str, Any]) -> str:
    """The contact that it pages, as far as it can be read."""
    if isinstance(payload.get("contact"), str):
        return str(payload["contact"])
    called = [
        page.contact for page in await tx.pages(incident.number) if page.person == payload.get("person")
    ]
    return next(iter(called), "")


def _like(
    row: UnsupportedEffect, incident: Incident, payload: Mapping[str, Any], contact: str
) -> PageResponder | FindResponders:
    """The effect of ours that comes nearest to it."""
    person, handle = payload.get("person"), payload.get("handle")
    if isinstance(person, str):
        return PageResponder(incident=incident.number, person=person, contact=contact or SOMEBODY)
    handle = handle if isinstance(handle, str) else row.key
    return FindResponders(incident=incident.number, contact=contact or SOMEBODY, handle=handle)


async def abandon_effect(tx: Transaction, row: UnsupportedEffect) -> None:
    """It will not be performed any more: say so in the channel."""
    if row.incident is None or await tx.lock(row.incident) is None:
        return
    what = dead_letters.EFFECT_NAMES.get(row.kind) or f"something that a newer version wanted ({row.kind})"
    notice = EffectFailedNotice(what=what, why=explain_unsupported(row))
    await tx.enqueue([PostNotice.say(row.incident, notice, f"passed-over:{row.id}")])


__all__ = ["abandon_effect", "explain_unsupported", "skip_unsupported_page"]
