"""Effect handlers of diagnostic runs: the one message of a run, and the evidence of each step in its thread."""

from typing import cast

from bot.domain import effects as e
from bot.domain.diagnostic_run import NOT_CONFIGURED, STOPPED
from bot.domain.incident import PostedMessage
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import Destination, EffectContext, ensure_lease, find_room
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.picture_posting import MAX_WAITS, post_with_picture
from templates import diagnostic_run, finding
from templates.incident_view import IncidentViewModel


async def post_evidence(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The message of a diagnostic run; quick results are in it from the start."""
    effect = cast(e.PostEvidence, row.effect)
    view, look = await hands.load_view(effect.incident), await hands.services.store.look(effect.look)
    return EffectResult(
        await hands.post(row, find_room(view.situation), diagnostic_run.render_run(view, look))
    )


async def refresh_evidence(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Bring it up to date."""
    effect = cast(e.RefreshEvidence, row.effect)
    view, look = await hands.load_view(effect.incident), await hands.services.store.look(effect.look)
    post = _message(view, effect.look)
    if post is not None:
        await hands.edit(row, post, diagnostic_run.render_run(view, look))
    return EffectResult()


async def upload_chart(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The picture goes to Slack unseen: repeated, it leaves a file that nobody sees, and the message is posted once."""
    effect = cast(e.UploadChart, row.effect)
    picture = await hands.services.store.chart(effect.look, effect.place)
    following = e.PostFinding(incident=effect.incident, look=effect.look, place=effect.place)
    if picture is None:
        return EffectResult(on_commit=lambda tx: tx.enqueue([following]))
    ensure_lease(row)
    file = await hands.chat.upload(picture, f"look-{effect.look}-{effect.place}.png")
    shown = e.PostFinding(incident=effect.incident, look=effect.look, place=effect.place, file=file)
    return EffectResult(on_commit=lambda tx: tx.enqueue([shown]))


async def post_finding(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The evidence of one step; without its picture when Slack is not done with that in time."""
    effect = cast(e.PostFinding, row.effect)
    view, look = await hands.load_view(effect.incident), await hands.services.store.look(effect.look)
    post = _message(view, effect.look)
    if post is None:
        return EffectResult()
    result = next(result for result in look.results if result.place == effect.place)
    if result.cause == STOPPED:  # the message says it of all that have no answer
        return EffectResult()
    in_thread = Destination(post.channel, find_room(view.situation).thread or post.ts)
    if result.cause == NOT_CONFIGURED:
        by_hand = finding.render_manual_commands(view, look)
        return EffectResult(await hands.post(row, in_thread, by_hand)) if by_hand else EffectResult()
    file = effect.file if row.attempts <= MAX_WAITS else ""
    evidence = finding.render_evidence(view, look, result, file or None)
    return EffectResult(await post_with_picture(hands, row, in_thread, evidence, file))


def _message(view: IncidentViewModel, look: int) -> PostedMessage | None:
    """Where a run's message is; None when it was never posted, or in a channel that was lost."""
    incident = view.situation.incident
    post = view.situation.posts.get(f"evidence:{incident.number}:{look}")
    return None if post is None or post.channel == incident.lost_channel else post
