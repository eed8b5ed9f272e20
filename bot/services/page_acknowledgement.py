"""Acknowledging or resolving stops outstanding pages and updates the providers."""

from collections.abc import Collection, Iterable, Sequence

from bot.domain.effects import Effect, FollowPage, PostNotice
from bot.domain.incident import Situation
from bot.domain.notices import NotToldNotice
from bot.domain.page_attempts import PageAttempt, is_paged_as
from bot.ports import Transaction
from bot.services.context import ServiceContext


def find_contacts_of(desk: ServiceContext, situation: Situation, person: str) -> list[str]:
    """The contacts as which this person is paged, by the pages and by the contacts file."""
    paged = [page.contact for page in situation.pages if page.person == person]
    own = [name for name, handles in desk.contacts.items() if f"slack:{person}" in handles]
    named = [way.contact for way in situation.ways if any(is_paged_as(way.contact, name) for name in own)]
    return list(dict.fromkeys([*paged, *own, *named]))


async def acknowledge_pages(
    tx: Transaction, number: int, change: str, contacts: Sequence[str]
) -> list[Effect]:
    """A responder acknowledged; `contacts` are the names they were paged under. Their pages are acknowledged, the
    others' are silenced at their providers; those requested by name are still paged."""
    changed = await tx.acknowledge_attempts(number, contacts)
    # What went quiet before was told then.
    open_still = (way for way in changed if way.contact not in contacts or way.quieted_at is None)
    return _build_provider_updates(open_still, "acknowledge", change)


async def end_provider_pages(
    tx: Transaction, number: int, change: str, contacts: Collection[str] | None = None
) -> list[Effect]:
    """It is over, for all or for these contacts: their pages are ended at their providers."""
    listed = None if contacts is None else sorted(contacts)
    return _build_provider_updates(await tx.end_page_attempts(number, listed), "resolve", change)


def _build_provider_updates(ways: Iterable[PageAttempt], what: str, change: str) -> list[Effect]:
    return [
        FollowPage(incident=way.incident, way=way.id, what=what, change=change) for way in ways if way.is_told
    ]


async def report_provider_failure(tx: Transaction, way: PageAttempt, what: str, why: str) -> None:
    """The provider could not be told that a page was acknowledged or resolved: somebody has to do it there."""
    notice = NotToldNotice(contact=way.contact, what=what, why=why)
    await tx.enqueue([PostNotice.say(way.incident, notice, f"{what}:{way.id}")])
