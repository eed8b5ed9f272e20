"""Which incident words name: `INC-42` in every spelling, a link to its channel, its channel's name, a bare number."""

import re
from dataclasses import dataclass, replace

from handlers.slack.command_parser.spelling import (
    DASH,
    PAIRS,
    SIGN,
    UNSEEN,
    fold_text,
    skip_closing_marks,
    skip_opening_marks,
)

LINK = re.compile(r"<#(?P<channel>[A-Z0-9]+)(?:\|(?P<label>[^>]*))?>")
ADDRESS = re.compile(
    r"<?https://[\w.-]+\.slack\.com/archives/(?P<channel>[CG][A-Z0-9]+)/?(?:\?[^\s>|]*)?(?:\|[^>]*)?(?:>|(?![^\s.,:;!?)]))"
)
"""A channel as Slack's “Copy link” gives it. The address of a message is none: what stands in it is only cited."""

HYPHEN = "[-‐‑－]"
SLUG = r"[a-z0-9](?:[a-z0-9_‐‑－-]*[a-z0-9])?(?![^\W_])"
NAMED = re.compile(
    rf"#?[Ii]nc{HYPHEN}(?P<number>\d+){HYPHEN}(?!\d+(?![\w‐‑－-])){SLUG}"
    rf"|#?[Ii][Nn][Cc]{HYPHEN}(?P<loud>\d+)(?=(?:{HYPHEN}[A-Za-z0-9]+){{3}})(?={HYPHEN}[\d‐‑－-]*[A-Za-z]){HYPHEN}(?i:{SLUG})"
)
"""A channel's name; in other letters than its own only a long one, as `INC-1-rolled back` is a text behind a dash."""

INC = rf"#?I{UNSEEN}*N{UNSEEN}*C"
NUMBER = rf"(?P<number>\d(?:{UNSEEN}*\d)*)(?!{UNSEEN}*\d)"
COUNTED = r"(?:(?:number|num|no|nr)\b\.?\s*|№\s*)?"
NUMBERED = re.compile(
    rf"{INC}(?:\s*(?:{DASH}+|[#/=~·]|(?P<opened>[(\[]))\s*|\s*|[._:]){COUNTED}#?{NUMBER}(?![^\W_]|\.\w|%)"
    r"(?(opened)\s*[)\]])",
    re.IGNORECASE,
)
WORD = rf"incidents?(?:\s|[:_#]|{DASH})*"
BARE = re.compile(rf"(?:{WORD})?{COUNTED}#?\s*{NUMBER}(?![^\W_]|[.:,]\d|%)", re.IGNORECASE)
PLACED = r"(?:in|for|on|to|at|of|about|re|regarding|concerning|within|inside)(?!" + UNSEEN + r")[\s:]+"
FROM = r"(?:from|into|under|per)\s+"
"""In front of a reference these say where a text belongs only with a sign behind it: `from INC-1: …`."""

MARKS = re.escape("".join(pair for pair in PAIRS if len(pair) == 1))
DIGITS = r"(?=[OoIl|]*\d)[OoIl|\d]+"
ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ONE = rf"(?:{'|'.join(ONES)})(?![\w-])"
MISTYPED = "(?:[l1|!]NC|ICN|IINC|INNC|INCC)"
ALIKE = (
    rf"{INC}(?:\W{{1,2}}|_)?{DIGITS}(?![^\W_]|\.\d)|{INC}{DASH}(?:[OoIl|](?!\w|{DASH})|(?![^\s{MARKS}:;,.]))|{INC}(?:\s|{DASH}){{1,3}}{ONE}"
    rf"|(?:the\s+)?{WORD}(?:{ONE}|{DIGITS}(?![^\W_]))"
    rf"|(?<!\w){MISTYPED}(?:\s|[#_]|{DASH}){{0,3}}\d+(?![^\W_]|[.]\w|%)"
)
"""What looks like a reference: letters for digits, a number in words or forgotten, letters that changed places."""

BEFORE = rf"(?:(?!#\s*\d|[|!]NC){SIGN}|[\s{MARKS}]|&lt;)*(?:{PLACED})?"
UNCLEAR = re.compile(
    rf"{BEFORE}(?P<said>#\s*\d+(?![^\W_])|{COUNTED}\d+(?=\s*[:;](?!\d)|\s+(?:{DASH}+|→|-?&gt;)\s+\D)"
    rf"|(?:the\s+)?{WORD}{COUNTED}#?\d+(?![^\W_]|[.:,]\d|%)|{ALIKE}"
    rf"|(?:{FROM})?{INC}\W{{0,4}}{COUNTED}#?\d++(?!\.\d)[^\s,;:]*)",
    re.IGNORECASE,
)
LISTED = re.compile(
    rf"{BEFORE}(?P<said>\d+)(?=[*_~`\"'”“)\]}}]*\s*(?:[)\]}},.!?…|=]+(?![\w.,:])|/\s|[)\]}}]\s*\w|[\r\n]))"
    rf"|{BEFORE}(?P<first>\d+)(?=(?:(?:\s*(?:[,&+]|&amp;|(?:and|or)\b)\s*|\s+)#?\d+)+\s*$)",
    re.IGNORECASE,
)
"""A bare number as in a list, in front of a text: `1) …`, `1, …`, one line above it; or several and nothing else."""

LEADING = re.compile(
    rf"(?:{SIGN}|\s)*(?:{PLACED}|{FROM}(?=[^\w\s]*{INC}\W{{0,4}}\d+\W*?(?:[:;,]|\s{DASH}|$)))?"
    rf"(?:both\s+)?(?:the\s+)?(?:(?:channel|room|incident)\W+(?=\W*#?inc\W*\d))?(?:{SIGN}(?!\d))*",
    re.IGNORECASE,
)
"""What may stand in front of a reference and says nothing more."""

POSSESSIVE = re.compile(r"['’]s(?!\w)", re.IGNORECASE)
BETWEEN = re.compile(
    r"\s*(?:(?P<joint>(?:and|or|vs)\b|&amp;|[&/+])|(?:to|thru|through)\b(?=\s+#?inc)|,)?", re.IGNORECASE
)
JOINED = r"(?:,|&amp;|&|\b(?:and|or)\b)"
FURTHER = re.compile(
    rf"(?:\s*(?:[,;]|{DASH}+)\s*|\s+(?:to|thru|through)\s+)(?:(?<=[,;\s])#(?P<signed>\d+)(?![^\W_])"
    rf"|(?P<number>\d+)(?:\s*[)\]]|(?=\s*(?:[:;](?!\d)|{JOINED}\s*#?\d+\s*[:;)\],&a]|$)|\s+{DASH}+\s)))",
    re.IGNORECASE,
)
"""A bare number behind a reference, with a sign that it is one: `INC-1, 2: …`."""

RANGE = re.compile(rf"(?:{DASH}|[_|\\]){NUMBER}(?![^\W_]|[.:,]\d|%|{DASH}[^\W\d])")
"""A number right behind a reference: `INC-1-2`."""

CHANNEL_OF_INCIDENT = re.compile(r"inc-(\d+)(?:-|$)")
MAX_DIGITS = 40


@dataclass(frozen=True, slots=True)
class IncidentReference:
    """An incident that was named. `number` is the N of an INC-N, None for a link, whose `channel` is an id of Slack's
    and `label` the name that stood in it. `tail` is the text from where the reference begins."""

    shown: str
    number: int | None = None
    channel: str = ""
    label: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True)
class ParsedReferences:
    """References from the beginning of a text, and the text behind them. `unclear` is a number in front of it that may
    name an incident or not."""

    references: tuple[IncidentReference, ...]
    rest: str
    unclear: str = ""


def parse_references(
    text: str, *, bare: bool = False, alone: bool = True, listed: bool = True
) -> ParsedReferences:
    """Take every reference in front. A bare number is one where nothing else follows, but not without `alone`, or
    anyway with `bare`. As in a list, `1) …`, it is unclear what it is, but not without `listed`."""
    read = _ReferenceScanner(text, bare)
    while (reference := read.read_next()) is not None:
        read.found.append(reference)
    if read.found or bare:
        return ParsedReferences(tuple(read.found), read.rest)
    if alone and (reference := _only_number(text)) is not None:
        return ParsedReferences((reference,), "")
    unclear = UNCLEAR.match(read.folded) or (LISTED.match(read.folded) if listed else None)
    said = (unclear["said"] or unclear["first"]) if unclear else ""
    return ParsedReferences((), read.rest, said.replace(UNSEEN, ""))


def _only_number(text: str) -> IncidentReference | None:
    """The bare number that is all there is; behind a word such as `for` only with a sign that it is one: `for #1`."""
    for lead in (False, True):
        number = _ReferenceScanner(text, bare=True, lead=lead)
        reference = number.read_next()
        if reference is not None and not number.rest:
            return None if lead and reference.shown[0].isdecimal() else reference
    return None


def parse_following_references(text: str) -> ParsedReferences:
    """The same behind other words, where a bare number, also one that is all that follows, may be one or not."""
    taken = parse_references(text, alone=False)
    if taken.references or taken.unclear or (number := _only_number(text)) is None:
        return taken
    return replace(taken, unclear=number.shown)


def parse_last_reference(text: str) -> ParsedReferences:
    """Take the references, other than bare numbers, with which the text ends; `rest` is what stands before them."""
    taken = parse_inner_references(text, only_last=True)
    return taken if taken.references else ParsedReferences((), text)


def parse_inner_references(text: str, *, only_last: bool = False) -> ParsedReferences:
    """Take the first references, other than bare numbers, wherever they stand in words that are no sentence."""
    for begins in re.finditer(r"(?:^|(?<=\s))(?=\S)", fold_text(text)):
        taken = parse_references(text[begins.start() :], alone=False)
        if taken.references and not (only_last and taken.rest):
            before = text[: begins.start()].strip()
            found = tuple(
                replace(reference, tail=f"{before} {reference.tail}".strip())
                for reference in taken.references
            )
            return ParsedReferences(found, f"{before} {taken.rest}".strip())
    return ParsedReferences((), text)


def parse_channel_name(channel: str) -> int | None:
    """The N of a channel that is called as an incident's, `inc-42-api-is-down`; None for another name."""
    found = CHANNEL_OF_INCIDENT.match(channel)
    return _whole(found[1]) if found else None


def guess_number(unclear: str) -> int | None:
    """The number that words which look like an incident's name may mean: 1 for `INC-l` and `incident one`."""
    tail = re.sub(rf"^.*?(?:{WORD}|{INC}|{MISTYPED})\W*", "", unclear, flags=re.IGNORECASE)
    if tail.casefold() in ONES:
        return ONES.index(tail.casefold()) + 1
    digits = re.search(r"\d+", re.sub("[Il|]", "1", re.sub("[Oo]", "0", tail)))
    return _whole(digits[0]) if digits else None


def _whole(digits: str) -> int:
    """The number. Of thousands of digits, which Python refuses to read, the first ones: no incident has either."""
    return int("".join(digit for digit in digits if digit.isdecimal())[:MAX_DIGITS])


def _digits(match: re.Match[str]) -> str:
    """The number in a match, whichever way it was found."""
    found = match.groupdict()
    return found["number"] or found.get("loud") or found.get("signed") or ""


class _ReferenceScanner:
    """A place in a text, moved behind each reference that is found there."""

    def __init__(self, text: str, bare: bool, lead: bool = True) -> None:
        self.text, self.folded, self.place = text, fold_text(text), 0
        self.kinds = (NAMED, NUMBERED, BARE) if bare else (NAMED, NUMBERED)
        self.lead, self.kept, self.is_over, self.found = lead, "", False, list[IncidentReference]()
        self.ended = 0

    @property
    def rest(self) -> str:
        """What is left, with the marks that were opened in front of a reference and not closed right behind it."""
        return self.kept + self.text[self.place :].strip()

    def read_next(self) -> IncidentReference | None:
        """The reference that stands here, if one does."""
        if self.is_over:
            return None
        between = BETWEEN.match(self.folded, self.place) if self.found else None
        begins = between.end() if between else self.place
        counted, _ = skip_opening_marks(self.folded, begins)
        begins = self._behind(LEADING, begins) if self.lead else begins
        place, opened = skip_opening_marks(self.folded, begins)
        match = LINK.match(self.text, place) or ADDRESS.match(self.text, place) or self._first(place)
        if match is None and between:
            bare = BARE.match(self.folded, counted) if between["joint"] else None  # `INC-1 and 2`
            match, opened = (bare, opened) if bare else (self._number_behind(), [])
        if match is None:
            return None
        reference = self._build_reference(match)
        self._move_behind(match, begins, opened)
        return reference

    def _build_reference(self, match: re.Match[str]) -> IncidentReference:
        """The reference that was found, with all that stands from here on as its tail."""
        tail = self.text[self.place :].strip()
        if match.re in (LINK, ADDRESS):
            label = match.groupdict().get("label") or ""
            return IncidentReference(f"#{label or match['channel']}", None, match["channel"], label, tail)
        digits = _digits(match)
        shown = digits if match.re in (RANGE, FURTHER) else self.text[match.start() : match.end()]
        return IncidentReference(shown, _whole(digits), tail=tail)

    def _move_behind(self, match: re.Match[str], begins: int, opened: list[str]) -> None:
        """Go on behind the reference; a sentence about the incident is all text, and nothing goes on there."""
        self.ended = match.end()
        if POSSESSIVE.match(self.folded, match.end()):
            self.place, self.is_over = begins, True
        else:
            self.place = skip_closing_marks(self.folded, match.end(), opened)
            self.kept, self.is_over = "".join(opened), bool(opened)

    def _first(self, place: int) -> re.Match[str] | None:
        return next((found for kind in self.kinds if (found := kind.match(self.folded, place))), None)

    def _number_behind(self) -> re.Match[str] | None:
        """A bare number behind the reference before: `INC-1-2`, `INC-1, 2: …`."""
        return RANGE.match(self.folded, self.ended) or FURTHER.match(self.folded, self.ended)

    def _behind(self, pattern: re.Pattern[str], place: int) -> int:
        found = pattern.match(self.folded, place)
        return found.end() if found else place
