"""Effects of what a runbook learns."""

from dataclasses import dataclass

from bot.domain.effects.base import OPENED, ROOM, AboutIncident


@dataclass(frozen=True, kw_only=True)
class DraftRunbook(
    AboutIncident, key="draft-runbook:{draft}", lane="runbook:{incident}", urgency=6, paging=True
):
    """Read the runbook where it stands, and write down what it could learn. It never waits for Slack."""

    draft: int


@dataclass(frozen=True, kw_only=True)
class PostRunbookDraft(AboutIncident, key="runbook-draft:{draft}", lane=ROOM, after=OPENED):
    """Show it in the incident's channel."""

    draft: int


@dataclass(frozen=True, kw_only=True)
class ProposeRunbook(
    AboutIncident, key="propose-runbook:{draft}", lane="runbook:{incident}", urgency=6, paging=True
):
    """Propose what somebody chose of it as a pull request."""

    draft: int
