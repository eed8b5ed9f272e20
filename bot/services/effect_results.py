"""What follows when an effect was delivered."""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.effects import (
    Effect,
    FindResponders,
    InvitePeople,
    MentionPeople,
    MovePeople,
    PageResponder,
    PostNotice,
    RefreshAnnouncement,
    RefreshPage,
    Repost,
)
from bot.domain.incident import AGAIN
from bot.domain.notices import EffectFailedNotice, NobodyThereNotice, PageFailedNotice
from bot.domain.page_attempts import select_not_paged
from bot.domain.policy import PagingPlan
from bot.domain.timeline_details import ChannelOpenedDetail, NoteAddedDetail, PagedDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext
from bot.services.on_call_result import page_own_slack_handles
from bot.services.page_grouping import hold_pages, plan_holds
from bot.services.slack_pages import (
    hold_announcement,
    refresh_announced_pages,
    renew_slack_pages,
    report_failed_pages,
)


async def record_opened_channel(tx: Transaction, number: int, channel: str) -> None:
    """The incident's channel exists: keep its id and let announcement and direct messages lead to it. The announcement
    goes out once no direct message is on its way, since it says who was paged."""
    await tx.lock_for_channel(number)
    await tx.change(number, channel=channel)
    await tx.add_entry(number, "", ChannelOpenedDetail(channel=channel))
    pages = await tx.pages(number)
    leading = [
        RefreshPage(incident=number, person=page.person, change="opened")
        for page in pages
        if page.held_until is None
    ]
    is_due = not any(page.is_on_its_way for page in pages)
    waits = await hold_announcement(tx, number, is_due)
    refreshed = [] if waits else [RefreshAnnouncement(incident=number, change="opened")]
    await tx.enqueue([*refreshed, *leading])


async def mark_page_accepted(tx: Transaction, effect: PageResponder) -> None:
    """Slack took the direct message. Locked, so that the last one of several knows that it is the last."""
    await tx.hold_incident(effect.incident)
    await tx.mark_page_accepted(effect.incident, effect.person)
    await tx.add_entry(effect.incident, "", PagedDetail(person=effect.person, contact=effect.contact))
    await tx.enqueue(await refresh_announced_pages(tx, effect.incident, f"called:{effect.person}"))


async def page_found_responders(
    desk: ServiceContext, tx: Transaction, effect: FindResponders, people: Sequence[str]
) -> None:
    """Slack resolved a contact's address or usergroup to people: page, invite and mention the new ones."""
    number = effect.incident
    incident = await tx.lock(number)
    assert incident is not None
    pages = await tx.pages(number)
    new = select_not_paged(pages, [(effect.contact, person) for person in people])
    holds = await plan_holds(desk, tx, incident, PagingPlan(people=tuple(new)))
    await tx.add_pages(number, new)
    renewed = await _select_ended(tx, number, people)
    change = f"{effect.contact}:{effect.handle}"
    rung = [(contact, person) for contact, person in new if person not in holds.pages]
    effects: list[Effect] = [
        PageResponder(incident=number, person=person, contact=contact) for contact, person in rung
    ]
    effects += await hold_pages(tx, incident, new, holds, change)
    effects += await renew_slack_pages(tx, number, renewed, change)
    if new or renewed:
        effects += _gather(number, (*_persons(new), *renewed), (*_persons(rung), *renewed), change)
    elif not people:
        notice = PageFailedNotice(contact=effect.contact, why="nobody is in its group")
        effects.append(PostNotice.say(number, notice, change))
        effects += await page_own_slack_handles(desk, tx, incident, effect.contact)
    failed = [page for page in pages if page.failed and page.person in people]
    effects += report_failed_pages(number, await tx.pages(number), failed, change, effect.contact)
    await tx.enqueue(effects)


async def _select_ended(tx: Transaction, number: int, people: Sequence[str]) -> list[str]:
    """Those of these people whose pages had ended: they are asked for an answer once more."""
    ended = {page.person for page in await tx.pages(number) if page.ended_at is not None}
    return [person for person in people if person in ended]


def _persons(people: Iterable[tuple[str, str]]) -> list[str]:
    """The persons of some (contact, person)."""
    return [person for _, person in people]


def _gather(number: int, invited: tuple[str, ...], rung: tuple[str, ...], change: str) -> list[Effect]:
    """Invite people into the channel, and mention there who is rung now."""
    return [
        InvitePeople(incident=number, people=invited, change=change),
        MentionPeople(incident=number, people=rung, missing=(), change=change),
    ]


async def invite_moved_people(tx: Transaction, effect: MovePeople, people: Sequence[str]) -> None:
    """These people are asked into the channel of the incident that theirs was merged into."""
    if people:
        change = f"merged:{effect.incident}:{effect.change}"
        await tx.enqueue([InvitePeople(incident=effect.into, people=tuple(people), change=change)])


async def repost_deleted(tx: Transaction, number: int, post: str) -> None:
    """Somebody deleted this message of ours (its effect's key): it is posted anew once. Who deletes it again means it,
    and that is noted."""
    await tx.lock(number)
    if not post.endswith(AGAIN):
        await tx.enqueue([Repost(incident=number, post=post)])
    elif number not in await tx.list_notes_of_message(post):
        text = f"Somebody deleted {POSTED[post.partition(':')[0]]} again. It stays deleted."
        await tx.add_entry(number, "", NoteAddedDetail(text=text, source=post))


POSTED = {"alert": "the alert", "announcement": "the announcement", "checklist": "the checklist"}
"""By the beginning of their keys, the messages that are posted anew when somebody deletes them."""


async def record_member_count(
    tx: Transaction, channel_name: str, people: int, number: int | None, change: str
) -> None:
    """Record how many people are in the incidents channel; the incident `number`, for which it was just paged, is told
    when that reached nobody."""
    await tx.set_member_count(channel_name, people)
    if number is not None and people == 0:
        await tx.enqueue([PostNotice.say(number, NobodyThereNotice(channel=channel_name), change)])


async def report_failed_invitations(
    tx: Transaction, number: int, change: str, refused: Mapping[str, str]
) -> None:
    """Some people could not be brought into the channel: name them there, each with the reason."""
    names = ", ".join(f"{person} ({reason})" for person, reason in refused.items())
    notice = EffectFailedNotice(what="inviting people", why=names)
    await tx.enqueue([PostNotice.say(number, notice, f"invite:{change}")])
