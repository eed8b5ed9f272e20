"""Secrets and personal data are taken out of everything that was read, before it is kept, shown or logged.

What is taken out leaves a mark of its kind, `[card]`, so that a reader sees that something stood there. Working twice
changes nothing more.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

SECRET, MAIL, PHONE, CARD, VPA = "[secret]", "[e-mail]", "[phone]", "[card]", "[upi]"
MARKS = frozenset({SECRET, MAIL, PHONE, CARD, VPA})

KEYS = re.compile(
    r"pass(?:word|wd|phrase|code|key|$|[_.-]|(?-i:(?<=ass)[A-Z]))|(?-i:[Pp]wd|_PWD)|secret|token|authori[sz]ation"
    r"|[_.-]auth$|credential|cookie|sess(?:ion)?(?:_?id)?$|connect\.sid$|api[-_]?key|access[-_]?key|private[-_]?key"
    r"|signature|dsn$|connection[-_]?string|database[-_]?url|cvv|otp\b|(?:^|_)pin$|bearer",
    re.IGNORECASE,
)
"""Names of fields whose values are never shown."""

PERSONAL_KEYS = re.compile(
    r"phone|mobile(?!_?app)|msisdn|whatsapp|aadhaar|(?:^|_)contact(?:_?(?:no|num|number))?$|card_?(?:no|num|number)$",
    re.I,
)
"""Names of fields whose numbers lead to somebody, however they are written."""

HARMLESS = re.compile(
    r"(?:next|continuation|pagination|client|idempotency)[_-]?token$|(?:by|com|over)pass$|(?:error|exception)$|^secretary$|^secretsmanager$"
    r"|^(?:max|num|total|prompt|completion|input|output|cached|used)[_-]?tokens?$"
    r"|(?:[_.-]|(?-i:(?<=[a-z])(?=[A-Z])))(?:count|type|version|(?:age_?)?days|age|seconds|ms|rate|length|size|ttl|limit"
    r"|attempts|failures|errors|requests|changed|enabled|required|expired|expires(?:_?(?:at|in))?|per_second|arn|file)$",
    re.IGNORECASE,
)
"""Names that sound like it and are none: `max_tokens`, `token_count`, `password_changed`, `secretArn`."""

PLURAL = re.compile(r"(?:tokens|cookies|passwords|secrets|credentials)$", re.IGNORECASE)
STATES = re.compile(
    r"(?:not|no|none|null|nil|undefined|missing|expired|fail(?:ed|ure)|denied|(?:in)?valid|required|unset|empty|true|false"
    r"|unknown|unauthorized|forbidden|rejected|accepted|ok|error|mismatch|enabled|disabled|closed)[ .]*"
    r"|\"\"|''|(?-i:\$\{?[A-Z_][A-Z0-9_]*\}?)", re.IGNORECASE
)  # fmt: skip
"""What stands behind a telling name and is no secret: `token: expired`, `password=''`, `PGPASSWORD=$PGPASSWORD`."""

KNOWN = re.compile(
    r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}"  # AWS
    r"|rzp_(?:live|test)_[A-Za-z0-9]{8,}"  # Razorpay
    r"|xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}"  # Slack
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]+"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"  # GitHub, GitLab
    r"|sntr[yu]s_[A-Za-z0-9_=+/-]{16,}|sk_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{8,}"  # Sentry, Stripe
    r"|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{16,}"  # Google
    r"|sk-(?<![\w-]sk-)[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}"  # OpenAI, …
    r"|eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,4}"  # a JWT, also a sealed one or half of one
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[A-Za-z0-9+/=\s\\:,.-]){0,20000}"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
ADDRESS = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)(?P<user>[^\s:/@\"']{0,200}):(?P<word>[^\s@/\"']{1,500})@", re.I
)
"""A password in an address: `postgres://user:word@host`."""

HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie|\bx-[a-z-]{0,30}(?:key|token|signature))"
    r"(?P<sign>\\{0,4}[\"']?\s*[:=]\s*\\{0,4}[\"']?|[\"']\s*,\s*[\"'])(?P<value>[^\"'\\\r\n]{1,4000})", re.I
)  # fmt: skip
SCHEME = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+(?P<value>[A-Za-z0-9._~+/=-]{8,4000})", re.IGNORECASE)
ELEMENT = re.compile(r"<(?P<name>[\w.:-]{2,90})(?:\s[^<>]{0,200})?>(?P<value>[^<>]{1,4000})")
OPTION = re.compile(
    r"(?<![\w-])--(?P<name>[A-Za-z][\w-]{1,60})[ \t]{1,3}(?P<value>\"[^\"\r\n]*\"?|'[^'\r\n]*'?|[^\s\"'-][^\s\"']*)"
)
SPOKEN = re.compile(
    r"(?P<name>\b(?:password|identified\s{1,3}by)\s{1,3})(?P<value>'[^'\r\n]*'?|\"[^\"\r\n]*\"?)", re.I
)
"""`<password>word</password>`, `--password word`, `PASSWORD 'word'`."""

NAME = re.compile(
    r"\barn:aws[a-z-]{0,20}:[\w:/.*-]{1,2000}|(?<![\w.-])(?P<name>[\w.-]{2,90})\\{0,4}[\"']?\s{0,3}(?:=>|[=:])\s{0,3}"
)
VALUE = re.compile(
    r"\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?|\\{1,4}[\"'][^\"'\\\r\n]*(?:\\{1,4}[\"'])?"
    r"|\[[^\]\r\n]{0,4000}\]?|\{[^}\r\n]{0,4000}\}?|[^\s,;&\"'}\])]+"
)
"""`password=word`, `"token": "word"`, `?api_key=word`: what the name tells decides. A value may be a pair again, or
cut off; in a name of AWS (`arn:aws:secretsmanager:…`) there is no pair."""

EMAIL = re.compile(
    r"[A-Za-z0-9._%+\u00c0-\u1fff-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
UPI = re.compile(r"\b[A-Za-z0-9._-]{2,64}@(?!(?:latest|next|beta|alpha|canary)\b)[A-Za-z]{2,20}\b(?![.-]\w)")
"""A virtual payment address: `name@bank`, with no dot behind the sign."""

CARDS = re.compile(r"(?<![A-Za-z0-9.])(?:2[2-7]|[3-6]\d)\d{2}(?:[ \u00a0-]?\d){10,15}(?![\w-]|\.\d)")
"""14 to 19 digits as cards begin; milliseconds since 1970 have 13, and dates begin with 20."""

PHONES = re.compile(
    r"(?<![\w./-])(?<![^A-Za-z\"']:)"
    r"(?:(?:\+|%2B)\d{1,3}[ -]?(?:\(\d{1,4}\)[ -]?)?\d(?:[ -]?\d){6,12}"
    r"|0\d{2,4}[ -]\d{6,8}|[6-9]\d{4}[ -]?\d{5}|(?:91|0)[6-9]\d{9})"
    r"(?![\w-]|\.\w|:\d)"
)
"""International numbers, and an Indian mobile number as it is typed."""

AMOUNT = re.compile(
    r"(?:bytes|size|count|total|offset|position|duration|elapsed|latency|memory|used|free|rss|heap|limit|epoch|goroutine"
    r"|thread|timestamp|time)[\"']?\s{0,2}[=:]?\s{0,2}\Z", re.I
)  # fmt: skip
UNIT = re.compile(r"\s?(?:[nuµm]?s|[kMGT]i?B|bytes?|rows?|keys|items|requests)\b")
"""What stands before or behind a number of ten digits that counts something."""

LITERAL = re.compile(
    r"(?P<name>\"[^\"]*\")|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*(?:'|\\?\Z)|'(?:[^']|'')*(?:'|\Z)"
    r"|\$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z)"
    r"|(?<![\w.$])(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?![\w.])",
    re.DOTALL,
)
"""Names in quotes and comments are read over, since an apostrophe in them begins nothing; a literal may be cut off."""


def luhn(digits: str) -> bool:
    """Whether the last digit fits the others, as on every payment card."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _card(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    if found.string[max(0, found.start() - 1) : found.start()] in ("_", "-") and digits != found[0]:
        return found[0]
    return CARD if luhn(digits) and len(set(digits)) > 1 else found[0]


def _phone(found: re.Match[str]) -> str:
    """A number of ten digits alone may count bytes or nanoseconds; whole MiB and millions are nobody's number."""
    number, text = found[0], found.string
    if not number.isdigit() or len(number) != 10:
        return PHONE
    is_round = not int(number) % 2**20 or not int(number) % 10**6
    counts = AMOUNT.search(text[max(0, found.start() - 24) : found.start()]) or UNIT.match(text, found.end())
    return number if is_round or counts else PHONE


def _header(found: re.Match[str]) -> str:
    return found[0] if _is_state(found["value"]) else f"{found['name']}{found['sign']}{SECRET}"


def _is_state(value: str) -> bool:
    return STATES.fullmatch(value) is not None


def _named(found: re.Match[str]) -> str:
    """What a telling name says, without its value."""
    if not is_telling(found["name"]) or not found["value"].strip() or found["value"] == SECRET:
        return found[0]
    return f"{found[0][: found.start('value') - found.start()]}{SECRET}"


def _pairs(text: str) -> str:
    """The values of telling names taken out."""
    parts, done = [], 0
    for found in NAME.finditer(text):
        name = found["name"]
        if name is None or found.start() < done or not is_telling(name):
            continue
        value = VALUE.match(text, found.end())
        if value is None or _is_shown(name, value[0]):
            continue
        quote = value[0][0] if value[0][0] in "\"'" else ""
        parts += [text[done : found.end()], f"{quote}{SECRET}{quote}"]
        done = value.end()
    return "".join([*parts, text[done:]])


def _is_shown(name: str, value: str) -> bool:
    """Whether it is a mark of ours, a word about the field, or how many there are."""
    return value in MARKS or _is_state(value) or (value.isdigit() and PLURAL.search(name) is not None)


def is_telling(name: str) -> bool:
    """Whether a field of this name holds what is never shown."""
    return KEYS.search(name) is not None and HARMLESS.search(name) is None


ARGUMENT = re.compile(r"-{0,2}[A-Za-z][\w-]{1,60}")
PLAIN = re.compile(r"[A-Za-z_][A-Za-z_.-]{0,30}")
"""A name that stands before its value in a list, and one that cannot be somebody's."""

ENCODED = re.compile(r"(?<=[A-Za-z0-9])%40(?=[A-Za-z])")
"""The sign of an address as it stands in another one: `?email=name%40host`."""

Steps = tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]
SECRETS: Steps = (
    (KNOWN, SECRET),
    (ADDRESS, rf"\g<scheme>\g<user>:{SECRET}@"),
    (HEADER, _header),
    (SCHEME, rf"\g<scheme> {SECRET}"),
    (ELEMENT, _named),
    (OPTION, _named),
    (SPOKEN, rf"\g<name>{SECRET}"),
)
PERSONAL: Steps = ((EMAIL, MAIL), (UPI, VPA), (CARDS, _card), (PHONES, _phone))


def redacted(text: str) -> str:
    """A text without secrets and personal data."""
    return _marked(_pairs(_marked(ENCODED.sub("@", text), SECRETS)), PERSONAL)


def _marked(text: str, steps: Steps) -> str:
    for pattern, mark in steps:
        text = pattern.sub(mark, text)
    return text


def without_literals(sql: str) -> str:
    """A statement with `?` in place of its values."""
    return redacted(LITERAL.sub(_literal, sql))


def _of_a_person(value: str | int | Decimal, name: str) -> Any:
    """A text or a whole number without what leads to somebody. A number of ten digits alone may be anything."""
    text = str(value)
    if PERSONAL_KEYS.search(name) and sum(map(str.isdigit, text)) >= 8:
        return PHONE if "card" not in name.lower() else CARD
    if isinstance(value, str):
        return redacted(value)
    return CARD if CARDS.sub(_card, text) == CARD else value


def _literal(found: re.Match[str]) -> str:
    return found["name"] or (" " if found["comment"] else "?")


def redacted_value(value: Any, name: str = "") -> Any:
    """JSON-like data without secrets and personal data; values of telling names go whole, and so do those of an
    environment (`{"name": …, "value": …}`), which is where secrets live."""
    if is_telling(name) and not _is_nothing(value):
        return SECRET
    if isinstance(value, Mapping):
        hidden = _hides_its_value(value)
        return {
            _shown_name(str(key)): SECRET
            if hidden and str(key).casefold() == "value"
            else redacted_value(each, str(key))
            for key, each in value.items()
        }
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return _of_a_person(value, name)
    if isinstance(value, bytes | bytearray):
        return redacted(bytes(value).decode("utf-8", "replace"))
    if isinstance(value, Sequence):
        before: list[Any] = [None, *value]
        return [
            SECRET if isinstance(each, str) and _announces(given, len(value)) else redacted_value(each, name)
            for given, each in zip(before, value, strict=False)
        ]
    return value


def _is_nothing(value: Any) -> bool:
    return value is None or isinstance(value, bool) or value == ""


def _hides_its_value(pair: Mapping[Any, Any]) -> bool:
    """`{"name": …, "value": …}` as in an environment, and any pair whose name is telling."""
    if set(pair) >= {"name", "value"} and set(pair) <= {"name", "value", "type"}:
        return True
    told = [each for key, each in pair.items() if str(key).casefold() in ("name", "key", "field", "header")]
    return any(isinstance(each, str) and is_telling(each) for each in told)


def _announces(before: Any, length: int) -> bool:
    """Whether the next of a list is what this one names: `["--password", "word"]`, `["Authorization", "word"]`."""
    is_name = isinstance(before, str) and ARGUMENT.fullmatch(before) is not None
    return is_name and (length == 2 or before.startswith("-")) and is_telling(before.lstrip("-"))


def _shown_name(name: str) -> str:
    return name if PLAIN.fullmatch(name) else redacted(name)
