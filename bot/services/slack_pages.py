"""Pages in Slack (direct messages): they show how it stands, end, or ask for an answer again."""

from collections.abc import Collection, Iterable

from bot.domain.effects import (
    AnnounceIncident,
    Effect,
    PostAlert,
    PostNotice,
    RefreshAlert,
    RefreshAnnouncement,
    RefreshPage,
)
from bot.domain.incident import Situation
from bot.domain.notices import PageFailedNotice
from bot.domain.page_attempts import SlackPage, is_paged_as
from bot.domain.policy import PagingPlan
from bot.domain.timeline_details import PageRequestedDetail
from bot.ports import Transaction

BY_HAND = "responder"
"""As whom somebody is called who is no contact."""


async def refresh_pages(tx: Transaction, number: int, change: str) -> list[Effect]:
    """Refresh every direct message of a page; one that has on hold is current when it rings."""
    rang = [page.person for page in await tx.pages(number) if page.held_until is None]
    return _build_page_refreshes(number, rang, change)


async def refresh_announced_pages(tx: Transaction, number: int, change: str) -> list[Effect]:
    """Alert and announcement say who was paged: once no direct message is on its way any more, what was begun is
    brought up to date, and an announcement that waits for this goes out when the channel is there too."""
    if any(page.is_on_its_way for page in await tx.pages(number)):
        return []
    incident = await tx.incident(number)
    effects: list[Effect] = []
    if not incident.private and not await hold_announcement(tx, number, is_due=bool(incident.channel)):
        effects.append(RefreshAnnouncement(incident=number, change=change))
    if not await tx.hold(PostAlert(incident=number).key):
        effects.append(RefreshAlert(incident=number, change=change))
    return effects


async def hold_announcement(tx: Transaction, number: int, is_due: bool) -> bool:
    """Whether the announcement has not begun: it shows what this transaction writes, and goes out now if `is_due`."""
    key = AnnounceIncident(incident=number, channel_name="").key
    return await (tx.make_due_now(key) if is_due else tx.hold(key))


async def renew_slack_pages(tx: Transaction, number: int, people: Iterable[str], change: str) -> list[Effect]:
    """Page these again: their direct messages ask for an answer again, whatever they said before. An edit does not
    ring, so a mention in the channel has to follow."""
    return _build_page_refreshes(number, await tx.renew_pages(number, list(people)), change)


async def called_by_name(
    tx: Transaction, situation: Situation, people: Iterable[str], change: str
) -> list[Effect]:
    """The same for a request by name: what is new joins a page that is not answered yet, too."""
    number, listed = situation.incident.number, set(people)
    await tx.renew_pages(number, list(listed))
    rang = [page.person for page in situation.pages if page.held_until is None]
    return _build_page_refreshes(number, [person for person in rang if person in listed], change)


def report_failed_pages(
    number: int, pages: Collection[SlackPage], failed: Iterable[SlackPage], change: str, contact: str = ""
) -> list[Effect]:
    """Say once more who was not reached, where they are requested again; as `contact` where that is another one."""
    told: list[Effect] = []
    for page in failed:
        name = contact or page.contact
        others = tuple(other.person for other in pages if other.contact == name and not other.failed)
        notice = PageFailedNotice(contact=name, why=page.failed, person=page.person, others=others)
        told.append(PostNotice.say(number, notice, f"{change}:{page.person}"))
    return told


async def end_unneeded_pages(
    tx: Transaction, situation: Situation, called: PagingPlan, kept: str = ""
) -> None:
    """End the pages that the severity does not ask for any more; those requested by name stay, and that of who is
    `kept`."""
    over = [
        page.person
        for page in situation.pages
        if page.person != kept and not _is_called(situation, page, called)
    ]
    await tx.end_pages(situation.incident.number, over)


async def end_unanswered_pages(tx: Transaction, number: int) -> None:
    """The incident is reopened: pages that nobody answered before end, unless somebody is paged again."""
    left = [page.person for page in await tx.pages(number) if page.acknowledged_at is None]
    await tx.end_pages(number, left)


def _is_called(situation: Situation, page: SlackPage, called: PagingPlan) -> bool:
    names = {name for name, _ in (*called.people, *called.lookups, *called.ways)} | set(called.on_call)
    by_name = any(is_paged_as(page.contact, name) for name in names)
    return by_name or page.person in {person for _, person in called.people} or _is_asked_for(situation, page)


def _is_asked_for(situation: Situation, page: SlackPage) -> bool:
    """Whether somebody asked for this person or contact by name."""
    if page.contact == BY_HAND:
        return True
    details = (entry.detail for entry in situation.entries)
    asked = [detail for detail in details if isinstance(detail, PageRequestedDetail)]
    people = {person for detail in asked for person in detail.people}
    names = {name for detail in asked for name in detail.to.split(", ")}
    return page.person in people or any(is_paged_as(page.contact, name) for name in names)


def _build_page_refreshes(number: int, people: Iterable[str], change: str) -> list[Effect]:
    return [RefreshPage(incident=number, person=person, change=change) for person in people]
