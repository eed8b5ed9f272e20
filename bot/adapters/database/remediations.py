"""Remediations: part of the `Transaction` port."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.abc import Query
from psycopg.types.json import Jsonb

from bot.adapters.database.replica_lock import REMEDIATIONS
from bot.adapters.database.row_mappers import Row, build_from_row
from bot.domain.remediation import Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Plan, dump_plan, parse_plan
from bot.ports.remediation import RemediationSwitch

NOW = "now"


class RemediationQueries:
    """See `bot.ports.remediation`. The statements are run by the class that inherits this one."""

    for_whom: set[str]

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    def _add(self, query: Query, values: Mapping[str, object] | None = None) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def add_remediation(
        self,
        number: int,
        request: str,
        kind: RemediationKind,
        parameters: Mapping[str, str],
        asked_by: str,
        *,
        reason: str = "",
        is_by_hand: bool = False,
        is_drill: bool = False,
        undo_of: int | None = None,
    ) -> Remediation:
        self.for_whom.add(REMEDIATIONS)
        row = await self.one(
            "add_remediation",
            incident=number,
            request=request,
            kind=kind.value,
            parameters=Jsonb(dict(parameters)),
            asked_by=asked_by,
            reason=reason,
            is_by_hand=is_by_hand,
            is_drill=is_drill,
            undo_of=undo_of,
        )
        assert row is not None
        return build_remediation(row)

    async def lock_remediation(self, id: int) -> Remediation | None:
        row = await self.one("lock_remediation", id=id)
        return build_remediation(row) if row else None

    async def change_remediation(self, id: int, **values: object) -> None:
        self.for_whom.add(REMEDIATIONS)
        pairs = [
            sql.SQL("{} = now()").format(sql.Identifier(name))
            if value is NOW
            else sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
            for name, value in values.items()
        ]
        query = sql.SQL("update remediation set {} where id = %(id)s").format(sql.SQL(", ").join(pairs))
        self._add(query, {**{name: _dump(value) for name, value in values.items()}, "id": id})

    async def list_remediations(self, number: int) -> Sequence[Remediation]:
        return [build_remediation(row) for row in await self._all("remediations_of", incident=number)]

    async def find_open_remediation(self, target: str) -> Remediation | None:
        row = await self.one("open_remediation_of_target", target=target)
        return build_remediation(row) if row else None

    async def find_last_settled(self, target: str) -> datetime | None:
        row = await self.one("last_settled_of_target", target=target)
        return row["at"] if row else None

    async def lock_unbegun_remediations(self, number: int | None) -> Sequence[Remediation]:
        return [build_remediation(row) for row in await self._all("unbegun_remediations", incident=number)]

    async def list_expired_remediations(self, limit: int) -> Sequence[int]:
        return [row["id"] for row in await self._all("expired_remediations", limit=limit)]

    async def find_remediation_switch(self, hold: bool = False) -> RemediationSwitch:
        if hold:
            await self._run("hold_remediation_switch")
        return build_switch(await self.one("remediation_switch"))

    async def set_remediation_switch(
        self, is_on: bool, person: str, reason: str = "", wanted_by: str = ""
    ) -> None:
        self.for_whom.add(REMEDIATIONS)
        await self._run(
            "set_remediation_switch", person=person, is_on=is_on, reason=reason, agreed_by=wanted_by or None
        )

    async def find_run(self, request: str) -> tuple[int, bool] | None:
        row = await self.one("run_of_request", request=request)
        return (row["id"], row["ended_at"] is not None) if row else None


def _dump(value: object) -> object:
    if isinstance(value, Plan):
        return Jsonb(dump_plan(value))
    return Jsonb(dict(value)) if isinstance(value, Mapping) else value


def build_remediation(row: Mapping[str, Any]) -> Remediation:
    """A remediation from a row of its table."""
    return build_from_row(
        Remediation,
        row,
        kind=RemediationKind(row["kind"]),
        state=RemediationState(row["state"]),
        plan=parse_plan(row["plan"]) if row["plan"] else None,
    )


def can_build_remediation(row: Mapping[str, Any]) -> bool:
    """Whether this version knows its kind and state: a newer one beside it may have written others."""
    return row["kind"] in set(RemediationKind) and row["state"] in set(RemediationState)


def build_switch(row: Mapping[str, Any] | None) -> RemediationSwitch:
    """The switch from its last row; without one it is on."""
    if row is None:
        return RemediationSwitch()
    return RemediationSwitch(row["is_on"], row["person"], row["reason"], row["agreed_by"] or "", row["at"])
