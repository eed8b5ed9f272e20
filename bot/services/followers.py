"""Followers read along without joining: who follows an incident, and what they are told."""

from bot.domain.effects import Effect, TellFollower
from bot.domain.notices import FollowerNews, dump_detail
from bot.domain.results import (
    CommandResult,
    FollowedAlreadyResult,
    FollowedResult,
    NotFollowedResult,
    UnfollowedResult,
)
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.incident_guards import must_be_open
from bot.services.unit_of_work import get_for_update, run_idempotent


async def follow(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Send somebody the updates by direct message. `followed` or `followed_already`; `inside` says that they are in its
    channel, where they read them."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        must_be_open(incident)
        situation = await tx.situation(number)
        assert situation is not None
        is_new = await tx.add_follower(number, request.actor)
        kind = FollowedResult if is_new else FollowedAlreadyResult
        return kind(number, title=incident.title, inside=situation.has_inside(request.actor))

    return await run_idempotent(desk, request, change)


async def unfollow(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Send them nothing more. `unfollowed` or `not_followed`."""

    async def change(tx: Transaction) -> CommandResult:
        await get_for_update(tx, request, number)
        was = await tx.drop_follower(number, request.actor)
        return UnfollowedResult(number) if was else NotFollowedResult(number)

    return await run_idempotent(desk, request, change)


async def notify_followers(tx: Transaction, number: int, news: FollowerNews, change: str) -> list[Effect]:
    """The effects that tell the followers. The incident is locked."""
    told = dump_detail(news)
    return [
        TellFollower(incident=number, person=follower, what=news.what, change=change, more=told)
        for follower in await tx.followers(number)
    ]


async def notify_and_drop_followers(
    tx: Transaction, number: int, news: FollowerNews, change: str
) -> list[Effect]:
    """The same at the end: nobody follows it any more."""
    told = await notify_followers(tx, number, news, change)
    if told:
        await tx.drop_followers(number)
    return told
