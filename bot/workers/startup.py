"""A start: what the services share, and the record of what the start causes."""

import asyncio
import logging
from collections.abc import Sequence

from bot.adapters.database import PostgresStore
from bot.adapters.database_startup import TRY_EVERY, wait_until_usable
from bot.adapters.repositories import build_rules
from bot.adapters.status_pages import list_page_names
from bot.contacts import ContactBook
from bot.domain.remediation import parse_enabled_kinds
from bot.errors import DatabaseUnavailable
from bot.services import RunbookVersions, ServiceContext, Unreached, run_startup
from bot.settings import DEFAULT_CHANNEL, Settings

log = logging.getLogger(__name__)


async def record_start(desk: ServiceContext, told: Sequence[Unreached]) -> bool:
    """What a start causes is recorded; not while the database takes no changes."""
    try:
        await run_startup(desk, told)
    except DatabaseUnavailable as away:
        log.warning("starting without the database: it %s", away.why)
        return False
    return True


async def record_start_later(
    address: str, store: PostgresStore, desk: ServiceContext, told: Sequence[Unreached]
) -> None:
    """As soon as the database that was away at the start is there."""
    log.warning("starting without the database: it %s", store.away)
    while True:
        await wait_until_usable(address, store)
        if await record_start(desk, told):
            log.info("connected to the database; everything is recorded from now on")
            return
        await asyncio.sleep(TRY_EVERY)


def build_service_context(
    settings: Settings, store: PostgresStore, editions: RunbookVersions, book: ContactBook
) -> ServiceContext:
    """What the services share, by the settings, the runbook in use and the contacts file."""
    runbook = editions.current.runbook
    return ServiceContext(
        store=store,
        runbook_versions=editions,
        channel_name=settings.channel or runbook.war_room or DEFAULT_CHANNEL,
        contacts=book.merge_page_handles(runbook.contacts),
        update_every=settings.update_every,
        call_url=settings.call_url,
        book=book,
        check_in_after=settings.still_on_it,
        remediations=parse_enabled_kinds(settings.remediations)[0],
        aws_place=settings.find_aws_place(),
        status_pages=list_page_names(settings),
        status_approvals=settings.status_approval,
        proposes=build_rules(settings),
        tracker=settings.tracker if settings.tracker_token else "",
        tracks_private=settings.tracker_private,
    )
