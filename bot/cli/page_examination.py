"""Looks at each status page that is set up, without a bot: whether something could be published there."""

from dataclasses import dataclass

from bot.adapters.database import PostgresStore
from bot.adapters.status_pages import StatusPageGateway
from bot.settings.remediation_settings import SystemSettings
from templates.status_page import build_site, find_content_type

UNUSED = "postgresql:///"
"""The pages are only looked at: the database behind them is not opened."""


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page by its title, and why nothing could be published there; empty when something could."""

    title: str
    why: str


async def examine_pages(settings: SystemSettings) -> list[PageLine]:
    """Each page in its order; nothing is published."""
    pages = StatusPageGateway.build(settings, PostgresStore(UNUSED), build_site, find_content_type)
    try:
        return [PageLine(page.title, await pages.explain_problem(page)) for page in pages.pages.values()]
    finally:
        await pages.aclose()
