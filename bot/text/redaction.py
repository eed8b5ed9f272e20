"""Redacts secrets and personal data from everything that is read, before it is kept, shown or logged.

What is taken out leaves a mark of its kind, `[card]`, so that a reader sees that something stood there. Working twice
changes nothing more.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.text import personal_numbers
from bot.text.key_shapes import KEY_SHAPES
from bot.text.personal_numbers import (
    CARD,
    CARDS,
    NUMBERS,
    Steps,
    can_match,
    find_field_mark,
    is_object_number,
    mask_card,
)
from bot.text.told_codes import mask_told_codes

SECRET, MAIL, VPA = "[secret]", "[e-mail]", "[upi]"
MARKS = frozenset({SECRET, MAIL, VPA}) | personal_numbers.MARKS

KEYS = re.compile(
    r"pass(?:word|wd|phrase|code|key|$|[_.-]|(?-i:(?<=ass)[A-Z]))|(?-i:[Pp]wd|_PWD)|secret|token|authori[sz]ation"
    r"|[_.-]auth$|credential|cookie|sess(?:ion)?(?:_?id)?$|connect\.sid$|(?:api|access|private|account|salt|merchant|mid|signing|encryption|master|subscription|consumer|licen[cs]e|hmac)[-_]?key"
    r"|signature|dsn$|connection[-_]?string|database[-_]?url|cvv|otp\b|(?:^|_)pin$|bearer",
    re.IGNORECASE,
)
"""Names of fields whose values are never shown."""

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

LITERAL = re.compile(
    r"(?P<name>\"[^\"]*\")|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*(?:'|\\?\Z)|'(?:[^']|'')*(?:'|\Z)"
    r"|\$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z)"
    r"|(?<![\w.$])(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?![\w.])",
    re.DOTALL,
)
"""Names in quotes and comments are read over, since an apostrophe in them begins nothing; a literal may be cut off."""


def _header(found: re.Match[str]) -> str:
    return found[0] if _is_state(found["value"]) else f"{found['name']}{found['sign']}{SECRET}"


def _is_state(value: str) -> bool:
    return STATES.fullmatch(value) is not None


def _keep_name(found: re.Match[str]) -> str:
    """What a telling name says, without its value."""
    if not is_secret_name(found["name"]) or not found["value"].strip() or found["value"] == SECRET:
        return found[0]
    return f"{found[0][: found.start('value') - found.start()]}{SECRET}"


def _pairs(text: str) -> str:
    """The values of telling names taken out."""
    parts, done = [], 0
    for found in NAME.finditer(text):
        name = found["name"]
        if name is None or found.start() < done or not is_secret_name(name):
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


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds what is never shown."""
    return KEYS.search(name) is not None and HARMLESS.search(name) is None


ARGUMENT = re.compile(r"-{0,2}[A-Za-z][\w-]{1,60}")
PLAIN = re.compile(r"[A-Za-z_][A-Za-z_.-]{0,30}")
"""A name that stands before its value in a list, and one that cannot be somebody's."""

ENCODED = re.compile(r"(?<=[A-Za-z0-9])%40(?=[A-Za-z])")
"""The sign of an address as it stands in another one: `?email=name%40host`."""

SECRETS: Steps = (
    (KEY_SHAPES, SECRET),
    (ADDRESS, rf"\g<scheme>\g<user>:{SECRET}@"),
    (HEADER, _header),
    (SCHEME, rf"\g<scheme> {SECRET}"),
    (ELEMENT, _keep_name),
    (OPTION, _keep_name),
    (SPOKEN, rf"\g<name>{SECRET}"),
)
ADDRESSES: Steps = ((EMAIL, MAIL), (UPI, VPA))
FOUR_DIGITS = re.compile(r"\d\D*\d\D*\d\D*\d")
"""What every number of a person has."""


def redact(text: str) -> str:
    """A text without secrets and personal data."""
    text = _mask(
        _pairs(_mask(ENCODED.sub("@", text), SECRETS)), ADDRESSES if "@" in text or "%" in text else ()
    )
    text = mask_told_codes(text, SECRET)
    return _without_numbers(text) if FOUR_DIGITS.search(text) else text


def _mask(text: str, steps: Steps) -> str:
    for pattern, mark in steps:
        text = pattern.sub(mark, text)
    return text


def _without_numbers(text: str) -> str:
    folded = text.lower()
    for pattern, mark in NUMBERS:
        if can_match(pattern, text, folded):
            text = pattern.sub(mark, text)
    return text


def strip_literals(sql: str) -> str:
    """A statement with `?` in place of its values."""
    return redact(LITERAL.sub(_literal, sql))


def _of_a_person(value: str | int | Decimal, name: str) -> Any:
    """A text or a whole number without what leads to somebody. A number of ten digits alone may be anything."""
    text = str(value)
    if mark := find_field_mark(name, text):
        return mark
    if isinstance(value, str) and not (text.isdigit() and is_object_number(name)):
        return redact(value)
    return CARD if CARDS.sub(mask_card, text) == CARD else value


def _literal(found: re.Match[str]) -> str:
    return found["name"] or (" " if found["comment"] else "?")


def redact_value(value: Any, name: str = "") -> Any:
    """JSON-like data without secrets and personal data; values of telling names go whole, and so do those of an
    environment (`{"name": …, "value": …}`), which is where secrets live."""
    if is_secret_name(name) and not _is_nothing(value):
        return SECRET
    if isinstance(value, Mapping):
        return _redact_pairs(value)
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return _of_a_person(value, name)
    if isinstance(value, bytes | bytearray):
        return redact(bytes(value).decode("utf-8", "replace"))
    return _redact_list(value, name) if isinstance(value, Sequence) else value


def _redact_pairs(pairs: Mapping[Any, Any]) -> dict[str, Any]:
    hidden = {"value"} if _hides_its_value(pairs) else set()
    return {
        _redact_name(str(key)): SECRET if str(key).casefold() in hidden else redact_value(value, str(key))
        for key, value in pairs.items()
    }


def _redact_list(values: Sequence[Any], name: str) -> list[Any]:
    before: list[Any] = [None, *values]
    return [
        SECRET if isinstance(value, str) and _announces(given, len(values)) else redact_value(value, name)
        for given, value in zip(before, values, strict=False)
    ]


def _is_nothing(value: Any) -> bool:
    return value is None or isinstance(value, bool) or value == ""


def _hides_its_value(pair: Mapping[Any, Any]) -> bool:
    """`{"name": …, "value": …}` as in an environment, and any pair whose name is telling."""
    if set(pair) >= {"name", "value"} and set(pair) <= {"name", "value", "type"}:
        return True
    told = [name for key, name in pair.items() if str(key).casefold() in ("name", "key", "field", "header")]
    return any(isinstance(name, str) and is_secret_name(name) for name in told)


def _announces(before: Any, length: int) -> bool:
    """Whether the next of a list is what this one names: `["--password", "word"]`, `["Authorization", "word"]`."""
    is_name = isinstance(before, str) and ARGUMENT.fullmatch(before) is not None
    return is_name and (length == 2 or before.startswith("-")) and is_secret_name(before.lstrip("-"))


def _redact_name(name: str) -> str:
    return name if PLAIN.fullmatch(name) else redact(name)
