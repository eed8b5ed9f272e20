"""What a runbook could learn: part of the `Transaction` port."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from bot.adapters.database.row_mappers import Row, build_from_row
from bot.domain.runbook_draft import DraftState, RunbookDraft, StepRecord
from bot.domain.runbook_hunk import RunbookHunk

MOST_TYPED = 200
"""Commands of one room that are kept."""


class RunbookDraftQueries:
    """See `bot.ports.runbook_repository`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def add_runbook_draft(self, number: int, asked_by: str) -> int:
        row = await self.one("add_runbook_draft", incident=number, asked_by=asked_by)
        assert row is not None
        return int(row["id"])

    async def lock_runbook_draft(self, id: int) -> RunbookDraft | None:
        row = await self.one("lock_runbook_draft", id=id)
        return build_runbook_draft(row) if row else None

    async def fill_runbook_draft(
        self, id: int, text: str, hunks: Sequence[RunbookHunk], secrets: int, worse: int
    ) -> None:
        kept = Jsonb([asdict(hunk) for hunk in hunks])
        await self._run("fill_runbook_draft", id=id, text=text, hunks=kept, secrets=secrets, worse=worse)

    async def choose_hunks(self, id: int, chosen: Sequence[int], by: str) -> None:
        await self._run("choose_hunks", id=id, chosen=list(chosen), by=by)

    async def end_runbook_draft(self, id: int, state: DraftState, link: str = "") -> None:
        await self._run("end_runbook_draft", id=id, state=state.value, link=link)

    async def keep_typed_command(self, number: int, text: str) -> None:
        await self._run("keep_typed_command", incident=number, text=text, most=MOST_TYPED)

    async def list_typed_commands(self, number: int) -> Sequence[str]:
        return [row["text"] for row in await self._all("typed_commands", incident=number)]

    async def drop_typed_commands(self, number: int) -> None:
        await self._run("drop_typed_commands", incident=number)

    async def list_step_records(self, playbook: str) -> Sequence[StepRecord]:
        return [StepRecord(**row) for row in await self._all("step_records", playbook=playbook)]


def build_runbook_draft(row: Mapping[str, Any]) -> RunbookDraft:
    """A draft from its row."""
    hunks = tuple(
        RunbookHunk(**{**hunk, "added": tuple(hunk["added"]), "removed": tuple(hunk["removed"])})
        for hunk in row["hunks"]
    )
    return build_from_row(
        RunbookDraft, row, state=DraftState(row["state"]), hunks=hunks, chosen=tuple(row["chosen"])
    )
