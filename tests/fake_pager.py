"""A Pager without a network: what it was asked, and answers that a test chooses."""

from datetime import timedelta

from bot.contacts import Handle
from bot.domain.page_provider import PageOutcome, PageRequest, PageResponse

ACCEPTED = PageResponse(PageOutcome.ACCEPTED, "PagerDuty has accepted the page.", "Q1")


class FakePager:
    """Keeps each key's state. `answers` are given first, one to each call; one that is unknown is carried out too.
    `news` is what becomes of a page at the provider, by its key."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Handle, str]] = []
        self.pages: dict[str, str] = {}
        self.answers: list[PageResponse] = []
        self.notes: dict[str, list[str]] = {}
        self.build_news: dict[str, PageResponse] = {}

    async def page(self, handle: Handle, call: PageRequest) -> PageResponse:
        return self._answer("page", handle, call.key, "triggered")

    async def acknowledge(self, handle: Handle, key: str) -> PageResponse:
        return self._answer("acknowledge", handle, key, "acknowledged")

    async def progress(self, handle: Handle, key: str) -> PageResponse:
        return self.build_news.get(key, ACCEPTED)

    async def resolve(self, handle: Handle, key: str) -> PageResponse:
        return self._answer("resolve", handle, key, "resolved")

    async def add_note(self, handle: Handle, key: str, text: str) -> PageResponse:
        if self.pages.get(key, "resolved") != "resolved" and text not in (
            notes := self.notes.setdefault(key, [])
        ):
            notes.append(text)
        return ACCEPTED

    def _answer(self, what: str, handle: Handle, key: str, state: str) -> PageResponse:
        self.asked.append((what, handle, key))
        answer = self.answers.pop(0) if self.answers else ACCEPTED
        if answer.outcome is not PageOutcome.REFUSED:
            if what == "page":
                self.pages.setdefault(key, state)
            elif key in self.pages:
                self.pages[key] = state
        return answer


REFUSED = PageResponse(PageOutcome.REFUSED, "PagerDuty refused (403).")
LIMITED = PageResponse(
    PageOutcome.REFUSED, "PagerDuty has had too many calls (429).", again_after=timedelta(seconds=17)
)
UNKNOWN = PageResponse(PageOutcome.UNKNOWN, "PagerDuty failed (500): the page may have gone out or not.")


def delivered(name: str) -> PageResponse:
    return PageResponse(PageOutcome.DELIVERED, f"PagerDuty says that it notified {name}.", "Q1")
