"""HTTP client of all diagnostics: bounded in time and size, never led to an internal address.

Errors come as Inconclusive with a cause; a status of 400 and above is the caller's to judge (`checked` says the usual).
"""

import asyncio
import functools
import re
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.http_response import HttpResponse
from diagnostics.clients.network import (
    BROKEN_OFF,
    REASONS,
    explain_connection_error,
    format_host,
    is_link_local,
    is_outside,
    load_trust_store,
    read_body,
)
from diagnostics.clients.reachability import Reachability
from diagnostics.clients.request_target import NoConnectionError, RequestTarget, join_url, split_url

MAX_BODY_BYTES = 5_000_000
"""Bytes of an answer that are read at most."""

REDIRECTS = 5
CONNECT = 3.0
ADDRESSES = 3
"""Addresses of a name that are tried at most, when one takes no connection."""

LOOKUPS = 10
"""Names that are looked up at the same time, in threads of their own: one that hangs cannot be stopped, and would
hold up whoever else works in a thread."""

NAME = "Tocsin (incident diagnostics)"
SECRET_HEADER = re.compile(r"auth|cookie|token|key|secret|password|session|signature", re.I)


@dataclass(slots=True)
class HttpClient:
    """One client for all. `addresses` are bases that are reached elsewhere, by those outside (a mirror, a stand-in),
    `inside` are hosts that may be inside: whoever set these may lead there, nobody else."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    inside: frozenset[str] = frozenset()
    transport: httpx.AsyncBaseTransport | None = None
    _clients: dict[bool, httpx.AsyncClient] = field(default_factory=dict)
    reachability: Reachability = field(default_factory=Reachability)
    _lookups: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(LOOKUPS, "names"))

    async def aclose(self) -> None:
        """Close what is open."""
        for client in self._clients.values():
            await client.aclose()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def ask(
        self,
        method: str,
        url: str,
        by: float,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
        verify: bool = True,
        redirects: bool = True,
        most: int = MAX_BODY_BYTES,
    ) -> HttpResponse:
        """The answer, which has to be whole at `by` of the loop's clock. A redirect is followed for GET and HEAD only,
        without secret headers when it leaves the host. Raises Inconclusive."""
        with self.reachability.track_request(format_host(url)):
            return await self._follow_redirects(
                method, url, by, headers, params, content, verify, redirects, most
            )

    async def _follow_redirects(
        self,
        method: str,
        url: str,
        by: float,
        headers: Mapping[str, str] | None,
        params: Mapping[str, str | int] | None,
        content: bytes | None,
        verify: bool,
        redirects: bool,
        most: int,
    ) -> HttpResponse:
        began, is_ours = asyncio.get_running_loop().time(), True
        given = dict(headers or {})
        if params:
            url = str(httpx.URL(url).copy_merge_params(dict(params)))
        try:
            async with asyncio.timeout_at(by):
                led_by = ""
                for _ in range(REDIRECTS + 1):
                    targets = await self._targets(url, is_ours, led_by)
                    answer = await self._once(method, url, targets, given, content, verify, most, began)
                    target = answer.headers.get("location", "")
                    if not redirects or not _is_redirect(method, answer.status) or not target:
                        return answer
                    is_ours = is_ours and self._is_named(url)
                    before, url = url, join_url(url, target)
                    led_by = format_host(before)
                    if urlsplit(before)[:2] != urlsplit(url)[:2]:
                        given = _without_secrets(given)
        except TimeoutError:
            raise Inconclusive(
                UnknownCause.TIMEOUT, f"{format_host(url)} has not answered in time."
            ) from None
        raise Inconclusive(
            UnknownCause.NOT_UNDERSTOOD, f"{format_host(url)} sends from one address to the next without end."
        )

    async def _once(
        self,
        method: str,
        url: str,
        targets: list[RequestTarget],
        headers: Mapping[str, str],
        content: bytes | None,
        verify: bool,
        most: int,
        began: float,
    ) -> HttpResponse:
        for target in targets[:-1]:
            try:
                return await self._send_request(method, url, target, headers, content, verify, most, began)
            except NoConnectionError:
                continue
        return await self._send_request(method, url, targets[-1], headers, content, verify, most, began)

    async def _send_request(
        self,
        method: str,
        url: str,
        target: RequestTarget,
        headers: Mapping[str, str],
        content: bytes | None,
        verify: bool,
        most: int,
        began: float,
    ) -> HttpResponse:
        client = self._client(verify)
        told = {**headers, **target.headers}
        try:
            async with client.stream(
                method, target.url, headers=told, content=content, extensions=target.extensions
            ) as reply:
                body = await read_body(reply, format_host(url), most)
                seconds = asyncio.get_running_loop().time() - began
                return HttpResponse(reply.status_code, reply.headers, body, seconds, url)
        except httpx.ConnectTimeout:
            raise NoConnectionError(
                UnknownCause.TIMEOUT,
                f"{format_host(url)} cannot be reached: no connection in {CONNECT:.0f} s.",
            ) from None
        except httpx.ConnectError as error:
            raise NoConnectionError(
                UnknownCause.UNREACHABLE,
                f"{format_host(url)} cannot be reached: {explain_connection_error(error)}.",
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = explain_connection_error(error)
            known = f": {reason}" if reason in REASONS.values() and reason != BROKEN_OFF else ""
            said = f"{format_host(url)} broke the connection off or answered no HTTP{known}."
            raise Inconclusive(UnknownCause.UNREACHABLE, said) from None

    def _client(self, verify: bool) -> httpx.AsyncClient:
        """One that verifies certificates, or one of its own for `curl -k`. A connection serves one request: kept, it
        would serve another name at the same address, whose certificate nobody looked at. Cookies are not kept."""
        if verify not in self._clients:
            self._clients[verify] = httpx.AsyncClient(
                transport=self.transport,
                verify=load_trust_store() if verify else False,
                timeout=httpx.Timeout(None, connect=CONNECT),
                headers={"user-agent": NAME, "accept-encoding": "identity"},
                limits=httpx.Limits(max_keepalive_connections=0),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                trust_env=False,
            )
        return self._clients[verify]

    def _elsewhere(self, url: str) -> str | None:
        """Where an address is reached that is reached elsewhere."""
        for outside, here in self.addresses.items():
            if url == outside or url.startswith((f"{outside}/", f"{outside}?")):
                return here + url[len(outside) :]
        return None

    def _is_named(self, url: str) -> bool:
        """Whether a setting names it: only from there a redirect may lead to another one that may be inside."""
        return split_url(url).hostname in self.inside or self._elsewhere(url) is not None

    async def _targets(self, url: str, is_ours: bool, led_by: str) -> list[RequestTarget]:
        """The addresses to try, one after another until one takes the connection.

        They are pinned: a second lookup of the name could lead elsewhere. Raises Inconclusive when one is inside, and
        neither we nor a site that a setting names lead there; `led_by` is the site that did, empty for none.
        """
        if is_ours and (elsewhere := self._elsewhere(url)) is not None:
            return [RequestTarget(elsewhere)]
        parts = split_url(url)
        name = parts.hostname
        if parts.scheme not in ("http", "https") or not name:
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "The address is neither http nor https.")
        port, addresses = await self._look_up(url, parts, name)
        if name not in self.inside or not is_ours:
            _refuse_inside(addresses, led_by or format_host(url), is_ours)
        return [_build_target(parts, address, port) for address in addresses[:ADDRESSES]]

    async def _look_up(self, url: str, parts: SplitResult, name: str) -> tuple[int, list[str]]:
        """The port and the addresses of a name. Raises Inconclusive."""
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            ask = functools.partial(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
            found = await asyncio.get_running_loop().run_in_executor(self._lookups, ask)
        except (OSError, ValueError):
            raise Inconclusive(
                UnknownCause.UNREACHABLE, f"{format_host(url)} has no address: its name is not known."
            ) from None
        return port, list(dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in found))


def _build_target(parts: SplitResult, address: str, port: int) -> RequestTarget:
    """A request to this very address under the name that the URL has."""
    literal = f"[{address}]" if ":" in address else address
    return RequestTarget(
        urlunsplit(parts._replace(netloc=f"{literal}:{port}")),
        {"host": parts.netloc.rpartition("@")[2]},
        {"sni_hostname": str(parts.hostname)},
    )


def _refuse_inside(addresses: Sequence[str], leader: str, is_ours: bool) -> None:
    """Raises Inconclusive when one of the addresses is inside; `leader` is the site that leads there."""
    for address in addresses:
        if is_outside(address):
            continue
        said = f"{leader} leads to an address inside ({address}): it is not asked."
        then = "Name its host in TOCSIN_INSIDE_HOSTS if it is meant."
        if is_link_local(address):
            led = "" if leader == address else f"{leader} leads to "
            said = f"{led}{address}, which gives out this machine's own keys: it is never asked."
            then = ""
        elif not is_ours:
            then = "It was led there: write the last address into the runbook if it is meant."
        raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, then)


def _is_redirect(method: str, status: int) -> bool:
    """Whether such an answer leads to another address that may be asked too."""
    return 300 <= status < 400 and method in ("GET", "HEAD")


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not SECRET_HEADER.search(name)}
