"""What the picture of statistics shows, from the statistics."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from bot.domain.incident_statistics import (
    CountUnit,
    DurationBar,
    IncidentStatistics,
    SeverityStatistics,
    StatisticsChart,
)
from bot.ports import Block, SlackPayload
from bot.text.durations import format_duration
from templates.escaping import cut, escape_mrkdwn

HEADINGS = (
    ("acknowledge", "Time to acknowledge"),
    ("mitigate", "Time to mitigate"),
    ("resolve", "Time to resolve"),
)
MAX_ALT_LENGTH = 2000
"""Characters of the words for a picture in Slack."""


def build_chart(found: IncidentStatistics, when: str, today: date) -> StatisticsChart | None:
    """The picture of incidents of `when` ("in 90 days") up to a day; None where there was none. Drills are left out."""
    real = [row for row in found.rows if not row.is_drill]
    if not real or not found.counts:
        return None
    severities = [row.severity for row in real]
    bars = [
        (_label(begins, found.unit), [_count(found, begins, severity) for severity in severities])
        for begins in _list_units(found, today)
    ]
    durations = [(heading, _build_lines(real, name)) for name, heading in HEADINGS]
    shown = [(heading, lines) for heading, lines in durations if lines]
    shown[:1] = [(f"{heading}: median, p90", lines) for heading, lines in shown[:1]]
    total = sum(row.count for row in real)
    title = f"{total:,} incident{'' if total == 1 else 's'} {when}, by {found.unit}"
    return StatisticsChart(title, severities, bars, shown, _describe(title, bars, severities, shown))


def add_picture(message: SlackPayload, chart: StatisticsChart, file: str) -> SlackPayload:
    """The message with the picture, an uploaded file, in front."""
    return SlackPayload(message.text, (_build_image(chart, file), *message.blocks))


def render_picture(chart: StatisticsChart, file: str) -> SlackPayload:
    """The picture alone."""
    return SlackPayload(escape_mrkdwn(cut(chart.words, MAX_ALT_LENGTH)), (_build_image(chart, file),))


def _build_image(chart: StatisticsChart, file: str) -> Block:
    alt = cut(chart.words, MAX_ALT_LENGTH)
    return {"type": "image", "block_id": "statistics-picture", "slack_file": {"id": file}, "alt_text": alt}


def _list_units(found: IncidentStatistics, today: date) -> Iterator[date]:
    """The days on which the units begin, from the first with an incident to the last one; empty ones too."""
    begins = found.counts[0].begins
    while begins <= max(today, found.counts[-1].begins):
        yield begins
        begins = _next(begins, found.unit)


def _next(begins: date, unit: CountUnit) -> date:
    match unit:
        case CountUnit.WEEK:
            return begins + timedelta(weeks=1)
        case CountUnit.MONTH:
            return begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
        case CountUnit.YEAR:
            return begins.replace(year=begins.year + 1)


def _label(begins: date, unit: CountUnit) -> str:
    match unit:
        case CountUnit.WEEK:
            return f"{begins.day} {begins:%b}"
        case CountUnit.MONTH:
            return f"{begins:%b %y}"
        case CountUnit.YEAR:
            return str(begins.year)


def _count(found: IncidentStatistics, begins: date, severity: str) -> int:
    return sum(each.count for each in found.counts if (each.begins, each.severity) == (begins, severity))


def _build_lines(rows: Sequence[SeverityStatistics], name: str) -> list[DurationBar]:
    lines = []
    for row in rows:
        spread = getattr(row, name)
        if spread.count:
            median, p90 = spread.median.total_seconds(), spread.p90.total_seconds()
            words = f"{format_duration(median)}, {format_duration(p90)} (n {spread.count})"
            lines.append(DurationBar(row.severity, median, p90, words))
    return lines


def _describe(
    title: str,
    bars: Sequence[tuple[str, Sequence[int]]],
    severities: Sequence[str],
    durations: Sequence[tuple[str, Sequence[DurationBar]]],
) -> str:
    """The picture in words."""
    busiest = max(bars, key=lambda bar: sum(bar[1]))
    named = ", ".join(
        f"{count} {severity}" for severity, count in zip(severities, busiest[1], strict=True) if count
    )
    told = [title, f"Most from {busiest[0]} on: {named}"]
    for heading, lines in durations:
        told.append(
            f"{heading.partition(':')[0]}: " + "; ".join(f"{line.severity} {line.words}" for line in lines)
        )
    return ". ".join(told)
