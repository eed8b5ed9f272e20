"""The statistics of incidents, short enough for a phone: a line for how many, one for each duration."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.domain.incident_statistics import DurationSpread, IncidentStatistics, SeverityStatistics
from bot.ports import SlackPayload
from bot.text.durations import format_duration
from templates.blocks import build_lines, build_message
from templates.spans import Bold, Line

DURATIONS = (("acknowledged", "acknowledge"), ("mitigated", "mitigate"), ("resolved", "resolve"))
"""What people read for each duration, and its name in the statistics."""


def render_statistics(found: IncidentStatistics) -> SlackPayload:
    """By severity, the drills at the end; never a median without its count."""
    days = found.period // timedelta(days=1)
    return _render(found, f" in {_count(days, 'day')}")


def render_digest(found: IncidentStatistics, month: str) -> SlackPayload:
    """The same for a month that is over, such as `November 2026`."""
    return _render(found, f" in {month}")


def _render(found: IncidentStatistics, when: str) -> SlackPayload:
    real = [row for row in found.rows if not row.is_drill]
    drills = [row for row in found.rows if row.is_drill]
    total = sum(row.count for row in real)
    head: Line = (
        Bold(f"{_count(total, 'incident')}{when}"),
        ". Times: the median, then p90, which nine of ten did not exceed; n is how many had it."
        if total
        else ".",
    )
    body = [
        head,
        *_render_rows(real),
        *_render_promises(real),
        *_render_actions(found),
        *_render_causes(found),
    ]
    if drills:
        body += [(Bold(f"{_count(sum(row.count for row in drills), 'drill')}, counted apart"),)]
        body += _render_rows(drills)
    return build_message(body, build_lines("statistics", *body))


def _render_rows(rows: Iterable[SeverityStatistics]) -> list[Line]:
    lines: list[Line] = []
    for row in rows:
        still_open = f", {row.still_open} still open" if row.still_open else ""
        corrected = f", {row.corrected} began earlier than declared" if row.corrected else ""
        lines.append((Bold(f"{row.severity}: {row.count}"), f"{still_open}{corrected}"))
        shown = ((word, getattr(row, name)) for word, name in DURATIONS)
        lines += [(f"    {word} {_describe(spread)}",) for word, spread in shown if spread.count]
    return lines


def _describe(spread: DurationSpread) -> str:
    assert spread.median is not None and spread.p90 is not None
    median, p90 = (format_duration(value.total_seconds()) for value in (spread.median, spread.p90))
    return f"{median}, p90 {p90} (n {spread.count})"


def _render_promises(rows: Sequence[SeverityStatistics]) -> list[Line]:
    kept, promised = sum(row.kept for row in rows), sum(row.promised for row in rows)
    return [(f"Promised status updates in time: {kept} of {promised}.",)] if promised else []


def _render_actions(found: IncidentStatistics) -> list[Line]:
    total = found.actions_done + found.actions_left
    if not total:
        return []
    return [
        (f"Action items: {found.actions_done} of {total} done, {found.actions_in_time} of them in time.",)
    ]


def _render_causes(found: IncidentStatistics) -> list[Line]:
    said = found.causes_said
    if not said:
        return []
    where = f"{_count(said, 'incident')} whose review says which"
    return [(f"A finding pointed at the cause in {found.causes_pointed} of {where}.",)]


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"
