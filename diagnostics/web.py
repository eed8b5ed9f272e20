"""Reading over HTTP for every diagnostic: bounded in time and size, never led to an address inside.

Errors come as CannotTell with a cause; a status of 400 and above is the caller's to judge (`checked` says the usual).
"""

import asyncio
import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from diagnostics.finding import CannotTell, Cause
from diagnostics.redaction import redacted

MOST = 5_000_000
"""Bytes of an answer that are read at most."""

REDIRECTS = 5
CONNECT = 3.0
NAME = "Tocsin (incident diagnostics)"
SECRET_HEADERS = frozenset({"authorization", "cookie", "private-token", "x-api-key"})


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
            return json.loads(self.text())
        except (ValueError, RecursionError):
            kind = "a web page" if self.body.lstrip()[:1] == b"<" else "no JSON"
            said = f"{_host(self.url)} answered {self.status} with {kind}."
            raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Open the address in a browser.") from None


@dataclass(slots=True)
class Web:
    """One client for all. `addresses` are bases that are reached elsewhere, by those outside (a mirror, a stand-in):
    whoever set these may lead inside, nobody else."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    transport: httpx.AsyncBaseTransport | None = None
    _client: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        """Close what is open."""
        if self._client is not None:
            await self._client.aclose()

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
        began = asyncio.get_running_loop().time()
        given = dict(headers or {})
        if params:
            url = str(httpx.URL(url).copy_merge_params(dict(params)))
        try:
            async with asyncio.timeout_at(by):
                for _ in range(REDIRECTS + 1):
                    answer = await self._once(method, url, given, content, verify, most, began)
                    target = answer.headers.get("location", "")
                    if (
                        not redirects
                        or not 300 <= answer.status < 400
                        or not target
                        or method not in ("GET", "HEAD")
                    ):
                        return answer
                    before, url = url, urljoin(url, target)
                    if urlsplit(before)[:2] != urlsplit(url)[:2]:
                        given = {
                            name: value for name, value in given.items() if name.lower() not in SECRET_HEADERS
                        }
        except TimeoutError:
            raise CannotTell(Cause.TIMEOUT, f"{_host(url)} has not answered in time.") from None
        raise CannotTell(
            Cause.NOT_UNDERSTOOD, f"{_host(url)} sends from one address to the next without end."
        )

    async def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        verify: bool,
        most: int,
        began: float,
    ) -> Answer:
        here = await self._reached(url)
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=self.transport,
                timeout=httpx.Timeout(None, connect=CONNECT),
                headers={"user-agent": NAME},
                trust_env=False,
            )
        client = self._client
        try:
            async with client.stream(method, here, headers=dict(headers), content=content) as reply:
                body = bytearray()
                async for piece in reply.aiter_bytes():
                    body += piece
                    if len(body) > most:
                        said = f"{_host(url)} answered with more than {most / 1e6:.0f} MB."
                        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Ask for less of it.")
                seconds = asyncio.get_running_loop().time() - began
                return Answer(reply.status_code, reply.headers, bytes(body), seconds, url)
        except httpx.ConnectTimeout:
            raise CannotTell(
                Cause.TIMEOUT, f"{_host(url)} cannot be reached: no connection in {CONNECT:.0f} s."
            ) from None
        except httpx.ConnectError as error:
            raise CannotTell(
                Cause.UNREACHABLE, f"{_host(url)} cannot be reached: {redacted(str(error))}."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = redacted(str(error)) or type(error).__name__
            said = f"{_host(url)} broke the connection off or answered no HTTP: {why}."
            raise CannotTell(Cause.UNREACHABLE, said) from None

    async def _reached(self, url: str) -> str:
        """Where the request goes. Raises CannotTell when that would be an address inside."""
        for outside, here in self.addresses.items():
            if url == outside or url.startswith((f"{outside}/", f"{outside}?")):
                return here + url[len(outside) :]
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotTell(Cause.NOT_UNDERSTOOD, "The address is neither http nor https.")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname,
                parts.port or (443 if parts.scheme == "https" else 80),
                type=socket.SOCK_STREAM,
            )
        except (OSError, UnicodeError):
            raise CannotTell(
                Cause.UNREACHABLE, f"{_host(url)} has no address: its name is not known."
            ) from None
        for *_, address in found:
            if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
                said = f"{_host(url)} leads to an address inside ({address[0]}): it is not asked."
                raise CannotTell(
                    Cause.NOT_CONFIGURED, said, "Name its host in TOCSIN_INSIDE_HOSTS if it is meant."
                )
        return url


def _host(url: str) -> str:
    return redacted(urlsplit(url).hostname or "The address")


def checked(answer: Answer, permission: str = "") -> Answer:
    """The answer, unless it is an error. Raises CannotTell: forbidden with `permission`, throttled, not found, ..."""
    host = _host(answer.url)
    match answer.status:
        case 401 | 403:
            raise CannotTell(Cause.FORBIDDEN, f"{host} refuses the key ({answer.status}).", permission)
        case 404 | 410:
            raise CannotTell(
                Cause.NOT_FOUND, f"{host} knows no such thing ({answer.status}).", "Look at the names."
            )
        case 429:
            raise CannotTell(Cause.THROTTLED, f"{host} asks to wait (429).")
        case status if status >= 500:
            raise CannotTell(Cause.UNREACHABLE, f"{host} answers {status}.")
        case status if status >= 300:
            raise CannotTell(Cause.NOT_UNDERSTOOD, f"{host} answers {status}.")
    return answer
