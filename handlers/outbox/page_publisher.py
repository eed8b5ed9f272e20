"""Publishes what was let out at one status page: once, whatever becomes of the answer."""

from datetime import UTC, datetime, timedelta
from typing import cast

from bot.domain.effects import PostNotice, PublishText, compute_backoff_s
from bot.domain.notices import NotPublishedNotice
from bot.domain.public_update import PublicUpdate
from bot.errors import SlackOutcomeUnknown
from bot.ports import LeasedEffect
from bot.ports.publication_repository import (
    PageAnswerLost,
    PageBusy,
    PageClosedThere,
    PageIncident,
    PageRefused,
    PostedText,
    PublicText,
    StatusPage,
)
from bot.services import publication_record as record
from handlers.outbox.effect_context import EffectContext, RetryLater, ensure_lease, needs_reconciliation
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.public_draft_message import find_public_update

GIVE_UP_AFTER = timedelta(hours=1)
"""For how long a page that is away is tried."""

TOLD_AT = 3
"""The attempt at which the room is told that a page is away."""

NOT_SET = "the page is not set up any more."


async def publish_text(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Publish one text at one page. What an earlier attempt may have done is looked for first."""
    effect = cast(PublishText, row.effect)
    update = await find_public_update(hands, effect.update)
    incident = (await hands.load_view(effect.incident, at_once=True)).incident
    is_there = any(post.page == effect.page and not post.why for post in update.posts)
    if is_there or not update.is_out or not record.may_be_public(incident):
        return EffectResult()
    page, desk = hands.status_pages.pages.get(effect.page), hands.services
    if page is None:
        return EffectResult(
            on_commit=lambda tx: record.record_not_published(desk, tx, update, effect.page, NOT_SET)
        )
    known = await desk.store.find_page_incident(effect.incident, effect.page, update.opening)
    try:
        if known is not None and known.closed_there:
            raise PageClosedThere(known.closed_there)
        posted = await _publish_once(row, page, await _build_text(hands, update, effect.page, known))
    except PageClosedThere as closed:
        why, id = str(closed), known.provider_id if known else ""
        return EffectResult(
            on_commit=lambda tx: record.record_closed_there(desk, tx, update, effect.page, id, why)
        )
    except PageRefused as refusal:
        return _fail(hands, update, effect.page, str(refusal))
    except (PageBusy, PageAnswerLost) as away:
        return await _try_later(hands, row, update, away)
    return EffectResult(on_commit=lambda tx: record.record_published(desk, tx, update, effect.page, posted))


async def _publish_once(row: LeasedEffect, page: StatusPage, text: PublicText) -> PostedText:
    if needs_reconciliation(row):
        ensure_lease(row)
        found = await page.find(text)
        if found is not None:
            return found
    ensure_lease(row)
    return await page.publish(text)


async def _build_text(
    hands: EffectContext, update: PublicUpdate, page: str, known: PageIncident | None
) -> PublicText:
    earlier = await hands.services.store.list_public_updates(update.incident)
    ids = [post.provider_id for other in earlier for post in other.posts if post.page == page]
    return PublicText(
        incident=update.incident,
        opening=update.opening,
        update=update.id,
        incident_id=known.provider_id if known else "",
        title=update.title,
        status=update.status,
        text=update.text,
        impact=update.impact,
        components=update.list_components(page),
        known_ids=tuple(id for id in ids if id),
        may_exist=known is None
        and any(
            other.is_out and other.opening == update.opening and other.id < update.id for other in earlier
        ),
    )


def _fail(hands: EffectContext, update: PublicUpdate, page: str, why: str) -> EffectResult:
    return EffectResult(
        on_commit=lambda tx: record.record_not_published(hands.services, tx, update, page, why)
    )


async def _try_later(
    hands: EffectContext, row: LeasedEffect, update: PublicUpdate, away: PageBusy | PageAnswerLost
) -> EffectResult:
    """Again, for an hour; the room is told once that it is tried."""
    page = cast(PublishText, row.effect).page
    if row.first_sent_at is not None and datetime.now(UTC) - row.first_sent_at > GIVE_UP_AFTER:
        return _fail(hands, update, page, f"{away} I tried for an hour and stopped.")
    if row.attempts == TOLD_AT:
        why = f"{away} I keep trying."
        notice = NotPublishedNotice(page=hands.services.status_pages.get(page, page), why=why)
        async with hands.services.store.transaction() as tx:
            await tx.enqueue([PostNotice.say(update.incident, notice, f"{update.id}:{page}:away")])
    if isinstance(away, PageAnswerLost):
        raise SlackOutcomeUnknown(str(away))
    raise RetryLater(str(away), max(away.delay, timedelta(seconds=compute_backoff_s(row.attempts))))
