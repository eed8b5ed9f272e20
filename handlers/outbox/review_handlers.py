"""The effect handlers of the review, its meeting, and what the runbook learns, by the class of the effect."""

from collections.abc import Awaitable, Callable, Mapping

from bot.domain import effects as e
from bot.ports import LeasedEffect
from handlers.outbox import (
    meeting_delivery,
    review_file,
    review_messages,
    review_publisher,
    runbook_publisher,
)
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.effect_result import EffectResult

REVIEW_HANDLERS: Mapping[type[e.Effect], Callable[[EffectContext, LeasedEffect], Awaitable[EffectResult]]] = {
    e.OfferReview: review_messages.offer_review,
    e.PostReview: review_messages.post_review,
    e.RefreshReview: review_messages.refresh_review,
    e.UploadReview: review_file.upload_review,
    e.ShareReview: review_file.share_review,
    e.RemoveReview: review_file.remove_review,
    e.ProposeReview: review_publisher.propose_review,
    e.PostMeeting: meeting_delivery.post_meeting,
    e.RefreshMeeting: meeting_delivery.refresh_meeting,
    e.SendInvitation: meeting_delivery.send_invitation,
    e.TellOfMeeting: meeting_delivery.tell_of_meeting,
    e.DraftRunbook: runbook_publisher.draft_runbook,
    e.PostRunbookDraft: runbook_publisher.post_draft,
    e.ProposeRunbook: runbook_publisher.propose_runbook,
}
