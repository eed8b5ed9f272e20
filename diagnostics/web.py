"""Reading over HTTP for every diagnostic: bounded in time and size, never led to an address inside.

Errors come as CannotTell with a cause; a status of 400 and above is the caller's to judge (`checked` says the usual).
"""

import asyncio
import functools
import json
import re
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import httpx

from diagnostics.finding import CannotTell, Cause
from diagnostics.redaction import redacted
from diagnostics.wire import host, is_outside, read, why

MOST = 5_000_000
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `seconds` until the last byte, `url` the last address, as it is called outside."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float
    url: str

    def text(self) -> str:
        """The body as text, by its mark (UTF-16, UTF-8) or its declared character set; what is wrong becomes a mark."""
        for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
            if self.body.startswith(mark):
                return self.body.decode(name, "replace")
        declared = httpx.Headers(dict(self.headers)).get("content-type", "").partition("charset=")[2]
        try:
            return self.body.decode(declared.split(";")[0].strip('" ') or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises CannotTell (not understood)."""
        try:
            return json.loads(self.text(), parse_constant=_no_number)
        except (ValueError, RecursionError):
            kind = "a web page" if self.body.lstrip()[:1] == b"<" else "no JSON"
            said = f"{host(self.url)} answered {self.status} with {kind}."
            raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Open the address in a browser.") from None


@dataclass(slots=True)
class Web:
    """One client for all. `addresses` are bases that are reached elsewhere, by those outside (a mirror, a stand-in),
    `inside` are hosts that may be inside: whoever set these may lead there, nobody else."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    inside: frozenset[str] = frozenset()
    transport: httpx.AsyncBaseTransport | None = None
    _clients: dict[bool, httpx.AsyncClient] = field(default_factory=dict)
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
        most: int = MOST,
    ) -> Answer:
        """The answer, which has to be whole at `by` of the loop's clock. A redirect is followed for GET and HEAD only,
        without secret headers when it leaves the host. Raises CannotTell."""
        began, is_ours = asyncio.get_running_loop().time(), True
        given = dict(headers or {})
        if params:
            url = str(httpx.URL(url).copy_merge_params(dict(params)))
        try:
            async with asyncio.timeout_at(by):
                for _ in range(REDIRECTS + 1):
                    targets = await self._reached(url, is_ours)
                    answer = await self._once(method, url, targets, given, content, verify, most, began)
                    target = answer.headers.get("location", "")
                    if (
                        not redirects
                        or not 300 <= answer.status < 400
                        or not target
                        or method not in ("GET", "HEAD")
                    ):
                        return answer
                    is_ours = is_ours and self._is_named(url)
                    before, url = url, _joined(url, target)
                    if urlsplit(before)[:2] != urlsplit(url)[:2]:
                        given = {
                            name: value for name, value in given.items() if not SECRET_HEADER.search(name)
                        }
        except TimeoutError:
            raise CannotTell(Cause.TIMEOUT, f"{host(url)} has not answered in time.") from None
        raise CannotTell(Cause.NOT_UNDERSTOOD, f"{host(url)} sends from one address to the next without end.")

    async def _once(
        self,
        method: str,
        url: str,
        targets: "list[_Target]",
        headers: Mapping[str, str],
        content: bytes | None,
        verify: bool,
        most: int,
        began: float,
    ) -> Answer:
        for target in targets[:-1]:
            try:
                return await self._sent(method, url, target, headers, content, verify, most, began)
            except _NoConnection:
                continue
        return await self._sent(method, url, targets[-1], headers, content, verify, most, began)

    async def _sent(
        self,
        method: str,
        url: str,
        target: "_Target",
        headers: Mapping[str, str],
        content: bytes | None,
        verify: bool,
        most: int,
        began: float,
    ) -> Answer:
        client = self._client(verify)
        told = {**headers, **target.headers}
        try:
            async with client.stream(
                method, target.url, headers=told, content=content, extensions=target.extensions
            ) as reply:
                body = await read(reply, host(url), most)
                seconds = asyncio.get_running_loop().time() - began
                return Answer(reply.status_code, reply.headers, body, seconds, url)
        except httpx.ConnectTimeout:
            raise _NoConnection(
                Cause.TIMEOUT, f"{host(url)} cannot be reached: no connection in {CONNECT:.0f} s."
            ) from None
        except httpx.ConnectError as error:
            raise _NoConnection(Cause.UNREACHABLE, f"{host(url)} cannot be reached: {why(error)}.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = redacted(str(error)) or type(error).__name__
            said = f"{host(url)} broke the connection off or answered no HTTP: {reason}."
            raise CannotTell(Cause.UNREACHABLE, said) from None

    def _client(self, verify: bool) -> httpx.AsyncClient:
        """One that verifies certificates, or one of its own for `curl -k`. A connection serves one request: kept, it
        would serve another name at the same address, whose certificate nobody looked at. Cookies are not kept."""
        if verify not in self._clients:
            self._clients[verify] = httpx.AsyncClient(
                transport=self.transport,
                verify=verify,
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
        return _split(url).hostname in self.inside or self._elsewhere(url) is not None

    async def _reached(self, url: str, is_ours: bool) -> "list[_Target]":
        """Where the request goes, one after another until one takes the connection: to the very addresses that were
        looked at, or a name could lead elsewhere when it is asked for again. Raises CannotTell when one is inside, and
        neither we nor a site that a setting names lead there."""
        if is_ours and (elsewhere := self._elsewhere(url)) is not None:
            return [_Target(elsewhere)]
        parts = _split(url)
        name = parts.hostname
        if parts.scheme not in ("http", "https") or not name:
            raise CannotTell(Cause.NOT_UNDERSTOOD, "The address is neither http nor https.")
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            ask = functools.partial(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
            found = await asyncio.get_running_loop().run_in_executor(self._lookups, ask)
        except (OSError, ValueError):
            raise CannotTell(
                Cause.UNREACHABLE, f"{host(url)} has no address: its name is not known."
            ) from None
        addresses = list(dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in found))
        if name not in self.inside or not is_ours:
            for address in addresses:
                if not is_outside(address):
                    said = f"{host(url)} leads to an address inside ({address}): it is not asked."
                    then = "Name its host in TOCSIN_INSIDE_HOSTS if it is meant."
                    if not is_ours:
                        then = "It was led there: write the last address into the runbook if it is meant."
                    raise CannotTell(Cause.NOT_CONFIGURED, said, then)
        literals = [f"[{each}]" if ":" in each else each for each in addresses[:ADDRESSES]]
        named, sni = {"host": parts.netloc.rpartition("@")[2]}, {"sni_hostname": name}
        return [
            _Target(urlunsplit(parts._replace(netloc=f"{each}:{port}")), named, dict(sni))
            for each in literals
        ]


@dataclass(frozen=True, slots=True)
class _Target:
    """What is called, with what makes it the same request as by its name."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


class _NoConnection(CannotTell):
    """Nothing was sent, so another address may be tried, also for a POST."""


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise CannotTell(Cause.NOT_UNDERSTOOD, "The address cannot be read.") from None


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        said = f"{host(url)} sends to an address that cannot be read."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said) from None


def checked(answer: Answer, permission: str = "") -> Answer:
    """The answer, unless it is an error. Raises CannotTell: forbidden with `permission`, throttled, not found, ..."""
    asked = host(answer.url)
    match answer.status:
        case 401 | 403:
            raise CannotTell(Cause.FORBIDDEN, f"{asked} refuses the key ({answer.status}).", permission)
        case 404 | 410:
            raise CannotTell(
                Cause.NOT_FOUND, f"{asked} knows no such thing ({answer.status}).", "Look at the names."
            )
        case 429:
            raise CannotTell(Cause.THROTTLED, f"{asked} asks to wait (429).")
        case status if status >= 500:
            raise CannotTell(Cause.UNREACHABLE, f"{asked} answers {status}.")
        case status if status >= 300:
            raise CannotTell(Cause.NOT_UNDERSTOOD, f"{asked} answers {status}.")
    return answer
