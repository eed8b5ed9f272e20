"""Posts the review as a file: brought to Slack unseen, shown once below the review's message, removed by the next."""

import asyncio
from typing import cast

from bot.domain.effects import PostReview, RemoveReview, ShareReview, UploadReview
from bot.domain.incident import PostedMessage
from bot.ports import LeasedEffect
from bot.services.review_file import record_review_file
from bot.services.review_source import read_review
from handlers.outbox.effect_context import EffectContext, ensure_lease, find_room, needs_reconciliation
from handlers.outbox.effect_result import EffectResult
from templates import drill, review_messages
from templates.incident_view import IncidentViewModel
from templates.review_content import ReviewLayout
from templates.review_document import format_review


async def upload_review(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """As it reads now. Repeated, it leaves bytes that nobody sees."""
    effect, desk = cast(UploadReview, row.effect), hands.services
    view = await hands.load_view(effect.incident)
    if _find_message(view) is None:
        return EffectResult()
    source = await read_review(desk, view.incident)
    async with desk.store.transaction() as tx:
        names = await tx.find_names(source.records.list_people(view.situation))
    layout = ReviewLayout(source.headings, source.zone, hands.identity.url)
    document = await asyncio.to_thread(format_review, view.situation, source.records, names, layout)
    ensure_lease(row)
    file = await hands.chat.begin_upload(document.encode(), f"{view.incident.reference}-review.md")
    shared = ShareReview(incident=effect.incident, file=file, person=effect.person)
    return EffectResult(on_commit=lambda tx: tx.enqueue([shared]))


async def share_review(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the thread of the review's message; after a call without an answer it is looked for there."""
    effect = cast(ShareReview, row.effect)
    view = await hands.load_view(effect.incident)
    message = _find_message(view)
    if message is None:
        return EffectResult()
    thread = find_room(view.situation).thread or message.ts
    result = EffectResult(on_commit=lambda tx: record_review_file(tx, effect))
    if needs_reconciliation(row) and await hands.chat.find_shared_file(
        effect.file, message.channel, thread, row.first_sent_at
    ):
        return result
    comment = drill.mark_drill(view, review_messages.render_file_comment(view)).text
    ensure_lease(row)
    title = f"Review of {view.incident.reference}"
    await hands.chat.share_upload(effect.file, title, message.channel, thread, comment)
    return result


async def remove_review(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """One that is gone stays so."""
    ensure_lease(row)
    await hands.chat.delete_file(cast(RemoveReview, row.effect).file)
    return EffectResult()


def _find_message(view: IncidentViewModel) -> PostedMessage | None:
    """The review's message; None when it was never posted, or in a channel that was lost."""
    post = view.situation.posts.get(PostReview(incident=view.incident.number).key)
    return None if post is None or post.channel == view.incident.lost_channel else post
