"""Which status pages there are, by the settings, and what is read of them ahead."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.adapters.status_pages.folder import Folder
from bot.adapters.status_pages.own_page import NAME, BuildSite, OwnPage, PageHead, PagePlace
from bot.adapters.status_pages.served_page import ServedPage
from bot.domain.public_update import PageComponent
from bot.ports import Store
from bot.ports.publication_repository import PageAnswerLost, PageBusy, PageRefused, StatusPage
from bot.settings.remediation_settings import SystemSettings
from bot.settings.status_page_settings import SERVE, StatusPageSettings, split_component_names

log = logging.getLogger(__name__)

STATUSPAGE, INCIDENT_IO = "statuspage", "incidentio"

READ_EVERY_S = 60.0
"""Seconds between two readings of the components."""


def list_page_names(settings: StatusPageSettings) -> dict[str, str]:
    """The pages that the settings name, with what people call them. Nothing is asked."""
    named = {NAME: settings.status_name} if settings.status_page else {}
    if settings.statuspage_api_key is not None and settings.statuspage_page_id:
        named[f"{STATUSPAGE}:{settings.statuspage_page_id}"] = "Statuspage"
    if settings.incident_io_api_key is not None and settings.incident_io_page_id:
        named[f"{INCIDENT_IO}:{settings.incident_io_page_id}"] = "incident.io"
    return named


class StatusPageGateway:
    """The pages by their names; what components they have is read ahead, since a form cannot wait for it."""

    def __init__(self, pages: Sequence[StatusPage], served: ServedPage | None = None) -> None:
        self.pages: Mapping[str, StatusPage] = {page.name: page for page in pages}
        self.served = served
        self._components: dict[str, tuple[PageComponent, ...]] = {}

    @classmethod
    def build(
        cls,
        settings: SystemSettings,
        store: Store,
        build_site: BuildSite,
        content_type: Callable[[str], str],
    ) -> "StatusPageGateway":
        """By the settings."""
        pages: list[StatusPage] = []
        served = None
        if settings.status_page:
            components = split_component_names(settings.status_components)
            head = PageHead(settings.status_name, settings.status_url, components)
            own = OwnPage(store, head, build_site, _find_place(settings, content_type))
            served = ServedPage(own) if settings.status_page == SERVE else None
            pages.append(own)
        return cls([*pages, *_open_providers(settings, store)], served)

    @property
    def components(self) -> tuple[PageComponent, ...]:
        """What was read last, of all pages."""
        return tuple(component for name in self.pages for component in self._components.get(name, ()))

    async def read_components(self) -> Mapping[str, str]:
        """Read them anew; gives their names by their keys. What a page does not tell stays as it was."""
        for name, page in self.pages.items():
            try:
                self._components[name] = tuple(await page.list_components())
            except (PageRefused, PageBusy, PageAnswerLost) as error:
                log.warning("the components of the status page %s are not known: %s", page.title, error)
        return {component.key: component.name for component in self.components}

    async def explain_problem(self, page: StatusPage) -> str:
        """Why nothing could be published at a page, in a sentence; empty when something could."""
        try:
            return await page.examine()
        except (PageBusy, PageAnswerLost) as away:
            return str(away)

    async def report_problems(self) -> None:
        """What is wrong with a page, in the log."""
        for page in self.pages.values():
            if why := await self.explain_problem(page):
                log.warning("status page %s: %s", page.title, why)
            else:
                log.info("status page %s is ready", page.title)

    async def watch_components(self, names: dict[str, str]) -> None:
        """Say at the start what is wrong with a page, and read the components from time to time; `names` gets what they
        are called."""
        await self.report_problems()
        while self.pages:
            names.update(await self.read_components())
            await asyncio.sleep(READ_EVERY_S)

    async def aclose(self) -> None:
        for page in self.pages.values():
            await page.aclose()


def _open_providers(settings: StatusPageSettings, store: Store) -> Iterator[StatusPage]:
    """The pages at providers. What each needs is imported when it is set."""
    if settings.statuspage_api_key is not None and settings.statuspage_page_id:
        from bot.adapters.status_pages.atlassian import StatuspagePage

        key, id = settings.statuspage_api_key.get_secret_value(), settings.statuspage_page_id
        yield StatuspagePage(key, id, settings.statuspage_api_url, lambda: store.installation)
    if settings.incident_io_api_key is not None and settings.incident_io_page_id:
        from bot.adapters.status_pages.incident_io import IncidentIoPage

        key, id = settings.incident_io_api_key.get_secret_value(), settings.incident_io_page_id
        yield IncidentIoPage(key, id, settings.incident_io_api_url, lambda: store.installation)


def _find_place(settings: SystemSettings, content_type: Callable[[str], str]) -> PagePlace | None:
    if settings.status_page == SERVE:
        return None
    if settings.status_page.startswith("s3://"):
        from bot.adapters.status_pages.bucket import Bucket

        return Bucket(settings.status_page, settings.status_page_aws_role, content_type)
    return Folder(Path(settings.status_page))
