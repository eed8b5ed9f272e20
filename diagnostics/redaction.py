"""Secrets and personal data are taken out of everything that was read, before it is kept, shown or logged.

What is taken out leaves a mark of its kind, `[card]`, so that a reader sees that something stood there. Working twice
changes nothing more.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

SECRET, MAIL, PHONE, CARD, VPA = "[secret]", "[e-mail]", "[phone]", "[card]", "[upi]"

KEYS = re.compile(
    r"pass(?:word|wd|phrase|code)?|secret|token|authori[sz]ation|credential|cookie|session(?:_?id)?$|api[-_]?key|"
    r"access[-_]?key|private[-_]?key|signature|dsn$|connection[-_]?string|database[-_]?url|cvv|otp\b|(?:^|_)pin$|bearer",
    re.IGNORECASE,
)
"""Names of fields whose values are never shown."""

PERSONAL_KEYS = re.compile(
    r"phone|mobile(?!_?app)|msisdn|whatsapp|aadhaar|(?:^|_)contact(?:_?(?:no|num|number))?$|card_?(?:no|num|number)$",
    re.I,
)
"""Names of fields whose numbers lead to somebody, however they are written."""

HARMLESS = re.compile(
    r"(?:next|continuation|pagination|client|idempotency)_?token$|^(?:max|num|total)_?tokens?$", re.IGNORECASE
)
"""Names that sound like it and are none."""

KNOWN = re.compile(
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}"  # AWS
    r"|rzp_(?:live|test)_[A-Za-z0-9]{8,}"  # Razorpay
    r"|xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}"  # Slack
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]+"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"  # GitHub, GitLab
    r"|sntr[yu]s_[A-Za-z0-9_=+/-]{16,}|sk_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{8,}"  # Sentry, Stripe
    r"|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{16,}"  # Google
    r"|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*"  # a JWT
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
ADDRESS = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)(?P<user>[^\s:/@\"']{0,200}):(?P<word>[^\s@/\"']{1,500})@", re.I
)
"""A password in an address: `postgres://user:word@host`."""

HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie|\bx-[a-z-]{0,30}(?:key|token|signature))(?P<sign>[\"']?\s*[:=]\s*[\"']?)"
    r"(?P<value>[^\"'\r\n]{1,4000})", re.I
)  # fmt: skip
SCHEME = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+(?P<value>[A-Za-z0-9._~+/=-]{8,4000})", re.IGNORECASE)
NAME = re.compile(r"(?<![\w.-])(?P<name>[\w.-]{2,90})[\"']?\s{0,3}[=:]\s{0,3}")
VALUE = re.compile(r"\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s,;&\"'}\])]+")
"""`password=word`, `"token": "word"`, `?api_key=word`: what the name tells decides. A value may be a pair again."""

EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
UPI = re.compile(r"\b[A-Za-z0-9._-]{2,64}@(?:[a-z]{2,20})\b(?!\.)")
"""A virtual payment address: `name@bank`, with no dot behind the sign."""

CARDS = re.compile(r"(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){10,15}(?![\w-]|\.\d)")
"""14 to 19 digits as cards begin; milliseconds since 1970 have 13."""

PHONES = re.compile(
    r"(?<![\w.:/-])(?:\+\d{1,3}[ -]?(?:\(\d{1,4}\)[ -]?)?\d(?:[ -]?\d){6,12}|0\d{2,4}[ -]\d{6,8}|[6-9]\d{4}[ -]?\d{5})"
    r"(?![\w-]|\.\d|:\d)"
)
"""International numbers, and an Indian mobile number as it is typed."""

LITERAL = re.compile(
    r"(?P<name>\"[^\"]*\")|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*(?:'|\\?\Z)|'(?:[^']|'')*(?:'|\Z)"
    r"|\$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z)|(?<![\w.$])\d+(?:\.\d+)?(?![\w.])",
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
    return CARD if luhn(digits) and len(set(digits)) > 1 else found[0]


def _header(found: re.Match[str]) -> str:
    return f"{found['name']}{found['sign']}{SECRET}"


def _pairs(text: str) -> str:
    """The values of telling names taken out."""
    parts, done = [], 0
    for found in NAME.finditer(text):
        if found.start() < done or not is_telling(found["name"]):
            continue
        value = VALUE.match(text, found.end())
        if value is None or value[0].startswith("["):
            continue
        quote = value[0][0] if value[0][0] in "\"'" else ""
        parts += [text[done : found.end()], f"{quote}{SECRET}{quote}"]
        done = value.end()
    return "".join([*parts, text[done:]])


def is_telling(name: str) -> bool:
    """Whether a field of this name holds what is never shown."""
    return KEYS.search(name) is not None and HARMLESS.search(name) is None


Steps = tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]
SECRETS: Steps = (
    (KNOWN, SECRET),
    (ADDRESS, rf"\g<scheme>\g<user>:{SECRET}@"),
    (HEADER, _header),
    (SCHEME, rf"\g<scheme> {SECRET}"),
)
PERSONAL: Steps = ((EMAIL, MAIL), (UPI, VPA), (CARDS, _card), (PHONES, PHONE))


def redacted(text: str) -> str:
    """A text without secrets and personal data."""
    return _marked(_pairs(_marked(text, SECRETS)), PERSONAL)


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
    if isinstance(value, Mapping):
        pair = set(value) >= {"name", "value"} and set(value) <= {"name", "value", "type"}
        return {
            str(key): SECRET if pair and key == "value" else redacted_value(each, str(key))
            for key, each in value.items()
        }
    if is_telling(name) and value not in (None, "", True, False):
        return SECRET
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return _of_a_person(value, name)
    if isinstance(value, bytes | bytearray):
        return redacted(bytes(value).decode("utf-8", "replace"))
    if isinstance(value, Sequence):
        return [redacted_value(each, name) for each in value]
    return value
