"""Performers of what the looks found: the one message, and the evidence of each step in its thread."""

from datetime import timedelta
from typing import cast

from bot import effects as e
from bot.delivery.done import Done
from bot.delivery.hands import Hands, NotYet, Place, must_be_in_time, room
from bot.errors import ChatRefused
from bot.evidence import NOT_CONFIGURED, STOPPED
from bot.incident import Post
from bot.ports import Claimed
from templates import evidence, findings
from templates.view import View

NOT_READY = frozenset({"invalid_blocks", "invalid_slack_file", "slack_file_not_ready"})
"""How Slack refuses a message with a picture that it has not looked at yet."""

SOON, MOST_WAITS = timedelta(seconds=1), 10
"""How long, and how often, Slack is given time to look at a picture before the message goes without it."""


async def post_evidence(hands: Hands, row: Claimed) -> Done:
    """A look's message, as it stands when it is posted: what answered quickly is in it from the start."""
    effect = cast(e.PostEvidence, row.effect)
    view, look = await hands.view(effect.incident), await hands.desk.store.look(effect.look)
    return Done(await hands.post(row, room(view.situation), evidence.message_of(view, look)))


async def refresh_evidence(hands: Hands, row: Claimed) -> Done:
    """Bring it up to date."""
    effect = cast(e.RefreshEvidence, row.effect)
    view, look = await hands.view(effect.incident), await hands.desk.store.look(effect.look)
    post = _message(view, effect.look)
    if post is not None:
        await hands.edit(row, post, evidence.message_of(view, look))
    return Done()


async def upload_chart(hands: Hands, row: Claimed) -> Done:
    """The picture goes to Slack unseen: repeated, it leaves a file that nobody sees, and the message is posted once."""
    effect = cast(e.UploadChart, row.effect)
    picture = await hands.desk.store.chart(effect.look, effect.place)
    following = e.PostFinding(incident=effect.incident, look=effect.look, place=effect.place)
    if picture is None:
        return Done(then=lambda work: work.enqueue([following]))
    must_be_in_time(row)
    file = await hands.chat.upload(picture, f"look-{effect.look}-{effect.place}.png")
    shown = e.PostFinding(incident=effect.incident, look=effect.look, place=effect.place, file=file)
    return Done(then=lambda work: work.enqueue([shown]))


async def post_finding(hands: Hands, row: Claimed) -> Done:
    """The evidence of one step; without its picture when Slack is not done with that in time."""
    effect = cast(e.PostFinding, row.effect)
    view, look = await hands.view(effect.incident), await hands.desk.store.look(effect.look)
    post = _message(view, effect.look)
    if post is None:
        return Done()
    found = next(each for each in look.results if each.place == effect.place)
    if found.cause == STOPPED:  # the message says it of all that have no answer
        return Done()
    in_thread = Place(post.channel, room(view.situation).thread or post.ts)
    if found.cause == NOT_CONFIGURED:
        by_hand = findings.by_hand(view, look)
        return Done(await hands.post(row, in_thread, by_hand)) if by_hand else Done()
    file = effect.file if row.attempts <= MOST_WAITS else ""
    try:
        return Done(await hands.post(row, in_thread, findings.detail(view, look, found, file or None)))
    except ChatRefused as refusal:
        if file and refusal.code in NOT_READY:
            raise NotYet("Slack is still looking at the picture", SOON) from None
        raise


def _message(view: View, look: int) -> Post | None:
    """Where a look's message stands; None when it was never posted, or in a channel that was lost."""
    incident = view.situation.incident
    post = view.situation.posts.get(f"evidence:{incident.number}:{look}")
    return None if post is None or post.channel == incident.lost_channel else post
