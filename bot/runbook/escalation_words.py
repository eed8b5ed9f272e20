"""The words of an escalation's levels: times, conditions, and the people between them."""

import re
from datetime import timedelta

from bot.runbook import languages
from bot.runbook.contacts import match_contacts, means_people
from bot.runbook.durations import DIGITS, SPAN, UNIT, is_at_once, parse_duration
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.severity_names import find_level, find_level_word

CALLS = re.compile(
    r"\b(escalate[ds]?|page|notify|(?<!on[- ])call|contact|alert|involve|wake|inform)\b|→|->|=>"
    rf"|\b(?:{languages.CALLED})\b",
    re.I,
)
ALWAYS = re.compile(r"\(?\b24\s*[/x]\s*7\b\)?")
CONDITION = re.compile(
    r"\((?:if|when|unless)\b[^)]*\)|\b(?:if|when)\s+(?:no|not|still|un\w+)\b[^,;:→]*[,;:]?"
    r"|\b(?:without|with\s+no|no)\s+(?:an?\s+|any\s+)?(?:answer|ack\w*|response|reply)\b\s*[,;:]?",
    re.I,
)

TIME = re.compile(rf"(?:\b(?:after|within|at|in|for)\s+|T\s*\+\s*|[<>≥+]\s*)?(?:{SPAN.pattern})", re.I)
RANGE = re.compile(
    rf"(?:\b(?:after|within|at|in|for)\s+)?(?<![\w.])(?P<first>{DIGITS})\s*(?:(?:-|\u2013|\u2014|to)\s*{DIGITS}|\+)"
    rf"\s*(?P<unit>{UNIT})",
    re.I,
)
"""`15-30 minutes`, `60+ min`."""

ARROW = re.compile(r"→|->|=>")
LINK = re.compile(r"→|-+>|=+>|↓|⬇|▼")
"""What stands between the levels of a chain."""

TIER = re.compile(
    r"(?:(?:escalation\s+)?(?:level|tier|stage|step|line|L|stufe|nivel|n\u00edvel|niveau|livello)\s*-?\s*\d{1,2}\b"
    r"|(?:1st|2nd|3rd|4th|first|second|third|fourth)\s+(?:level|tier|line)\b)\s*(?:[:.)\u2013\u2014-]\s*)?",
    re.I,
)
"""How a level begins that is named by its number: `L1: `, `Level 2`, `1st level`."""


BRACKETED_TIME = re.compile(rf"\([^()]*(?:{SPAN.pattern})[^()]*\)", re.I)
"""`(15m SLA)`."""


def _drop_without_people(bracket: re.Match[str]) -> str:
    return bracket[0] if means_people(bracket[0]) else " "


BARE = re.compile(
    r"\b(?:T\s*\+|(?P<hour>hours?)|minutes?)\s*\+?\s*(?P<number>\d{1,3})\b\+?(?!\s*(?:m(?:in(?:ute)?s?)?\b|s(?:ec(?:ond)?s?)?\b|h(?:(?:ou)?rs?)?\b|d(?:ays?)?\b|%))",
    re.I,
)
"""An instant without a unit behind it: `T+15`, `Minute 15`, `Hour 1+`."""


def spell_times(text: str) -> str:
    """The text with a unit behind each instant."""
    return BARE.sub(lambda found: f"{found['number']} {'hours' if found['hour'] else 'minutes'} ", text)


def is_time(label: str) -> bool:
    """Whether a label is only an instant of an escalation, such as `15 min` or `Immediate`, and nobody's name."""
    label = spell_times(strip_markdown(label))
    rest = TIME.sub(" ", RANGE.sub(" ", label))
    return (rest != label or is_at_once(rest)) and not re.search(
        r"[^\W\d_]", re.sub(r"(?i)immediate(ly)?|after|at once|\bT\b", "", rest)
    )


def parse_delay(text: str) -> timedelta | None:
    """The time that has passed before a level is called: of `15-30 minutes` the shorter, 0 for `immediately`."""
    text = spell_times(strip_markdown(text))
    found = RANGE.search(text)
    span = parse_duration(f"{found['first']} {found['unit']}") if found else parse_duration(text)
    return timedelta(0) if span is None and is_at_once(text) else span


def extract_people(text: str) -> str:
    """The people in a level's words, without its time and its condition."""
    words = BRACKETED_TIME.sub(_drop_without_people, ALWAYS.sub(" ", spell_times(strip_markdown(text))))
    words = CONDITION.sub(" ", RANGE.sub(" ", words))
    words = re.sub(r"\(\W*(?:responds?|answers?|acks?)?\W*\)", " ", ARROW.sub(" ", TIME.sub(" ", words)))
    tier = TIER.match(words)
    words = words[tier.end() :] if tier and tier[0].strip()[-1:] in ":.)\u2013\u2014-" else words
    return " ".join(words.split()).strip(" ,;:.-\u2013\u2014")


def means_somebody(words: str) -> bool:
    """Whether words name somebody, as far as the runbook alone can tell."""
    met = match_contacts(words, ())
    return met.everyone or bool(met.unmatched)


def find_level_name(cell: str) -> str | None:
    """The id of the level that a cell names, by its number or by its word."""
    words = strip_markdown(cell)
    found = find_level(words) or find_level_word(words)
    return found.id if found else None
