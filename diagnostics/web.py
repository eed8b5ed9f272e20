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
from urllib.parse import urljoin, urlsplit, urlunsplit

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
    """One client for all. `addresses` are bases that are reached elsewhere, by those outside (a mirror, a stand-in),
    `inside` are hosts that may be inside: whoever set these may lead there, nobody else."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    inside: frozenset[str] = frozenset()
    transport: httpx.AsyncBaseTransport | None = None
    _clients: dict[bool, httpx.AsyncClient] = field(default_factory=dict)

    async def aclose(self) -> None:
        """Close what is open."""
        for client in self._clients.values():
            await client.aclose()

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
        target = await self._reached(url)
        client = self._client(verify)
        told = {**headers, **target.headers}
        try:
            async with client.stream(
                method, target.url, headers=told, content=content, extensions=target.extensions
            ) as reply:
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
            raise CannotTell(Cause.UNREACHABLE, f"{_host(url)} cannot be reached: {_why(error)}.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = redacted(str(error)) or type(error).__name__
            said = f"{_host(url)} broke the connection off or answered no HTTP: {why}."
            raise CannotTell(Cause.UNREACHABLE, said) from None

    def _client(self, verify: bool) -> httpx.AsyncClient:
        """One that verifies certificates, or one of its own for `curl -k`."""
        if verify not in self._clients:
            self._clients[verify] = httpx.AsyncClient(
                transport=self.transport,
                verify=verify,
                timeout=httpx.Timeout(None, connect=CONNECT),
                headers={"user-agent": NAME, "accept-encoding": "identity"},
                trust_env=False,
            )
        return self._clients[verify]

    async def _reached(self, url: str) -> "_Target":
        """Where the request goes: to the very address that was looked at, or a name could lead elsewhere when it is
        asked for again. Raises CannotTell when that would be an address inside."""
        for outside, here in self.addresses.items():
            if url == outside or url.startswith((f"{outside}/", f"{outside}?")):
                return _Target(here + url[len(outside) :])
        parts = urlsplit(url)
        host = parts.hostname
        if parts.scheme not in ("http", "https") or not host:
            raise CannotTell(Cause.NOT_UNDERSTOOD, "The address is neither http nor https.")
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError):
            raise CannotTell(
                Cause.UNREACHABLE, f"{_host(url)} has no address: its name is not known."
            ) from None
        addresses = [str(address[0]).partition("%")[0] for *_, address in found]
        if host not in self.inside:
            for address in addresses:
                if not _is_outside(address):
                    said = f"{_host(url)} leads to an address inside ({address}): it is not asked."
                    raise CannotTell(
                        Cause.NOT_CONFIGURED, said, "Name its host in TOCSIN_INSIDE_HOSTS if it is meant."
                    )
        literal = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        pinned = urlunsplit(parts._replace(netloc=f"{literal}:{port}"))
        return _Target(pinned, {"host": parts.netloc.rpartition("@")[2]}, {"sni_hostname": host})


@dataclass(frozen=True, slots=True)
class _Target:
    """What is called, with what makes it the same request as by its name."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


def _is_outside(text: str) -> bool:
    """Whether an address is one of the internet's, also where it has another one in it."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in TRANSLATED:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if within:
            return _is_outside(str(within))
    return address.is_global and not address.is_multicast


TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that a translator turns into the IPv4 address at their end."""


def _why(error: Exception) -> str:
    """Why there is no connection, in words where it is the certificate."""
    said = str(error).lower()
    for mark, words in CERTIFICATE.items():
        if mark in said:
            return words
    return redacted(str(error)).strip().rstrip(".") or type(error).__name__


CERTIFICATE = {
    "self-signed": "its certificate is its own authority's",
    "self signed": "its certificate is its own authority's",
    "has expired": "its certificate has expired",
    "hostname mismatch": "its certificate is for another name",
    "ip address mismatch": "its certificate is for another name",
    "certificate verify failed": "its certificate is not trusted",
    "wrong version number": "it does not speak TLS there",
}


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
