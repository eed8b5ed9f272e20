"""What stands behind `declare` and `drill`: perhaps a severity, `private` and `drill`, and the title."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.runbook import Runbook
from handlers.slack.command_parser.spelling import (
    DASH,
    ENDS,
    SIGN,
    fold_text,
    skip_closing_marks,
    skip_opening_marks,
    strip_quotes,
)

NUMBERED = re.compile(
    rf"(?:(?:sev|severity|prio|priority)(?:\s*[:=]\s*|\s+))?"
    rf"(?:(?:p|sev|severity|prio|priority|s(?!-?3))\s*(?:{DASH}|[_#])?|(?:sev|severity|prio|priority)\s*[.:=])\s*"
    r"(?P<number>\d)(?![^\W_]|_+[^\W_]|\.\d|%|['’]s\b)",
    re.IGNORECASE,
)
LEAD_IN = re.compile(
    r"(?:(?:to|is|now|as)\b\s*|(?:up|down|raise|raised|lower|lowered|set|change|changed)\s+(?=to\b)|[-=]?(?:&gt;|>)\s*"
    r"|[=:→]\s*|from\s+(?=\S.*\bto\b))*",
    re.IGNORECASE,
)
"""What may stand between a word and what is chosen: `severity to P2`."""

IN_FRONT = re.compile(rf"(?:{SIGN}(?!\d)|\s)*")
DIGIT = re.compile(r"#?(?P<number>\d)(?!\w|[.:,]\d|%)")
CHOICE = re.compile(r"[^\W\d_]+(?!\w)")
MARK = re.compile(
    rf"(?P<mark>private|drill)(?!\w|{DASH}(?!{NUMBERED.pattern.replace('?P<number>', '')})\w)", re.IGNORECASE
)
ENDING = re.compile(
    r"[\[(](?P<mark>private|drill)[\])]|(?:\W|^)(?P<last>private|drill)\W*$|\bthis is (?:\w+ )?a (?P<said>drill)\b",
    re.IGNORECASE,
)
"""Where in a title, or behind it, the words of the command may be meant: `keys leaked (private)`."""

EARLIER = re.compile(
    rf"(?<![\w-])(?P<mark>private|drill)(?!\w|{DASH}\w)\W+(?:\w+\W+)?{NUMBERED.pattern}", re.IGNORECASE
)
"""The same in front of a severity that stands behind other words: `a private p1`."""

NEAR = re.compile(rf"\W*(?P<near>[^\W\d_]+)\W+{NUMBERED.pattern}", re.IGNORECASE)
"""A word in front of the severity that may be one of the command's with a slip: `privat p1`."""

MARKS = ("private", "drill")
JOINT = rf"(?:[/,|→=]|&gt;|>|{DASH}|(?:or|and|to)\b|\s)*"
ANOTHER = re.compile(rf"{JOINT}(?P<level>{NUMBERED.pattern})", re.IGNORECASE)
CHOICE_OF_NAMES = re.compile(r"\s*(?:[/|→]|(?:[-=](?:&gt;|>))|(?:or|to)\b)\s*(?=\w)", re.IGNORECASE)
ADJECTIVES = frozenset(
    {"high", "major", "moderate", "medium", "minor", "low", "normal", "informational", "info"}
)
"""Names of severities that a title may begin with as well: `high error rate`. Alone, or with a mark behind them, they
are severities."""


@dataclass(frozen=True, slots=True)
class ParsedDeclaration:
    """`level` is the severity's id, or what was typed where the runbook has none such; empty for none. The words that
    are `unsure` may be a part of the title or not: its author has to look."""

    level: str = ""
    title: str = ""
    private: bool = False
    drill: bool = False
    unsure: tuple[str, ...] = ()


def parse_declaration(typed: str, runbook: Runbook) -> ParsedDeclaration:
    """Read the words, as the person saw them. In front of the severity `private` and `drill` are words of the command;
    behind it, or without one, they may belong to the title; they do where they stand in front too."""
    text = strip_quotes(" ".join(typed.split()))
    marks, behind = _marks(text)
    level, title = _level(behind, runbook)
    if level:
        inside, _ = _marks(title)
        another = ANOTHER.match(fold_text(title))
        said = [mark for mark in (*inside, *_marks_in(title)) if mark not in marks]
        unsure = [*said, *([another["level"]] if another else [])]
    else:
        unsure = [*(marks if behind else ()), *_marks_in(behind)]
        title = text if unsure else behind
    every = {*marks, *unsure}
    return ParsedDeclaration(
        level, strip_quotes(title), "private" in every, "drill" in every, tuple(dict.fromkeys(unsure))
    )


def parse_severity(typed: str, runbook: Runbook) -> tuple[str, str]:
    """The severity, as an id of the runbook or as it was typed, and the reason behind it: `to P2 because …`."""
    text = _behind_lead_in(typed)
    level, reason = _level(text, runbook, sure=True)
    if not level and (taken := _match_prefix(text, DIGIT)):
        return _level(f"SEV{taken[0]['number']}", runbook)[0], taken[1]
    first, _, rest = text.partition(" ")
    return (level, reason) if level else (first, rest.strip())


def find_other_severity(level: str, reason: str, runbook: Runbook) -> str:
    """Another severity with which the reason begins, so that nobody can tell which one is meant: `P2 -> P0`."""
    if runbook.severity(level) is None:
        other = level
    elif found := ANOTHER.match(fold_text(reason)):
        other = _level(found["level"], runbook)[0]
    elif found := CHOICE_OF_NAMES.match(fold_text(reason)):
        other = _level(reason[found.end() :], runbook, sure=True)[0]
    else:
        other = ""
    return other if other != level else ""


def parse_status(typed: str) -> tuple[str, str]:
    """The status as it was typed, and the text behind it: `identified: …`."""
    text = _behind_lead_in(typed)
    taken = _match_prefix(text, CHOICE)
    return (taken[0][0].casefold(), taken[1]) if taken else (text, "")


def _behind_lead_in(typed: str) -> str:
    text = strip_quotes(typed)
    found = LEAD_IN.match(text)
    return text[found.end() :] if found else text


def has_leading_severity(typed: str, runbook: Runbook) -> bool:
    """Whether somebody who types no word of the command declares all the same: `p0 API is down`."""
    return bool(_level(_marks(strip_quotes(typed))[1], runbook)[0])


def _marks(text: str) -> tuple[tuple[str, ...], str]:
    """`private` and `drill` in front of a text, and what follows them."""
    found = dict[str, None]()
    while taken := _match_prefix(text, MARK):
        match, text = taken
        found[match["mark"].casefold()] = None
    return tuple(found), text


def _marks_in(title: str) -> tuple[str, ...]:
    """`private` and `drill` elsewhere in a text where they may be meant for the command."""
    folded = fold_text(title)
    found = [*ENDING.finditer(folded), *EARLIER.finditer(folded)]
    marks = (
        match["mark"] or match.groupdict().get("last") or match.groupdict().get("said") or ""
        for match in found
    )
    near = NEAR.match(folded)
    slips = difflib.get_close_matches(near["near"].casefold(), MARKS, n=1, cutoff=0.8) if near else []
    return tuple(dict.fromkeys(mark.casefold() for mark in (*marks, *slips)))


def _level(text: str, runbook: Runbook, sure: bool = False) -> tuple[str, str]:
    """The severity in front of a text, by its number or its own name, and what follows it; `sure` when nothing but a
    severity can stand there."""
    if taken := _match_prefix(text, NUMBERED):
        match, rest = taken
        severity = runbook.severity(match[0]) or runbook.severity(f"SEV{int(match['number'])}")
        return severity.id if severity else match[0], rest
    for name, id in _names(runbook):
        if taken := _match_prefix(text, re.compile(rf"{re.escape(name)}(?!\w|{DASH}\w)", re.IGNORECASE)):
            match, rest = taken
            if sure or name.casefold() not in ADJECTIVES or not rest or _is_set_apart(text, name):
                return id, rest
    return "", text


def _names(runbook: Runbook) -> Iterator[tuple[str, str]]:
    """(name, id) of each severity that goes by a word."""
    for severity in runbook.severities:
        for name in dict.fromkeys((severity.name, severity.id)):
            if name and not NUMBERED.fullmatch(name):
                yield name, severity.id


def _is_set_apart(text: str, name: str) -> bool:
    behind = fold_text(text).casefold().partition(fold_text(name).casefold())[2].lstrip()
    return re.match(rf"[{re.escape(ENDS)}\])]|{DASH}\s", behind) is not None


def _match_prefix(text: str, pattern: re.Pattern[str]) -> tuple[re.Match[str], str] | None:
    """What the text begins with, whatever marks are around it, and what follows."""
    folded = fold_text(text)
    signs = IN_FRONT.match(folded)
    place, opened = skip_opening_marks(folded, signs.end() if signs else 0)
    if (match := pattern.match(folded, place)) is None:
        return None
    place = skip_closing_marks(folded, match.end(), opened)
    return match, "".join(opened) + text[place:].strip()
