"""What was read of a log, as values: its lines now and before, their kinds, and how many came in each minute."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from diagnostics.finding import CannotTell, Window
from diagnostics.patterns import Line, Pattern, Patterns, said, shown
from diagnostics.redaction import redacted

NEWEST, BUCKETS = 10, 120
LONGEST_ANSWER = 4_000
LONGEST_TYPED, LONGEST_LINE = 4_000_000, 4_000


@dataclass(frozen=True, slots=True)
class Before:
    """How it was before: the span that was read, its lines, and their kinds with when each was first seen (milliseconds
    since 1970); `told_apart` when all kinds are known."""

    window: Window
    count: int
    kinds: Mapping[str, int]
    told_apart: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read, redacted. `read` are the spans of the window that were, all of it when `whole`. `kinds` are all
    patterns, the most frequent first, `beyond` counts the lines that are in none; `rates` are lines a minute over both
    times. `before` is None when `no_before` says why. `answer` is that of the runbook's own pipeline. `silent` is for
    how long at least nothing at all was written, None when something was."""

    filter: str
    group: str
    window: Window
    read: tuple[Window, ...]
    whole: bool
    count: int
    kinds: tuple[Pattern, ...]
    beyond: int
    newest: tuple[tuple[datetime, str], ...]
    rates: tuple[tuple[datetime, float], ...]
    before: Before | None
    no_before: str = ""
    answer: str | None = None
    silent: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The lines of the time before, and how far they were read."""

    window: Window
    lines: Sequence[Line]


def snapshot(
    words: str,
    group: str,
    window: Window,
    read: tuple[Window, ...],
    lines: Sequence[Line],
    earlier: Earlier | CannotTell,
    *,
    answer: str | None = None,
    silent: timedelta | None = None,
) -> Seen:
    """What came as values; every text is redacted here. `lines` are in the order of time, `words` is the filter."""
    patterns = Patterns()
    kinds, beyond = patterns.counted(lines)
    before: Before | None = None
    if isinstance(earlier, Earlier) and earlier.window.end > earlier.window.begin:
        older, more = patterns.counted(earlier.lines)
        before = Before(
            earlier.window, len(earlier.lines), {kind: each.first for kind, each in older.items()}, not more
        )
    why = (
        earlier.said if isinstance(earlier, CannotTell) else "" if before else "It could not be read in time."
    )
    spans = (*read, *((before.window,) if before else ()))
    all_lines = [*lines, *(earlier.lines if isinstance(earlier, Earlier) else ())]
    return Seen(
        redacted(words),
        group,
        window,
        _joined(read),
        sum((each.end - each.begin for each in read), timedelta()) >= window.end - window.begin,
        len(lines),
        tuple(kinds.values()),
        beyond,
        tuple((at(each.at), shown(said(each.text))) for each in reversed(lines[-NEWEST:])),
        _rates(all_lines, spans, window),
        before,
        redacted(why),
        None if answer is None else _clean(answer),
        silent,
    )


def as_typed(lines: Sequence[Line]) -> str:
    """The newest lines as `aws logs tail` writes them, redacted before any filter picks something out of them."""
    kept: list[str] = []
    left = LONGEST_TYPED
    for line in reversed(lines):
        text = redacted(line.text[:LONGEST_LINE])
        left -= len(text) + 80
        if left < 0:
            break
        kept.append(f"{at(line.at).isoformat(timespec='microseconds')} {line.stream} {text}\n")
    return "".join(reversed(kept))


def _rates(
    lines: Iterable[Line], spans: Iterable[Window], window: Window
) -> tuple[tuple[datetime, float], ...]:
    """Lines a minute, for pieces of time that were read whole; counted back from the end of the window."""
    found = [(each.begin, each.end) for each in spans]
    if not found:
        return ()
    first = min(begin for begin, _ in found)
    piece = max(timedelta(minutes=1), (window.end - first) / BUCKETS)
    counts = Counter(int((window.end - at(line.at)) / piece) for line in lines)
    rates = []
    for number in range(int((window.end - first) / piece), -1, -1):
        begin, end = window.end - piece * (number + 1), window.end - piece * number
        inside = sum(max(0.0, (min(end, last) - max(begin, start)) / piece) for start, last in found)
        if inside > 0.99:
            rates.append((begin, counts[number] / (piece / timedelta(minutes=1))))
    return tuple(rates)


def _joined(spans: Iterable[Window]) -> tuple[Window, ...]:
    """In the order of time and without empty ones; those that touch are one."""
    joined: list[Window] = []
    for each in sorted((span for span in spans if span.end > span.begin), key=lambda span: span.begin):
        if joined and each.begin <= joined[-1].end:
            joined[-1] = Window(joined[-1].begin, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return tuple(joined)


def _clean(answer: str) -> str:
    lines = [shown(said(line)) for line in answer[: 2 * LONGEST_ANSWER].splitlines()]
    text = "\n".join(lines)
    return text if len(text) <= LONGEST_ANSWER else f"{text[: LONGEST_ANSWER - 1]}…"


def at(milliseconds: int) -> datetime:
    """An instant from what CloudWatch counts: milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
