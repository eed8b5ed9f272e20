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
class TellOfRemediations(
    Effect, key="remediations-switched:{change}", lane="remediations-switched", after=ENSURED, urgency=2
):
    """Say in the incidents channel that remediations were switched off (`reason`), or on again by two."""

    channel_name: str
    is_on: bool
    people: tuple[str, ...]
    reason: str
    change: str
