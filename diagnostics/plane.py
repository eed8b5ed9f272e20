"""Where an instant and a value stand in a picture, and what is written at its edges: pure numbers and words."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

WIDTH, HEIGHT = 640, 320
"""The picture in points."""

LEFT, RIGHT, TOP, BOTTOM = 58, 16, 56, 34
"""What is left free around the plane."""

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MINUTE, HOUR, DAY = 60, 3600, 86_400
SPANS = (
    *(MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY),
)
"""Seconds between two instants at the edge."""

MOST_INSTANTS = 7
LARGEST, SMALLEST = 1e300, 1e-300
"""Beyond them, and between values that differ by less, nothing can be reckoned."""


def is_drawable(value: float | None) -> bool:
    """Whether there is a place for it."""
    return value is not None and math.isfinite(value) and abs(value) < LARGEST


class Plane:
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
        span = next((each for each in SPANS if whole / each < MOST_INSTANTS), whole / (MOST_INSTANTS - 1))
        at = math.ceil(self.first / span) * span
        if at > self.last:
            yield self.last
        while at <= self.last:
            yield at
            at += span


def clock(at: datetime, span: timedelta) -> str:
    """An instant as it is told within such a span: by the clock, by weekday and clock, or by the day."""
    form = "%H:%M" if span < timedelta(hours=20) else "%a %H:%M" if span < timedelta(days=3) else "%d %b"
    return at.astimezone(UTC).strftime(form)


def amount(value: float, unit: str) -> str:
    """`97%`, `1.2k`, `3.4 GB`, `22 events`."""
    sizes = ((1e9, "G"), (1e6, "M"), (1e3 if unit == "B" else 1e4, "k"))
    size, letter = next(((size, letter) for size, letter in sizes if abs(value) >= size), (1.0, ""))
    told = f"{value / (1e3 if letter == 'k' else size):.{3 if letter else 4}g}"
    apart = " " if unit[:1].isalpha() else ""
    return f"{told} {letter}{unit}" if letter and unit == "B" else f"{told}{letter}{apart}{unit}"
