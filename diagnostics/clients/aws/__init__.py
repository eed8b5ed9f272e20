"""AWS client of all diagnostics: boto3 in threads of its own, each answer by its deadline.

Credentials come by boto3's own chain. Errors come as Inconclusive; a denied access names the action that is missing.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.session import Session as Chain

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import AwsCall
from bot.text.redaction import redact
from diagnostics.clients.aws.botocore_errors import CredentialsError
from diagnostics.clients.aws.cli_rendering import render_cli_command
from diagnostics.clients.aws.errors import call_or_explain, describe_place
from diagnostics.clients.aws.http_deadline import DeadlineTransport
from diagnostics.clients.reachability import Reachability

__all__ = ["AwsClients", "build_console_url", "render_cli_command"]

T = TypeVar("T")

THREADS = 16
CONNECT, READ, ATTEMPTS = 1.0, 3.0, 2
MOST_PAGES, MOST_ITEMS = 1_000, 10_000
DEADLINE_MARGIN_S = 0.2
"""Seconds before the deadline at which an answer has to be there, so that there is time to judge what came."""

CONFIG = Config(
    connect_timeout=CONNECT,
    read_timeout=READ,
    retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    max_pool_connections=THREADS,
    user_agent_appid="tocsin",
)

log = logging.getLogger(__name__)


class AwsClients:
    """The clients of one bot, made once for each service, region and profile.

    `role` is the ARN of a role that is assumed with what boto3 finds, except where a command names a profile: that
    names its role itself. `region` is asked where a command names none; when it is empty, AWS_REGION (which
    AWS's own CLI and containers know, and boto3 does not), else what boto3 finds. `reachability` is told what was
    reached.
    """

    def __init__(self, role: str = "", region: str = "", reachability: Reachability | None = None) -> None:
        self._reachability = reachability or Reachability()
        self._role, self._region = role, region or os.environ.get("AWS_REGION", "")
        self._clients: dict[tuple[str, str | None, str | None], Any] = {}
        self._sessions: dict[str | None, boto3.Session] = {}
        self._regions: dict[str | None, str] = {}
        self._making: dict[str | None, threading.RLock] = {}
        self._wire = DeadlineTransport()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")

    def close(self) -> None:
        """Wait for nobody: what is still under way is thrown away when it comes."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def warm(self, services: Iterable[str]) -> None:
        """Make the clients that will be needed, which takes each a tenth of a second; failures show when asked."""

        def make() -> None:
            for service in services:
                try:
                    self._client(service, None, None)
                except (BotoCoreError, ValueError) as error:
                    log.info("AWS %s cannot be asked yet: %s", service, redact(str(error)))

        await asyncio.get_running_loop().run_in_executor(self._threads, make)

    def region_of(self, call: AwsCall) -> str:
        """The region that is asked; empty when none is known."""
        if call.region or self._region:
            return call.region or self._region
        if call.profile not in self._regions:
            try:
                self._regions[call.profile] = Chain(profile=call.profile).get_config_variable("region") or ""
            except BotoCoreError:
                return ""
        return self._regions[call.profile]

    def describe_missing(self, call: AwsCall) -> str:
        """What is not configured, in a sentence; empty when AWS can be asked."""
        if self.region_of(call) or call.profile:
            return ""
        return "AWS skipped: AWS_REGION is not set, and there is no profile that names a region."

    async def call(self, call: AwsCall, by: float) -> dict[str, Any]:
        """The answer to one operation, whole at `by` of the loop's clock. Of one that comes in pages `max_items` (else
        10,000) at most, and what could be read in time: with `"Truncated": True` when there is more. Raises
        Inconclusive."""
        if not call.pages:
            return await self._send(call, lambda: self._call_once(call), by)
        whole: dict[str, Any] = {}
        keys: list[str] = []
        async for page in self._pages(call, by, keys, call.max_items or MOST_ITEMS):
            for name, value in page.items():
                if not any(key == name or key.startswith(f"{name}.") for key in keys):
                    whole[name] = value
            for key in keys:
                _join(whole, page, key.split("."))
        return whole

    async def pages(self, call: AwsCall, by: float) -> AsyncGenerator[dict[str, Any], None]:
        """Page after page while there is time; then one `{"Truncated": True}` when there may be more.

        An operation without pages is one page. Raises Inconclusive for the first page; a timeout or throttling of a
        later one ends the reading.
        """
        async for page in self._pages(call, by, [], call.max_items):
            yield page

    async def _pages(
        self, call: AwsCall, by: float, keys: list[str], most: int | None
    ) -> AsyncGenerator[dict[str, Any], None]:
        """`keys` is told where in a page the items are."""
        reading = await self._in_thread(call, lambda: self._reading(call, most), by)
        if reading is None:
            yield await self._send(call, lambda: self._call_once(call), by)
            return
        keys += [key.expression for key in reading.result_keys]
        pages: Iterator[dict[str, Any]] = iter(reading)
        for number in range(MOST_PAGES):
            try:
                page = await self._send(call, lambda: next(pages, None), by)
            except Inconclusive as why:
                if number == 0 or why.cause not in (UnknownCause.TIMEOUT, UnknownCause.THROTTLED):
                    raise
                break
            if page is None:
                if reading.resume_token is None:
                    return
                break
            yield page
        yield {"Truncated": True}

    def _reading(self, call: AwsCall, most: int | None) -> Any:
        """botocore's own pages; None for an operation that has none."""
        client, method = self._client(call.service, call.region, call.profile), xform_name(call.operation)
        if not client.can_paginate(method):
            return None
        given = {"PageSize": call.page_size, "StartingToken": call.starting_token, "MaxItems": most}
        kept = {name: value for name, value in given.items() if value is not None}
        return client.get_paginator(method).paginate(**call.parameters, PaginationConfig=kept)

    def _call_once(self, call: AwsCall) -> dict[str, Any]:
        client = self._client(call.service, call.region, call.profile)
        answer: dict[str, Any] = getattr(client, xform_name(call.operation))(**call.parameters)
        return answer

    async def _send(self, call: AwsCall, work: Callable[[], T], by: float) -> T:
        """What asks AWS, in a thread; whether it was reached is noted."""
        with self._reachability.track_request(describe_place(call, self.region_of(call))):
            return await self._in_thread(call, work, by)

    async def _in_thread(self, call: AwsCall, work: Callable[[], T], by: float) -> T:
        """In a thread. A thread cannot be stopped: after the deadline it is not waited for, what it brings is thrown
        away, and it sends and reads nothing more; who still waits for a thread is taken out of the queue."""
        loop = asyncio.get_running_loop()
        left = by - DEADLINE_MARGIN_S - loop.time()
        due = time.monotonic() + left

        def bounded() -> T:
            self._wire.by = due
            try:
                return call_or_explain(work, call, lambda: self.region_of(call))
            except CredentialsError:
                self._forget(call.profile)
                raise

        try:
            async with asyncio.timeout(left):
                return await loop.run_in_executor(self._threads, bounded)
        except TimeoutError:
            said = f"{describe_place(call, self.region_of(call))} has not answered in time."
            raise Inconclusive(UnknownCause.TIMEOUT, said) from None

    def _client(self, service: str, region: str | None, profile: str | None) -> Any:
        key = (service, region, profile)
        with self._lock(profile):  # a session makes one client at a time
            if key not in self._clients:
                made = self._session(profile).client(
                    service, region_name=region or self._region or None, config=CONFIG
                )
                self._clients[key] = self._wire.attach(made)
            return self._clients[key]

    def _session(self, profile: str | None) -> boto3.Session:
        with self._lock(profile):
            if profile not in self._sessions:
                session = boto3.Session(profile_name=profile)
                if self._role and profile is None:
                    session = self._assuming(session)
                self._sessions[profile] = session
            return self._sessions[profile]

    def _forget(self, profile: str | None) -> None:
        """Read the credentials anew the next time: somebody may have renewed them in the meantime."""
        with self._lock(profile):
            self._sessions.pop(profile, None)
            self._regions.pop(profile, None)
            for key in [client for client in self._clients if client[2] == profile]:
                del self._clients[key]

    def _lock(self, profile: str | None) -> threading.RLock:
        """One for each profile: what fetches the credentials of one may hang."""
        return self._making.setdefault(profile, threading.RLock())

    def _assuming(self, session: boto3.Session) -> boto3.Session:
        """A session that assumes the role by what this one found, and renews it before it ends."""
        found = session.get_credentials()
        if found is None:
            raise NoCredentialsError
        region = self._region or session.region_name

        def client(service: str, **given: Any) -> Any:
            return self._wire.attach(session.client(service, region_name=region, config=CONFIG, **given))

        fetcher = AssumeRoleCredentialFetcher(
            client, found, self._role, extra_args={"RoleSessionName": "tocsin"}
        )
        chain = Chain()
        chain._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
        return boto3.Session(botocore_session=chain, region_name=session.region_name)


def _join(whole: dict[str, Any], page: Mapping[str, Any], path: list[str]) -> None:
    """Add the page's items at `path` to those that are there."""
    name, *rest = path
    if name not in page:
        return
    value = page[name]
    if rest and isinstance(value, Mapping):
        inner = whole.setdefault(
            name, {key: inner_value for key, inner_value in value.items() if key != rest[0]}
        )
        _join(inner, value, rest)
    elif isinstance(value, list):
        whole[name] = [*whole.get(name, ()), *value]
    else:
        whole[name] = value


def build_console_url(region: str, path: str) -> str:
    """A page of AWS's console: `path` is what follows its host, without a slash at the front."""
    if region.startswith("cn-"):
        return f"https://{region}.console.amazonaws.cn/{path}"
    if region.startswith("us-gov-"):
        return f"https://{region}.console.amazonaws-us-gov.com/{path}"
    return f"https://{region}.console.aws.amazon.com/{path}"
