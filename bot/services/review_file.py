"""The review as a file in the incident's channel: on a person's click, since Slack cannot replace a file's content.

The message that says how far the review is stays the one place: the file stands in its thread. A later click brings the
review as it reads then and takes the earlier file away. Nothing is posted by itself with each answer: that would be a
pile, and a notification for everybody each time.
"""

from bot.domain.effects import PostNotice, PostReview, RefreshReview, RemoveReview, ShareReview, UploadReview
from bot.domain.incident import Status
from bot.domain.notices import EffectFailedNotice
from bot.domain.results import CommandResult
from bot.domain.results.review_results import ReviewFileAskedResult
from bot.domain.timeline_details import ReviewFiledDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.review import ensure_over
from bot.services.unit_of_work import get_for_update, run_idempotent

NO_CHANNEL = (
    "{} is private and has no channel of its own: its review is posted nowhere else. "
    "`./tocsin export {} --review --private` prints it. Nothing was changed."
)


async def ask_review_file(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Post the review as it reads now as a file: `review_file_asked` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        ensure_over(incident)
        if incident.private and not incident.channel:
            raise RuleViolation(NO_CHANNEL.format(incident.reference, incident.reference))
        upload = UploadReview(incident=number, change=request.change, person=request.actor)
        await tx.enqueue([PostReview(incident=number), upload])
        return ReviewFileAskedResult(number)

    return await run_idempotent(desk, request, change)


async def record_review_file(tx: Transaction, effect: ShareReview) -> None:
    """The file is shown: earlier ones are taken away."""
    number = effect.incident
    incident, situation = await tx.lock(number), await tx.situation(number)
    assert incident is not None and situation is not None
    details = (entry.detail for entry in situation.entries)
    earlier = [detail.file for detail in details if isinstance(detail, ReviewFiledDetail)]
    await tx.add_entry(number, effect.person, ReviewFiledDetail(file=effect.file))
    await tx.enqueue([RemoveReview(incident=number, file=file) for file in earlier])
    if incident.status is Status.RESOLVED:
        await tx.enqueue([RefreshReview(incident=number, change=f"file:{effect.file}")])


async def handle_dead_review_file(
    desk: ServiceContext, tx: Transaction, effect: UploadReview | ShareReview, why: str
) -> None:
    """It is not there: said for each click."""
    notice = EffectFailedNotice(what="the review as a file", why=why)
    await tx.enqueue([PostNotice.say(effect.incident, notice, effect.key)])
