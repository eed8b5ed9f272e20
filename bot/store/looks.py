"""Runs of a playbook's steps and what they found: part of the `Transaction` port."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from bot.evidence import Look, Result, as_json
from bot.store.presence import LOOKS
from bot.store.rows import Row, result_of

KEPT = (
    *("place", "playbook", "line", "file", "title", "kind", "runs", "note"),
    *("verdict", "cause", "headline"),
)


class Looks:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    for_whom: set[str]

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def is_looking(
        self,
        number: int,
        scope: str,
        what: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> bool:
        asked = _asked(number, scope, what, step, inputs)
        return await self.one("is_looking", **asked) is not None

    async def add_look(
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
        asked = _asked(number, scope, what, step, inputs)
        await self._run("add_look", request=request, asked_by=asked_by, **asked)

    async def begin_look(self, look: int, results: Iterable[Result]) -> bool:
        rows = [{name: getattr(each, name) for name in KEPT} for each in results]
        return await self.one("add_results", look=look, results=Jsonb(rows)) is not None

    async def put_results(self, look: int, found: Iterable[tuple[Result, bytes | None]]) -> None:
        for each, chart in sorted(found, key=lambda pair: pair[0].place):  # the order of whoever stops a run
            await self._run(
                "put_result",
                look=look,
                place=each.place,
                verdict=each.verdict,
                cause=each.cause,
                headline=each.headline,
                measure=each.measure,
                digest=each.digest,
                detail=Jsonb(as_json(each.detail)),
                chart=chart,
                collected_at=each.collected_at,
            )

    async def end_look(self, look: int) -> bool:
        return await self.one("end_look", look=look) is not None

    async def stop_looks(self, number: int, said: str) -> Sequence[Look]:
        stopped = await self._all("stop_looks", incident=number, said=said)
        if stopped:
            self.for_whom.add(LOOKS)
        looks = []
        for each in stopped:
            row = await self.one("look", look=each["id"])
            assert row is not None
            looks.append(look_of(row, await self._all("results", look=each["id"]), ()))
        return looks


def _asked(
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


def look_of(row: Mapping[str, Any], results: Iterable[Row], before: Iterable[Row]) -> Look:
    """A look from its row and those of its results, and of those before it."""
    known = {each.step: each for each in map(result_of, before)}
    return Look(**row, results=tuple(map(result_of, results)), before=known)
