"""What AWS itself says about its services: the public feed of open events, for the regions that matter.

There is no document of the feed: its fields are those that AWS's own dashboard reads at
https://health.aws.amazon.com/public/currentevents, UTF-16 JSON. `status` is 0 over, 1 informational, 2 degraded and
3 disrupted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.step import HttpCall
from diagnostics.answers import items, line, spoken, understood
from diagnostics.finding import Finding, Table, Verdict
from diagnostics.question import Question
from diagnostics.web import Web, checked

HOSTS = frozenset({"status.aws.amazon.com", "health.aws.amazon.com"})
FEED = "/public/currentevents"
LEVELS = {"0": Verdict.OK, "1": Verdict.WARN, "2": Verdict.WARN, "3": Verdict.BAD}
"""An informational event is suspicious while it is open: AWS begins with it when it looks into higher error rates."""

RESOLVED = "[RESOLVED]"
REGION = re.compile(r"-(?P<region>(?:[a-z]{2}(?:-gov|-iso[a-z]?)?)-[a-z]+-\d)$")
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)
MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Event:
    """One open event. `region` is empty for what is everywhere; `since` is when it began."""

    service: str
    region: str
    summary: str
    status: str
    since: datetime
    newest: str

    @property
    def verdict(self) -> Verdict:
        """How it looks; one that is over may stand in the feed for a while."""
        over = self.summary.upper().startswith(RESOLVED)
        return Verdict.OK if over else LEVELS.get(self.status, Verdict.WARN)


def events(answer: Sequence[Mapping[str, Any]]) -> tuple[Event, ...]:
    """The feed as values."""
    return tuple(
        Event(
            line(each.get("service_name") or each["service"]),
            found["region"] if (found := REGION.search(str(each["service"]))) else "",
            line(each["summary"]),
            str(each["status"]),
            datetime.fromtimestamp(int(each["date"]), UTC),
            line(_log(each)[-1].get("message", "")),
        )
        for each in items(answer)
    )


def _log(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return event.get("event_log") or [{}]


def interpret(seen: Sequence[Event], regions: frozenset[str], question: Question) -> Finding:
    """What is open in these regions or everywhere; what is open elsewhere is only counted."""
    near = [each for each in seen if not each.region or each.region in regions or not regions]
    far = len(seen) - len(near)
    where = ", ".join(sorted(regions)) or "any region"
    verdict = min((each.verdict for each in near), key=ORDER.index, default=Verdict.OK)
    if near:
        worst = min(near, key=lambda each: ORDER.index(each.verdict))
        more = f", and {len(near) - 1} more" if len(near) > 1 else ""
        said = (
            f"AWS says: {worst.service} in {worst.region or 'all regions'}, {worst.summary.rstrip('.').lower()}, "
            f"for {spoken(question.now - worst.since)}{more}."
        )
    else:
        said = f"AWS reports nothing in {where}" + (f"; {far} open elsewhere." if far else ".")
    rows = tuple(
        (each.service, each.region or "all", each.summary, spoken(question.now - each.since), each.newest)
        for each in sorted(near, key=lambda each: ORDER.index(each.verdict))
    )
    heads = ("service", "region", "what", "for", "newest")
    return Finding(
        verdict,
        said,
        question.now,
        measure=f"{len(near)} open",
        table=Table(heads, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS)) if rows else None,
        marks=tuple((each.since, each.summary) for each in near),
    )


class AwsStatus:
    """Made of the bot's HTTP client and the regions that the team uses; with none, every region matters."""

    def __init__(self, web: Web, regions: frozenset[str]) -> None:
        self._web, self._regions = web, regions

    async def look(self, question: Question, by: float) -> Finding:
        """The feed, whichever page of AWS's status the runbook names."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        base = (
            "https://status.aws.amazon.com" if "status.aws" in call.url else "https://health.aws.amazon.com"
        )
        answer = checked(await self._web.ask("GET", base + FEED, by))
        with understood(base):
            seen = events(answer.json())
        found = interpret(seen, self._regions, question)
        return replace(found, link="https://health.aws.amazon.com/health/status")
