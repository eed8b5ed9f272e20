"""Effects that show a remediation and tell what came of it."""

from dataclasses import dataclass

from bot.domain.effects.base import ENSURED, OPENED, AboutIncident, Effect

CARD = "remediation:{incident}:{remediation}"


@dataclass(frozen=True, kw_only=True)
class PostRemediation(AboutIncident, key=CARD, after=OPENED, urgency=1):
    """Post the card of a remediation in the incident's channel."""

    remediation: int


@dataclass(frozen=True, kw_only=True)
class RefreshRemediation(
    AboutIncident,
    key="refresh-remediation:{remediation}:{change}",
    lane="refresh-remediation:{remediation}",
    after=CARD,
    urgency=1,
    coalesces=True,
):
    """Bring the card of a remediation up to date."""

    remediation: int
    change: str


@dataclass(frozen=True, kw_only=True)
class TellRequester(AboutIncident, key="remediation-told:{remediation}:{state}", urgency=2):
    """Tell who asked for a remediation, in a direct message, what came of it."""

    remediation: int
    state: str


@dataclass(frozen=True, kw_only=True)
class PageApprovers(AboutIncident, key="remediation-approvers:{remediation}", after=CARD, urgency=1):
    """Find out who may approve a remediation, and page each of them for its card."""

    remediation: int


@dataclass(frozen=True, kw_only=True)
class TellApprover(AboutIncident, key="remediation-approver:{remediation}:{person}:{what}", urgency=1):
    """Page an approver for a card (`what` is `page`), or tell them that it is carried out by one alone (`alone`)."""

    remediation: int
    person: str
    what: str


@dataclass(frozen=True, kw_only=True)
class TellOfBreakGlass(AboutIncident, key="break-glass:{remediation}", after=ENSURED, urgency=1):
    """Say in the incidents channel that one approver alone has a remediation carried out."""

    remediation: int
    channel_name: str


@dataclass(frozen=True, kw_only=True)
class TellOfRemediations(
    Effect, key="remediations-switched:{change}", lane="remediations-switched", after=ENSURED, urgency=2
):
    """Say in the incidents channel that remediations were switched off (`reason`), or on again by two."""

    channel_name: str
    is_on: bool
    people: tuple[str, ...]
    reason: str
    change: str
