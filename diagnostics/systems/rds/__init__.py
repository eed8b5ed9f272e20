"""RDS: clusters and instances, the writer, and recent events."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive
from bot.domain.playbook import AwsCall
from diagnostics.clients.aws import AwsClients, build_console_url, render_cli_command
from diagnostics.systems.rds.models import RdsSnapshot, parse_clusters, parse_instances
from diagnostics.systems.rds.rules import LATELY, interpret

__all__ = ["Rds", "interpret", "parse_clusters", "parse_instances"]

MAX_SOURCES = 8
"""Clusters and instances whose events are read."""


@dataclass(slots=True)
class _RdsReader:
    """One look: where it asks, and what it could not read beside the databases."""

    aws: AwsClients
    call: AwsCall
    by: float
    unread: list[str] = field(default_factory=list)

    async def call_operation(self, operation: str, name: str, **parameters: object) -> list[Any]:
        """The list `name` of the answer."""
        call = self.call
        asking = AwsCall("rds", operation, parameters, region=call.region, profile=call.profile, pages=True)
        answer = await self.aws.call(asking, self.by)
        if answer.get("Truncated"):
            self.unread.append(f"more than {len(answer.get(name, ()))} {name}")
        found: list[Any] = answer.get(name, [])
        return found

    async def read_optional(self, what: str, reading: Awaitable[list[Any]]) -> list[Any]:
        """What helps to judge; that it cannot be read takes nothing from the rest, and is said."""
        try:
            return await reading
        except Inconclusive as why:
            told = f"{what}: {why.said}"
            if told not in self.unread:
                self.unread.append(told)
            return []


class Rds:
    """Made of the bot's AWS clients."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """How the databases of a DescribeDBClusters or DescribeDBInstances stand, whatever part of it the runbook's own
        query shows."""
        call = question.action.call
        assert isinstance(call, AwsCall)
        reading = _RdsReader(self._aws, call, by)
        of_clusters = call.operation == "DescribeDBClusters"
        seen = await (self._clusters(reading) if of_clusters else self._instances(reading))
        found = interpret(seen, question.now)
        link = _link(self._aws.region_of(call), seen, of_clusters)
        return replace(found, link=link, command=question.command or render_cli_command(call))

    async def _clusters(self, reading: _RdsReader) -> RdsSnapshot:
        told = await reading.call_operation("DescribeDBClusters", "DBClusters", **_select_names(reading.call))
        names = [str(cluster.get("DBClusterIdentifier", "")) for cluster in told]
        members = [
            str(member.get("DBInstanceIdentifier", ""))
            for cluster in told
            for member in cluster.get("DBClusterMembers", ())
        ]
        sources = [("db-cluster", name) for name in names] + [("db-instance", name) for name in members]
        known, events = await asyncio.gather(
            reading.read_optional("the instances", self._members(reading, names) if members else _nothing()),
            self._events(reading, sources),
        )
        return parse_clusters({"DBClusters": told}, known, events, sorted(reading.unread))

    async def _members(self, reading: _RdsReader, names: Sequence[str]) -> list[Any]:
        which = {"Filters": [{"Name": "db-cluster-id", "Values": list(names)}]} if len(names) <= 20 else {}
        return await reading.call_operation("DescribeDBInstances", "DBInstances", **which)

    async def _instances(self, reading: _RdsReader) -> RdsSnapshot:
        told = await reading.call_operation(
            "DescribeDBInstances", "DBInstances", **_select_names(reading.call)
        )
        sources = [("db-instance", str(instance.get("DBInstanceIdentifier", ""))) for instance in told]
        events = await self._events(reading, sources)
        return parse_instances({"DBInstances": told}, events, sorted(reading.unread))

    async def _events(self, reading: _RdsReader, sources: Sequence[tuple[str, str]]) -> list[Any]:
        """Those of the last hour."""
        if len(sources) > MAX_SOURCES:
            reading.unread.append(f"the events of {len(sources) - MAX_SOURCES} more")
        minutes = int(LATELY.total_seconds() // 60)
        told = await asyncio.gather(
            *(
                reading.read_optional(
                    "events",
                    reading.call_operation(
                        "DescribeEvents",
                        "Events",
                        SourceType=kind,
                        SourceIdentifier=name,
                        Duration=minutes,
                    ),
                )
                for kind, name in sources[:MAX_SOURCES]
            )
        )
        return [event for some in told for event in some]


async def _nothing() -> list[Any]:
    return []


def _select_names(call: AwsCall) -> dict[str, object]:
    """What the command names, without the page it wants: judging needs all of it."""
    return {name: value for name, value in call.parameters.items() if name not in ("MaxRecords", "Marker")}


def _link(region: str, seen: RdsSnapshot, of_clusters: bool) -> str:
    if not region:
        return ""
    if len(seen.databases) != 1:
        return build_console_url(region, f"rds/home?region={region}#databases:")
    cluster = str(of_clusters).lower()
    return build_console_url(
        region, f"rds/home?region={region}#database:id={seen.databases[0].name};is-cluster={cluster}"
    )
