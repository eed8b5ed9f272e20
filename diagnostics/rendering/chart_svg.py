"""Draws a chart as SVG and PNG (series, limits, marks), and describes it in words."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from bot.domain.finding import ChartSeries
from diagnostics.rendering.chart_font import FONT, LACKING, replace_missing_glyphs
from diagnostics.rendering.chart_scale import (
    BOTTOM,
    HEIGHT,
    LEFT,
    LETTER,
    MAX_MARK_LENGTH,
    RIGHT,
    ROW,
    TOP,
    TURNING,
    WIDTH,
    ChartPlane,
    TextBox,
    deduplicate_marks,
    find_chart_end,
    find_free_row,
    format_amount,
    format_clock,
    is_drawable,
    place_beside,
    thin_out,
)

FAMILY = "DejaVu Sans"
ZOOM = 2.0
"""How many dots a point has: it is read on a phone."""

HALO = 'paint-order="stroke" stroke="#ffffff" stroke-width="3" stroke-linejoin="round"'
"""Words over lines stay readable."""

PAPER, INK, FAINT, GRID = "#ffffff", "#1d1c1d", "#616061", "#e6e6e6"
LINES = ("#1264a3", "#b07d00", "#6b3fa0", "#0b7a75")
LIMIT, START, MARK = "#c3291c", "#1d1c1d", "#0b7a75"
MOST_LINES, MOST_MARKS, LONGEST = 4, 6, 60
SHORT = 4
"""Letters of a unit that has room at the edge; a longer one stands with the limit and in the words."""

END = "</svg>"
NOTE = (
    f'<text x="{WIDTH - 4}" y="{HEIGHT - 2}" text-anchor="end" font-size="8" fill="{FAINT}">'
    f"{LACKING} letters that this picture's font does not have</text>"
)


def draw_chart(
    series: Sequence[ChartSeries], title: str, began: datetime | None, marks: Sequence[tuple[datetime, str]]
) -> bytes:
    """The picture at once: a PNG of WIDTH by HEIGHT points."""
    told = "".join(_svg(series, title, began, marks))
    if LACKING in told:
        told = told.removesuffix(END) + NOTE + END
    return rasterise(told)


def rasterise(told: str) -> bytes:
    """An SVG in this font as a PNG."""
    import resvg_py

    picture: bytes = resvg_py.svg_to_bytes(
        svg_string=told,
        zoom=ZOOM,
        skip_system_fonts=True,
        font_files=[str(FONT)],
        font_family=FAMILY,
    )
    return picture


def select_same_unit(series: Sequence[ChartSeries]) -> tuple[ChartSeries, ...]:
    """Those that fit on one scale: of the unit of the first that has a limit, else of the first."""
    first = next((line for line in series if line.threshold is not None), series[0] if series else None)
    return tuple(line for line in series if first is not None and line.unit == first.unit)[:MOST_LINES]


def describe_series(series: Sequence[ChartSeries]) -> str:
    """The picture in words, for who does not see it."""
    told = []
    for line in select_same_unit(series):
        points = _points(line)
        if not points:
            continue
        (first, start), (last, end) = points[0], points[-1]
        highest, lowest = (format_amount(of(value for _, value in points), line.unit) for of in (max, min))
        limit = (
            f"; limit {format_amount(line.threshold or 0.0, line.unit)}"
            if is_drawable(line.threshold)
            else ""
        )
        told.append(
            f"{line.name}: {format_amount(start, line.unit)} at {format_clock(first, last - first)}, "
            f"{format_amount(end, line.unit)} at "
            f"{format_clock(last, last - first)} UTC, highest {highest}, lowest {lowest}{limit}"
        )
    return ". ".join(told)


def _points(series: ChartSeries) -> list[tuple[datetime, float]]:
    """What can be drawn."""
    return [(at.astimezone(UTC), value) for at, value in series.points if is_drawable(value)]


def _svg(
    series: Sequence[ChartSeries], title: str, began: datetime | None, marks: Sequence[tuple[datetime, str]]
) -> Iterator[str]:
    drawn = [(line, thin_out(_points(line))) for line in select_same_unit(series)]
    lines = [(line, points) for line, points in drawn if points]
    shared = find_shared_beginning([line.name for line, _ in lines])
    headed = f"{title}: {shared}" if shared else title
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FAMILY}" font-size="11">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
        f'<text x="{LEFT}" y="20" font-size="15" fill="{INK}">{_words(headed)}</text>'
    )
    if not lines:
        yield f'<text x="{LEFT}" y="{HEIGHT // 2}" fill="{FAINT}">no data</text>{END}'
        return
    limits = sorted({line.threshold or 0.0 for line, _ in lines if is_drawable(line.threshold)})
    plane = _plane(lines, limits, began)
    unit = lines[0][0].unit
    yield from _grid(plane, unit)
    for number, (line, points) in enumerate(lines):
        yield from _line(plane, points, LINES[number])
        name = line.name.removeprefix(shared).strip()
        yield _legend(name + (f", {unit}" if len(unit) > SHORT else ""), number, len(lines))
    yield from _limits_and_uprights(plane, limits, unit, began, marks)
    yield END


def find_shared_beginning(names: Sequence[str]) -> str:
    """The words with which all of several names begin, so that each keeps some of its own: they stand in the title,
    where a legend would be cut before the names differ. Empty for a single name."""
    if len(names) < 2:
        return ""
    places = zip(*(name.split(" ")[:-1] for name in names), strict=False)
    shared = itertools.takewhile(lambda words: len(set(words)) == 1, places)
    return " ".join(words[0] for words in shared)


def _limits_and_uprights(
    plane: ChartPlane,
    limits: Sequence[float],
    unit: str,
    began: datetime | None,
    marks: Sequence[tuple[datetime, str]],
) -> Iterator[str]:
    """The lines of the limits and of what happened, then the words of all of them: no line goes through words, and no
    words stand in others."""
    limited = [*_limits(plane, limits, unit)]
    taken = [box for box, _, _ in limited]
    drawn = [(line, words) for _, line, words in limited]
    drawn += _marks(plane, deduplicate_marks(marks)[:MOST_MARKS], taken)
    if began is not None and plane.first <= began.timestamp() <= plane.last:
        x = plane.x(began.timestamp())
        drawn.append(
            _mark(x, "incident", START, find_free_row(x, "incident", HEIGHT - BOTTOM - 6, -ROW, taken))
        )
    yield from (line for line, _ in drawn)
    yield from (words for _, words in drawn)


def _plane(
    lines: Sequence[tuple[ChartSeries, Sequence[tuple[datetime, float]]]],
    limits: Sequence[float],
    began: datetime | None,
) -> ChartPlane:
    """Where all that is drawn has its place."""
    instants = [at.timestamp() for _, points in lines for at, _ in points]
    values = [value for _, points in lines for _, value in points]
    return ChartPlane(min(instants), find_chart_end(instants, began), [*values, *limits])


def _legend(name: str, number: int, count: int) -> str:
    """The name of one of so many lines, with its colour, above the picture."""
    room = (WIDTH - LEFT - RIGHT) / count
    return (
        f'<rect x="{LEFT + room * number:.1f}" y="31" width="12" height="4" fill="{LINES[number]}"/>'
        f'<text x="{LEFT + 16 + room * number:.1f}" y="37" fill="{FAINT}">'
        f"{_words(name, int((room - 22) / LETTER))}</text>"
    )


def _line(plane: ChartPlane, points: Sequence[tuple[datetime, float]], colour: str) -> Iterator[str]:
    places = [f"{plane.x(at.timestamp()):.1f},{plane.y(value):.1f}" for at, value in points]
    path = " ".join(places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2" stroke-linejoin="round"/>'
    if len(places) == 1:
        across, down = places[0].split(",")
        yield f'<circle cx="{across}" cy="{down}" r="3.5" fill="{colour}"/>'


def _limits(plane: ChartPlane, limits: Sequence[float], unit: str) -> Iterator[tuple[TextBox, str, str]]:
    """The line of each limit from the lowest up, and its words with their place; of two near each other, those of
    the upper one stand above those of the lower."""
    free, right = float(HEIGHT), float(WIDTH - RIGHT - 2)
    for limit in limits:
        y, told = plane.y(limit), f"limit {_words(format_amount(limit, unit), LONGEST)}"
        free = min(y - 4, free - ROW)
        yield (
            TextBox(right - LETTER * len(told), right, free),
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LIMIT}" stroke-width="1.5" '
            f'stroke-dasharray="6 4"/>',
            f'<text x="{right}" y="{free:.1f}" text-anchor="end" fill="{LIMIT}" {HALO}>{told}</text>',
        )


def _marks(
    plane: ChartPlane, known: Sequence[tuple[datetime, str]], limits: Sequence[TextBox]
) -> Iterator[tuple[str, str]]:
    """Those in the picture; the words of one that would stand in others stand a row lower."""
    taken = list(limits)
    for at, text in known:
        if not plane.first <= at.timestamp() <= plane.last:
            continue
        y = find_free_row(x := plane.x(at.timestamp()), text, TOP - 2, ROW, taken)
        taken.append(place_beside(x, text, y))
        yield _mark(x, text, MARK, y)


def _grid(plane: ChartPlane, unit: str) -> Iterator[str]:
    for value in plane.values():
        y = plane.y(value)
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{FAINT}">'
            f"{_words(format_amount(value, unit if len(unit) <= SHORT else ''), LONGEST)}</text>"
        )
    under = f'y="{HEIGHT - 12}" fill="{FAINT}"'
    yield f'<text x="{LEFT - 24}" {under} text-anchor="end">UTC</text>'
    span = timedelta(seconds=plane.last - plane.first)
    for instant in plane.instants():
        told = format_clock(datetime.fromtimestamp(instant, UTC), span)
        x = min(plane.x(instant), WIDTH - 4 - LETTER * len(told) / 2)
        yield f'<text x="{x:.1f}" {under} text-anchor="middle">{told}</text>'


def _mark(x: float, text: str, colour: str, y: float) -> tuple[str, str]:
    """An upright line, and its words: they are drawn after all the lines."""
    anchor, apart = ("end", -4) if x > TURNING * WIDTH else ("start", 4)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{HEIGHT - BOTTOM}" stroke="{colour}" stroke-width="1.5"/>',
        f'<text x="{x + apart:.1f}" y="{y}" text-anchor="{anchor}" fill="{colour}" {HALO}>'
        f"{_words(text, MAX_MARK_LENGTH)}</text>",
    )


def _words(text: str, longest: int = LONGEST) -> str:
    printable = replace_missing_glyphs("".join(letter if letter.isprintable() else " " for letter in text))
    return escape(printable if len(printable) <= longest else f"{printable[: longest - 1]}…")
