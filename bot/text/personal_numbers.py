"""Finds numbers that lead to a person or to their money: cards, telephones, Aadhaar, PAN, accounts, documents.

A number alone is told by its check digit or its form; with a name before it, by the name. What counts, dates or only
numbers a thing (an order, an account of AWS) is left as it is.
"""

import re
from collections.abc import Callable, Mapping

PHONE, CARD, AADHAAR, PAN, ACCOUNT, DOCUMENT = "[phone]", "[card]", "[aadhaar]", "[pan]", "[account]", "[id]"
MARKS = frozenset({PHONE, CARD, AADHAAR, PAN, ACCOUNT, DOCUMENT})
Found = re.Match[str]

CARDS = re.compile(r"(?<![A-Za-z0-9.])(?:2[2-7]|[3-6]\d)\d{2}(?:[ \u00a0-]?\d){10,15}(?![\w-]|\.\d)")
"""14 to 19 digits as cards begin; milliseconds since 1970 have 13, and dates begin with 20."""

PHONES = re.compile(
    r"(?<![\w./-])(?<![^A-Za-z\"']:)"
    r"(?:(?:\+|%2B)\d{1,3}[ -]?(?:\(\d{1,4}\)[ -]?)?\d(?:[ -]?\d){6,12}"
    r"|\(\d{3}\) ?\d{3}[ -]\d{4}|0\d{2,4}[ -]\d{6,8}|[6-9]\d{4}[ -]?\d{5}|(?:91|0)[6-9]\d{9})"
    r"(?![\w-]|\.\w|:\d)"
)
"""International numbers, and an Indian mobile number as it is typed."""

THINGS = (
    r"order|payment|refund|invoice|item|product|sku|ticket|issue|booking|shipment|txn|transaction|job|build|run|post"
    r"|article|block|pod|container|image|log|event|message|request|trace|span|version|commit|page|file|object|part"
)
PATH_PHONES = re.compile(
    r"(?:(?<=/)|(?<![A-Za-z])(?:user|customer|otp|sms|phone|mobile|msisdn|tel|wa|call|contact)[_-])"
    r"(?P<value>(?:(?:\+|%2B)?91|0)?[6-9]\d{9}|(?:\+|%2B)[1-9]\d{8,14}|00[1-9]\d{8,12})(?![\w-]|\.\d|:\d)",
    re.IGNORECASE,
)
"""A mobile number, or an international one, as a part of a path or a key: `/users/9811199999`, `otp_+4915112345678`."""

NAMED_PATH_PHONES = re.compile(
    r"(?P<name>(?<![A-Za-z])(?:phones?|mobiles?|msisdns?|tel|whatsapp|wa)[/_-])\d{10,15}(?![\w-]|\.\d|:\d)",
    re.IGNORECASE,
)
"""A number of any country whose path says what it is: `/msisdn/2348031234567/balance`."""

OF_A_THING = re.compile(rf"(?:^|[\s/_-])(?:{THINGS})s?/\Z", re.IGNORECASE)

AMOUNT = re.compile(
    r"(?:bytes|size|count|total|offset|position|duration|elapsed|latency|memory|used|free|rss|heap|limit|epoch|goroutine"
    r"|thread|timestamp|time)[\"']?\s{0,2}[=:]?\s{0,2}\Z", re.I
)  # fmt: skip
UNIT = re.compile(r"\s?(?:[nuµm]?s|[kMGT]i?B|bytes?|rows?|keys|items|requests)\b")
"""What stands before or behind a number that counts something."""

NUMBERED = re.compile(
    rf"(?:{THINGS}|account|acct|arn|aws|ref|reference|rrn|utr|awb|tracking|pid|lsn|xid|seq|sequence|owner)"
    r"(?:[_ -]?(?:id|no|num|number|ref))?[\"']?\s{0,2}[=:#]?\s{0,2}[\"']?\Z", re.I
)  # fmt: skip
"""What stands before the number of a thing."""

CALLED_AADHAAR = re.compile(
    r"(?P<name>(?:aa?dh?aa?r|uidai|e-?kyc|(?<![a-z])kyc)[^\d\n]{0,30})(?P<value>[2-9]\d{3}[ -]?\d{4}[ -]?\d{4})(?!\d)",
    re.IGNORECASE,
)
BARE_AADHAAR = re.compile(
    r"(?<![\w./:-])(?<!\d )(?P<value>[2-9]\d{3}(?P<between>[ -]?)\d{4}(?P=between)\d{4})(?![\w-]|[ .:]?\d|\.\w)"
)
DATED = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d")

PANS = re.compile(
    r"(?<![A-Za-z0-9])(?:\d{2})?[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?:[1-9A-Z]Z[0-9A-Z])?(?![A-Za-z0-9])"
)
"""The income tax number, also inside the tax number of a business (GSTIN)."""

CALLED_PAN = re.compile(
    r"(?P<name>(?<![a-z])pan(?:[ _-]?(?:no|num|number|card))?\W{1,5})(?P<value>[a-z]{5}\d{4}[a-z])(?!\w)",
    re.IGNORECASE,
)
CALLED_ACCOUNT = re.compile(
    r"(?P<name>(?:(?:(?<!disc)account|(?<![a-z])acc?t?)[ _-]?(?:no|num|number)\b|(?<![a-z])(?:acct|a/c)(?:[ _-]?no)?"
    r"|(?:bank|beneficiary|payee|savings|current)[ _-]?account)[.#]?(?:\W{0,5}| (?:is|was|of) ))"
    r"(?P<value>\d(?:[ -]?\d){8,17})(?![\w-]|\.\d)",
    re.IGNORECASE,
)
IFSC = r"(?<![A-Za-z0-9])[A-Z]{4}0[A-Z0-9]{6}(?![A-Za-z0-9])"
BESIDE_IFSC = re.compile(
    rf"(?P<name>{IFSC}[^\d\n]{{0,40}})(?<![\w.-])(?P<value>\d{{9,18}})(?![\w-]|\.\d)"
    rf"|(?<![\w.-])(?P<before>\d{{9,18}})(?=[^\w\n][^\d\n]{{0,40}}{IFSC})"
)
"""An account beside the code of its bank's branch."""

IBANS = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
DOCUMENTS = re.compile(
    r"(?P<name>(?<![a-z])(?:ssn|social security|passport|voter|epic|driving[ _-]?licen[cs]e)"
    r"(?:[ _-]?(?:id|no|num|number|card)){0,2}\W{1,4})"
    r"(?P<value>\d{3}-\d{2}-\d{4}|\d{9}|[A-Z]\d{7}|[A-Z]{3}\d{7}|[A-Z]{2}[ -]?\d{2}[ -]?\d{11})(?!\w)",
    re.IGNORECASE,
)

OF_AWS = re.compile(r"aws[ _-]?\Z", re.IGNORECASE)
FIELDS: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(r"aadhaar", re.I), AADHAAR, 8),
    (re.compile(r"(?:^|_)pan(?:_?(?:no|num|number))?$", re.I), PAN, 4),
    (re.compile(r"(?:^|_|(?<=[a-z])(?=A))(?:account|acct|acc)_?(?:no|num|number)$|iban$", re.I), ACCOUNT, 8),
    (re.compile(r"card_?(?:no|num|number)$", re.I), CARD, 8),
    (
        re.compile(r"phone|mobile(?!_?app)|msisdn|whatsapp|(?:^|_)contact(?:_?(?:no|num|number))?$", re.I),
        PHONE,
        8,
    ),
)
"""Names of fields whose numbers lead to somebody however they are written: the mark, and how many digits at least."""

VERHOEFF = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
TURNS = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def is_luhn_valid(digits: str) -> bool:
    """Whether the last digit fits the others, as on every payment card."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_verhoeff_valid(digits: str) -> bool:
    """Whether the last digit fits the others, as in every Aadhaar number."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(VERHOEFF[check][int(TURNS[place % 8][int(digit)])])
    return check == 0


def is_object_number(name: str) -> bool:
    """Whether a field of this name numbers a thing: an order, an account of AWS."""
    return NUMBERED.search(name) is not None


def find_field_mark(name: str, text: str) -> str | None:
    """What stands for the value of a field with this name; None where it leads to nobody."""
    digits = sum(map(str.isdigit, text))
    return next((mark for names, mark, most in FIELDS if digits >= most and names.search(name)), None)


def mask_card(found: Found) -> str:
    """A card number's mark, or the number as it is."""
    digits = re.sub(r"\D", "", found[0])
    if found.string[max(0, found.start() - 1) : found.start()] in ("_", "-") and digits != found[0]:
        return found[0]
    return CARD if is_luhn_valid(digits) and len(set(digits)) > 1 else found[0]


def _counts(found: Found, number: str) -> bool:
    """Whether it counts something; whole MiB and millions are nobody's number."""
    text = found.string
    is_round = not int(number) % 2**20 or not int(number) % 10**6
    before = AMOUNT.search(text[max(0, found.start() - 24) : found.start()])
    return is_round or before is not None or UNIT.match(text, found.end()) is not None


def _phone(found: Found) -> str:
    number = found[0]
    return number if number.isdigit() and len(number) == 10 and _counts(found, number) else PHONE


def _path_phone(found: Found) -> str:
    before = found.string[max(0, found.start() - 64) : found.start()]
    if OF_A_THING.search(before) or _counts(found, re.sub(r"\D", "", found["value"])[-10:]):
        return found[0]
    return f"{found[0].removesuffix(found['value'])}{PHONE}"


def _aadhaar(found: Found) -> str:
    digits = re.sub(r"\D", "", found["value"])
    before = found.string[max(0, found.start() - 32) : found.start()]
    is_bare = not found["between"]
    if not is_verhoeff_valid(digits) or (is_bare and (DATED.fullmatch(digits) or NUMBERED.search(before))):
        return found[0]
    return found[0] if _counts(found, digits) else AADHAAR


def _account(found: Found) -> str:
    is_of_aws = OF_AWS.search(found.string[max(0, found.start() - 8) : found.start()])
    return found[0] if is_of_aws else f"{found['name']}{ACCOUNT}"


def _beside_ifsc(found: Found) -> str:
    number = found["value"] or found["before"]
    return found[0] if _counts(found, number) else f"{found['name'] or ''}{ACCOUNT}"


def _iban(found: Found) -> str:
    whole = found[0].replace(" ", "")
    number = "".join(str(int(letter, 36)) for letter in whole[4:] + whole[:4])
    return ACCOUNT if int(number) % 97 == 1 else found[0]


Steps = tuple[tuple[re.Pattern[str], str | Callable[[Found], str]], ...]
NUMBERS: Steps = (
    (CALLED_AADHAAR, rf"\g<name>{AADHAAR}"),
    (CALLED_PAN, rf"\g<name>{PAN}"),
    (DOCUMENTS, rf"\g<name>{DOCUMENT}"),
    (CALLED_ACCOUNT, _account),
    (IBANS, _iban),
    (CARDS, mask_card),
    (BESIDE_IFSC, _beside_ifsc),
    (PHONES, _phone),
    (PATH_PHONES, _path_phone),
    (NAMED_PATH_PHONES, rf"\g<name>{PHONE}"),
    (PANS, PAN),
    (BARE_AADHAAR, _aadhaar),
)

WORDS: Mapping[re.Pattern[str], tuple[str, ...]] = {
    CALLED_AADHAAR: ("adh", "ada", "uidai", "kyc"),
    CALLED_PAN: ("pan",),
    DOCUMENTS: ("ssn", "social security", "passport", "voter", "epic", "licen"),
    CALLED_ACCOUNT: ("ac", "a/c", "account"),
}
DIGITS: Mapping[re.Pattern[str], re.Pattern[str]] = {
    BESIDE_IFSC: re.compile(r"\d{9}"),
    PATH_PHONES: re.compile(r"\d{9}"),
    NAMED_PATH_PHONES: re.compile(r"[/_-]\d{10}"),
}
"""What a text must have somewhere, in small letters or in digits, for a step to find anything: most texts have none of
it, and to look costs a tenth."""


def can_match(pattern: re.Pattern[str], text: str, folded: str) -> bool:
    """Whether a step may find something in a text; `folded` is it in small letters."""
    if (words := WORDS.get(pattern)) is not None:
        return any(word in folded for word in words)
    digits = DIGITS.get(pattern)
    return digits is None or digits.search(text) is not None
