"""curl: one request, by method, data and where its answer goes."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import inet_aton
from urllib.parse import quote_plus, urlsplit

from bot.command_parsers.http import READS, HttpRequest, classify_request
from bot.command_parsers.parse_context import ParseContext, ShellCommand, ShellWord
from bot.command_parsers.parsed_command import ParsedCommand
from bot.command_parsers.shell.options import OptionSpec, ParsedOptions, parse_options, parse_spellings
from bot.domain.playbook import HttpCall, StepKind
from bot.errors import UnsupportedCommand

CURL = OptionSpec(
    "curl",
    parse_spellings(
        "-s --silent, -S --show-error, -v --verbose, -i --include, -L --location, -I --head, -k --insecure,"
        " -f --fail, --fail-with-body, -G --get, -g --globoff, -N --no-buffer, -# --progress-bar, --compressed,"
        " -4 --ipv4, -6 --ipv6, --http1.1, --http2, -q --disable, --no-progress-meter, --tcp-nodelay"
    ),
    parse_spellings(
        "-X --request, -d --data, --data-ascii, --data-raw, --data-binary, --data-urlencode, --json, -H --header,"
        " -u --user, -o --output, -m --max-time, --connect-timeout, --retry, --retry-delay, --retry-max-time,"
        " -A --user-agent, -e --referer, -b --cookie, -w --write-out, --url, --oauth2-bearer, --max-redirs"
    ),
)
ANY = OptionSpec(
    "curl",
    {
        **CURL.flags,
        **parse_spellings(
            "-O --remote-name, -J --remote-header-name, -n --netrc, -j --junk-session-cookies, -a --append,"
            " -R --remote-time, -p --proxytunnel, -Z --parallel, --path-as-is, --create-dirs, --basic, --digest,"
            " --anyauth, --location-trusted, --tlsv1.2, --tlsv1.3, --ssl-reqd, --fail-early, --raw, --post301"
        ),
    },
    {
        **CURL.values,
        **parse_spellings(
            "-T --upload-file, -F --form, --form-string, -K --config, -x --proxy, -c --cookie-jar, -D --dump-header,"
            " -E --cert, --key, --cacert, --capath, --resolve, --connect-to, --unix-socket, --interface,"
            " --netrc-file, --trace, --trace-ascii, --stderr, -r --range, -z --time-cond, --limit-rate, --proto,"
            " --proto-redir, --noproxy, --request-target, --url-query, --aws-sigv4, --ciphers, --pass,"
            " -U --proxy-user, --socks5, --max-filesize"
        ),
    },
)
"""What curl is told, also where it is more than is evaluated: a request that changes something is one all the same."""

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

STEERING = frozenset(
    {"transfer-encoding", "content-length", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"}
)

SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,3})?")


def parse_curl(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """What a request does. Raises `Unclear` for files and detours of one that is not known to change something."""
    try:
        return _parse(command)
    except UnsupportedCommand:
        for request in _requests(command):
            verdict = classify_request(request)
            if verdict.kind is StepKind.REMEDIATION:
                return ParsedCommand(StepKind.REMEDIATION, verdict.why)
        raise


def _parse(command: ShellCommand) -> ParsedCommand:
    read = parse_options(command.words[1:], CURL)
    _refuse_files(command, read)
    addresses = [*read.values.get("url", []), *read.rest]
    if len(addresses) != 1:
        raise UnsupportedCommand(f"curl has {len(addresses) or 'no'} addresses")
    body = _body(read)
    url = _address(addresses[0], "globoff" in read.flags)
    if "get" in read.flags and body is not None:
        url, body = _with_query(url, body), None
    method = _method(read, body is not None)
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
    verdict = classify_request(HttpRequest(method, url, call.headers, body))
    return ParsedCommand(verdict.kind, verdict.why, f"http.{method.lower()}", call, harmless=verdict.harmless)


def _refuse_files(command: ShellCommand, read: ParsedOptions) -> None:
    """Raises `Unclear` where curl would read its data from somewhere else, or write to a file."""
    if command.stdin is not None:
        raise UnsupportedCommand("curl reads its data from a here-document")
    for name in read.values.get("output", []):
        if name not in {"/dev/null", "-"}:
            raise UnsupportedCommand(f"curl writes to a file, {name[:40]}")
    if any(text.startswith("@") or "%output" in text for text in read.values.get("write-out", [])):
        raise UnsupportedCommand("curl -w reads or writes a file")


def _requests(command: ShellCommand) -> Iterator[HttpRequest]:
    """Everything that curl would send as far as it can be told; nothing where an option is not known."""
    for words in _operations(command.words[1:]):
        try:
            requests = _of_operation(parse_options(words, ANY), command)
        except UnsupportedCommand:
            return
        yield from requests


def _of_operation(read: ParsedOptions, command: ShellCommand) -> list[HttpRequest]:
    """What one operation sends: the same to each of its addresses. Raises `Unclear`."""
    body = _body_to_send(read, command)
    method = _method_to_send(read, body is not None)
    headers = [_pair(line) for line in read.values.get("header", [])]
    addresses = (*read.values.get("url", []), *read.rest)
    urls = [address if "://" in address else f"http://{address}" for address in addresses]
    if "get" in read.flags:
        return [HttpRequest(method, _with_query(url, body or ""), headers) for url in urls]
    return [HttpRequest(method, url, headers, body) for url in urls]


def _body_to_send(read: ParsedOptions, command: ShellCommand) -> str | None:
    """What can be told of the data: without what stands in files. None where nothing is sent."""
    told = [text for name in DATA for text in read.values.get(name, [])]
    if not told and not command.stdin and not read.values.keys() & {"form", "form-string"}:
        return None
    return "&".join(text for text in told if not text.startswith("@"))


def _with_query(url: str, text: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{text}"


def _method_to_send(read: ParsedOptions, sends: bool) -> str:
    if "upload-file" in read.values:
        return "PUT"
    return _method(read, sends and "get" not in read.flags)


def _pair(header: str) -> tuple[str, str]:
    name, _, value = header.partition(":")
    return name.strip(), value


def _operations(words: Sequence[ShellWord]) -> Iterator[Sequence[ShellWord]]:
    """The words between `--next`: each makes a request of its own."""
    begin = 0
    for at, word in enumerate(words):
        if word.text in {"--next", "-:"}:
            yield words[begin:at]
            begin = at + 1
    yield words[begin:]


def _method(read: ParsedOptions, sends: bool) -> str:
    """The method, and of several that are said the one that changes most."""
    said = [text.upper() for text in read.values.get("request", [])]
    for text in said:
        if not METHOD.fullmatch(text):
            raise UnsupportedCommand(f"curl -X {text[:20]} is no method")
    if said:
        return _gravest(said)
    if "head" in read.flags:
        return "HEAD"
    return "POST" if sends else "GET"


def _gravest(methods: Sequence[str]) -> str:
    changing = [method for method in methods if method not in READS]
    return next((method for method in changing if method != "POST"), (changing or methods)[-1])


def _body(read: ParsedOptions) -> str | None:
    """All data joined as curl joins it, or None."""
    found = []
    for name in DATA:
        for text in read.values.get(name, []):
            if text.startswith("@") and name != "data-raw":
                raise UnsupportedCommand("curl sends a file")
            found.append(_encode(text) if name == "data-urlencode" else text)
    if not found:
        return None
    return ("" if "json" in read.values else "&").join(found)


def _encode(text: str) -> str:
    name, equals, value = text.partition("=")
    if not equals:
        if "@" in text:
            raise UnsupportedCommand("curl sends a file")
        return quote_plus(text)
    return f"{name}={quote_plus(value)}" if name else quote_plus(value)


def _address(text: str, literal: bool) -> str:
    """The URL; curl takes http when no scheme is said."""
    url = text if "://" in text else f"http://{text}"
    if GLOB.search(url) and not literal:
        raise UnsupportedCommand("curl would make several addresses of this one")
    if "\\" in url or not url.isprintable():
        raise UnsupportedCommand("the web address has a backslash or a letter that cannot be seen")
    host = _host(url)
    if host is None:
        raise UnsupportedCommand(f"{text[:60]} is no web address")
    if _hands_out_credentials(host):
        raise UnsupportedCommand("this address hands out the machine's own credentials")
    return url


def _host(url: str) -> str | None:
    """The name that is asked, as the network would spell it; None when it is no web address."""
    try:
        parts = urlsplit(url)
        host = unicodedata.normalize("NFKC", parts.hostname or "").replace("\u3002", ".").rstrip(".").lower()
    except ValueError:
        return None
    return host if host and parts.scheme.lower() in {"http", "https"} else None


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
    return any(known.is_link_local or known in METADATA_ADDRESSES for known in (inner or address, address))


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The address of IPv4 that one of IPv6 stands for."""
    if any(address in network for network in TRANSLATED):
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def _headers(read: ParsedOptions) -> list[tuple[str, str]]:
    found = [_header(line) for line in read.values.get("header", [])]
    if "json" in read.values:
        found += [("Content-Type", "application/json"), ("Accept", "application/json")]
    cookie = read.last("cookie")
    if cookie and "=" not in cookie:
        raise UnsupportedCommand("curl reads cookies from a file")
    for option, header in (("user-agent", "User-Agent"), ("referer", "Referer"), ("cookie", "Cookie")):
        text = read.last(option)
        if text is not None:
            found.append((header, text))
    token = read.last("oauth2-bearer")
    return [*found, ("Authorization", f"Bearer {token}")] if token else found


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or "\n" in line or "\r" in line:
        raise UnsupportedCommand(f"curl -H {line[:30]} is no header")
    if name.strip().lower() in STEERING:
        raise UnsupportedCommand(f"curl -H {name.strip()[:30]} changes how the connection is read")
    return name.strip(), value.strip()


def _seconds(text: str | None) -> float | None:
    return float(text) if text and SECONDS.fullmatch(text) else None
