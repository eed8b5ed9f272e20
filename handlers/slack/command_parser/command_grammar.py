"""The grammar of `/incident`: typed words in, a parsed command out. Pure."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.adapters.slack import add_labels, unescape_text
from handlers.slack.command_parser.command_spec import ArgumentKind, CommandSpec
from handlers.slack.command_parser.command_table import (
    ALIASES,
    BY_NAME,
    NO_WORD,
    WORDS,
    find_command,
)
from handlers.slack.command_parser.declaration import LEAD_IN, NUMBERED
from handlers.slack.command_parser.incident_references import (
    IncidentReference,
    ParsedReferences,
    parse_following_references,
    parse_inner_references,
    parse_last_reference,
    parse_references,
)
from handlers.slack.command_parser.spelling import ENDS, PAIRS, SIGN, UNSEEN, fold_text, strip_quotes

ANYWAY = re.compile(r"(anyway)\b[\s:,;.–—-]*", re.IGNORECASE)
BEFORE_TEXT = {
    "close": ANYWAY,
    "meeting": re.compile(r"(cancel(?:led)?|move|change|reschedule|arrange)\b[\s:,;.–—-]*", re.IGNORECASE),
}
"""What may stand in front of the text of these words, and of the incident that is named before it."""

PEOPLE = re.compile(r"(?:<[@!][^>]*>[\s,]*(?:(?:and\b|&amp;|\+)\s*)?)+")
TWICE = re.compile(r"\s*/incident\b", re.IGNORECASE)
MARKS = re.escape("".join(pair for pair in PAIRS if len(pair) == 1))
AROUND = MARKS + re.escape(f"{ENDS}|")
LETTERS = rf"[^\W\d_](?:{UNSEEN}*[^\W\d_])*(?!{UNSEEN}*[^\W\d_])"
FIRST = re.compile(rf"(?:{SIGN}|[\s{MARKS}])*({LETTERS}(?:-{LETTERS})*)(?![\w-])[{AROUND}]*\s*")
SECOND = re.compile(rf"([^\W\d_]+)(?![\w-])[{AROUND}]*\s*")
CHOSEN = re.compile(rf"{LEAD_IN.pattern}(?:{NUMBERED.pattern}|#?\d\b|[^\W\d_]+)[{AROUND}\s]*", re.IGNORECASE)
COURTESY = re.compile(
    rf"(?:(?:please|pls|plz|now|asap|immediately|thanks|thank you|thx|ty)\b|{SIGN}(?!\w)|\s)*",
    re.IGNORECASE,
)
"""What is said beside a word that takes none, and changes nothing of it."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """What was typed. `word` is one of WORDS, empty for none, or the unknown word itself.

    `references` are the incidents that were named, not looked up yet; `unclear` is a number in front of a text that may
    be one; `number` is the N of the INC-N that is meant, once it is found. `other` is a second incident that a word
    takes, `into` its number, once it is found. `rest` are the remaining words as the person
    saw them, `raw` the same as Slack sent them, `typed` everything behind the incidents in front, as sent too.
    """

    word: str
    rest: str = ""
    number: int | None = None
    references: tuple[IncidentReference, ...] = field(default=(), compare=False)
    other: IncidentReference | None = field(default=None, compare=False)
    into: int | None = None
    unclear: str = ""
    raw: str = field(default="", compare=False)
    typed: str = field(default="", compare=False)

    @property
    def is_known(self) -> bool:
        return self.word in BY_NAME

    @property
    def entry(self) -> CommandSpec:
        """What the table says of the word. Raises KeyError for an unknown one."""
        return BY_NAME[self.word]

    @property
    def reads(self) -> bool:
        """Whether this changes nothing: guests may ask it."""
        return self.entry.reads or (self.entry.reads_without_arguments and not self.rest)

    def add_labels(self, names: Mapping[str, str]) -> "SlashCommand":
        """The same with the names, by their ids, of the people and channels in the words that Slack left without."""
        raw, typed = add_labels(self.raw, names), add_labels(self.typed, names)
        references = tuple(
            replace(reference, tail=add_labels(reference.tail, names)) for reference in self.references
        )
        return replace(self, rest=unescape_text(raw), raw=raw, typed=typed, references=references)

    @property
    def declaring(self) -> "SlashCommand":
        """The same words as those of a declaration."""
        return SlashCommand("declare", unescape_text(self.typed), references=self.references)

    def extract_last_reference(self, people: Iterable[str]) -> "SlashCommand":
        """The same where an incident is named behind somebody who goes by one of these names: `page CTO INC-1 look`."""
        names = "|".join(re.escape(person) for person in sorted(people, key=len, reverse=True))
        found = re.match(rf"(?:(?:{names})(?!\w)[\s,]*(?:(?:and\b|&amp;|\+)\s*)?)+", self.raw, re.IGNORECASE)
        behind = (
            parse_references(self.raw[found.end() :], alone=False)
            if found and names
            else ParsedReferences((), "")
        )
        if found is None or not behind.references:
            return self
        raw = f"{self.raw[: found.end()].strip()} {behind.rest}".strip()
        return replace(
            self, references=(*self.references, *behind.references), raw=raw, rest=unescape_text(raw)
        )

    def restore_text(self, tail: str) -> "SlashCommand":
        """The same where what begins at `tail`, and was taken for the name of an incident, is a part of the text."""
        return replace(self, rest=unescape_text(tail), raw=tail)

    @property
    def nearest(self) -> str | None:
        """The word that was probably meant."""
        found = difflib.get_close_matches(self.word, [*WORDS, *ALIASES], n=1, cutoff=0.5)
        return ALIASES.get(found[0], found[0]) if found else None

    @property
    def anyway(self) -> str:
        """The reason after `close anyway`."""
        found = ANYWAY.match(self.rest)
        return self.rest[found.end() :] if found else ""


def parse_command(text: str) -> SlashCommand:
    """Read the text of a slash command, as Slack sends it with `should_escape`."""
    text = strip_quotes(TWICE.sub("", text, count=1) if TWICE.match(text) else text)
    before, text = _parse_leading_references(text if fold_text(text).strip() else "")
    word, rest = _first_word(text)
    entry = NO_WORD if not text else find_command(word)
    if entry is None:
        return SlashCommand(unescape_text(word), unescape_text(rest), references=before, raw=rest, typed=text)
    taken = _parse_references(entry, rest)
    other = None
    if entry.takes is ArgumentKind.OTHER and taken.references:
        taken, other = replace(taken, references=taken.references[:-1]), taken.references[-1]
    # In front of the word nothing is text.
    before = tuple(replace(reference, tail="") for reference in before)
    references, raw = (*before, *taken.references), taken.rest
    unclear = "" if before else taken.unclear
    return SlashCommand(
        entry.name,
        unescape_text(raw),
        references=references,
        other=other,
        unclear=unclear,
        raw=raw,
        typed=text,
    )


def _parse_leading_references(text: str) -> tuple[tuple[IncidentReference, ...], str]:
    """The incidents that are named in front of the word; a bare number only where a word follows, or nothing."""
    taken = parse_references(text)
    if not taken.references:
        bare = parse_references(text, bare=True)
        if bare.references and find_command(_first_word(bare.rest)[0]) is not None:
            return bare.references, bare.rest
    return taken.references, taken.rest


def _first_word(text: str) -> tuple[str, str]:
    """The word in front without the marks around it, and what follows. Two that are one word are taken together:
    `on call`."""
    folded = fold_text(text)
    found = FIRST.match(folded)
    if found is None:
        first, _, rest = text.strip().partition(" ")
        return first.casefold(), rest.strip()
    second = SECOND.match(folded, found.end())
    first = found[1].replace(UNSEEN, "")
    if second is not None and find_command(first) is None:
        for joined in (first + second[1], f"{first}-{second[1]}"):
            if find_command(joined) is not None:
                return find_command_name(joined), text[second.end() :].strip()
    return find_command_name(first), text[found.end() :].strip()


def find_command_name(typed: str) -> str:
    """The word's own name, or the unknown word itself in small letters."""
    entry = find_command(typed)
    return entry.name if entry else typed.casefold()


def _parse_references(entry: CommandSpec, rest: str) -> ParsedReferences:
    """The references that stand behind a word, where that word may have them, and the words that are left."""
    match entry.takes:
        case ArgumentKind.TITLE:
            return ParsedReferences((), rest)
        case ArgumentKind.NOTHING:
            taken = parse_references(_behind_courtesy(rest), bare=True)
            return ParsedReferences(taken.references, _behind_courtesy(taken.rest))
        case ArgumentKind.OTHER:
            return _two(rest)
        case ArgumentKind.NAME:
            taken = parse_references(rest, listed=False)
            last = parse_last_reference(taken.rest)
            return ParsedReferences((*taken.references, *last.references), last.rest, taken.unclear)
        case ArgumentKind.PERSON:
            return _beside_people(rest, is_sentence=entry.name in ("handover", "page"))
        case ArgumentKind.LEVEL | ArgumentKind.CHOICE:
            return _chosen(rest, alone=entry.takes is ArgumentKind.CHOICE)
        case _:
            taken = parse_references(rest)
            choice = BEFORE_TEXT.get(entry.name)
            if choice is not None and (found := choice.match(taken.rest)):
                return _join(taken, found[1].casefold(), taken.rest[found.end() :])
            return taken


def _join(taken: ParsedReferences, chosen: str, text: str) -> ParsedReferences:
    """The references in front of what was chosen, and those in front of the text behind it."""
    behind = parse_following_references(text)
    references = (*taken.references, *behind.references)
    unclear = "" if references else taken.unclear or behind.unclear
    return ParsedReferences(references, f"{chosen.strip()} {behind.rest}".strip(), unclear)


INTO = re.compile(
    rf"(?:(?:this|it|here)\b\s*)?(?:(?:(?:in)?to|with|and|as)\b|&amp;|[+=]|-*(?:&gt;|>)|→)?(?:{SIGN}(?!\w)|[\s:])*",
    re.IGNORECASE,
)
"""What stands in front of the other incident, and says nothing more: `merge this into INC-7`."""


def _two(rest: str) -> ParsedReferences:
    """Up to two incidents with what joins them: `INC-7`, `into INC-7`, `INC-3 into INC-7`, `INC-3 -> 7`."""
    found: list[IncidentReference] = []
    left = _behind_courtesy(rest)
    while True:
        joint = INTO.match(fold_text(left))
        behind = left[joint.end() :] if joint else left
        taken = parse_references(behind, bare=True)
        if not taken.references:
            return ParsedReferences(tuple(found), _behind_courtesy(left))
        found += taken.references
        left = taken.rest


def _behind_courtesy(text: str) -> str:
    polite = COURTESY.match(fold_text(text))
    return text[polite.end() :] if polite else text


def _beside_people(rest: str, is_sentence: bool) -> ParsedReferences:
    """The references in front of people or behind them: in front of a sentence, or anywhere when there is none."""
    taken = parse_references(rest)
    if not is_sentence:
        inner = parse_inner_references(taken.rest)
        return ParsedReferences((*taken.references, *inner.references), inner.rest, taken.unclear)
    found = PEOPLE.match(taken.rest)
    behind = parse_references(taken.rest[found.end() :], alone=False) if found else ParsedReferences((), "")
    if found is None or not behind.references:
        return taken
    words = f"{taken.rest[: found.end()].strip()} {behind.rest}".strip()
    return ParsedReferences((*taken.references, *behind.references), words, taken.unclear)


def _chosen(rest: str, alone: bool) -> ParsedReferences:
    """The references in front of a choice and of the text behind it: `severity P1 for INC-1 it is worse`."""
    taken = parse_references(rest, alone=alone)
    taken = taken if alone else replace(taken, unclear="")
    found = CHOSEN.match(fold_text(taken.rest))
    if found is None:
        return taken
    joined = _join(taken, taken.rest[: found.end()], taken.rest[found.end() :])
    return joined if joined.references else replace(joined, rest=taken.rest)
