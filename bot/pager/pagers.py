"""The door to all providers: chooses by the handle, keeps threads and times in bounds."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Self

from bot.contacts import Handle, Kind
from bot.pager.answers import SOON, limited, refused, unknown
from bot.pager.clients import Account
from bot.pager.duty import PagerDuty
from bot.pager.pace import Pace
from bot.pager.threads import NotBegun, NotFinished, Threads
from bot.paging import PageAnswer, PageCall, PageOutcome
from bot.settings import Settings, named

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Calls at the same time to PagerDuty."""

AT_ONCE_BESIDE = 2
"""Calls at the same time to each address of Apprise's: one that hangs holds up no other."""

WITHIN = 10.0
"""Seconds after which a provider's answer is not waited for any longer."""

WARM_WITHIN = 30.0

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
        self._beside: defaultdict[str, Threads] = defaultdict(lambda: Threads(AT_ONCE_BESIDE))
        self._account = account
        self._within = within

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.duty.close()

    async def warm(self, handles: Iterable[Handle]) -> None:
        """Get the libraries and clients ready for these handles, in a thread; what fails is tried again by the page."""
        asked = tuple(handles)
        work = [lambda: self.duty.warm(each for each in asked if each.kind in BY_PAGERDUTY)]
        if any(each.kind is Kind.APPRISE for each in asked):
            from bot.pager.notify import warm

            work.append(warm)
        for each in work:
            try:
                await self.threads.run(each, WARM_WITHIN)
            except (NotBegun, NotFinished, OSError) as error:
                log.warning("paging providers are not ready yet: %r", error)

    async def page(self, handle: Handle, call: PageCall) -> PageAnswer:
        """Ask the handle's provider for a page."""
        if handle.kind in BY_PAGERDUTY:
            return await self._asked("PagerDuty", lambda: self.duty.page(handle, call))
        if handle.kind is Kind.APPRISE:
            from bot.pager.notify import notify

            return await self._asked(
                handle.value,
                lambda: notify(handle.value, self._account.named(handle.value), call),
                self._beside[handle.value],
            )
        return refused(f"{handle.kind} is for people, not for a provider.")

    async def acknowledge(self, handle: Handle, key: str) -> PageAnswer:
        """Tell PagerDuty; what went out through Apprise cannot be answered there."""
        return await self._followed(handle, lambda: self.duty.acknowledge(handle, key))

    async def progress(self, handle: Handle, key: str) -> PageAnswer:
        """What PagerDuty knows of a page by now; Apprise never knows more."""
        return await self._followed(handle, lambda: self.duty.progress(key))

    async def resolve(self, handle: Handle, key: str) -> PageAnswer:
        """End it at PagerDuty; what went out through Apprise has no end there."""
        return await self._followed(handle, lambda: self.duty.resolve(handle, key))

    async def _followed(self, handle: Handle, work: Callable[[], PageAnswer]) -> PageAnswer:
        if handle.kind in BY_PAGERDUTY:
            return await self._asked("PagerDuty", work)
        return PageAnswer(PageOutcome.ACCEPTED, "Nothing is open there.")

    async def _asked(
        self, provider: str, work: Callable[[], PageAnswer], threads: Threads | None = None
    ) -> PageAnswer:
        try:
            return await (threads or self.threads).run(work, self._within)
        except NotBegun:
            return limited(f"{provider} was not asked: too many calls are under way.", SOON)
        except NotFinished:
            return unknown(f"{provider} did not answer in time")
        except Exception:
            # A fault of ours must not end the ladder: whoever waits for this page is called another way.
            error_id = uuid.uuid4().hex[:8]
            log.exception("asking %s failed, error %s", provider, error_id)
            return unknown(f"Asking {provider} failed (error {error_id})")
