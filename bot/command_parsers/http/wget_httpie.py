"""wget and HTTPie: what they would send. Tocsin sends none of it; what changes something is told as that."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote_plus

from bot.command_parsers.http.request_kind import HttpRequest, classify_request
from bot.command_parsers.parse_context import ParseContext, ShellCommand
from bot.command_parsers.parsed_command import ParsedCommand
from bot.domain.playbook import StepKind

SENT = re.compile(r"--(?:post|body)-(?:d|f)\w*")
METHOD = re.compile(r"--meth?o?d?")
HEADER = re.compile(r"--heade?r?")
"""GNU's programs take the beginning of an option for it."""

_WITH_VALUE = """
    -a --auth -A --auth-type -o --output -s --style --print -p --session --session-read-only --timeout
    --proxy --verify --cert --cert-key --max-redirects --max-headers --pretty --boundary --raw
    --format-options --default-scheme --ssl
"""
WITH_VALUE = frozenset(_WITH_VALUE.split())
"""Options of HTTPie that take a value."""

SCHEMES = {"https": "https", "xhs": "https"}
ITEM = re.compile(r"(?P<name>(?:\\.|[^:=@\\])+)(?P<sign>:=@|==|:=|=@|=|@|:)(?P<value>.*)", re.S)


def parse_wget(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """`wget`, which keeps what it gets in a file."""
    words = [word.text for word in command.words[1:]]
    method, headers, body = None, list[tuple[str, str]](), None
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        told = value if equals else "".join(words[at + 1 : at + 2])
        if SENT.match(name):
            body = told
        elif METHOD.fullmatch(name):
            method = told.upper()
        elif HEADER.fullmatch(name):
            header, _, text = told.partition(":")
            headers.append((header.strip(), text.strip()))
    method = method or ("GET" if body is None else "POST")
    return _part("wget", [HttpRequest(method, url, headers, body) for url in words if _is_address(url)])


def parse_httpie(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """`http METHOD URL ITEM ...` and its likes; without a method it is POST where something is sent."""
    words = list(_plain([word.text for word in command.words[1:]]))
    sends = any(word.text.split("=")[0] in ("--raw", "--form", "-f", "--multipart") for word in command.words)
    method = words.pop(0).upper() if words and re.fullmatch(r"[A-Za-z]{3,20}", words[0]) else None
    if not words:
        return ParsedCommand(StepKind.MANUAL, f"{command.program} is given no address")
    address, *items = words
    headers, pairs, query = _sort_items(items)
    url = _url(address, SCHEMES.get(command.program, "http"), query)
    body = "&".join(pairs) if pairs or sends else None
    method = method or ("GET" if body is None else "POST")
    return _part(command.program, [HttpRequest(method, url, headers, body)])


def _sort_items(items: Sequence[str]) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """HTTPie's items as headers, as parts of the body and as parts of the query."""
    headers, pairs, query = list[tuple[str, str]](), list[str](), list[str]()
    for item in filter(None, map(ITEM.fullmatch, items)):
        if item["sign"] == ":":
            headers.append((item["name"], item["value"]))
        else:
            text = f"{quote_plus(item['name'])}={quote_plus(item['value'])}"
            (query if item["sign"] == "==" else pairs).append(text)
    return headers, pairs, query


def _url(address: str, scheme: str, query: Sequence[str]) -> str:
    """The whole address; one that begins with a port is this machine's."""
    url = address if "://" in address else f"{scheme}://{'localhost' * address.startswith(':')}{address}"
    return f"{url}{'&' if '?' in url else '?'}{'&'.join(query)}" if query else url


def _plain(words: Sequence[str]) -> Iterator[str]:
    """The words that are no options and no option's value."""
    skipped = False
    for word in words:
        if skipped:
            skipped = False
        elif word.startswith("-") and word != "-":
            skipped = word in WITH_VALUE
        else:
            yield word


def _is_address(word: str) -> bool:
    return not word.startswith("-") and bool(
        re.match(r"https?://|[\w-]+(?:\.[\w-]+)+(?:[:/?]|$)", word, re.I)
    )


def _part(program: str, requests: Sequence[HttpRequest]) -> ParsedCommand:
    for request in requests:
        verdict = classify_request(request)
        if verdict.kind is StepKind.REMEDIATION:
            return ParsedCommand(StepKind.REMEDIATION, verdict.why)
    return ParsedCommand(StepKind.MANUAL, f"{program} is not evaluated: curl is")
