"""Compares a log with the hour before: more lines, new patterns, or none because nothing is written."""

import re
from dataclasses import replace
from datetime import timedelta

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import ChartSeries, Finding, UnknownCause, Verdict, build_unknown_finding
from diagnostics.analysis.log_lines import LogSnapshot, parse_milliseconds
from diagnostics.analysis.log_patterns import LogPattern
from diagnostics.analysis.thresholds import Limit, find_limit

SPIKE = Limit(">=", 2, 5, "×")
"""How many times as many lines a minute as in the hour before."""

FEWEST = Limit(">=", 10, 20, "lines")
"""Fewer lines than these are no spike, whatever was before."""

NEW = Limit(">=", 5, None, "lines")
"""Of a kind that was not there in the hour before."""

MANY = Limit(">=", 10, None, "a minute")
"""So many lines that tell of trouble are not well, however many there were before: it may have begun before that."""

LESS = Limit("<", 0.1, None, "×")
"""Of lines that tell of no trouble hardly any are left: what writes them does it no more."""

TROUBLE = re.compile(
    r"err|warn|fatal|crit|fail|except|time.?out|timed|refus|den(?:y|ied)|reject|declin|panic|abort|trace|invalid"
    r"|throttl|kill|oom|crash|\b[45]\d\d\b|\b[45]xx\b",
    re.IGNORECASE,
)
"""A filter with such a word looks for trouble: the fewer lines the better."""

TOLD = Limit(">", None, None, "")
"""What a runbook may say of the number of lines: `bad when errors > 50`."""

MEASURE = re.compile(
    r"\blines?\b|\berrors?\b(?!.{0,20}\brate)|\bmatch|\boccurrences?\b|\bevents?\b", re.IGNORECASE
)

TOP, LONGEST_KIND = 10, 90


def interpret(seen: LogSnapshot, question: CheckRequest) -> Finding:
    """The judgement. Nothing that matches is well only when something was written."""
    span = _span(seen.window.end - seen.window.begin)
    if seen.silent is not None:
        said = f"Nothing at all was written to {seen.group} in the last {_span(seen.silent)}."
        look = "Check whether the service runs, and whether it writes to this group."
        return Finding(Verdict.WARN, said, question.now, measure="silent", window=seen.window, next_look=look)
    if not seen.count and not seen.whole:
        said = f"No line{_of(seen)} in what could be read in time of the last {span}: {_coverage(seen)}."
        found = build_unknown_finding(
            UnknownCause.TIMEOUT, said, question.now, "Take a shorter time, or a narrower filter."
        )
        return replace(found, window=seen.window)
    verdict, judged = _judge_spike(seen, question)
    coverage = "" if seen.whole else f" {_coverage(seen)}."
    found = Finding(
        verdict,
        f"{_describe_counts(seen, span)}{judged}{_kind(seen)}{coverage}",
        question.now,
        UnknownCause.NO_DATA if verdict is Verdict.UNKNOWN else None,
        measure=f"{seen.count} in {span}",
        text=_text(seen),
        series=_series(seen) if _has_lines(seen) else (),
        window=seen.window,
        aged="newest line",
        next_look=_next(seen) if verdict in (Verdict.WARN, Verdict.BAD) else "",
    )
    if not seen.kinds:
        return found
    newest = parse_milliseconds(max(kind.last for kind in seen.kinds))
    return replace(found, table=_table(seen), age=max(question.now - newest, timedelta()))


def _has_lines(seen: LogSnapshot) -> bool:
    """Whether any line matches, now or before."""
    return bool(seen.count or (seen.before and seen.before.count))


def _next(seen: LogSnapshot) -> str:
    if not seen.count:
        return "Check whether what writes these lines runs, and whether requests arrive."
    return "Compare the first lines with what was deployed then."


def _judge_spike(seen: LogSnapshot, question: CheckRequest) -> tuple[Verdict, str]:
    """The verdict, and the comparison as the rest of a sentence."""
    told = find_limit(question.thresholds, MEASURE, TOLD)
    if told.line:
        verdict = told.verdict(seen.count)
        return _with_new(verdict, seen), f" ({told.describe(verdict)}).{_against(seen)[1]}"
    factor, words = _against(seen)
    if factor is not None and _is_gone(seen, factor):
        said = f".{words.removesuffix('.')} ({LESS.describe(Verdict.WARN)})."
        return _with_new(Verdict.WARN, seen), said
    if not seen.count:
        return Verdict.OK, f".{words}"
    if factor is None:
        return Verdict.UNKNOWN, f", and nothing to compare with: {seen.no_before}"
    verdict = min(SPIKE.verdict(factor), FEWEST.verdict(seen.count), key=_weight)
    if verdict is Verdict.OK and TROUBLE.search(seen.filter) and MANY.verdict(_rate(seen)) is Verdict.WARN:
        said = f"{words} That is many ({MANY.describe(Verdict.WARN)}): usual here, or it began before that."
        return _with_new(Verdict.WARN, seen), f".{said}"
    beyond = f" ({SPIKE.describe(verdict)})" if verdict is not Verdict.OK else ""
    return _with_new(verdict, seen), f".{words.removesuffix('.')}{beyond}."


def _with_new(verdict: Verdict, seen: LogSnapshot) -> Verdict:
    counts = [pattern.count for pattern in _new(seen)]
    return max(verdict, NEW.verdict(max(counts, default=0)), key=_weight)


def _is_gone(seen: LogSnapshot, factor: float) -> bool:
    """Whether hardly anything is left of lines that came all the time and tell of no trouble."""
    if TROUBLE.search(seen.filter) or LESS.verdict(factor) is Verdict.OK:
        return False
    return FEWEST.verdict(_estimate_count(seen)) is Verdict.BAD


def _estimate_count(seen: LogSnapshot) -> float:
    """How many lines there would be in what was read at the rate of before."""
    if seen.before is None:
        return 0.0
    part = (seen.before.window.end - seen.before.window.begin) / timedelta(minutes=1)
    return seen.before.count / part * _minutes(seen)


def _rate(seen: LogSnapshot) -> float:
    """Lines a minute in what was read."""
    return seen.count / max(_minutes(seen), 1e-9)


def _minutes(seen: LogSnapshot) -> float:
    return sum((span.end - span.begin).total_seconds() for span in seen.read) / 60


def _weight(verdict: Verdict) -> int:
    return (Verdict.OK, Verdict.WARN, Verdict.BAD).index(verdict)


def _against(seen: LogSnapshot) -> tuple[float | None, str]:
    """How many times the rate before, and a sentence of it; None when nothing is known of before."""
    if seen.before is None:
        return None, ""
    span = _span(seen.before.window.end - seen.before.window.begin)
    if not seen.before.count:
        return float("inf") if seen.count else 1.0, f" None in the {span} before."
    if not seen.count:
        return 0.0, f" {seen.before.count:,} in the {span} before."
    factor = seen.count / max(_estimate_count(seen), 1e-9)
    words = f"{factor:.0f}×" if factor >= 9.5 else f"{factor:.{1 if factor >= 0.1 else 2}f}×"
    return factor, f" {words} the rate of the previous {span}."


def _new(seen: LogSnapshot) -> list[LogPattern]:
    """Kinds that were not there before, as far as that is known."""
    if seen.before is None or not seen.before.told_apart:
        return []
    return [kind for kind in seen.kinds if kind.text not in seen.before.kinds]


def _sort_patterns(seen: LogSnapshot) -> list[LogPattern]:
    """Those that are new and more than a few first."""
    new = [pattern for pattern in _new(seen) if NEW.verdict(pattern.count) is not Verdict.OK]
    return [*new, *(kind for kind in seen.kinds if kind not in new)]


def _describe_counts(seen: LogSnapshot, span: str) -> str:
    number = f"{seen.count:,}" if seen.count else "No"
    least = "" if seen.whole else "At least "
    return f"{least}{number} line{'s' * (seen.count > 1)}{_of(seen)} in {span}"


def _of(seen: LogSnapshot) -> str:
    return f" with “{_cut(seen.filter)}”" if seen.filter else ""


def _kind(seen: LogSnapshot) -> str:
    if not seen.kinds:
        return ""
    first = _sort_patterns(seen)[0]
    which = "New" if first in _new(seen) else "Most frequent"
    lines = f"{first.count:,} line{'s' * (first.count != 1)}"
    # What stood in quotes is mostly the very word that is looked for, such as the name of a missing module.
    if QUOTED in first.text:
        return f" {which} pattern, {lines}, such as: {_cut(first.example)}."
    return f" {which} pattern, {lines}: {_cut(first.text)}."


QUOTED = "<text>"
"""Stands in a pattern for what was in quotes."""


def _coverage(seen: LogSnapshot) -> str:
    spans = " and ".join(f"{span.begin:%H:%M}–{span.end:%H:%M}" for span in seen.read)
    none = "Only a part of that time could be read" if seen.count else "Nothing could be read"
    return f"Read: {spans} UTC" if spans else none


def _table(seen: LogSnapshot) -> EvidenceTable:
    new = {pattern.text for pattern in _new(seen)}
    ordered = _sort_patterns(seen)
    earlier = seen.before.kinds if seen.before else {}
    rows = tuple(
        (
            f"{pattern.count:,}",
            "new" if pattern.text in new else "",
            f"{parse_milliseconds(earlier.get(pattern.text, pattern.first)):%H:%M:%S}",
            f"{parse_milliseconds(pattern.last):%H:%M:%S}",
            pattern.text,
        )
        for pattern in ordered[:TOP]
    )
    return EvidenceTable(
        ("lines", "", "first seen", "last seen", "pattern"), rows, max(0, len(ordered) - TOP) + seen.beyond
    )


def _text(seen: LogSnapshot) -> str:
    """The runbook's own answer, else the newest lines; then one line of each kind that is not among them."""
    newest = [f"{when:%H:%M:%S} {text}" for when, text in seen.newest]
    shown_kinds = {text for _, text in seen.newest}
    others = [
        f"{parse_milliseconds(pattern.last):%H:%M:%S} {pattern.example}"
        for pattern in _sort_patterns(seen)[:TOP]
        if pattern.example not in shown_kinds
    ]
    parts = [newest if seen.answer is None else [seen.answer or "(nothing came through the filters)"], others]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _series(seen: LogSnapshot) -> tuple[ChartSeries, ...]:
    bad = None
    if seen.before is not None and SPIKE.bad is not None and FEWEST.bad is not None:
        minutes = (seen.before.window.end - seen.before.window.begin) / timedelta(minutes=1)
        window = (seen.window.end - seen.window.begin) / timedelta(minutes=1)
        bad = max(SPIKE.bad * seen.before.count / minutes, FEWEST.bad / window)
    return (ChartSeries("lines a minute", seen.rates, "/min", bad),) if seen.rates else ()


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_KIND else f"{text[: LONGEST_KIND - 1]}…"


def _span(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    if minutes == 60:
        return "hour"
    if minutes < 1:
        return f"{max(1, round(span.total_seconds()))} s"
    return f"{minutes} min" if minutes < 180 else f"{round(minutes / 60)} h"
