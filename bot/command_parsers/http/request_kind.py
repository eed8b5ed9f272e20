"""What one request does: reads, is noticed at the other side, changes something, or carries or brings a secret."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.command_parsers.http.action_words import IN_NAME, IN_PATH, find_action_word
from bot.command_parsers.http.graphql import is_query_only, parse_documents
from bot.command_parsers.secret_names import SHAPES, is_secret_name
from bot.domain.playbook import StepKind

READS = frozenset({"GET", "HEAD", "OPTIONS"})
HEALTH = frozenset({"health", "healthz", "ping", "ready", "status"})
ASKED = HEALTH | {"validate", "_search", "query", "graphql"}
"""What the path of a POST ends in that only asks."""

OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
METHOD_NAMES = frozenset({"_method", "$httpmethod", "httpmethod", *OVERRIDES})
"""Headers and parameters by which a request asks for another method than its own."""

METHOD_TOLD = frozenset({"method", "http_method", "verb"})
"""Parameters that do so where their value is one: `method=DELETE`; else it may be anything."""

CHANGING = frozenset({"PUT", "PATCH", "DELETE", "PURGE"})

_ACTION_NAMES = "action act cmd command op operation do confirm task func function fn call perform"
ACTION_NAMES = frozenset(_ACTION_NAMES.split()) | METHOD_TOLD
"""Parameters whose value says what is done."""

YES = frozenset({"1", "true", "yes", "y", "on"})
TEXTS = frozenset({"query", "q", "sql", "statement", "stmt"})
CHANGING_SQL = re.compile(
    r"\s*(?:(?:drop|create|alter|truncate|detach|attach|optimize|rename)\s+(?:or\s+replace\s+)?(?:database|table|measurement|series"
    r"|shard|index|user|role|view|schema|retention|continuous|subscription|keyspace|stream|topic|partition|function)\b"
    r"|delete\s+from\b|insert\s+into\b|update\s+\S+\s+set\b|(?:grant|revoke)\s+\w|kill\s+(?:query|mutation|\d)|system\s+\w)",
    re.I,
)
"""How a statement that changes something begins, where a database is asked over HTTP."""

HOOKS = re.compile(
    r"^(?:hooks\.slack\.com|hooks\.zapier\.com|hc-ping\.com|nosnch\.in|cronitor\.link|maker\.ifttt\.com"
    r"|[\w.-]*webhook\.office\.com)(?::\d+)?/|^[^/]+/(?:[^?#]*/)?(?:webhook|webhook-test|hook|build_hooks|heartbeat)/[^/?#]",
    re.I,
)
"""Addresses that set something off for whoever asks them, by any method."""

GITHUB = re.compile(r"^(?:api\.)?github\.com$", re.I)
JENKINS = re.compile(r"/(?:api/(?:json|xml|python)|consoleText|buildNumber|logText/progressiveText)/?$")
"""The pages of Jenkins that only read: there the word behind `job` is a job's name."""

STORED = frozenset({"configprops", "heapdump", "phpinfo", "env", ".env", "environ"})
"""Pages that print what a program was given, or its memory."""

KEY_NAMES = frozenset(
    {"key", "auth", "sig", "signature", "sas", "sid", "x-amz-credential", "x-amz-signature"}
)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as its program would send it; `body` is None where it has none, empty where it cannot be known."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class HttpVerdict:
    """What a request is and why. A probe that is `harmless` needs no second question before it is sent."""

    kind: StepKind
    why: str
    harmless: bool = False


def classify_request(request: HttpRequest) -> HttpVerdict:
    """The kind of a request. Nothing is read that was not typed, and what is not known to read changes something."""
    if request.method not in READS | {"POST"}:
        return HttpVerdict(StepKind.REMEDIATION, f"{request.method} changes something")
    try:
        why = _changes(request)
        secret = _secret(request.url)
    except ValueError:  # an address that `urlsplit` refuses, such as one with a single bracket
        return HttpVerdict(StepKind.MANUAL, f"{request.url[:60]} is no web address")
    if why:
        return HttpVerdict(StepKind.REMEDIATION, why)
    if secret:
        return HttpVerdict(StepKind.MANUAL, secret)
    if request.method != "POST" and request.body is None:
        return HttpVerdict(StepKind.DIAGNOSTIC, f"{request.method} only reads")
    why = "GET with data" if request.method == "GET" else f"{request.method} is noticed at the other side"
    plain = request.body is None and not urlsplit(request.url).query
    return HttpVerdict(StepKind.PROBE, why, harmless=plain and _end(request.url) in HEALTH)


def _changes(request: HttpRequest) -> str | None:
    """What makes a request one that changes something, in words; None when nothing does."""
    method, parts = request.method, urlsplit(request.url)
    if any(name.lower() in OVERRIDES for name, _ in request.headers):
        return "a header asks for another method"
    if method == "OPTIONS" and request.body is None:
        return None
    pairs = _list_parameters(parts.query)
    reads = request.body is None and method in READS
    for why in (*_acts(parts.netloc, parts.path, reads), *_asks(pairs), *_graphql(request, pairs)):
        return why
    if reads:
        return None
    end = _end(request.url)
    if end not in ASKED and method not in READS:
        return f"{method} to an address that is no health check and no query changes something"
    return next(_asks_in_body(request.body or "", end), None)


def _list_parameters(query: str) -> list[tuple[str, str]]:
    """The names and values of an address, also where the other side takes `;` between them."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return pairs + (parse_qsl(query, keep_blank_values=True, separator=";") if ";" in query else [])


def _acts(host: str, path: str, reads: bool) -> Iterator[str]:
    """What acts in the address up to its parameters."""
    if HOOKS.search(f"{host.rpartition('@')[2]}{path}") and _last(path) not in HEALTH:
        yield "its address is a hook: whoever asks it sets something off"
    if reads and (GITHUB.match(host) or path.startswith("/api/v3/")):
        return
    named = {"label", "job"} if JENKINS.search(path) else {"label"}
    before = ""
    for segment in _segments(path):
        word = None if before in named else find_action_word(segment, IN_PATH)
        if word:
            yield f"“{word}” in its address acts"
        before = segment


def _asks(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What acts among parameters, or the names of a body."""
    for name, value in pairs:
        low = name.lower().rstrip("[]")
        word = find_action_word(name, IN_NAME) or (
            find_action_word(value, IN_PATH) if low in ACTION_NAMES else None
        )
        if low in METHOD_NAMES or (low in METHOD_TOLD and value.upper() in CHANGING):
            yield f"{name[:30]} asks for another method"
        elif word:
            yield f"“{word}” among its parameters acts"
        elif low == "confirm" and value.lower() in YES:
            yield "it confirms something"
        elif low in TEXTS and CHANGING_SQL.match(value):
            yield "its statement changes something"


def _graphql(request: HttpRequest, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    if _end(request.url) != "graphql":
        return
    asked = [value for name, value in pairs if name == "query"]
    if request.body is not None or (request.method == "POST" and not asked):
        asked += parse_documents(request.body or "")
    if not all(map(is_query_only, asked)):
        yield "what it sends is no GraphQL query, or not only one"


def _asks_in_body(body: str, end: str) -> Iterator[str]:
    """What acts in a body; the words of a search are not looked at, and those of GraphQL were."""
    if end in ("_search", "graphql"):
        return
    pairs = list(_list_fields(body))
    yield from _asks(pairs)
    if end == "status" and any(name.lower() in ("status", "state") for name, _ in pairs):
        yield "it sets a status"


def _list_fields(body: str) -> Iterator[tuple[str, str]]:
    """The names and values of a body, in JSON or as a form."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        yield from parse_qsl(body, keep_blank_values=True)
        return
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from ((name, str(value)) for name, value in each.items())
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _secret(url: str) -> str | None:
    """The secret that an address carries, or that its answer would bring, in words."""
    parts = urlsplit(url)
    whole = unquote(f"{parts.path}?{parts.query}#{parts.fragment}")
    if "@" in parts.netloc or SHAPES.search(whole):
        return "its address carries a password or a key"
    told = parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(parts.fragment)
    for name, _ in told:
        if name.lower() in KEY_NAMES or is_secret_name(name):
            return f"its address carries a secret ({name[:30]})"
    if _last(parts.path) in HEALTH:
        return None
    return next((f"what {name[:30]} answers may hold secrets" for name in _secret_places(parts.path)), None)


def _secret_places(path: str) -> Iterator[str]:
    """The parts of a path where secrets are kept."""
    segments = _segments(path)
    for before, segment in zip(["", *segments], segments, strict=False):
        stored = segment.lower() in STORED and (segment == segments[-1] or before in ("actuator", "manage"))
        if stored or is_secret_name(segment) or (before.lower(), segment.lower()) == ("v1", "kv"):
            yield segment


def _segments(path: str) -> list[str]:
    told = path
    for _ in range(2):  # what is written doubly encoded is read as it may be in the end
        told = unquote(told)
    return [piece for piece in re.split(r"[/;]", told) if piece]


def _last(path: str) -> str:
    return ([*_segments(path)] or [""])[-1].lower()


def _end(url: str) -> str:
    """What the path ends in, in small letters."""
    return _last(urlsplit(url).path)
