"""The `Pager` port: chooses the provider by the handle, and bounds threads and times."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Self

from bot.adapters.paging import pagerduty_directory as directory
from bot.adapters.paging.pagerduty import PagerDutyClient
from bot.adapters.paging.pagerduty_clients import PagerDutyAccount
from bot.adapters.paging.pagerduty_directory import DirectoryAnswer, DirectoryKind
from bot.adapters.paging.pagerduty_errors import SOON, build_rate_limited, build_refused, build_unknown
from bot.adapters.paging.rate_limiter import RateLimiter
from bot.adapters.paging.thread_pool import ThreadPool, WorkNotStarted, WorkTimedOut
from bot.contacts import Handle, HandleKind
from bot.domain.page_provider import PageOutcome, PageRequest, PageResponse
from bot.settings import Settings
from bot.settings.setting_lookup import find_setting

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Calls at the same time to PagerDuty."""

AT_ONCE_BESIDE = 2
"""Calls at the same time to each address of Apprise's: one that hangs holds up no other."""

CALL_TIMEOUT_S = 10.0
"""Seconds after which a provider's answer is not waited for any longer."""

WARM_UP_TIMEOUT_S = 30.0
SENDER_TIMEOUT_S = 1.5
"""While PagerDuty waits for the answer to a webhook."""

BY_PAGERDUTY = frozenset(
    {HandleKind.PAGERDUTY_SERVICE, HandleKind.PAGERDUTY_USER, HandleKind.PAGERDUTY_POLICY}
)


def build_account(settings: Settings) -> PagerDutyAccount:
    """PagerDuty as the settings have it."""
    return PagerDutyAccount(
        settings.pagerduty_api_key,
        settings.pagerduty_from,
        settings.pagerduty_service,
        settings.pagerduty_api_url,
        settings.pagerduty_events_url,
        find_setting,
    )


class PagingGateway:
    """The Pager port: PagerDuty and Apprise. A library is imported by the first call that needs it."""

    def __init__(
        self, account: PagerDutyAccount, within: float = CALL_TIMEOUT_S, pace: RateLimiter | None = None
    ) -> None:
        self.duty = PagerDutyClient(account, pace or RateLimiter())
        self.threads = ThreadPool(AT_ONCE)
        self._beside: defaultdict[str, ThreadPool] = defaultdict(lambda: ThreadPool(AT_ONCE_BESIDE))
        self._account = account
        self._within = within

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.duty.close()

    async def warm(self, handles: Iterable[Handle]) -> None:
        """Get the libraries and clients ready for these handles, in a thread; what fails is tried again by the page."""
        asked = tuple(handles)
        work = [lambda: self.duty.warm(handle for handle in asked if handle.kind in BY_PAGERDUTY)]
        if any(handle.kind is HandleKind.APPRISE for handle in asked):
            from bot.adapters.paging.apprise_notifier import import_apprise

            work.append(import_apprise)
        for load in work:
            try:
                await self.threads.run(load, WARM_UP_TIMEOUT_S)
            except (WorkNotStarted, WorkTimedOut, OSError) as error:
                log.warning("warming up the paging providers failed: %r", error)

    async def page(self, handle: Handle, call: PageRequest) -> PageResponse:
        """Ask the handle's provider for a page."""
        if handle.kind in BY_PAGERDUTY:
            return await self._run_in_thread("PagerDuty", lambda: self.duty.page(handle, call))
        if handle.kind is HandleKind.APPRISE:
            from bot.adapters.paging.apprise_notifier import notify

            return await self._run_in_thread(
                handle.value,
                lambda: notify(handle.value, self._account.named(handle.value), call),
                self._beside[handle.value],
            )
        return build_refused(f"{handle.kind} is for people, not for a provider.")

    async def acknowledge(self, handle: Handle, key: str) -> PageResponse:
        """Tell PagerDuty; what went out through Apprise cannot be answered there."""
        return await self._update_page(handle, lambda: self.duty.acknowledge(handle, key))

    async def progress(self, handle: Handle, key: str) -> PageResponse:
        """What PagerDuty knows of a page by now; Apprise never knows more."""
        return await self._update_page(handle, lambda: self.duty.progress(key))

    async def resolve(self, handle: Handle, key: str) -> PageResponse:
        """End it at PagerDuty; what went out through Apprise has no end there."""
        return await self._update_page(handle, lambda: self.duty.resolve(handle, key))

    async def add_note(self, handle: Handle, key: str, text: str) -> PageResponse:
        """Add a note at PagerDuty; to what went out through Apprise nothing can be added."""
        return await self._update_page(handle, lambda: self.duty.add_note(key, text))

    async def sender(self) -> str:
        """As whom we act at PagerDuty by the REST API: what that user does there is ours. Empty when not known."""
        try:
            return await self.threads.run(self.duty.sender, SENDER_TIMEOUT_S)
        except (WorkNotStarted, WorkTimedOut):
            return ""

    async def look_up(self, kind: DirectoryKind, value: str) -> DirectoryAnswer:
        """Who or what this is at PagerDuty; nothing is created."""
        from httpx2 import HTTPError
        from pagerduty import Error

        from bot.adapters.paging.pagerduty_http import PagerDutyHttpError, ResponseLimitExceeded

        try:
            return await self.threads.run(
                lambda: directory.look_up(self.duty.clients.rest(), kind, value), self._within
            )
        except PagerDutyHttpError as answer:
            return DirectoryAnswer(problem=directory.explain_refusal(kind, answer.status))
        except (Error, HTTPError, ResponseLimitExceeded, WorkNotStarted, WorkTimedOut):
            return DirectoryAnswer(problem="PagerDuty did not answer")
        except ValueError:
            return DirectoryAnswer(problem="PagerDuty's answer was not understood")

    async def _update_page(self, handle: Handle, work: Callable[[], PageResponse]) -> PageResponse:
        if handle.kind in BY_PAGERDUTY:
            return await self._run_in_thread("PagerDuty", work)
        return PageResponse(PageOutcome.ACCEPTED, "Nothing is open there.")

    async def _run_in_thread(
        self, provider: str, work: Callable[[], PageResponse], threads: ThreadPool | None = None
    ) -> PageResponse:
        try:
            return await (threads or self.threads).run(work, self._within)
        except WorkNotStarted:
            return build_rate_limited(f"{provider} was not asked: too many calls are under way.", SOON)
        except WorkTimedOut:
            return build_unknown(f"{provider} did not answer in time")
        except Exception:
            # A fault of ours must not end the ladder: whoever waits for this page is called another way.
            error_id = uuid.uuid4().hex[:8]
            log.exception("paging request to %s failed, error %s", provider, error_id)
            return build_unknown(f"Asking {provider} failed (error {error_id})")
