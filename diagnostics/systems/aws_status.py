"""AWS's own status: the public feed of open events, for the regions that matter.

There is no document of the feed: its fields are those that AWS's own dashboard reads at
https://health.aws.amazon.com/public/currentevents, UTF-16 JSON. `status` is 0 over, 1 informational, 2 degraded and
3 disrupted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Verdict
from bot.domain.playbook import HttpCall
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import check_response
from diagnostics.clients.response_parsing import clean_line, format_span, guard_parsing, read_items

HOSTS = frozenset({"status.aws.amazon.com", "health.aws.amazon.com"})
FEED = "/public/currentevents"
LEVELS = {"0": Verdict.OK, "1": Verdict.WARN, "2": Verdict.WARN, "3": Verdict.BAD}
"""An informational event is suspicious while it is open: AWS begins with it when it looks into higher error rates."""

RESOLVED = "[RESOLVED]"
REGION = re.compile(r"-(?P<region>(?:[a-z]{2}(?:-gov|-iso[a-z]?)?)-[a-z]+-\d)$")
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)
MAX_ROWS = 10


@dataclass(frozen=True, slots=True)
class AwsStatusEvent:
    """One open event. `region` is empty for what is everywhere; `since` is when it began."""

    service: str
    region: str
    summary: str
    status: str
    since: datetime
    newest: str

    @property
    def is_resolved(self) -> bool:
        """Whether it is over; such a one may stand in the feed for a day."""
        return self.status == "0" or self.summary.upper().startswith(RESOLVED)

    @property
    def verdict(self) -> Verdict:
        """How it looks."""
        return Verdict.OK if self.is_resolved else LEVELS.get(self.status, Verdict.WARN)


def parse_events(answer: Sequence[Mapping[str, Any]]) -> tuple[AwsStatusEvent, ...]:
    """The feed as values."""
    return tuple(
        AwsStatusEvent(
            clean_line(item.get("service_name") or item["service"]),
            found["region"] if (found := REGION.search(str(item["service"]))) else "",
            clean_line(item["summary"]),
            str(item["status"]),
            datetime.fromtimestamp(int(item["date"]), UTC),
            clean_line(_log(item)[-1].get("message", "")),
        )
        for item in read_items(answer)
    )


def _log(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return event.get("event_log") or [{}]


def interpret(seen: Sequence[AwsStatusEvent], regions: frozenset[str], question: CheckRequest) -> Finding:
    """What is open in these regions or everywhere; what is open elsewhere is only counted."""
    near = [event for event in seen if not event.region or event.region in regions or not regions]
    open_near = [event for event in near if not event.is_resolved]
    return Finding(
        min((event.verdict for event in near), key=ORDER.index, default=Verdict.OK),
        _headline(seen, near, open_near, regions, question.now),
        question.now,
        measure=f"{len(open_near)} open",
        table=_table(near, question.now) if near else None,
        marks=tuple((event.since, event.summary) for event in open_near),
    )


def _headline(
    seen: Sequence[AwsStatusEvent],
    near: Sequence[AwsStatusEvent],
    open_near: Sequence[AwsStatusEvent],
    regions: frozenset[str],
    now: datetime,
) -> str:
    resolved = len(near) - len(open_near)
    over = f"; {resolved} resolved" if resolved else ""
    if open_near:
        return f"AWS says: {_worst(open_near, now)}{over}."
    far = sum(not event.is_resolved for event in seen)
    return f"AWS reports {_nothing(near, regions)}{over}" + (f"; {far} open elsewhere." if far else ".")


def _nothing(near: Sequence[AwsStatusEvent], regions: frozenset[str]) -> str:
    return f"{'nothing open' if near else 'nothing'} in {', '.join(sorted(regions)) or 'any region'}"


def _worst(open_near: Sequence[AwsStatusEvent], now: datetime) -> str:
    """The worst of the open events, and how many more there are."""
    worst = min(open_near, key=lambda event: ORDER.index(event.verdict))
    more = f", and {len(open_near) - 1} more" if len(open_near) > 1 else ""
    where = worst.region or "all regions"
    return f"{worst.service} in {where}, {_inside(worst.summary)}, for {format_span(now - worst.since)}{more}"


def _table(near: Sequence[AwsStatusEvent], now: datetime) -> EvidenceTable:
    worst_first = sorted(near, key=lambda event: ORDER.index(event.verdict))
    rows = tuple(
        (event.service, event.region or "all", event.summary, format_span(now - event.since), event.newest)
        for event in worst_first[:MAX_ROWS]
    )
    return EvidenceTable(("service", "region", "what", "for", "newest"), rows, max(0, len(near) - MAX_ROWS))


def _inside(summary: str) -> str:
    """A summary inside of a sentence: its first word small, unless it is a name (`API`, `Route 53`)."""
    first, _, rest = summary.rstrip(".").partition(" ")
    is_name = first[1:] != first[1:].lower() or rest[:1].isdigit()
    return summary.rstrip(".") if is_name else f"{first.lower()} {rest}".rstrip()


class AwsStatus:
    """Made of the bot's HTTP client and the regions that the team uses; with none, every region matters."""

    def __init__(self, web: HttpClient, regions: frozenset[str]) -> None:
        self._web, self._regions = web, regions

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """The feed, whichever page of AWS's status the runbook names."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        base = (
            "https://status.aws.amazon.com" if "status.aws" in call.url else "https://health.aws.amazon.com"
        )
        answer = check_response(await self._web.ask("GET", base + FEED, by), has_key=False)
        with guard_parsing(base):
            seen = parse_events(answer.json())
        found = interpret(seen, self._regions, question)
        return replace(found, link="https://health.aws.amazon.com/health/status")
