"""Diagnostic runs and their results: part of the `Transaction` port."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from bot.adapters.database.replica_lock import LOOKS
from bot.adapters.database.row_mappers import Row, build_result
from bot.domain.diagnostic_run import DiagnosticRun, StepResult, dump_evidence, dump_suspect
from bot.domain.effects import Effect, PostEvidence

KEPT = (
    *("place", "playbook", "line", "file", "title", "kind", "runs", "note"),
    *("verdict", "cause", "headline"),
)


class DiagnosticRunQueries:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    for_whom: set[str]

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def is_run_active(
        self,
        number: int,
        scope: str,
        what: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> bool:
        asked = _build_run_values(number, scope, what, step, inputs)
        return await self.one("is_looking", **asked) is not None

    async def add_run(
        self,
        number: int,
        request: str,
        scope: str,
        what: str,
        asked_by: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        self.for_whom.add(LOOKS)
        asked = _build_run_values(number, scope, what, step, inputs)
        await self._run("add_look", request=request, asked_by=asked_by, **asked)

    async def list_unshown_runs(self, number: int) -> Sequence[int]:
        return [row["id"] for row in await self._all("unshown_looks", number=number)]

    async def begin_run(self, look: int, results: Iterable[StepResult]) -> bool:
        rows = [{name: getattr(result, name) for name in KEPT} for result in results]
        return await self.one("add_results", look=look, results=Jsonb(rows)) is not None

    async def save_results(self, look: int, found: Iterable[tuple[StepResult, bytes | None]]) -> None:
        # In the order of whoever stops a run, so that neither waits for the other for ever.
        for result, chart in sorted(found, key=lambda pair: pair[0].place):
            await self._run(
                "put_result",
                look=look,
                place=result.place,
                verdict=result.verdict,
                cause=result.cause,
                headline=result.headline,
                measure=result.measure,
                digest=result.digest,
                detail=Jsonb(dump_evidence(result.detail)),
                suspect=result.suspect and Jsonb(dump_suspect(result.suspect)),
                chart=chart,
                collected_at=result.collected_at,
            )

    async def stand_below(self, evidence: PostEvidence, kinds: Sequence[type[Effect]]) -> None:
        told = {"number": evidence.incident, "evidence": evidence.key, "alert": evidence.after}
        await self._run("stand_below", **told, kinds=[kind.__name__ for kind in kinds])

    async def end_run(self, look: int) -> bool:
        return await self.one("end_look", look=look) is not None

    async def stop_runs(self, number: int, said: str) -> Sequence[DiagnosticRun]:
        stopped = await self._all("stop_looks", incident=number, said=said)
        if stopped:
            self.for_whom.add(LOOKS)
        looks = []
        for stopped_run in stopped:
            row = await self.one("look", look=stopped_run["id"])
            assert row is not None
            looks.append(build_diagnostic_run(row, await self._all("results", look=stopped_run["id"]), ()))
        return looks


def _build_run_values(
    number: int, scope: str, what: str, step: tuple[str, int] | None, inputs: Mapping[str, str] | None
) -> dict[str, object]:
    file, line = step or ("", None)
    return {
        "incident": number,
        "scope": scope,
        "what": what,
        "file": file,
        "line": line,
        "inputs": Jsonb(dict(inputs or {})),
    }


def build_diagnostic_run(
    row: Mapping[str, Any], results: Iterable[Row], before: Iterable[Row]
) -> DiagnosticRun:
    """A look from its row and those of its results, and of those before it."""
    known = {result.step: result for result in map(build_result, before)}
    return DiagnosticRun(**row, results=tuple(map(build_result, results)), before=known)
