"""A finding's series as a picture: PNG, drawn in a process of its own.

The library holds Python's lock for the 40 ms that it draws: nobody would be answered meanwhile.
"""

import asyncio
import pickle
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from diagnostics.finding import Series
from diagnostics.glyphs import FONT, LACKING, drawable
from diagnostics.plane import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Plane, amount, clock, is_drawable

FAMILY = "DejaVu Sans"
ZOOM = 2.0
"""How many dots a point has: it is read on a phone."""

LETTER, ROW = 6.6, 13
"""How wide a letter is about, and how far two lines of words are apart."""

HALO = 'paint-order="stroke" stroke="#ffffff" stroke-width="3" stroke-linejoin="round"'
"""Words over lines stay readable."""

PAPER, INK, FAINT, GRID = "#ffffff", "#1d1c1d", "#616061", "#e6e6e6"
LINES = ("#1264a3", "#b07d00", "#6b3fa0", "#0b7a75")
LIMIT, START, MARK = "#c3291c", "#1d1c1d", "#0b7a75"
MOST_LINES, MOST_POINTS, MOST_MARKS, LONGEST, LONGEST_MARK = 4, 400, 6, 60, 26
SHORT = 4
"""Letters of a unit that has room at the edge; a longer one stands with the limit and in the words."""

TURNING = 0.7
"""From which part of the width on the words of an upright line stand before it."""

END = "</svg>"
NOTE = (
    f'<text x="{WIDTH - 4}" y="{HEIGHT - 2}" text-anchor="end" font-size="8" fill="{FAINT}">'
    f"{LACKING} letters that this picture's font does not have</text>"
)

WITHIN = 5.0
"""Seconds for a picture, its turn and the start of the process included: its finding waits for it."""

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

        Raises OSError when it cannot be drawn in time.
        """
        try:
            async with asyncio.timeout(WITHIN), self._one_at_a_time:
                try:
                    return await self._ask((tuple(series), title, began, tuple(marks)))
                except BaseException:
                    await self.aclose()  # its answer would be taken for the next one's
                    raise
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            raise OSError(f"no picture was drawn: {error!r}") from None

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

    told = "".join(_svg(series, title, began, marks))
    if LACKING in told:
        told = told.removesuffix(END) + NOTE + END
    picture: bytes = resvg_py.svg_to_bytes(
        svg_string=told,
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
        highest, lowest = (amount(of(value for _, value in points), each.unit) for of in (max, min))
        known = each.threshold is not None and is_drawable(each.threshold)
        limit = f"; limit {amount(each.threshold or 0.0, each.unit)}" if known else ""
        told.append(
            f"{each.name}: {amount(start, each.unit)} at {clock(first, last - first)}, {amount(end, each.unit)} at "
            f"{clock(last, last - first)} UTC, highest {highest}, lowest {lowest}{limit}"
        )
    return ". ".join(told)


def _points(series: Series) -> list[tuple[datetime, float]]:
    """What can be drawn."""
    return [(at.astimezone(UTC), value) for at, value in series.points if is_drawable(value)]


def _thinned(points: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
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


def _svg(
    series: Sequence[Series], title: str, began: datetime | None, marks: Sequence[tuple[datetime, str]]
) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FAMILY}" font-size="11">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
        f'<text x="{LEFT}" y="20" font-size="15" fill="{INK}">{_words(title)}</text>'
    )
    lines = [(each, _thinned(points)) for each in of_one_kind(series) if (points := _points(each))]
    if not lines:
        yield f'<text x="{LEFT}" y="{HEIGHT // 2}" fill="{FAINT}">no data</text>{END}'
        return
    instants = [at.timestamp() for _, points in lines for at, _ in points]
    limits = sorted({each.threshold or 0.0 for each, _ in lines if is_drawable(each.threshold)})
    values = [value for _, points in lines for _, value in points]
    plane = Plane(min(instants), _last(instants, began), [*values, *limits])
    unit = lines[0][0].unit
    yield from _grid(plane, unit)
    room, of = (WIDTH - LEFT - RIGHT) / len(lines), f", {unit}" if len(unit) > SHORT else ""
    for number, (each, points) in enumerate(lines):
        yield from _line(plane, points, LINES[number])
        yield (
            f'<rect x="{LEFT + room * number:.1f}" y="31" width="12" height="4" fill="{LINES[number]}"/>'
            f'<text x="{LEFT + 16 + room * number:.1f}" y="37" fill="{FAINT}">'
            f"{_words(each.name + of, int((room - 22) / LETTER))}</text>"
        )
    yield from _limits(plane, limits, unit)
    upright = [*_marks(plane, sorted((at.astimezone(UTC), text) for at, text in marks[:MOST_MARKS]))]
    if began is not None and plane.first <= began.timestamp() <= plane.last:
        upright.append(_mark(plane.x(began.timestamp()), "incident", START, HEIGHT - BOTTOM - 6))
    yield from (line for line, _ in upright)
    yield from (words for _, words in upright)
    yield END


def _line(plane: Plane, points: Sequence[tuple[datetime, float]], colour: str) -> Iterator[str]:
    places = [f"{plane.x(at.timestamp()):.1f},{plane.y(value):.1f}" for at, value in points]
    path = " ".join(places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2" stroke-linejoin="round"/>'
    if len(places) == 1:
        across, down = places[0].split(",")
        yield f'<circle cx="{across}" cy="{down}" r="3.5" fill="{colour}"/>'


def _limits(plane: Plane, limits: Sequence[float], unit: str) -> Iterator[str]:
    """From the lowest up; where two are near each other, the words of the upper one stand above those of the lower."""
    free = float(HEIGHT)
    for limit in limits:
        y = plane.y(limit)
        free = min(y - 4, free - ROW)
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LIMIT}" stroke-width="1.5" '
            f'stroke-dasharray="6 4"/><text x="{WIDTH - RIGHT - 2}" y="{free:.1f}" text-anchor="end" fill="{LIMIT}" '
            f"{HALO}>limit {_words(amount(limit, unit), LONGEST)}</text>"
        )


def _marks(plane: Plane, known: Sequence[tuple[datetime, str]]) -> Iterator[tuple[str, str]]:
    """Those in the picture; the words of one that begins where another's go on stand a row lower."""
    ends: list[float] = []
    for at, text in known:
        if not plane.first <= at.timestamp() <= plane.last:
            continue
        x, width = plane.x(at.timestamp()), LETTER * min(len(text), LONGEST_MARK) + 12
        begin = x - width if x > TURNING * WIDTH else x
        row = next((row for row, end in enumerate(ends) if end <= begin), len(ends))
        ends[row : row + 1] = [begin + width]
        yield _mark(x, text, MARK, TOP - 2 + ROW * row)


def _last(instants: Sequence[float], began: datetime | None) -> float:
    """Where the picture ends: at the newest value, or at the start of the incident where that is a little later."""
    last, start = max(instants), began.timestamp() if began is not None else 0.0
    return start if 0 <= start - last <= (last - min(instants)) / BESIDE else last


BESIDE = 4
"""The picture is made longer by so much of its length at most, for an incident that began after the newest value."""


def _grid(plane: Plane, unit: str) -> Iterator[str]:
    for value in plane.values():
        y = plane.y(value)
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{FAINT}">'
            f"{_words(amount(value, unit if len(unit) <= SHORT else ''), LONGEST)}</text>"
        )
    under = f'y="{HEIGHT - 12}" fill="{FAINT}"'
    yield f'<text x="{LEFT - 24}" {under} text-anchor="end">UTC</text>'
    span = timedelta(seconds=plane.last - plane.first)
    for instant in plane.instants():
        told = clock(datetime.fromtimestamp(instant, UTC), span)
        x = min(plane.x(instant), WIDTH - 4 - LETTER * len(told) / 2)
        yield f'<text x="{x:.1f}" {under} text-anchor="middle">{told}</text>'


def _mark(x: float, text: str, colour: str, y: float) -> tuple[str, str]:
    """An upright line, and its words: they are drawn after all the lines."""
    anchor, beside = ("end", -4) if x > TURNING * WIDTH else ("start", 4)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{HEIGHT - BOTTOM}" stroke="{colour}" stroke-width="1.5"/>',
        f'<text x="{x + beside:.1f}" y="{y}" text-anchor="{anchor}" fill="{colour}" {HALO}>'
        f"{_words(text, LONGEST_MARK)}</text>",
    )


def _words(text: str, longest: int = LONGEST) -> str:
    printable = drawable("".join(letter if letter.isprintable() else " " for letter in text))
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
