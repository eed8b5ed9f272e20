"""What an answer, or the end, means for the pages that are out: nobody is called further, and providers are told."""

from collections.abc import Collection, Iterable, Sequence

from bot.calls import Way, stands_for
from bot.effects import Effect, FollowPage, PostNotice
from bot.incident import Situation
from bot.lifecycle.desk import Desk
from bot.ports import Transaction


def contacts_of(desk: Desk, situation: Situation, person: str) -> list[str]:
    """The contacts as which this person is called, by what was asked and by the contacts file."""
    paged = [page.contact for page in situation.pages if page.person == person]
    own = [name for name, handles in desk.contacts.items() if f"slack:{person}" in handles]
    named = [way.contact for way in situation.ways if any(stands_for(way.contact, name) for name in own)]
    return list(dict.fromkeys([*paged, *own, *named]))


async def answered(work: Transaction, number: int, change: str, contacts: Sequence[str]) -> list[Effect]:
    """Somebody who is called as one of these contacts (or as none) answered. Their pages are acknowledged, those of the
    others go quiet at their providers; who was asked for by name goes on being called."""
    changed = await work.answer_ways(number, contacts)
    # What went quiet before was told then.
    open_still = (way for way in changed if way.contact not in contacts or way.quieted_at is None)
    return _told(open_still, "acknowledge", change)


async def ended(
    work: Transaction, number: int, change: str, contacts: Collection[str] | None = None
) -> list[Effect]:
    """It is over, for all or for these contacts: their pages are ended at their providers."""
    listed = None if contacts is None else sorted(contacts)
    return _told(await work.end_ways(number, listed), "resolve", change)


def _told(ways: Iterable[Way], what: str, change: str) -> list[Effect]:
    return [
        FollowPage(incident=way.incident, way=way.id, what=what, change=change) for way in ways if way.is_told
    ]


async def not_told(work: Transaction, way: Way, what: str, why: str) -> None:
    """The provider could not be told that a page was answered or is over: somebody has to do it there."""
    detail = (("contact", way.contact), ("what", what), ("why", why))
    await work.enqueue(
        [PostNotice(incident=way.incident, words="not_told", detail=detail, change=f"{what}:{way.id}")]
    )
