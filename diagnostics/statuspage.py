"""Any Atlassian Statuspage, such as status.razorpay.com: its indicator, what does not work, open incidents.

Shapes: metastatuspage.com/api, summary.json.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.step import HttpCall
from diagnostics.answers import instant, items, line, listed, spoken, understood
from diagnostics.finding import Finding, Table, Verdict
from diagnostics.question import Question
from diagnostics.web import Web, checked

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
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Incident:
    """One that is open, or a maintenance under way; `since` is when it began."""

    name: str
    impact: str
    status: str
    since: datetime
    newest: str


@dataclass(frozen=True, slots=True)
class Page:
    """A status page. `components` are (name, status) of those that do not just work."""

    name: str
    indicator: str
    description: str
    components: tuple[tuple[str, str], ...]
    incidents: tuple[Incident, ...]
    updated_at: datetime | None


def page(answer: Mapping[str, Any]) -> Page:
    """summary.json as a value. Raises what `understood` turns into words for any other shape."""
    troubled = [
        each
        for each in listed(answer["components"])
        if not each.get("group") and each["status"] != "operational"
    ]
    open_ones = [
        *items(answer["incidents"]),
        *(
            each
            for each in answer.get("scheduled_maintenances", ())
            if each["status"] in ("in_progress", "verifying")
        ),
    ]
    updated = answer["page"].get("updated_at")
    return Page(
        line(answer["page"]["name"]),
        line(answer["status"]["indicator"]),
        line(answer["status"]["description"]),
        tuple((line(each["name"]), line(each["status"])) for each in items(sorted(troubled, key=_badness))),
        tuple(_incident(each) for each in items(open_ones)),
        instant(updated) if updated else None,
    )


def _badness(component: Mapping[str, Any]) -> int:
    return ORDER.index(COMPONENTS.get(component["status"], Verdict.WARN))


def _incident(given: Mapping[str, Any]) -> Incident:
    updates: Sequence[Mapping[str, Any]] = given.get("incident_updates") or ({},)
    began = given.get("started_at") or given["created_at"]
    return Incident(
        line(given["name"]),
        line(given.get("impact", "")),
        line(given["status"]),
        instant(began),
        line(updates[0].get("body", "")),
    )


def interpret(seen: Page, question: Question) -> Finding:
    """The worst of indicator and components; an open incident is never fine."""
    verdict = min(
        (
            INDICATORS.get(seen.indicator, Verdict.WARN),
            *(COMPONENTS.get(status, Verdict.WARN) for _, status in seen.components),
            *((Verdict.WARN,) if seen.incidents else ()),
        ),
        key=ORDER.index,
    )
    said = f"{seen.name} says: {seen.description.rstrip('.')}"
    if seen.components:
        worst = sorted(seen.components, key=lambda each: ORDER.index(COMPONENTS.get(each[1], Verdict.WARN)))
        told = ", ".join(f"{name} ({status.replace('_', ' ')})" for name, status in worst[:3])
        said += f"; {told}" + (f" and {len(worst) - 3} more" if len(worst) > 3 else "")
    if seen.incidents:
        newest = max(seen.incidents, key=lambda each: each.since)
        said += f"; “{newest.name}” is open for {spoken(question.now - newest.since)}"
    rows = [(name, status.replace("_", " "), "") for name, status in seen.components]
    rows += [(each.name, each.status.replace("_", " "), each.newest) for each in seen.incidents]
    return Finding(
        verdict,
        f"{said}.",
        question.now,
        measure=seen.indicator
        if seen.indicator != "none"
        else f"{len(rows)} open"
        if rows
        else "operational",
        table=Table(
            ("what", "state", "newest update"), tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS)
        )
        if rows
        else None,
        marks=tuple((each.since, each.name) for each in seen.incidents[:MOST_ROWS]),
        # A page without trouble is not old for having stood unchanged: it was read now.
        age=max(question.now - seen.updated_at, timedelta()) if seen.updated_at and rows else None,
        aged="their page last changed",
        next_look="It is theirs to mend: tell your customers, and switch to a fallback if you have one."
        if verdict is Verdict.BAD
        else "",
    )


class Statuspage:
    """Made of the bot's HTTP client."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def look(self, question: Question, by: float) -> Finding:
        """The whole page, whichever part of it the runbook's own address shows."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        parts = urlsplit(call.url)
        base = f"{parts.scheme}://{parts.netloc}"
        answer = checked(await self._web.ask("GET", f"{base}/api/v2/summary.json", by))
        with understood(call.url):
            seen = page(answer.json())
        return replace(interpret(seen, question), link=base)
