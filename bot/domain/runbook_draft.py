"""What a runbook could learn from an incident, until somebody proposes it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.runbook_hunk import RunbookHunk, apply_hunks

MAX_HUNKS = 40
"""Changes of one draft: a form of Slack's has a hundred blocks."""


class DraftState(StrEnum):
    """Asked for, made, chosen by somebody; then at the code host, or not: the runbook moved, or the host refused."""

    ASKED = "asked"
    DRAFTED = "drafted"
    CHOSEN = "chosen"
    PROPOSED = "proposed"
    MOVED = "moved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How often a step was judged in many incidents, by its title: out of bounds, and in all."""

    title: str
    out_of_bounds: int
    count: int


@dataclass(frozen=True, slots=True)
class RunbookDraft:
    """See `runbook_draft` in the schema. `text` is the file that the hunks were made for."""

    id: int
    incident: int
    state: DraftState
    asked_by: str
    text: str = ""
    hunks: tuple[RunbookHunk, ...] = ()
    secrets: int = 0
    worse: int = 0
    chosen: tuple[int, ...] = ()
    chosen_by: str | None = None
    link: str = ""

    @property
    def chosen_hunks(self) -> tuple[RunbookHunk, ...]:
        """Those that somebody wants."""
        return tuple(hunk for place, hunk in enumerate(self.hunks) if place in self.chosen)

    @property
    def improved_text(self) -> str:
        """The file with them."""
        return apply_hunks(self.text, self.chosen_hunks)
