"""Reads what a post-incident review is made of."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.domain.incident import Incident
from bot.domain.review import ReviewRecords
from bot.runbook import find_review_headings
from bot.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class ReviewSource:
    """`headings` are those of the runbook's own template, `zone` is the team's; empty and None where there is none."""

    records: ReviewRecords
    headings: Sequence[str]
    zone: tzinfo | None


async def read_review(desk: ServiceContext, incident: Incident) -> ReviewSource:
    """As it stands now."""
    records, edition = await asyncio.gather(
        desk.store.find_review_records(incident.number), desk.store.edition(incident.edition)
    )
    headings = await asyncio.to_thread(_find_headings, edition) if edition else ()
    return ReviewSource(records, headings, ZoneInfo(desk.book.hours.zone) if desk.book.hours else None)


@lru_cache(maxsize=4)
def _find_headings(text: str) -> tuple[str, ...]:
    return find_review_headings(text)
