"""Rules for Sentry issues: new ones of this incident first, then those more frequent than usual."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.domain.evidence import EvidenceTable
from bot.domain.finding import ChartSeries, Finding, TimeWindow, Verdict
from bot.domain.playbook import Threshold
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.clients.response_parsing import clean_line, format_span, parse_instant

PERIOD = timedelta(hours=1)
"""What is counted, and how long before the incident an issue may have begun to be one of its own."""

NEW = Limit(">", 0, 50, "events")
"""Events of a new issue in an hour."""

MEASURE = re.compile(r"event|sentry|issue", re.I)
TIMES, LEAST = 5, 20
"""A known issue spikes when it comes so many times as often as usual, and so often at least."""

DROPPED = Limit(">=", 10, None, "%")
"""From how many percent on events that Sentry did not take make its silence worth nothing."""

MOST_ROWS, YOUNG = 12, timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SentryIssue:
    """One issue; `count` and `users` of the last hour, `usual` events an hour before the incident, None if not told."""

    id: str
    title: str
    project: str
    count: int
    users: int
    first_seen: datetime
    usual: float | None = None
    hours: tuple[tuple[datetime, float], ...] = ()
    release: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class SentrySnapshot:
    """The unresolved issues of the last hour, the most frequent first; `cut` when there are more than were read.

    `taken` and `dropped` are the organisation's error events of the last hour; what is dropped (a quota, a limit of
    rate) is in no issue.
    """

    of: str
    issues: tuple[SentryIssue, ...]
    link: str
    cut: bool = False
    taken: int = 0
    dropped: int = 0


def parse_issue(told: Mapping[str, Any], before: datetime) -> SentryIssue:
    """One issue of the list; `before` is until when its frequency counts as usual. Texts are redacted here."""
    lifetime = told.get("lifetime") or {}
    counts = (told.get("stats") or {}).get("24h", ())
    hours = tuple((datetime.fromtimestamp(int(at), UTC), float(count)) for at, count in counts)
    link = str(told.get("permalink") or "")
    return SentryIssue(
        str(told["id"]),
        clean_line(told["title"]),
        clean_line((told.get("project") or {}).get("slug")),
        int(told["count"]),
        int(told.get("userCount") or 0),
        parse_instant(lifetime.get("firstSeen") or told["firstSeen"]),
        _usual_rate(hours, before),
        hours,
        link=link if urlsplit(link).scheme in ("http", "https") else "",
    )


def _usual_rate(hours: Sequence[tuple[datetime, float]], before: datetime) -> float | None:
    """How many events an hour has that ended before then; None when none is told."""
    usual = [count for at, count in hours if at + PERIOD <= before]
    return sum(usual) / len(usual) if usual else None


@dataclass(frozen=True, slots=True)
class _View:
    """What was seen, at `now`: `new` are the issues of this incident, the most frequent first, `spikes` those that come
    far more often than they used to; `allowed` is the limit for new ones."""

    seen: SentrySnapshot
    now: datetime
    began: datetime | None
    allowed: Limit
    new: list[SentryIssue]
    spikes: list[SentryIssue]

    @property
    def verdict_on_new(self) -> Verdict:
        return self.allowed.verdict(self.new[0].count) if self.new else Verdict.OK


def _new(its: _View) -> str:
    first = its.new[0]
    where = "in this incident" if its.began else "in the last hour"
    people = f", {first.users} people" if first.users else ""
    release = f", in {first.release}" if first.release else ""
    return f"New {where}: “{first.title}” {_times(first.count)} in the last hour{people}{release}"


def _more_new(its: _View) -> str:
    return f" {len(its.new) - 1} more new." if len(its.new) > 1 else ""


def _spike(its: _View) -> str:
    first = its.spikes[0]
    age = its.now - first.first_seen
    usual = f"{first.usual:.0f} an hour" + (f", first seen {format_span(age)} ago" if age < YOUNG else "")
    more = f" {len(its.spikes) - 1} more spike." if len(its.spikes) > 1 else ""
    return f"“{first.title}” came {_times(first.count)} in the last hour, usually {usual}.{more}"


def _describe_known(its: _View) -> str:
    issues = its.seen.issues
    number = f"{len(issues)}{' or more' * its.seen.cut} known issue{'s' * (len(issues) != 1)}"
    most = f"the most frequent {_times(issues[0].count)} in the last hour"
    return f"{number}, none new and none far above its usual; {most}."


RULES: tuple[Rule[_View], ...] = (
    Rule(
        lambda its: its.verdict_on_new is Verdict.BAD,
        Verdict.BAD,
        lambda its: f"{_new(its)} ({its.allowed.describe(Verdict.BAD)}).{_more_new(its)}",
    ),
    Rule(
        lambda its: its.verdict_on_new is Verdict.WARN,
        Verdict.WARN,
        lambda its: f"{_new(its)}.{_more_new(its)}",
    ),
    Rule(lambda its: its.spikes, Verdict.WARN, _spike),
    Rule(lambda its: its.seen.issues, Verdict.OK, _describe_known),
    Rule(always, Verdict.OK, lambda its: f"No unresolved issue of {its.seen.of} came in the last hour."),
)


def interpret(
    seen: SentrySnapshot, now: datetime, began: datetime | None, told: Iterable[Threshold] = ()
) -> Finding:
    """The judgement at `now`; `told` are the runbook's thresholds."""
    new = select_new_issues(seen.issues, now, began)
    spikes = [issue for issue in seen.issues if issue not in new and _is_spike(issue)]
    view = _View(seen, now, began, find_limit(told, MEASURE, NEW), new, spikes)
    verdict, said = judge(RULES, view)
    worst = () if verdict is Verdict.OK else (*new, *spikes)[:1]
    lost = _describe_loss(seen)
    if lost and verdict is Verdict.OK:
        verdict = Verdict.WARN
    return Finding(
        verdict,
        f"{said}{lost}",
        now,
        measure=f"{len(new)} new, {sum(issue.count for issue in seen.issues)} events/h",
        table=_table(view) if seen.issues else None,
        series=_list_series(worst),
        link=_find_link(worst) or seen.link,
        window=TimeWindow(now - PERIOD, now),
        next_look=_next_look(bool(worst), lost),
    )


def _find_link(worst: Sequence[SentryIssue]) -> str:
    return worst[0].link if worst else ""


def _list_series(worst: Sequence[SentryIssue]) -> tuple[ChartSeries, ...]:
    return tuple(ChartSeries(issue.title, issue.hours, "events") for issue in worst if len(issue.hours) > 1)


def _next_look(has_issue: bool, lost: str) -> str:
    if has_issue:
        return "Open the issue for its stack trace, and compare its release with the last deployment."
    return "Check Sentry's quota and the logs in its place." if lost else ""


def _describe_loss(seen: SentrySnapshot) -> str:
    """That Sentry did not take many of the events, as the end of what is said."""
    share = 100 * seen.dropped / max(1, seen.taken + seen.dropped)
    if seen.dropped < LEAST or DROPPED.verdict(share) is Verdict.OK:
        return ""
    return f" Sentry dropped {share:.0f}% of all events of that hour (a quota, a limit): there are more than it shows."


def select_new_issues(
    issues: Iterable[SentryIssue], now: datetime, began: datetime | None
) -> list[SentryIssue]:
    """Those that began shortly before the incident, or since; the most frequent first."""
    new = (issue for issue in issues if issue.first_seen >= (began or now) - PERIOD)
    return sorted(new, key=lambda issue: issue.count, reverse=True)


def _is_spike(issue: SentryIssue) -> bool:
    return issue.usual is not None and issue.count >= LEAST and issue.count >= TIMES * issue.usual


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _table(its: _View) -> EvidenceTable:
    """New ones first, then spikes, then the known ones."""
    known = [issue for issue in its.seen.issues if issue not in its.new and issue not in its.spikes]
    kinds = (("NEW", its.new), ("spike", its.spikes), ("known", known))
    rows = [_row(kind, issue, its.now) for kind, issues in kinds for issue in issues]
    heads = ("", "issue", "events/h", "users", "first seen", "release", "project")
    return EvidenceTable(heads, tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS))


def _row(kind: str, issue: SentryIssue, now: datetime) -> tuple[str, ...]:
    usual = "" if issue.usual is None else f" (usually {issue.usual:.0f})"
    return (
        kind,
        issue.title,
        f"{issue.count}{usual}",
        str(issue.users),
        f"{format_span(now - issue.first_seen)} ago",
        issue.release,
        issue.project,
    )
