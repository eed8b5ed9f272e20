"""curl: one request, by method, data and where its answer goes."""

import re
from ipaddress import IPv6Address, ip_address
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
METADATA = frozenset({"metadata", "metadata.google.internal", "instance-data", "fd00:ec2::254"})
"""Where a cloud hands out the credentials of the machine that asks, besides link-local addresses."""

SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,3})?")


def read_curl(command: Command, given: Given, folder: str | None) -> Part:
    """GET and HEAD are diagnostics, all others are noticed at the other side. Raises `Unclear` for files."""
    read = read_options(command.words[1:], CURL)
    if command.stdin is not None:
        raise Unclear("curl reads its data from a here-document")
    for name in read.values.get("output", []):
        if name not in {"/dev/null", "-"}:
            raise Unclear(f"curl writes to a file, {name[:40]}")
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
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Unclear(f"{text[:60]} is no web address") from error
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise Unclear(f"{text[:60]} is no web address")
    if _hands_out_credentials(parts.hostname.rstrip(".")):
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
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_link_local


def _headers(read: Read) -> list[tuple[str, str]]:
    found = []
    for line in read.values.get("header", []):
        name, colon, value = line.partition(":")
        if not colon or "\n" in line:
            raise Unclear(f"curl -H {line[:30]} is no header")
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
