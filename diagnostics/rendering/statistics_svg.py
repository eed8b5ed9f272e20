"""Draws statistics of incidents as one picture for a phone: when they began, and how long they took."""

from collections.abc import Sequence
from html import escape

from bot.domain.incident_statistics import DurationBar, StatisticsChart
from diagnostics.rendering.chart_font import replace_missing_glyphs
from diagnostics.rendering.chart_svg import FAINT, FAMILY, GRID, INK, PAPER, rasterise

WIDTH, EDGE = 480, 16
"""In points: a phone shows the picture nearly as large as it is."""

TITLE, SMALL, TINY = 17, 13, 11
BARS, LABELS, LEGEND = 150, 22, 26
ROW, HEADING = 22, 30
SEVERITY_WIDTH, WORDS_WIDTH = 40, 212
COLOURS = ("#c3291c", "#d97a00", "#1264a3", "#6f6f75", "#6b3fa0", "#0b7a75")
MOST_LABELS, MOST_LINES, LONGEST, WIDEST = 6, 6, 40, 40
LETTER = 7.4
"""How wide a small letter is about."""


def draw_statistics(chart: StatisticsChart) -> bytes:
    """The picture as a PNG."""
    parts, y = list[str](), EDGE + TITLE
    parts.append(_text(EDGE, y, chart.title, TITLE, INK))
    y = _draw_legend(parts, chart.severities, y + LEGEND)
    y = _draw_bars(parts, chart, y + 14)
    for heading, lines in chart.durations:
        y = _draw_durations(parts, heading, lines[:MOST_LINES], chart.severities, y)
    height = y + EDGE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="{FAMILY}">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
    )
    return rasterise(head + "".join(parts) + "</svg>")


def _draw_legend(parts: list[str], severities: Sequence[str], y: int) -> int:
    x = float(EDGE)
    for severity in severities:
        parts.append(_rect(x, y - 11, 12, 12, _colour(severities, severity)))
        parts.append(_text(x + 17, y, severity, SMALL, INK))
        x += 17 + LETTER * len(severity) + 18
    return y


def _draw_bars(parts: list[str], chart: StatisticsChart, top: int) -> int:
    """One stacked bar for each unit of time, with its count on top; labels below as far as they have room."""
    bottom, most = top + BARS, max((sum(counts) for _, counts in chart.bars), default=1)
    step = (WIDTH - 2 * EDGE) / max(1, len(chart.bars))
    parts.append(
        f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{bottom}" y2="{bottom}" stroke="{GRID}" stroke-width="1.5"/>'
    )
    every, wide = -(-len(chart.bars) // MOST_LABELS), min(step * 0.76, WIDEST)
    for place, (label, counts) in enumerate(chart.bars):
        x, y = EDGE + step * place, float(bottom)
        for severity, count in zip(chart.severities, counts, strict=True):
            tall = count / most * (BARS - SMALL - 6)
            y -= tall
            colour = _colour(chart.severities, severity)
            parts.append(_rect(x + (step - wide) / 2, y, wide, tall, colour))
        middle = x + step / 2
        if total := sum(counts):
            parts.append(_text(middle, y - 4, str(total), TINY if step < 20 else SMALL, INK, "middle"))
        if place % every == 0:
            parts.append(
                _text(max(middle, EDGE + LETTER * len(label) / 2), bottom + 17, label, TINY, FAINT, "middle")
            )
    return bottom + LABELS


def _draw_durations(
    parts: list[str], heading: str, lines: Sequence[DurationBar], severities: Sequence[str], y: int
) -> int:
    """For each severity the median as a bar, and up to p90 a lighter one."""
    y += HEADING
    parts.append(_text(EDGE, y, heading, SMALL + 1, INK))
    left, longest = EDGE + SEVERITY_WIDTH, max((line.p90 for line in lines), default=0) or 1
    room = WIDTH - left - WORDS_WIDTH - EDGE
    for line in lines:
        y += ROW
        colour = _colour(severities, line.severity)
        parts.append(_text(EDGE, y, line.severity[:5], SMALL, INK))
        for span, opacity in ((line.p90, 0.35), (line.median, 1)):
            wide = max(3.0, span / longest * room)
            parts.append(_rect(left, y - 11, wide, 13, colour, opacity))
        parts.append(_text(WIDTH - WORDS_WIDTH - EDGE + 8, y, line.words, SMALL, INK))
    return y


def _colour(severities: Sequence[str], severity: str) -> str:
    place = list(severities).index(severity) if severity in severities else len(COLOURS)
    return COLOURS[min(place, len(COLOURS) - 1)]


def _rect(x: float, y: float, wide: float, tall: float, colour: str, opacity: float = 1) -> str:
    placed = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}"'
    return f'<rect {placed} fill="{colour}" fill-opacity="{opacity}"/>'


def _text(x: float, y: float, words: str, size: int, colour: str, anchor: str = "start") -> str:
    told = replace_missing_glyphs("".join(letter if letter.isprintable() else " " for letter in words))
    told = told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
    placed = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {placed} fill="{colour}">{escape(told)}</text>'
