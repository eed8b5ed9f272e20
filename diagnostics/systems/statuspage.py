"""Any Atlassian Statuspage, such as status.razorpay.com: indicator, degraded components, open incidents.

Shapes: metastatuspage.com/api, summary.json.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Verdict
from bot.domain.playbook import HttpCall
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import check_response
from diagnostics.clients.response_parsing import (
    clean_line,
    format_span,
    guard_parsing,
    parse_instant,
    read_items,
    read_list,
)

PATH = re.compile(
    r"^/api/v2/(?:status|summary|components|incidents(?:/unresolved)?|scheduled-maintenances(?:/active)?)\.json$"
)
INDICATORS = {
    "none": Verdict.OK,
    "minor": Verdict.WARN,
    "maintenance": Verdict.WARN,
    "major": Verdict.BAD,
    "critical": Verdict.BAD,
}
COMPONENTS = {
    "operational": Verdict.OK,
    "under_maintenance": Verdict.WARN,
    "degraded_performance": Verdict.WARN,
    "partial_outage": Verdict.BAD,
    "major_outage": Verdict.BAD,
}
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)
MAX_ROWS = 12


@dataclass(frozen=True, slots=True)
class StatuspageIncident:
    """One that is open, or a maintenance under way; `since` is when it began."""

    name: str
    impact: str
    status: str
    since: datetime
    newest: str


@dataclass(frozen=True, slots=True)
class StatuspageSummary:
    """A status page. `components` are (name, status) of those that do not just work."""

    name: str
    indicator: str
    description: str
    components: tuple[tuple[str, str], ...]
    incidents: tuple[StatuspageIncident, ...]
    updated_at: datetime | None


def parse_summary(answer: Mapping[str, Any]) -> StatuspageSummary:
    """summary.json as a value. Raises what `guard_parsing` turns into words for any other shape."""
    parts = (part for part in read_list(answer["components"]) if not part.get("group"))
    troubled = sorted((part for part in parts if part["status"] != "operational"), key=_badness)
    planned = answer.get("scheduled_maintenances", ())
    under_way = (work for work in planned if work["status"] in ("in_progress", "verifying"))
    open_ones = [*read_items(answer["incidents"]), *under_way]
    updated = answer["page"].get("updated_at")
    return StatuspageSummary(
        clean_line(answer["page"]["name"]),
        clean_line(answer["status"]["indicator"]),
        clean_line(answer["status"]["description"]),
        tuple((clean_line(part["name"]), clean_line(part["status"])) for part in read_items(troubled)),
        tuple(_incident(given) for given in read_items(open_ones)),
        parse_instant(updated) if updated else None,
    )


def _badness(component: Mapping[str, Any]) -> int:
    return ORDER.index(COMPONENTS.get(component["status"], Verdict.WARN))


def _incident(given: Mapping[str, Any]) -> StatuspageIncident:
    updates: Sequence[Mapping[str, Any]] = given.get("incident_updates") or ({},)
    began = given.get("started_at") or given["created_at"]
    return StatuspageIncident(
        clean_line(given["name"]),
        clean_line(given.get("impact", "")),
        clean_line(given["status"]),
        parse_instant(began),
        clean_line(updates[0].get("body", "")),
    )


def interpret(seen: StatuspageSummary, question: CheckRequest) -> Finding:
    """The worst of indicator and components; an open incident is never fine."""
    verdicts = [INDICATORS.get(seen.indicator, Verdict.WARN), *(_verdict(part) for part in seen.components)]
    verdicts += [Verdict.WARN] if seen.incidents else []
    verdict = min(verdicts, key=ORDER.index)
    rows = [(name, status.replace("_", " "), "") for name, status in seen.components]
    rows += [
        (open_one.name, open_one.status.replace("_", " "), open_one.newest) for open_one in seen.incidents
    ]
    found = Finding(
        verdict,
        f"{seen.name} says: {seen.description.rstrip('.')}{_components(seen)}{_newest(seen, question.now)}.",
        question.now,
        measure=_measure(seen),
        marks=tuple((open_one.since, open_one.name) for open_one in seen.incidents[:MAX_ROWS]),
        aged="their page last changed",
    )
    if rows:
        heads = ("what", "state", "newest update")
        # A page without trouble is not old for having stood unchanged: it was read now.
        age = max(question.now - seen.updated_at, timedelta()) if seen.updated_at else None
        table = EvidenceTable(heads, tuple(rows[:MAX_ROWS]), max(0, len(rows) - MAX_ROWS))
        found = replace(found, table=table, age=age)
    if verdict is Verdict.BAD:
        look = "Only they can fix it: tell your customers, and switch to a fallback if you have one."
        suspect = Suspect("vendor", seen.name, "its own status page says so")
        found = replace(found, next_look=look, suspect=suspect)
    return found


def _verdict(component: tuple[str, str]) -> Verdict:
    return COMPONENTS.get(component[1], Verdict.WARN)


def _components(seen: StatuspageSummary) -> str:
    """The worst three, and how many more there are, as a part of the sentence."""
    if not seen.components:
        return ""
    worst = sorted(seen.components, key=lambda component: ORDER.index(_verdict(component)))
    told = ", ".join(f"{name} ({status.replace('_', ' ')})" for name, status in worst[:3])
    return f"; {told}" + (f" and {len(worst) - 3} more" if len(worst) > 3 else "")


def _newest(seen: StatuspageSummary, now: datetime) -> str:
    """The incident that began last, as a part of the sentence."""
    if not seen.incidents:
        return ""
    newest = max(seen.incidents, key=lambda open_one: open_one.since)
    return f"; “{newest.name}” has been open for {format_span(now - newest.since)}"


def _measure(seen: StatuspageSummary) -> str:
    if seen.indicator != "none":
        return seen.indicator
    number = len(seen.components) + len(seen.incidents)
    return f"{number} open" if number else "operational"


class Statuspage:
    """Made of the bot's HTTP client."""

    def __init__(self, web: HttpClient) -> None:
        self._web = web

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """The whole page, whichever part of it the runbook's own address shows."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        parts = urlsplit(call.url)
        base = f"{parts.scheme}://{parts.netloc}"
        answer = check_response(await self._web.ask("GET", f"{base}/api/v2/summary.json", by), has_key=False)
        with guard_parsing(call.url):
            seen = parse_summary(answer.json())
        return replace(interpret(seen, question), link=base)
