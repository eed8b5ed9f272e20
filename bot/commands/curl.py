"""curl: one request, by method, data and where its answer goes."""

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import inet_aton
from urllib.parse import quote_plus, urlsplit

from bot.commands.given import Command, Given
from bot.commands.options import Read, Spelling, read_options, spelled
from bot.commands.part import Part
from bot.errors import Unclear
from bot.step import HttpCall, Kind

CURL = Spelling(
    "curl",
    spelled(
        "-s --silent, -S --show-error, -v --verbose, -i --include, -L --location, -I --head, -k --insecure,"
        " -f --fail, --fail-with-body, -G --get, -g --globoff, -N --no-buffer, -# --progress-bar, --compressed,"
        " -4 --ipv4, -6 --ipv6, --http1.1, --http2, -q --disable, --no-progress-meter, --tcp-nodelay"
    ),
    spelled(
        "-X --request, -d --data, --data-ascii, --data-raw, --data-binary, --data-urlencode, --json, -H --header,"
        " -u --user, -o --output, -m --max-time, --connect-timeout, --retry, --retry-delay, --retry-max-time,"
        " -A --user-agent, -e --referer, -b --cookie, -w --write-out, --url, --oauth2-bearer, --max-redirs"
    ),
)
DATA = ("data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json")
METHOD = re.compile(r"[A-Za-z]{1,20}")
GLOB = re.compile(r"\{[^{}]*,[^{}]*\}|\[[\w]+-[\w]+(?::\d+)?\]")
METADATA = frozenset({"metadata", "metadata.google.internal", "instance-data"})
METADATA_ADDRESSES = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
"""Where a cloud hands out the credentials of the machine that asks, besides link-local addresses."""

TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
"""Addresses of IPv6 whose last four bytes are one of IPv4."""

OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
"""Headers by which a GET asks for another method."""

STEERING = frozenset(
    {"transfer-encoding", "content-length", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"}
)

SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,3})?")


def read_curl(command: Command, given: Given, folder: str | None) -> Part:
    """GET and HEAD are diagnostics, all others are noticed at the other side. Raises `Unclear` for files."""
    read = read_options(command.words[1:], CURL)
    if command.stdin is not None:
        raise Unclear("curl reads its data from a here-document")
    for name in read.values.get("output", []):
        if name not in {"/dev/null", "-"}:
            raise Unclear(f"curl writes to a file, {name[:40]}")
    if any(text.startswith("@") or "%output" in text for text in read.values.get("write-out", [])):
        raise Unclear("curl -w reads or writes a file")
    addresses = [*read.values.get("url", []), *read.rest]
    if len(addresses) != 1:
        raise Unclear(f"curl has {len(addresses) or 'no'} addresses")
    body = _body(read)
    url = _address(addresses[0], "globoff" in read.flags)
    if "get" in read.flags and body is not None:
        url, body = f"{url}{'&' if '?' in url else '?'}{body}", None
    method = _method(read, body)
    call = HttpCall(
        method=method,
        url=url,
        headers=tuple(_headers(read)),
        body=body,
        credentials=read.last("user"),
        fail=bool(read.flags & {"fail", "fail-with-body"}),
        redirects="location" in read.flags,
        verify="insecure" not in read.flags,
        limit=_seconds(read.last("max-time")),
    )
    if any(name.lower() in OVERRIDES for name, _ in call.headers):
        return Part(Kind.PROBE, "a header asks for another method than GET", f"http.{method.lower()}", call)
    if method in {"GET", "HEAD"} and body is None:
        return Part(Kind.DIAGNOSTIC, f"{method} only reads", f"http.{method.lower()}", call)
    why = f"{method} is noticed at the other side" if body is None or method != "GET" else "GET with data"
    return Part(Kind.PROBE, why, f"http.{method.lower()}", call)


def _method(read: Read, body: str | None) -> str:
    said = read.last("request")
    if said is not None:
        if not METHOD.fullmatch(said):
            raise Unclear(f"curl -X {said[:20]} is no method")
        return said.upper()
    if "head" in read.flags:
        return "HEAD"
    return "GET" if body is None else "POST"


def _body(read: Read) -> str | None:
    """All data joined as curl joins it, or None."""
    found = []
    for name in DATA:
        for text in read.values.get(name, []):
            if text.startswith("@") and name != "data-raw":
                raise Unclear("curl sends a file")
            found.append(_encoded(text) if name == "data-urlencode" else text)
    if not found:
        return None
    return ("" if "json" in read.values else "&").join(found)


def _encoded(text: str) -> str:
    name, equals, value = text.partition("=")
    if not equals:
        if "@" in text:
            raise Unclear("curl sends a file")
        return quote_plus(text)
    return f"{name}={quote_plus(value)}" if name else quote_plus(value)


def _address(text: str, literal: bool) -> str:
    """The URL; curl takes http when no scheme is said."""
    url = text if "://" in text else f"http://{text}"
    if GLOB.search(url) and not literal:
        raise Unclear("curl would make several addresses of this one")
    if "\\" in url or not url.isprintable():
        raise Unclear("the web address has a backslash or a letter that cannot be seen")
    try:
        parts = urlsplit(url)
        host = unicodedata.normalize("NFKC", parts.hostname or "").replace("\u3002", ".").rstrip(".").lower()
    except ValueError as error:
        raise Unclear(f"{text[:60]} is no web address") from error
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise Unclear(f"{text[:60]} is no web address")
    if _hands_out_credentials(host):
        raise Unclear("this address hands out the machine's own credentials")
    return url


def _hands_out_credentials(host: str) -> bool:
    """Whether a host is a cloud's metadata service, in any spelling of its address."""
    if host in METADATA:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        try:
            address = ip_address(inet_aton(host))
        except OSError:
            return False
    inner = _inner(address) if isinstance(address, IPv6Address) else None
    return any(each.is_link_local or each in METADATA_ADDRESSES for each in (inner or address, address))


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The address of IPv4 that one of IPv6 stands for."""
    if any(address in network for network in TRANSLATED):
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def _headers(read: Read) -> list[tuple[str, str]]:
    found = []
    for line in read.values.get("header", []):
        name, colon, value = line.partition(":")
        if not colon or "\n" in line or "\r" in line:
            raise Unclear(f"curl -H {line[:30]} is no header")
        if name.strip().lower() in STEERING:
            raise Unclear(f"curl -H {name.strip()[:30]} changes how the connection is read")
        found.append((name.strip(), value.strip()))
    if "json" in read.values:
        found += [("Content-Type", "application/json"), ("Accept", "application/json")]
    for option, header in (("user-agent", "User-Agent"), ("referer", "Referer"), ("cookie", "Cookie")):
        text = read.last(option)
        if option == "cookie" and text and "=" not in text:
            raise Unclear("curl reads cookies from a file")
        if text is not None:
            found.append((header, text))
    token = read.last("oauth2-bearer")
    return [*found, ("Authorization", f"Bearer {token}")] if token else found


def _seconds(text: str | None) -> float | None:
    return float(text) if text and SECONDS.fullmatch(text) else None
