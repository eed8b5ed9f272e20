"""A Pager without a network: what it was asked, and answers that a test chooses."""

from datetime import timedelta

from bot.contacts import Handle
from bot.paging import PageAnswer, PageCall, PageOutcome

ACCEPTED = PageAnswer(PageOutcome.ACCEPTED, "PagerDuty has accepted the page.", "Q1")


class FakePager:
    """Keeps each key's state. `answers` are given first, one to each call; one that is unknown is carried out too.
    `news` is what becomes of a page at the provider, by its key."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Handle, str]] = []
        self.pages: dict[str, str] = {}
        self.answers: list[PageAnswer] = []
        self.news: dict[str, PageAnswer] = {}

    async def page(self, handle: Handle, call: PageCall) -> PageAnswer:
        return self._answer("page", handle, call.key, "triggered")

    async def acknowledge(self, handle: Handle, key: str) -> PageAnswer:
        return self._answer("acknowledge", handle, key, "acknowledged")

    async def progress(self, handle: Handle, key: str) -> PageAnswer:
        return self.news.get(key, ACCEPTED)

    async def resolve(self, handle: Handle, key: str) -> PageAnswer:
        return self._answer("resolve", handle, key, "resolved")

    def _answer(self, what: str, handle: Handle, key: str, state: str) -> PageAnswer:
        self.asked.append((what, handle, key))
        answer = self.answers.pop(0) if self.answers else ACCEPTED
        if answer.outcome is not PageOutcome.REFUSED:
            if what == "page":
                self.pages.setdefault(key, state)
            elif key in self.pages:
                self.pages[key] = state
        return answer


REFUSED = PageAnswer(PageOutcome.REFUSED, "PagerDuty refused (403).")
LIMITED = PageAnswer(
    PageOutcome.REFUSED, "PagerDuty has had too many calls (429).", again_after=timedelta(seconds=17)
)
UNKNOWN = PageAnswer(PageOutcome.UNKNOWN, "PagerDuty failed (500): the page may have gone out or not.")


def delivered(name: str) -> PageAnswer:
    return PageAnswer(PageOutcome.DELIVERED, f"PagerDuty says that it notified {name}.", "Q1")
