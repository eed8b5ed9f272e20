"""Where a measure stops being well, as the runbook's prose and its comments say it."""

import re
from collections.abc import Iterator

from bot.domain.playbook import Playbook, Step, Threshold
from bot.domain.section_parts import BulletList, Label, Prose
from bot.runbook.markdown.inline import strip_markdown

SIGNS = {
    **{sign: sign for sign in (">", ">=", "<", "<=")},
    "≥": ">=",
    "≤": "<=",
    "&gt;": ">",
    "&lt;": "<",
    "at least": ">=",
    "at most": "<=",
    **dict.fromkeys(
        ("above", "over", "more than", "greater than", "higher than", "exceeds", "exceeding"), ">"
    ),
    **dict.fromkeys(("below", "under", "less than", "fewer than", "lower than"), "<"),
}
"""How people compare, and what it means."""

UNITS = {
    **dict.fromkeys(("%", "percent"), "%"),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **{unit: unit for unit in ("B", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB")},
    **dict.fromkeys(("/s", "/sec", "per second"), "/s"),
    **dict.fromkeys(("/min", "per minute"), "/min"),
}
"""Units as people write them, and as they are kept."""


def _any_of(words: dict[str, str]) -> str:
    longest = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) + (r"\b" if word[-1].isalpha() else "") for word in longest)


SIGN = f"(?P<sign>{_any_of(SIGNS)})"
NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d{1,6})?)"
UNIT = f"(?P<unit>{_any_of(UNITS)})"
COMPARISON = re.compile(rf"(?<![\w<>=-])(?:{SIGN})\s*{NUMBER}(?![\d.-]\d|,\d)\s*(?:{UNIT})?", re.I)
SAID = re.compile(
    rf"(?P<verdict>warn|bad)\s+(?:when\s+|if\s+)?(?P<metric>.*?)\s*{SIGN}\s*{NUMBER}\s*(?P<rest>.*)", re.I
)
CLAUSE = re.compile(r"[.,;:!?](?=\s|$)|[()–—]|\s-\s|\b(?:and|or|but|if|when|whenever|while|once)\b", re.I)
BEFORE = re.compile(r"^(?:(?:the|your|our)\s+)+", re.I)
AFTER = re.compile(
    r"(?:\s+(?:is|are|was|were|stays?|goes|rises?|drops?|falls?|has been|of|at|to|been))+$", re.I
)
MEASURES = re.compile(
    r"rate|latency|utili[sz]ation|usage|cpu|memory|disk|space|count|connections?|errors?|time|duration|lag|queue|depth"
    r"|p\d\d|requests?|throughput|traffic|load|size|age|users?|sessions?|threads?|failures?|crash|messages?|tasks?|iops"
    r"|ratio|percent|score|availability|uptime|backlog|heap",
    re.I,
)
DEADLINE = re.compile(r"respon[sd]|acknowledg|resol|time to|sla\b|update|within|escalat|last|past", re.I)
SPANS = frozenset({"min", "h"})
MAX_CLAUSE_LENGTH = 60
MAX_LINE_LENGTH = 1_000


def parse_thresholds(playbook: Playbook) -> tuple[Threshold, ...]:
    """Those of the playbook's title, symptoms and other words, in their order; commands are not looked into.

    Beyond them something is wrong, so their verdict is `bad`. What has neither a unit nor a word for something that
    is measured is none, and neither are promises of time ("respond within < 15 minutes").
    """
    found = [threshold for line, text in _texts(playbook) for threshold in _in(line, text)]
    return tuple(dict.fromkeys(found))


def _texts(playbook: Playbook) -> Iterator[tuple[int, str]]:
    yield playbook.line, playbook.title
    for section in playbook.sections:
        yield section.line, section.title
        for part in section.parts:
            match part:
                case Prose() | Label():
                    yield part.line, part.text
                case BulletList():
                    yield from ((item.line, item.text) for item in part.items)
                case Step():
                    yield part.line, f"{part.title if part.title != part.command else ''}\n{part.note}"


def _in(line: int, text: str) -> Iterator[Threshold]:
    for row in text.split("\n"):
        words = strip_markdown(row[:MAX_LINE_LENGTH])
        for found in COMPARISON.finditer(words):
            metric = _metric(words[: found.start()], words[found.end() :])
            unit = UNITS.get((found["unit"] or "").lower(), found["unit"] or "")
            if metric and _is_measurable(metric, found["sign"], unit):
                yield _threshold("bad", metric, found, unit, line)


def _is_measurable(metric: str, sign: str, unit: str) -> bool:
    if unit in SPANS | {"s"} and (DEADLINE.search(metric) or metric.casefold().endswith(" for")):
        return False
    return bool(MEASURES.search(metric)) or (bool(unit) and unit not in SPANS and not sign[0].isalpha())


def _metric(before: str, after: str) -> str:
    """The words of the clause in front; in a bracket of its own those behind, else those before the bracket."""
    clauses = CLAUSE.split(before)
    near = _trim(clauses[-1])
    if near:
        return near
    behind = CLAUSE.split(after)[0].strip()
    if behind and before.rstrip().endswith("("):
        return behind[:MAX_CLAUSE_LENGTH]
    return next((told for clause in reversed(clauses) if (told := _trim(clause))), "")


def _trim(clause: str) -> str:
    words = AFTER.sub("", BEFORE.sub("", clause.strip(" \t*_`☐☑-"))).strip()
    return words if len(words) <= MAX_CLAUSE_LENGTH else ""


def _threshold(verdict: str, metric: str, found: re.Match[str], unit: str, line: int) -> Threshold:
    sign = SIGNS[found["sign"].lower()]
    return Threshold(verdict, metric, sign, float(found["number"].replace(",", "")), unit, line)


def parse_comment_threshold(text: str, line: int) -> Threshold | str:
    """`warn above 80%`, `bad when p95 latency > 1000 ms` from a comment; else why it is none."""
    found = SAID.fullmatch(text)
    if not found:
        return "it has no comparison: write “warn above 80%” or “bad p95 latency > 1000 ms”"
    rest = found["rest"].strip()
    unit = UNITS.get(rest, UNITS.get(rest.lower(), "")) if rest else ""
    if rest and not unit:
        known = ", ".join(dict.fromkeys(UNITS.values()))
        return f"“{rest[:20]}” is no unit that is known: there are {known}"
    if len(found["metric"]) > MAX_CLAUSE_LENGTH:
        return "what it measures is named in too many words"
    return _threshold(found["verdict"].lower(), found["metric"], found, unit, line)
