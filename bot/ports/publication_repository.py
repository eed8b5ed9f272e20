"""Public updates: as the database keeps them, and the status pages that show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.incident import Status
from bot.domain.public_page import PublicIncident
from bot.domain.public_standing import PublicStanding
from bot.domain.public_update import (
    PageComponent,
    PageImpact,
    PublicUpdate,
)


@dataclass(frozen=True, slots=True)
class PageIncident:
    """An incident as a page knows it: the provider's id of it, its address, and why nothing more is published there."""

    provider_id: str
    link: str = ""
    closed_there: str = ""


@dataclass(frozen=True, slots=True)
class PublicPromise:
    """What readers were promised, and how often the room was told that it is late."""

    promised_at: datetime
    notice_at: datetime
    stage: int


class PublicationRepository(Protocol):
    """What a transaction knows of public updates."""

    async def add_public_update(
        self,
        number: int,
        opening: int,
        status: Status,
        title: str,
        text: str,
        impact: PageImpact,
        components: Mapping[str, str],
        drafted_by: str,
    ) -> PublicUpdate:
        """Draft one; its incident is held by this transaction."""

    async def lock_public_update(self, id: int) -> PublicUpdate | None:
        """As it stands, held until this transaction ends; None when there is none."""

    async def change_public_update(self, id: int, **values: object) -> None:
        """Set columns of it; the word `"now"` for an instant means the database's now."""

    async def list_public_updates(self, number: int) -> Sequence[PublicUpdate]: ...
    async def outdate_public_updates(self, number: int, id: int) -> Sequence[int]:
        """Nobody can decide on the incident's other drafts any more. Gives those that this changed."""

    async def find_last_components(self, playbook: str) -> Mapping[str, str]:
        """What was chosen the last time with this playbook."""

    async def set_page_incident(
        self, number: int, page: str, opening: int, provider_id: str, link: str
    ) -> None: ...
    async def close_page_incident(
        self, number: int, page: str, opening: int, provider_id: str, why: str
    ) -> None:
        """Nothing more is published there, and why: somebody ended it at the provider."""

    async def add_public_post(
        self, update: int, page: str, provider_id: str = "", link: str = "", why: str = ""
    ) -> None: ...
    async def set_public_incident(self, number: int, promised_at: datetime | None, is_end: bool) -> None: ...
    async def find_public_standing(self, number: int) -> PublicStanding | None: ...
    async def list_due_public_promises(self, limit: int) -> Sequence[int]: ...
    async def find_due_public_promise(self, number: int) -> PublicPromise | None: ...
    async def set_public_notice(self, number: int, notice_at: datetime | None, stage: int) -> None: ...
    async def list_known_names(self, people: Iterable[str] | None = None) -> Sequence[str]:
        """What Slack calls these people, and their whole names; without any named, everybody whom Slack told about, as
        far as they are kept."""


class PublicationReader(Protocol):
    """What the store knows of public updates without changing them."""

    async def find_public_update(self, id: int) -> PublicUpdate | None: ...
    async def list_public_updates(self, number: int) -> Sequence[PublicUpdate]: ...
    async def find_page_incident(self, number: int, page: str, opening: int) -> PageIncident | None: ...
    async def read_public_incidents(self, page: str, update: int = 0) -> Sequence[PublicIncident]:
        """What is public at a page of our own, the newest first; with the text `update`, which goes out now."""


@dataclass(frozen=True, slots=True)
class PublicText:
    """One text as it goes to a page. `incident` and `opening` name its incident there for ever, `update` is our id of
    the text; `incident_id` is the provider's, empty before it was opened. `components` are states by the provider's
    ids, `known_ids` the provider's ids of what was published before. `may_exist` says that an earlier text had perhaps
    opened the incident, unknown to us."""

    incident: int
    opening: int
    update: int
    incident_id: str
    title: str
    status: Status
    text: str
    impact: PageImpact
    components: Mapping[str, str] = field(default_factory=dict)
    known_ids: tuple[str, ...] = ()
    may_exist: bool = False


@dataclass(frozen=True, slots=True)
class PostedText:
    """What a page has of a text: the provider's ids of its incident and of it, the incident's address, whether it was
    cut, and the names of the components that are under maintenance there and were left so."""

    incident_id: str
    update_id: str
    link: str = ""
    is_cut: bool = False
    in_maintenance: tuple[str, ...] = ()


class PageRefused(Exception):
    """The page says no, and would say it again: the text says why, as a sentence."""


class PageClosedThere(Exception):
    """Somebody resolved or deleted the incident at the provider: the text says which, as the end of a sentence."""


class PageBusy(Exception):
    """Nothing was done: again after `delay`."""

    def __init__(self, why: str, delay: timedelta = timedelta(seconds=5)) -> None:
        self.delay = delay
        super().__init__(why)


class PageAnswerLost(Exception):
    """No answer came: it may have been done, and is looked for before it is tried again."""


class StatusPage(Protocol):
    """One status page. Every method raises PageRefused, PageBusy or PageAnswerLost.

    A provider is accepted only with a `find` that tells surely whether a text is there already: what was not answered
    is looked for with it, and posted again only when it is not there. Where the provider takes a key of ours, the same
    again gives the first post, and `find` need not look for that one.
    """

    @property
    def name(self) -> str:
        """By which its rows are kept: `own`, `statuspage:kctbh9vrtdwd`."""

    @property
    def title(self) -> str:
        """What people call it."""

    async def find(self, text: PublicText) -> PostedText | None:
        """Whether this text is there already; raises PageClosedThere as `publish` does."""

    async def publish(self, text: PublicText) -> PostedText:
        """Open the incident with its first text, or add this one, with the states of its components. Before an update
        it is read how it stands there: raises PageClosedThere when people ended it at the provider."""

    async def list_components(self) -> Sequence[PageComponent]: ...
    async def examine(self) -> str:
        """Why nothing could be published, in a sentence; empty when all is well. Changes nothing."""

    async def aclose(self) -> None:
        """Release everything."""


class StatusPages(Protocol):
    """The pages that there are, by their names, and the components that were read of them last."""

    @property
    def pages(self) -> Mapping[str, StatusPage]: ...
    @property
    def components(self) -> Sequence[PageComponent]: ...


@dataclass(frozen=True, slots=True)
class NoStatusPages:
    """Where none is set."""

    pages: Mapping[str, StatusPage] = field(default_factory=dict)
    components: Sequence[PageComponent] = ()


NO_STATUS_PAGES = NoStatusPages()
