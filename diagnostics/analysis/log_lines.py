"""Lines of a log as values: now and before, their patterns, and how many came in each minute."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.finding import Inconclusive, TimeWindow
from bot.text.redaction import redact
from diagnostics.analysis.log_patterns import (
    LogLine,
    LogPattern,
    PatternCounter,
    extract_message,
    redact_message,
)

NEWEST, BUCKETS = 10, 120
MAX_ANSWER_LENGTH = 4_000
LONGEST_TYPED, LONGEST_LINE = 4_000_000, 4_000


@dataclass(frozen=True, slots=True)
class LogBaseline:
    """How it was before: the span that was read, its lines, and their kinds with when each was first seen (milliseconds
    since 1970); `told_apart` when all kinds are known."""

    window: TimeWindow
    count: int
    kinds: Mapping[str, int]
    told_apart: bool


@dataclass(frozen=True, slots=True)
class LogSnapshot:
    """What was read, redacted. `read` are the spans of the window that were, all of it when `whole`. `kinds` are all
    patterns, the most frequent first, `beyond` counts the lines that are in none; `rates` are lines a minute over both
    times. `before` is None when `no_before` says why. `answer` is that of the runbook's own pipeline. `silent` is for
    how long at least nothing at all was written, None when something was."""

    filter: str
    group: str
    window: TimeWindow
    read: tuple[TimeWindow, ...]
    whole: bool
    count: int
    kinds: tuple[LogPattern, ...]
    beyond: int
    newest: tuple[tuple[datetime, str], ...]
    rates: tuple[tuple[datetime, float], ...]
    before: LogBaseline | None
    no_before: str = ""
    answer: str | None = None
    silent: timedelta | None = None


@dataclass(frozen=True, slots=True)
class EarlierLines:
    """The lines of the time before, and how far they were read."""

    window: TimeWindow
    lines: Sequence[LogLine]


def build_log_snapshot(
    words: str,
    group: str,
    window: TimeWindow,
    read: tuple[TimeWindow, ...],
    lines: Sequence[LogLine],
    earlier: EarlierLines | Inconclusive,
    *,
    answer: str | None = None,
    silent: timedelta | None = None,
) -> LogSnapshot:
    """What came as values; every text is redacted here. `lines` are in the order of time, `words` is the filter."""
    patterns = PatternCounter()
    kinds, beyond = patterns.count_patterns(lines)
    before, why = _build_baseline(earlier, patterns)
    spans = (*read, *((before.window,) if before else ()))
    all_lines = [*lines, *(earlier.lines if isinstance(earlier, EarlierLines) else ())]
    return LogSnapshot(
        redact(words),
        group,
        window,
        _merge_spans(read),
        sum((span.end - span.begin for span in read), timedelta()) >= window.end - window.begin,
        len(lines),
        tuple(kinds.values()),
        beyond,
        tuple(
            (parse_milliseconds(line.at), redact_message(extract_message(line.text)))
            for line in reversed(lines[-NEWEST:])
        ),
        _rates(all_lines, spans, window),
        before,
        redact(why),
        None if answer is None else _clean(answer),
        silent,
    )


def _build_baseline(
    earlier: EarlierLines | Inconclusive, patterns: PatternCounter
) -> tuple[LogBaseline | None, str]:
    """How it was before; else None, and why nothing is known of it."""
    if isinstance(earlier, Inconclusive):
        return None, earlier.said
    if earlier.window.end <= earlier.window.begin:
        return None, "It could not be read in time."
    counted, beyond = patterns.count_patterns(earlier.lines)
    first = {kind: pattern.first for kind, pattern in counted.items()}
    return LogBaseline(earlier.window, len(earlier.lines), first, not beyond), ""


def render_tail(lines: Sequence[LogLine]) -> str:
    """The newest lines as `aws logs tail` writes them, redacted before any filter picks something out of them."""
    kept: list[str] = []
    left = LONGEST_TYPED
    for line in reversed(lines):
        text = redact(line.text[:LONGEST_LINE])
        left -= len(text) + 80
        if left < 0:
            break
        kept.append(
            f"{parse_milliseconds(line.at).isoformat(timespec='microseconds')} {line.stream} {text}\n"
        )
    return "".join(reversed(kept))


def _rates(
    lines: Iterable[LogLine], spans: Iterable[TimeWindow], window: TimeWindow
) -> tuple[tuple[datetime, float], ...]:
    """Lines a minute, for pieces of time that were read whole; counted back from the end of the window."""
    found = [(span.begin, span.end) for span in spans]
    if not found:
        return ()
    first = min(begin for begin, _ in found)
    piece = max(timedelta(minutes=1), (window.end - first) / BUCKETS)
    counts = Counter(int((window.end - parse_milliseconds(line.at)) / piece) for line in lines)
    rates = []
    for number in range(int((window.end - first) / piece), -1, -1):
        begin, end = window.end - piece * (number + 1), window.end - piece * number
        inside = sum(max(0.0, (min(end, last) - max(begin, start)) / piece) for start, last in found)
        if inside > 0.99:
            rates.append((begin, counts[number] / (piece / timedelta(minutes=1))))
    return tuple(rates)


def _merge_spans(spans: Iterable[TimeWindow]) -> tuple[TimeWindow, ...]:
    """In the order of time and without empty ones; those that touch are one."""
    joined: list[TimeWindow] = []
    for current in sorted((span for span in spans if span.end > span.begin), key=lambda span: span.begin):
        if joined and current.begin <= joined[-1].end:
            joined[-1] = TimeWindow(joined[-1].begin, max(joined[-1].end, current.end))
        else:
            joined.append(current)
    return tuple(joined)


def _clean(answer: str) -> str:
    lines = [redact_message(extract_message(line)) for line in answer[: 2 * MAX_ANSWER_LENGTH].splitlines()]
    text = "\n".join(lines)
    return text if len(text) <= MAX_ANSWER_LENGTH else f"{text[: MAX_ANSWER_LENGTH - 1]}…"


def parse_milliseconds(milliseconds: int) -> datetime:
    """An instant from what CloudWatch counts: milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
