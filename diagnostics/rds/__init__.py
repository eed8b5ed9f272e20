"""RDS: clusters and instances, who writes, and what happened to them lately."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.step import AwsCall
from diagnostics.aws import Aws, console, typed
from diagnostics.finding import CannotTell, Finding
from diagnostics.question import Question
from diagnostics.rds.judged import LATELY, interpret
from diagnostics.rds.seen import Snapshot, clusters, instances

__all__ = ["Rds", "clusters", "instances", "interpret"]

MOST_SOURCES = 8
"""Clusters and instances whose events are read."""


@dataclass(slots=True)
class _Reading:
    """One look: where it asks, and what it could not read beside the databases."""

    aws: Aws
    call: AwsCall
    by: float
    unread: list[str] = field(default_factory=list)

    async def asked(self, operation: str, name: str, **parameters: object) -> list[Any]:
        """The list `name` of the answer."""
        call = self.call
        asking = AwsCall("rds", operation, parameters, region=call.region, profile=call.profile, pages=True)
        answer = await self.aws.call(asking, self.by)
        if answer.get("Truncated"):
            self.unread.append(f"more than {len(answer.get(name, ()))} {name}")
        found: list[Any] = answer.get(name, [])
        return found

    async def beside(self, what: str, reading: Awaitable[list[Any]]) -> list[Any]:
        """What helps to judge; that it cannot be read takes nothing from the rest, and is said."""
        try:
            return await reading
        except CannotTell as why:
            told = f"{what}: {why.said}"
            if told not in self.unread:
                self.unread.append(told)
            return []


class Rds:
    """Made of the bot's AWS clients."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    async def look(self, question: Question, by: float) -> Finding:
        """How the databases of a DescribeDBClusters or DescribeDBInstances stand, whatever part of it the runbook's own
        query shows."""
        call = question.action.call
        assert isinstance(call, AwsCall)
        reading = _Reading(self._aws, call, by)
        of_clusters = call.operation == "DescribeDBClusters"
        seen = await (self._clusters(reading) if of_clusters else self._instances(reading))
        found = interpret(seen, question.now)
        link = _link(self._aws.region_of(call), seen, of_clusters)
        return replace(found, link=link, command=question.command or typed(call))

    async def _clusters(self, reading: _Reading) -> Snapshot:
        told = await reading.asked("DescribeDBClusters", "DBClusters", **_selected(reading.call))
        names = [str(each.get("DBClusterIdentifier", "")) for each in told]
        members = [
            str(member.get("DBInstanceIdentifier", ""))
            for each in told
            for member in each.get("DBClusterMembers", ())
        ]
        sources = [("db-cluster", name) for name in names] + [("db-instance", name) for name in members]
        known, events = await asyncio.gather(
            reading.beside("the instances", self._members(reading, names) if members else _nothing()),
            self._events(reading, sources),
        )
        return clusters({"DBClusters": told}, known, events, sorted(reading.unread))

    async def _members(self, reading: _Reading, names: Sequence[str]) -> list[Any]:
        which = {"Filters": [{"Name": "db-cluster-id", "Values": list(names)}]} if len(names) <= 20 else {}
        return await reading.asked("DescribeDBInstances", "DBInstances", **which)

    async def _instances(self, reading: _Reading) -> Snapshot:
        told = await reading.asked("DescribeDBInstances", "DBInstances", **_selected(reading.call))
        sources = [("db-instance", str(each.get("DBInstanceIdentifier", ""))) for each in told]
        events = await self._events(reading, sources)
        return instances({"DBInstances": told}, events, sorted(reading.unread))

    async def _events(self, reading: _Reading, sources: Sequence[tuple[str, str]]) -> list[Any]:
        """Those of the last hour."""
        if len(sources) > MOST_SOURCES:
            reading.unread.append(f"the events of {len(sources) - MOST_SOURCES} more")
        minutes = int(LATELY.total_seconds() // 60)
        told = await asyncio.gather(
            *(
                reading.beside(
                    "events",
                    reading.asked(
                        "DescribeEvents",
                        "Events",
                        SourceType=kind,
                        SourceIdentifier=name,
                        Duration=minutes,
                    ),
                )
                for kind, name in sources[:MOST_SOURCES]
            )
        )
        return [each for some in told for each in some]


async def _nothing() -> list[Any]:
    return []


def _selected(call: AwsCall) -> dict[str, object]:
    """What the command names, without the page it wants: judging needs all of it."""
    return {name: value for name, value in call.parameters.items() if name not in ("MaxRecords", "Marker")}


def _link(region: str, seen: Snapshot, of_clusters: bool) -> str:
    if not region:
        return ""
    if len(seen.databases) != 1:
        return console(region, f"rds/home?region={region}#databases:")
    cluster = str(of_clusters).lower()
    return console(
        region, f"rds/home?region={region}#database:id={seen.databases[0].name};is-cluster={cluster}"
    )
