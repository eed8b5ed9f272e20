"""Figures of status pages without a bot, for the bench, as JSON: what is doubled or lost at a provider that loses
answers, and how long a page of our own takes with many incidents."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.adapters.status_pages.atlassian import StatuspagePage
from bot.adapters.status_pages.incident_io import IncidentIoPage
from bot.adapters.status_pages.page_rules import RequestPace
from bot.domain.incident import Status
from bot.domain.public_page import PublicEntry, PublicIncident, PublicPage
from bot.domain.public_update import PageComponent, PageImpact
from bot.ports.publication_repository import PageAnswerLost, PublicText, StatusPage
from sandbox.provider_server import AFTER
from sandbox.status_pages.incident_io_api import IncidentIoStandIn
from sandbox.status_pages.provider_stand_in import ProviderStandIn
from sandbox.status_pages.statuspage_api import StatuspageStandIn
from templates.status_page import build_site

LOST, IN_AN_INCIDENT, UNBOUND = 0.2, 20, 1_000_000
COMPONENTS = 20


async def measure(updates: int, public: int) -> dict[str, float]:
    """By name: the wrong texts at each provider, the seconds of drawing our own page, the bytes of its front page."""
    statuspage, incident_io = StatuspageStandIn(per_minute=UNBOUND), IncidentIoStandIn(per_minute=UNBOUND)
    found: dict[str, float] = {}
    for stand_in, kind in ((statuspage, StatuspagePage), (incident_io, IncidentIoPage)):
        await stand_in.start()
        page = kind(stand_in.key, stand_in.page, stand_in.url, lambda: "bench", RequestPace(UNBOUND))
        try:
            found[page.title] = await _count_wrong(page, stand_in, updates)
        finally:
            await page.aclose()
            await stand_in.stop()
    return {**found, **_draw_own_page(public)}


async def _count_wrong(page: StatusPage, stand_in: ProviderStandIn, updates: int) -> int:
    """Publish so many texts; how many of them are not there exactly once, as texts and as mails."""
    chance = random.Random(7)  # noqa: S311 - always the same losses
    wanted: list[str] = []
    while len(wanted) < updates:
        text = PublicText(len(wanted), 1, 0, "", "API", Status.INVESTIGATING, "Begun", PageImpact.MAJOR)
        for place in range(min(IN_AN_INCIDENT, updates - len(wanted))):
            reading = [0] if text.incident_id else []
            stand_in.fail(*reading, AFTER if chance.random() < LOST else 0)
            try:
                posted = await page.publish(text)
            except PageAnswerLost:
                posted = await page.find(text) or await page.publish(text)
            wanted.append(text.text)
            text = replace(
                text,
                incident_id=posted.incident_id,
                status=Status.IDENTIFIED,
                text=f"Update {place}",
                known_ids=(*text.known_ids, posted.update_id),
            )
    there = [said for _, said in stand_in.read_texts()]
    return abs(len(there) - updates) + (there != wanted) + abs(len(stand_in.mails) - updates)


def _draw_own_page(count: int) -> dict[str, float]:
    """The whole page with so many incidents, and its front page."""
    now = datetime.now(UTC)
    parts = tuple(PageComponent("own", f"c{place}", f"Part {place}") for place in range(COMPONENTS))
    page = PublicPage(
        "Status", "https://status.example", parts, tuple(_build_incident(n, now) for n in range(count)), now
    )
    began = time.perf_counter()
    files: Mapping[str, bytes] = build_site(page)
    took = time.perf_counter() - began
    return {"seconds": took, "bytes": len(files["index.html"])}


def _build_incident(place: int, now: datetime) -> PublicIncident:
    """One a day with three texts; the newest five go on."""
    at = now - timedelta(days=place, hours=3)
    said = ((Status.INVESTIGATING, "major_outage"), (Status.MONITORING, "degraded_performance"))
    over = ((Status.RESOLVED, "operational"),) if place >= 5 else ()
    entries = tuple(
        PublicEntry(f"{place:012x}{n}", at + timedelta(hours=n), status, "A text. " * 40, {"c1": state})
        for n, (status, state) in enumerate((*said, *over))
    )
    return PublicIncident(f"{place:012x}", f"Payments fail, case {place}", PageImpact.MAJOR, entries)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]), int(sys.argv[2])))))
