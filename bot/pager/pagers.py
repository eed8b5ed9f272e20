"""The door to all providers: chooses by the handle, keeps threads and times in bounds."""

from collections.abc import Callable
from typing import Self

from bot.contacts import Handle, Kind
from bot.pager.answers import SOON, refused, unknown
from bot.pager.duty import Account, PagerDuty
from bot.pager.pace import Pace
from bot.pager.threads import NotBegun, NotFinished, Threads
from bot.paging import PageAnswer, PageCall, PageOutcome
from bot.settings import Settings, named

AT_ONCE = 8
WITHIN = 10.0
"""Seconds after which a provider's answer is not waited for any longer."""

BY_PAGERDUTY = frozenset({Kind.PAGERDUTY_SERVICE, Kind.PAGERDUTY_USER, Kind.PAGERDUTY_POLICY})


def account(settings: Settings) -> Account:
    """PagerDuty as the settings have it."""
    return Account(
        settings.pagerduty_api_key,
        settings.pagerduty_from,
        settings.pagerduty_service,
        settings.pagerduty_api_url,
        settings.pagerduty_events_url,
        named,
    )


class Pagers:
    """The Pager port: PagerDuty and Apprise. A library is imported by the first call that needs it."""

    def __init__(self, account: Account, within: float = WITHIN, pace: Pace | None = None) -> None:
        self.duty = PagerDuty(account, pace or Pace())
        self.threads = Threads(AT_ONCE)
        self._account = account
        self._within = within

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.duty.close()

    async def page(self, handle: Handle, call: PageCall) -> PageAnswer:
        """Ask the handle's provider for a page."""
        if handle.kind in BY_PAGERDUTY:
            return await self._asked("PagerDuty", lambda: self.duty.page(handle, call))
        if handle.kind is Kind.APPRISE:
            from bot.pager.notify import notify

            address = self._account.named(handle.value)
            return await self._asked(handle.value, lambda: notify(handle.value, address, call))
        return refused(f"{handle.kind} is for people, not for a provider.")

    async def acknowledge(self, handle: Handle, key: str) -> PageAnswer:
        """Tell PagerDuty; what went out through Apprise cannot be answered there."""
        return await self._followed(handle, lambda: self.duty.acknowledge(handle, key))

    async def resolve(self, handle: Handle, key: str) -> PageAnswer:
        """End it at PagerDuty; what went out through Apprise has no end there."""
        return await self._followed(handle, lambda: self.duty.resolve(handle, key))

    async def _followed(self, handle: Handle, work: Callable[[], PageAnswer]) -> PageAnswer:
        if handle.kind in BY_PAGERDUTY:
            return await self._asked("PagerDuty", work)
        return PageAnswer(PageOutcome.ACCEPTED, "Nothing is open there.")

    async def _asked(self, provider: str, work: Callable[[], PageAnswer]) -> PageAnswer:
        try:
            return await self.threads.run(work, self._within)
        except NotBegun:
            return refused(f"{provider} was not asked: too many calls are under way.", SOON)
        except NotFinished:
            return unknown(f"{provider} did not answer in time")
