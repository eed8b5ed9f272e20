"""A finding's series as a picture: PNG, drawn in a process of its own.

The library holds Python's lock for the 40 ms that it draws: nobody would be answered meanwhile.
"""

import asyncio
import math
import pickle
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from diagnostics.finding import Series

FONT = Path(__file__).resolve().parent / "fonts" / "DejaVuSans.ttf"
FAMILY = "DejaVu Sans"
WIDTH, HEIGHT, ZOOM = 640, 320, 2.0
"""The picture in points, and how many dots a point has: it is read on a phone."""

LEFT, RIGHT, TOP, BOTTOM = 58, 16, 56, 34
PAPER, INK, FAINT, GRID = "#ffffff", "#1d1c1d", "#616061", "#e6e6e6"
LINES = ("#1264a3", "#b07d00", "#6b3fa0", "#0b7a75")
LIMIT, START, MARK = "#c3291c", "#1d1c1d", "#0b7a75"
MOST_LINES, MOST_POINTS, MOST_MARKS, LONGEST = 4, 400, 6, 60
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

WITHIN = 5.0
"""Seconds for a picture, the start of the process included."""

SIZE = 4
"""Bytes that say how long what follows is."""

Order = tuple[Sequence[Series], str, datetime | None, Sequence[tuple[datetime, str]]]


class Drawer:
    """Draws in a process of its own, which starts with the first picture and ends with this one, however that ends."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def drawn(
        self,
        series: Sequence[Series],
        title: str,
        began: datetime | None,
        marks: Sequence[tuple[datetime, str]],
    ) -> bytes:
        """The picture of these series with their limit, the start of the incident and what else is marked.

        Raises TimeoutError or OSError when it cannot be drawn.
        """
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(WITHIN):
                    return await self._ask((tuple(series), title, began, tuple(marks)))
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                await self.aclose()
                raise OSError(f"no picture was drawn: {error!r}") from None
            except asyncio.CancelledError:
                await self.aclose()  # its answer would be taken for the next one's
                raise

    async def aclose(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _ask(self, order: Order) -> bytes:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "diagnostics.charts"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=Path(__file__).resolve().parent.parent,
                env={"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
                start_new_session=True,  # Ctrl-C is the bot's, which ends this one
            )
        to, back = self._process.stdin, self._process.stdout
        assert to is not None and back is not None
        told = pickle.dumps(order)
        to.write(len(told).to_bytes(SIZE) + told)
        await to.drain()
        return await back.readexactly(int.from_bytes(await back.readexactly(SIZE)))


def draw(
    series: Sequence[Series], title: str, began: datetime | None, marks: Sequence[tuple[datetime, str]]
) -> bytes:
    """The picture at once: a PNG of WIDTH by HEIGHT points."""
    import resvg_py

    picture: bytes = resvg_py.svg_to_bytes(
        svg_string="".join(_svg(series, title, began, marks)),
        zoom=ZOOM,
        skip_system_fonts=True,
        font_files=[str(FONT)],
        font_family=FAMILY,
    )
    return picture


def of_one_kind(series: Sequence[Series]) -> tuple[Series, ...]:
    """Those that fit on one scale: of the unit of the first that has a limit, else of the first."""
    first = next((each for each in series if each.threshold is not None), series[0] if series else None)
    return tuple(each for each in series if first is not None and each.unit == first.unit)[:MOST_LINES]


def described(series: Sequence[Series]) -> str:
    """The picture in words, for who does not see it."""
    told = []
    for each in of_one_kind(series):
        points = _points(each)
        if not points:
            continue
        (first, start), (last, end) = points[0], points[-1]
        highest = max(value for _, value in points)
        limit = f"; limit {_number(each.threshold)}{each.unit}" if each.threshold is not None else ""
        told.append(
            f"{each.name}: {_number(start)}{each.unit} at {first:%H:%M}, {_number(end)}{each.unit} at "
            f"{last:%H:%M} UTC, highest {_number(highest)}{each.unit}{limit}"
        )
    return ". ".join(told)


def _points(series: Series) -> list[tuple[datetime, float]]:
    """What can be drawn, thinned to what can be told apart: of neighbours the highest."""
    known = [(at.astimezone(UTC), value) for at, value in series.points if math.isfinite(value)]
    together = -(-len(known) // MOST_POINTS) or 1
    return [
        max(known[start : start + together], key=lambda point: point[1])
        for start in range(0, len(known), together)
    ]


def _svg(
    series: Sequence[Series], title: str, began: datetime | None, marks: Sequence[tuple[datetime, str]]
) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FAMILY}" font-size="11">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
        f'<text x="{LEFT}" y="20" font-size="15" fill="{INK}">{_words(title)}</text>'
    )
    lines = [(each, points) for each in of_one_kind(series) if (points := _points(each))]
    if not lines:
        yield f'<text x="{LEFT}" y="{HEIGHT // 2}" fill="{FAINT}">no data</text></svg>'
        return
    instants = [at.timestamp() for _, points in lines for at, _ in points]
    plane = _Plane(min(instants), _last(instants, began), [*_values(lines)])
    yield from _grid(plane, lines[0][0].unit)
    limits = {
        each.threshold for each, _ in lines if each.threshold is not None and math.isfinite(each.threshold)
    }
    for limit in sorted(limits):
        y = plane.y(limit)
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LIMIT}" stroke-width="1.5" '
            f'stroke-dasharray="6 4"/><text x="{WIDTH - RIGHT}" y="{y - 4:.1f}" text-anchor="end" fill="{LIMIT}">'
            f"limit {_number(limit)}{_words(lines[0][0].unit)}</text>"
        )
    for number, (each, points) in enumerate(lines):
        path = " ".join(f"{plane.x(at.timestamp()):.1f},{plane.y(value):.1f}" for at, value in points)
        colour = LINES[number]
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2" stroke-linejoin="round"/>'
        if len(points) == 1:
            across, down = path.split(",")
            yield f'<circle cx="{across}" cy="{down}" r="3.5" fill="{colour}"/>'
        yield (
            f'<rect x="{LEFT + 140 * number}" y="31" width="12" height="4" fill="{colour}"/>'
            f'<text x="{LEFT + 16 + 140 * number}" y="37" fill="{FAINT}">{_words(each.name, 20)}</text>'
        )
    known = [(at.astimezone(UTC), text, MARK) for at, text in marks[:MOST_MARKS]]
    if began is not None:
        known.append((began.astimezone(UTC), "incident", START))
    for at, text, colour in known:
        if plane.first <= at.timestamp() <= plane.last:
            yield from _mark(
                plane.x(at.timestamp()), text, colour, HEIGHT - BOTTOM - 6 if colour == START else TOP - 2
            )
    yield "</svg>"


def _last(instants: Sequence[float], began: datetime | None) -> float:
    """Where the picture ends: at the newest value, or at the start of the incident where that is a little later."""
    last, start = max(instants), began.timestamp() if began is not None else 0.0
    return start if 0 <= start - last <= (last - min(instants)) / BESIDE else last


BESIDE = 4
"""The picture is made longer by so much of its length at most, for an incident that began after the newest value."""


def _values(lines: Sequence[tuple[Series, list[tuple[datetime, float]]]]) -> Iterator[float]:
    for each, points in lines:
        yield from (value for _, value in points)
        if each.threshold is not None and math.isfinite(each.threshold):
            yield each.threshold


class _Plane:
    """Where an instant and a value stand in the picture. The values begin at 0 unless some are below."""

    def __init__(self, first: float, last: float, values: Sequence[float]) -> None:
        middle = (first + last) / 2
        self.first, self.last = (first, last) if last > first else (middle - 60, middle + 60)
        highest, self.low = max(*values, 0.0), min(*values, 0.0)
        reach = (highest - self.low) or 1.0
        raw = reach / 4
        scale = 10.0 ** math.floor(math.log10(raw))
        self.step = next(step * scale for step in STEPS if step * scale >= raw * 0.999)
        self.low = math.floor(self.low / self.step) * self.step
        self.high = max(math.ceil(highest / self.step), 1) * self.step

    def x(self, instant: float) -> float:
        return LEFT + (instant - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def _grid(plane: _Plane, unit: str) -> Iterator[str]:
    for number in range(round((plane.high - plane.low) / plane.step) + 1):
        value = plane.low + number * plane.step
        y = plane.y(value)
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{FAINT}">'
            f"{_number(value)}{_words(unit, 6)}</text>"
        )
    for part in range(5):
        instant = plane.first + part * (plane.last - plane.first) / 4
        at = datetime.fromtimestamp(instant, UTC)
        anchor = "start" if part == 0 else "end" if part == 4 else "middle"
        last = " UTC" if part == 4 else ""
        yield (
            f'<text x="{plane.x(instant):.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}" fill="{FAINT}">'
            f"{at:%H:%M}{last}</text>"
        )


def _mark(x: float, text: str, colour: str, y: float) -> Iterator[str]:
    anchor, beside = ("end", -4) if x > WIDTH * 0.7 else ("start", 4)
    yield (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{HEIGHT - BOTTOM}" stroke="{colour}" stroke-width="1.5"/>'
        f'<text x="{x + beside:.1f}" y="{y}" text-anchor="{anchor}" fill="{colour}">{_words(text, 26)}</text>'
    )


def _number(value: float) -> str:
    """`0.5`, `97`, `1.2k`, `3.4M`."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{value:.4g}"


def _words(text: str, longest: int = LONGEST) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return escape(printable if len(printable) <= longest else f"{printable[: longest - 1]}…")


def _answer_orders() -> None:
    """One picture for each order on standard input, until that ends."""
    to, back = sys.stdin.buffer, sys.stdout.buffer
    while head := to.read(SIZE):
        order: Order = pickle.loads(to.read(int.from_bytes(head)))  # noqa: S301 - the bot wrote it
        picture = draw(*order)
        back.write(len(picture).to_bytes(SIZE) + picture)
        back.flush()


if __name__ == "__main__":
    _answer_orders()
