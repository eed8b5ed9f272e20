"""Tocsin's own status page: drawn whole from what was let out, and put where it is read."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.domain.public_page import PublicPage, build_public_token
from bot.domain.public_update import PageComponent
from bot.ports import Store
from bot.ports.publication_repository import PostedText, PublicText

NAME = "own"
LISTED = "api/v2/incidents.json"
BuildSite = Callable[[PublicPage], Mapping[str, bytes]]


class PagePlace(Protocol):
    """Where the files go. Its methods block, and raise PageBusy or PageRefused."""

    def read(self, name: str) -> bytes | None: ...
    def write(self, files: Mapping[str, bytes]) -> None: ...
    def examine(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PageHead:
    """What the page is called, its public address (empty where none is set), and the names of its components."""

    name: str
    url: str
    components: tuple[str, ...]

    def list_components(self) -> tuple[PageComponent, ...]:
        """The components by ids that follow from their names."""
        return tuple(PageComponent(NAME, build_component_id(name), name) for name in self.components)


def build_component_id(name: str) -> str:
    """`Web shop` is `web-shop`; letters of other scripts stay."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()) or "-"


class OwnPage:
    """The StatusPage port. What is published is always the whole page, so that the same again changes nothing."""

    name = NAME

    def __init__(self, store: Store, head: PageHead, build: BuildSite, place: PagePlace | None) -> None:
        """Without a place it is drawn when it is read (`serve`)."""
        self._store, self._head, self._build, self._place = store, head, build, place

    @property
    def title(self) -> str:
        return self._head.name

    async def find(self, text: PublicText) -> PostedText | None:
        """Looked for in the list of incidents that stands there."""
        if self._place is None:
            return None
        listed = await asyncio.to_thread(self._place.read, LISTED)
        if listed is None:
            return None
        posted = self._describe(text)
        found = [
            update["id"]
            for incident in json.loads(listed)["incidents"]
            for update in incident["incident_updates"]
        ]
        return posted if posted.update_id in found else None

    async def publish(self, text: PublicText) -> PostedText:
        if self._place is not None:
            files = await self.draw(text.update)
            await asyncio.to_thread(self._place.write, files)
        return self._describe(text)

    async def draw(self, update: int = 0) -> Mapping[str, bytes]:
        """The page's files as they are to be, with the text `update` that goes out now."""
        incidents = await self._store.read_public_incidents(NAME, update)
        page = PublicPage(
            self._head.name,
            self._head.url,
            self._head.list_components(),
            tuple(incidents),
            datetime.now(UTC),
        )
        return await asyncio.to_thread(self._build, page)

    def _describe(self, text: PublicText) -> PostedText:
        token = build_public_token(self._store.installation, text.incident, text.opening)
        link = f"{self._head.url}/incidents/{token}.html" if self._head.url else ""
        return PostedText(token, f"{token}{text.update:x}", link)

    async def list_components(self) -> Sequence[PageComponent]:
        return self._head.list_components()

    async def examine(self) -> str:
        return await asyncio.to_thread(self._place.examine) if self._place is not None else ""

    async def aclose(self) -> None:
        """Nothing is held."""
