"""An earlier incident that is like one that runs now, and what makes it so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.action_item import ActionItem


@dataclass(frozen=True, slots=True)
class EarlierIncident:
    """A public incident that is over. `findings` are its headlines of checks that found the same as those of the one
    that runs now but for its numbers; `actions` are its action items that are still open."""

    number: int
    title: str
    declared_at: datetime
    findings: Sequence[str] = ()
    has_same_title: bool = False
    has_same_playbook: bool = False
    actions: Sequence[ActionItem] = ()

    @property
    def reference(self) -> str:
        return f"INC-{self.number}"
