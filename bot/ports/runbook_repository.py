"""What a runbook could learn, and what it is learned from, as the database keeps it."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.runbook_draft import DraftState, RunbookDraft, StepRecord
from bot.domain.runbook_hunk import RunbookHunk


class RunbookRepository(Protocol):
    """What a transaction knows of it. The incident is locked by it."""

    async def add_runbook_draft(self, number: int, asked_by: str) -> int: ...
    async def lock_runbook_draft(self, id: int) -> RunbookDraft | None: ...
    async def fill_runbook_draft(
        self, id: int, text: str, hunks: Sequence[RunbookHunk], secrets: int, worse: int
    ) -> None: ...
    async def choose_hunks(self, id: int, chosen: Sequence[int], by: str) -> None: ...
    async def end_runbook_draft(self, id: int, state: DraftState, link: str = "") -> None: ...
    async def keep_typed_command(self, number: int, text: str) -> None:
        """A command of its room; each once."""

    async def list_typed_commands(self, number: int) -> Sequence[str]: ...
    async def drop_typed_commands(self, number: int) -> None: ...
    async def list_step_records(self, playbook: str) -> Sequence[StepRecord]:
        """How often each step of a playbook was out of bounds, over all incidents that count."""


class RunbookReader(Protocol):
    """What the store knows of it without changing it."""

    async def find_runbook_draft(self, id: int) -> RunbookDraft | None: ...
