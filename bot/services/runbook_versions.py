"""The current version of the runbook, and the older ones that open incidents go by."""

from dataclasses import dataclass, field

from bot.domain.incident import Incident
from bot.ports import Store
from bot.runbook import Runbook, RunbookVersion, parse_runbook


@dataclass(slots=True)
class RunbookVersions:
    """The runbook in force, and the older ones that running incidents were declared with."""

    current: RunbookVersion
    store: Store
    _known: dict[str, Runbook] = field(default_factory=dict)

    def take(self, found: RunbookVersion) -> None:
        """Make a version the current one; the previous one is kept as it was parsed, for its incidents."""
        if found.sha != self.current.sha:
            self._known[self.current.sha] = self.current.runbook
        self.current = found

    async def of(self, incident: Incident) -> Runbook:
        """The runbook that was in force when the incident was declared."""
        sha = incident.edition
        if sha == self.current.sha:
            return self.current.runbook
        if sha not in self._known:
            text = await self.store.edition(sha)
            self._known[sha] = parse_runbook(text) if text is not None else self.current.runbook
        return self._known[sha]
