"""Scales of a chart: where an instant and a value stand, and the labels of the axes. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WIDTH, HEIGHT = 640, 320
"""The picture in points."""

LEFT, RIGHT, TOP, BOTTOM = 58, 16, 56, 34
"""What is left free around the plane."""

LETTER, ROW = 6.6, 13
"""How wide a letter is about, and how far two lines of words are apart."""

MAX_MARK_LENGTH = 44
TURNING = 0.7
"""From which part of the width on the words of an upright line stand before it."""

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MINUTE, HOUR, DAY = 60, 3600, 86_400
SPANS = (
    *(MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY),
)
"""Seconds between two instants at the edge."""

MOST_INSTANTS, MOST_POINTS = 7, 400
LARGEST, SMALLEST = 1e300, 1e-300
"""Beyond them, and between values that differ by less, nothing can be reckoned."""


def is_drawable(value: float | None) -> bool:
    """Whether there is a place for it."""
    return value is not None and math.isfinite(value) and abs(value) < LARGEST


class ChartPlane:
    """The instants (seconds since 1970) and the values that are seen. The values begin at 0 unless some are below."""

    def __init__(self, first: float, last: float, values: Sequence[float]) -> None:
        middle = (first + last) / 2
        self.first, self.last = (first, last) if last > first else (middle - 60, middle + 60)
        highest, self.low = max(*values, 0.0), min(*values, 0.0)
        reach = highest - self.low
        raw = (reach if reach > SMALLEST else 1.0) / 4
        scale = 10.0 ** math.floor(math.log10(raw))
        self.step = next(step * scale for step in STEPS if step * scale >= raw * 0.999)
        self.low = math.floor(self.low / self.step) * self.step
        self.high = max(math.ceil(highest / self.step), 1) * self.step

    def x(self, instant: float) -> float:
        return LEFT + (instant - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def values(self) -> Iterator[float]:
        """The values that have a line."""
        for number in range(round((self.high - self.low) / self.step) + 1):
            yield self.low + number * self.step

    def instants(self) -> Iterator[float]:
        """Round instants of UTC, a few; of a span that is shorter than a minute only its end."""
        whole = self.last - self.first
        span = next((step for step in SPANS if whole / step < MOST_INSTANTS), whole / (MOST_INSTANTS - 1))
        at = math.ceil(self.first / span) * span
        if at > self.last:
            yield self.last
        while at <= self.last:
            yield at
            at += span


def format_clock(at: datetime, span: timedelta) -> str:
    """An instant as it is told within such a span: by the clock, by weekday and clock, or by the day."""
    form = "%H:%M" if span < timedelta(hours=20) else "%a %H:%M" if span < timedelta(days=3) else "%d %b"
    return at.astimezone(UTC).strftime(form)


def format_amount(value: float, unit: str) -> str:
    """`97%`, `1.2k`, `3.4 GB`, `22 events`."""
    sizes = ((1e9, "G"), (1e6, "M"), (1e3 if unit == "B" else 1e4, "k"))
    size, letter = next(((size, letter) for size, letter in sizes if abs(value) >= size), (1.0, ""))
    told = f"{value / (1e3 if letter == 'k' else size):.{3 if letter else 4}g}"
    apart = " " if unit[:1].isalpha() else ""
    return f"{told} {letter}{unit}" if letter and unit == "B" else f"{told}{letter}{apart}{unit}"


@dataclass(frozen=True, slots=True)
class TextBox:
    """The place of a line of words: from left to right, and the height on which it stands."""

    left: float
    right: float
    y: float

    def meets(self, other: "TextBox") -> bool:
        """Whether the words would stand in each other."""
        return self.left < other.right and other.left < self.right and abs(self.y - other.y) < ROW


def place_beside(x: float, text: str, y: float) -> TextBox:
    """Where the words beside an upright line stand."""
    width = LETTER * min(len(text), MAX_MARK_LENGTH) + 12
    return TextBox(x - width, x, y) if x > TURNING * WIDTH else TextBox(x, x + width, y)


def find_free_row(x: float, text: str, y: float, step: float, taken: Sequence[TextBox]) -> float:
    """The first height from `y` on, by such steps, on which the words beside an upright line stand in no others."""
    while any(map(place_beside(x, text, y).meets, taken)):
        y += step
    return y


def deduplicate_marks(marks: Sequence[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    """By their instants; what two steps tell of the same thing, a moment apart, stands once."""
    known: list[tuple[datetime, str]] = []
    for at, text in sorted((at.astimezone(UTC), text) for at, text in marks):
        if not any(text == other and at - before < MARK_MERGE_WINDOW for before, other in known):
            known.append((at, text))
    return known


MARK_MERGE_WINDOW = timedelta(minutes=1)


def thin_out(points: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """As many as can be told apart, and both ends: of neighbours the highest and the lowest, so that no short dip or
    spike is lost."""
    if len(points) <= MOST_POINTS:
        return points
    together = -(-len(points) // (MOST_POINTS // 2))
    kept = {0, len(points) - 1}
    for start in range(0, len(points), together):
        near = range(start, min(start + together, len(points)))
        kept |= {end(near, key=lambda place: points[place][1]) for end in (min, max)}
    return [points[place] for place in sorted(kept)]


def find_chart_end(instants: Sequence[float], began: datetime | None) -> float:
    """Where the picture ends: at the newest value, or at the start of the incident where that is a little later."""
    last, start = max(instants), began.timestamp() if began is not None else 0.0
    return start if 0 <= start - last <= (last - min(instants)) / BESIDE else last


BESIDE = 4
"""The picture is made longer by so much of its length at most, for an incident that began after the newest value."""
