"""Lines of a log now against the hour before: more of them, new kinds of them, or none because nothing is written."""

import re
from dataclasses import replace
from datetime import timedelta

from diagnostics.finding import Cause, Finding, Series, Table, Verdict, unknown
from diagnostics.limits import Limit, limit
from diagnostics.lines import Seen, at
from diagnostics.patterns import Pattern
from diagnostics.question import Question

SPIKE = Limit(">=", 2, 5, "times")
"""How many times as many lines a minute as in the hour before."""

FEWEST = Limit(">=", 10, 20, "lines")
"""Fewer lines than these are no spike, whatever was before."""

NEW = Limit(">=", 5, None, "lines")
"""Of a kind that was not there in the hour before."""

MANY = Limit(">=", 10, None, "a minute")
"""So many lines that tell of trouble are not well, however many there were before: it may have begun before that."""

LESS = Limit("<", 0.1, None, "times")
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


def interpret(seen: Seen, question: Question) -> Finding:
    """The judgement. Nothing that matches is well only when something was written."""
    span = _span(seen.window.end - seen.window.begin)
    if seen.silent is not None:
        said = f"Nothing at all was written to {seen.group} in the last {_span(seen.silent)}."
        look = "Look whether the service runs, and whether it writes to this group."
        return Finding(Verdict.WARN, said, question.now, measure="silent", window=seen.window, next_look=look)
    if not seen.count and not seen.whole:
        said = f"No line{_of(seen)} in what could be read in time of the last {span}: {_coverage(seen)}."
        found = unknown(Cause.TIMEOUT, said, question.now, "Take a shorter time, or a narrower filter.")
        return replace(found, window=seen.window)
    verdict, judged = _judged(seen, question)
    newest = max((each.last for each in seen.kinds), default=None)
    return Finding(
        verdict,
        f"{_counted(seen, span)}{judged}{_kind(seen)}{'' if seen.whole else f' {_coverage(seen)}.'}",
        question.now,
        Cause.NO_DATA if verdict is Verdict.UNKNOWN else None,
        measure=f"{seen.count} in {span}",
        table=_table(seen) if seen.kinds else None,
        text=_text(seen),
        series=_series(seen) if seen.count or (seen.before and seen.before.count) else (),
        window=seen.window,
        age=max(question.now - at(newest), timedelta()) if newest is not None else None,
        aged="newest line",
        next_look=_next(seen) if verdict in (Verdict.WARN, Verdict.BAD) else "",
    )


def _next(seen: Seen) -> str:
    if not seen.count:
        return "Look whether what writes these lines runs, and whether requests arrive."
    return "Compare the first lines with what was deployed then."


def _judged(seen: Seen, question: Question) -> tuple[Verdict, str]:
    """The verdict, and the comparison as the rest of a sentence."""
    told = limit(question.thresholds, MEASURE, TOLD)
    if told.line:
        verdict = told.verdict(seen.count)
        return _with_new(verdict, seen), f" ({told.said(verdict)}).{_against(seen)[1]}"
    factor, words = _against(seen)
    if factor is not None and _is_gone(seen, factor):
        said = f".{words.removesuffix('.')} ({LESS.said(Verdict.WARN)})."
        return _with_new(Verdict.WARN, seen), said
    if not seen.count:
        return Verdict.OK, f".{words}"
    if factor is None:
        return Verdict.UNKNOWN, f", and nothing to compare with: {seen.no_before}"
    verdict = min(SPIKE.verdict(factor), FEWEST.verdict(seen.count), key=_weight)
    if verdict is Verdict.OK and TROUBLE.search(seen.filter) and MANY.verdict(_rate(seen)) is Verdict.WARN:
        said = f"{words} That is many ({MANY.said(Verdict.WARN)}): usual here, or it began before that."
        return _with_new(Verdict.WARN, seen), f".{said}"
    beyond = f" ({SPIKE.said(verdict)})" if verdict is not Verdict.OK else ""
    return _with_new(verdict, seen), f".{words.removesuffix('.')}{beyond}."


def _with_new(verdict: Verdict, seen: Seen) -> Verdict:
    counts = [each.count for each in _new(seen)]
    return max(verdict, NEW.verdict(max(counts, default=0)), key=_weight)


def _is_gone(seen: Seen, factor: float) -> bool:
    """Whether hardly anything is left of lines that came all the time and tell of no trouble."""
    if TROUBLE.search(seen.filter) or LESS.verdict(factor) is Verdict.OK:
        return False
    return FEWEST.verdict(_expected(seen)) is Verdict.BAD


def _expected(seen: Seen) -> float:
    """How many lines there would be in what was read at the rate of before."""
    if seen.before is None:
        return 0.0
    part = (seen.before.window.end - seen.before.window.begin) / timedelta(minutes=1)
    return seen.before.count / part * _minutes(seen)


def _rate(seen: Seen) -> float:
    """Lines a minute in what was read."""
    return seen.count / max(_minutes(seen), 1e-9)


def _minutes(seen: Seen) -> float:
    return sum((each.end - each.begin).total_seconds() for each in seen.read) / 60


def _weight(verdict: Verdict) -> int:
    return (Verdict.OK, Verdict.WARN, Verdict.BAD).index(verdict)


def _against(seen: Seen) -> tuple[float | None, str]:
    """How many times the rate before, and a sentence of it; None when nothing is known of before."""
    if seen.before is None:
        return None, ""
    span = _span(seen.before.window.end - seen.before.window.begin)
    if not seen.before.count:
        return float("inf") if seen.count else 1.0, f" None in the {span} before."
    if not seen.count:
        return 0.0, f" {seen.before.count:,} in the {span} before."
    factor = seen.count / max(_expected(seen), 1e-9)
    words = f"{factor:.0f} times" if factor >= 9.5 else f"{factor:.{1 if factor >= 0.1 else 2}f} times"
    return factor, f" {words} the rate of the {span} before."


def _new(seen: Seen) -> list[Pattern]:
    """Kinds that were not there before, as far as that is known."""
    if seen.before is None or not seen.before.told_apart:
        return []
    return [each for each in seen.kinds if each.text not in seen.before.kinds]


def _ordered(seen: Seen) -> list[Pattern]:
    """Those that are new and more than a few first."""
    new = [each for each in _new(seen) if NEW.verdict(each.count) is not Verdict.OK]
    return [*new, *(each for each in seen.kinds if each not in new)]


def _counted(seen: Seen, span: str) -> str:
    number = f"{seen.count:,}" if seen.count else "No"
    least = "" if seen.whole else "At least "
    return f"{least}{number} line{'s' * (seen.count > 1)}{_of(seen)} in {span}"


def _of(seen: Seen) -> str:
    return f" with “{_cut(seen.filter)}”" if seen.filter else ""


def _kind(seen: Seen) -> str:
    if not seen.kinds:
        return ""
    first = _ordered(seen)[0]
    new = "New" if first in _new(seen) else "Most"
    return f" {new}: {_cut(first.text)} ({first.count:,})."


def _coverage(seen: Seen) -> str:
    spans = " and ".join(f"{each.begin:%H:%M}–{each.end:%H:%M}" for each in seen.read)
    return f"Read: {spans} UTC" if spans else "Nothing could be read"


def _table(seen: Seen) -> Table:
    new = {each.text for each in _new(seen)}
    ordered = _ordered(seen)
    earlier = seen.before.kinds if seen.before else {}
    rows = tuple(
        (
            f"{each.count:,}",
            "new" if each.text in new else "",
            f"{at(earlier.get(each.text, each.first)):%H:%M:%S}",
            f"{at(each.last):%H:%M:%S}",
            each.text,
        )
        for each in ordered[:TOP]
    )
    return Table(
        ("lines", "", "first seen", "last seen", "pattern"), rows, max(0, len(ordered) - TOP) + seen.beyond
    )


def _text(seen: Seen) -> str:
    """The runbook's own answer, else the newest lines; then one line of each kind that is not among them."""
    newest = [f"{when:%H:%M:%S} {text}" for when, text in seen.newest]
    shown_kinds = {text for _, text in seen.newest}
    others = [
        f"{at(each.last):%H:%M:%S} {each.example}"
        for each in _ordered(seen)[:TOP]
        if each.example not in shown_kinds
    ]
    parts = [newest if seen.answer is None else [seen.answer or "(nothing came through the filters)"], others]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _series(seen: Seen) -> tuple[Series, ...]:
    bad = None
    if seen.before is not None and SPIKE.bad is not None and FEWEST.bad is not None:
        minutes = (seen.before.window.end - seen.before.window.begin) / timedelta(minutes=1)
        window = (seen.window.end - seen.window.begin) / timedelta(minutes=1)
        bad = max(SPIKE.bad * seen.before.count / minutes, FEWEST.bad / window)
    return (Series("lines a minute", seen.rates, "/min", bad),) if seen.rates else ()


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_KIND else f"{text[: LONGEST_KIND - 1]}…"


def _span(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    if minutes == 60:
        return "hour"
    if minutes < 1:
        return f"{max(1, round(span.total_seconds()))} s"
    return f"{minutes} min" if minutes < 180 else f"{round(minutes / 60)} h"
