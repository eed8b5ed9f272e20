"""Public updates: what customers are told of an incident on a status page. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.incident import Incident, IncidentRole, Status

WORST_PUBLIC_RANK = 1
"""Severities up to this place in the runbook (P0, P1) get a draft for customers when they are declared."""

CONFIRMATION = "publish anyway"
"""What a person types to publish words that are held back."""


class PublicState(StrEnum):
    """How far a public text came: a `seconded` one waits for a second person, an `accepted` one goes out, a `withheld`
    one stays inside, an `outdated` one was overtaken by a later text."""

    DRAFT = "draft"
    SECONDED = "seconded"
    ACCEPTED = "accepted"
    WITHHELD = "withheld"
    OUTDATED = "outdated"


UNDECIDED = (PublicState.DRAFT, PublicState.SECONDED)


class PageImpact(StrEnum):
    """How bad it is, as status pages say it, the least first."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class ComponentState(StrEnum):
    """How a component of a status page is, the best first."""

    OPERATIONAL = "operational"
    MAINTENANCE = "under_maintenance"
    DEGRADED = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"


STATE_OF_IMPACT: Mapping[PageImpact, ComponentState] = {
    PageImpact.NONE: ComponentState.OPERATIONAL,
    PageImpact.MINOR: ComponentState.DEGRADED,
    PageImpact.MAJOR: ComponentState.PARTIAL_OUTAGE,
    PageImpact.CRITICAL: ComponentState.MAJOR_OUTAGE,
}
"""What the chosen components are while an incident of this impact goes on."""

IMPACT_OF_RANK = (PageImpact.CRITICAL, PageImpact.MAJOR, PageImpact.MINOR)


def find_impact(rank: int | None) -> PageImpact:
    """The impact of a severity by its place in the runbook, 0 the worst; the least one for an unknown severity."""
    if rank is None or rank >= len(IMPACT_OF_RANK):
        return PageImpact.MINOR
    return IMPACT_OF_RANK[rank]


@dataclass(frozen=True, slots=True)
class PageComponent:
    """One component of a page: `page` names the page, `id` is the provider's."""

    page: str
    id: str
    name: str
    state: ComponentState = ComponentState.OPERATIONAL

    @property
    def key(self) -> str:
        """How it is known here: `own:api`."""
        return f"{self.page}:{self.id}"


@dataclass(frozen=True, slots=True)
class PublicPost:
    """A text at one page: the provider's id of it, where it stands, when; or `why` it could not be published."""

    page: str
    update: int
    provider_id: str = ""
    link: str = ""
    posted_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """One text for customers. `status`, `text`, `impact` and the states of `components` (by `PageComponent.key`) are
    what the page shows; `promised_at` is when it promises the next one. `accepted_by` are those who let it out, in
    their order. `opening` counts how often the incident was opened on the pages. An empty text is not drawn yet."""

    id: int
    incident: int
    number: int
    opening: int
    state: PublicState
    status: Status
    title: str
    text: str
    impact: PageImpact
    drafted_by: str
    drafted_at: datetime
    components: Mapping[str, str] = field(default_factory=dict)
    accepted_by: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    promised_at: datetime | None = None
    posts: tuple[PublicPost, ...] = ()

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @property
    def is_out(self) -> bool:
        return self.state is PublicState.ACCEPTED

    def list_components(self, page: str) -> dict[str, str]:
        """The states of one page's components by the provider's ids."""
        start = f"{page}:"
        return {
            key.removeprefix(start): state for key, state in self.components.items() if key.startswith(start)
        }


def list_publishers(incident: Incident, roles: Mapping[IncidentRole, str]) -> dict[str, str]:
    """Who may publish, by what they are: the communications lead, the commander, the deputy."""
    held = {
        "communications lead": roles.get(IncidentRole.COMMUNICATIONS, ""),
        "commander": incident.commander,
        "deputy": roles.get(IncidentRole.DEPUTY, ""),
    }
    return {what: person for what, person in held.items() if person}


def find_first_publisher(incident: Incident, roles: Mapping[IncidentRole, str]) -> str:
    """Who is asked to publish: the communications lead, else the commander."""
    return roles.get(IncidentRole.COMMUNICATIONS) or incident.commander


def explain_not_public(incident: Incident, has_page: bool) -> str:
    """Why nothing of an incident is ever published, in a sentence; empty when it may be."""
    if not has_page:
        return "There is no status page: set TOCSIN_STATUS_PAGE or a provider's key. Nothing was published."
    if incident.private:
        return f"{incident.reference} is private: nothing of it is ever published. Nothing was published."
    return ""


def restore_components(earlier: Iterable[PublicUpdate]) -> dict[str, str]:
    """Every component that an earlier text had changed, working again."""
    touched = {key for update in earlier for key in update.components}
    return dict.fromkeys(sorted(touched), ComponentState.OPERATIONAL.value)


def select_current_opening(updates: Sequence[PublicUpdate]) -> tuple[int, list[PublicUpdate]]:
    """Which opening the next text belongs to, and the texts of it that were let out."""
    out = [update for update in updates if update.is_out]
    opening = 1 + sum(update.status is Status.RESOLVED for update in out)
    return opening, [update for update in out if update.opening == opening]
