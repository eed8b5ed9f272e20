"""Reads that change nothing: one statement each."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from bot.adapters.database.action_queries import build_action, build_action_ticket, build_listed_action
from bot.adapters.database.diagnostic_runs import build_diagnostic_run
from bot.adapters.database.publications import build_public_incidents, build_public_update
from bot.adapters.database.remediations import build_remediation, build_switch
from bot.adapters.database.review_reads import ReviewReads
from bot.adapters.database.row_mappers import build_incident
from bot.adapters.database.runbook_drafts import build_runbook_draft
from bot.adapters.database.session import FOR_TRANSACTION
from bot.adapters.database.sql_loader import SQL
from bot.adapters.database.statistics_mapper import build_statistics
from bot.domain.action_item import ActionItem
from bot.domain.diagnostic_run import DiagnosticRun
from bot.domain.incident import Incident, IncidentDurations
from bot.domain.incident_list import IncidentList
from bot.domain.incident_statistics import IncidentStatistics, select_unit
from bot.domain.page_provider import CachedCalendar
from bot.domain.public_page import PublicIncident, build_public_token
from bot.domain.public_update import PublicUpdate
from bot.domain.remediation import Remediation
from bot.domain.results import CommandResult, UnansweredResult, parse_result
from bot.domain.runbook_draft import RunbookDraft
from bot.domain.tracker_ticket import ActionTicket
from bot.ports import BotIdentity, SlackChannel
from bot.ports.action_repository import ListedAction
from bot.ports.messages import SlackPerson
from bot.ports.publication_repository import PageIncident
from bot.ports.remediation import RemediationSwitch

SET_VALUES = f"{FOR_TRANSACTION};\n".encode()
"""Sent along in one message, which is one transaction."""


class StoreQueries(ReviewReads, ABC):
    """See `bot.ports.Store`."""

    installation: str

    _places: dict[tuple[int, str], str]
    """The channels by `begun` and the names that they were made for. One that is known stays the same, and each message
    asks for it: it is made only at a start that does not know it. What a restore brings counts as begun anew."""

    @property
    @abstractmethod
    def begun(self) -> int:
        """How often this replica began to use the database."""

    @abstractmethod
    def _rows(self) -> AbstractAsyncContextManager[Any]:
        """A cursor whose rows are dicts. The driver's errors are raised as DatabaseUnavailable."""

    async def _all(self, name: str, /, **values: object) -> list[dict[str, Any]]:
        async with self._rows() as cursor:
            await cursor.execute(SET_VALUES + SQL[name], values)
            await cursor.set_result(-1)
            return list(await cursor.fetchall()) if cursor.pgresult.nfields else []

    async def _each(self, *names: str, **values: object) -> list[list[dict[str, Any]]]:
        """The rows of each of these statements, which are sent as one message."""
        async with self._rows() as cursor:
            await cursor.execute(SET_VALUES + b";\n".join(SQL[name] for name in names), values)
            found = []
            for place in range(-len(names), 0):
                await cursor.set_result(place)
                found.append(list(await cursor.fetchall()))
            return found

    async def _one(self, name: str, /, **values: object) -> dict[str, Any] | None:
        rows = await self._all(name, **values)
        return rows[0] if rows else None

    async def answer(self, key: str) -> CommandResult:
        return await self.outcome(key) or UnansweredResult()

    async def outcome(self, key: str) -> CommandResult | None:
        row = await self._one("answer_of", key=key)
        if row is None:
            return None
        return parse_result(row["answer"]) if row["answer"] else UnansweredResult()

    async def save_request(self, key: str, actor: str, payload: Mapping[str, Any]) -> None:
        await self._one("keep_request", key=key, actor=actor, payload=Jsonb(dict(payload)))

    async def find_saved_request(self, key: str, actor: str) -> Mapping[str, Any] | None:
        row = await self._one("kept_request", key=key, actor=actor)
        return row["payload"] if row else None

    async def list_flood_run(self, number: int, within: timedelta) -> Sequence[tuple[int, float]]:
        rows = await self._all("run_of", number=number, within=within)
        return [(row["number"], row["seconds"]) for row in rows]

    async def find_incident_in(self, channel: str, thread: str | None = None) -> int | None:
        row = await self._one("incident_in_channel", channel=channel, thread=thread)
        return int(row["number"]) if row else None

    async def is_noted(self, source: str) -> bool:
        return bool(await self._all("noted_from", source=source))

    async def add_member_by_channel(self, channel: str, person: str) -> None:
        await self._all("seen_inside", channel=channel, person=person)

    async def may_see(self, number: int, viewer: str) -> bool:
        return bool(await self._all("may_see", number=number, viewer=viewer))

    async def find_visible_incident(self, number: int, viewer: str) -> Incident | None:
        row = await self._one("incident_seen_by", number=number, viewer=viewer)
        return build_incident(row) if row else None

    async def is_paged(self, number: int, person: str) -> bool:
        return bool(await self._all("was_called", number=number, person=person))

    async def list_commanded(self, person: str, limit: int, severities: Sequence[str]) -> Sequence[Incident]:
        rows = await self._all("commanded", person=person, limit=limit, severities=list(severities))
        return [build_incident(row) for row in rows]

    async def list_incidents(
        self, viewer: str, severities: Sequence[str], limit: int, drills: int, over: int
    ) -> IncidentList:
        rows = await self._all(
            "listed",
            viewer=viewer,
            severities=list(severities),
            limit=limit,
            drills=drills,
            over=over,
        )
        parts: dict[str, list[Incident]] = {"open": [], "drills": [], "over": []}
        counts: Mapping[str, int] = {}
        times: dict[int, IncidentDurations] = {}
        for row in rows:
            times[row["number"]] = IncidentDurations(row.pop("to_acknowledge"), row.pop("to_resolve"))
            counts = row.pop("counts") or {}
            parts[row.pop("part")].append(build_incident(row))
        return IncidentList(**parts, counts=counts, times=times)

    async def list_open_incidents_of(self, person: str, limit: int) -> Sequence[int]:
        return [row["number"] for row in await self._all("open_incidents_of", person=person, limit=limit)]

    async def list_followed(self, person: str, limit: int) -> Sequence[Incident]:
        return [build_incident(row) for row in await self._all("followed", person=person, limit=limit)]

    async def list_pending_checklists(self, person: str, limit: int) -> Sequence[tuple[Incident, int]]:
        rows = await self._all("waiting_for", person=person, limit=limit)
        return [(build_incident(row), row["left_open"]) for row in rows]

    async def list_owned_items(self, person: str, limit: int) -> Sequence[tuple[Incident, str, date | None]]:
        rows = await self._all("owned_items", person=person, limit=limit)
        return [(build_incident(row), row["item_text"], row["item_due_on"]) for row in rows]

    async def measure_incidents(
        self,
        viewer: str,
        period: timedelta,
        severities: Sequence[str],
        until: datetime | None = None,
        zone: str = "UTC",
    ) -> IncidentStatistics:
        asked = {"viewer": viewer, "period": period, "until": until}
        rows = await self._all("statistics", **asked, severities=list(severities))
        actions = await self._one("action_statistics", **asked, zone=zone)
        pointers = await self._one("pointer_statistics", **asked)
        unit = select_unit(period)
        counts = await self._all("incident_counts", **asked, unit=unit.value, zone=zone)
        return build_statistics(period, rows, {**(actions or {}), **(pointers or {})}, unit, counts)

    async def find_mark(self, key: str) -> str | None:
        row = await self._one("mark_of", key=key)
        return row["mark"] if row else None

    async def is_marked(self, number: int, marks: Sequence[str]) -> bool:
        return bool(await self._all("is_marked", number=number, marks=list(marks)))

    async def find_recent_restore(self) -> tuple[datetime, int] | None:
        row = await self._one("restore_noticed")
        return (row["at"], row["held"]) if row else None

    async def edition(self, sha: str) -> str | None:
        row = await self._one("edition", sha=sha)
        return row["text"] if row else None

    async def find_last_runbook(self) -> tuple[str, str] | None:
        row = await self._one("last_edition")
        return (row["sha"], row["text"]) if row else None

    async def find_workspace(self) -> tuple[str, str] | None:
        row = await self._one("workspace")
        return (row["team"], row["url"]) if row else None

    async def claim_workspace(self, identity: BotIdentity) -> None:
        await self._one("claim_workspace", team=identity.team, url=identity.url)

    async def place(self, name: str) -> str | None:
        known = self.begun, name
        if known not in self._places:
            row = await self._one("place", name=name)
            if row is None:
                return None
            self._places[known] = row["channel"]
        return self._places[known]

    async def find_member_count(self, name: str) -> int | None:
        row = await self._one("people_at", name=name)
        return row["people"] if row else None

    async def person(self, id: str) -> tuple[SlackPerson, datetime] | None:
        row = await self._one("person", id=id)
        if row is None:
            return None
        checked_at: datetime = row.pop("checked_at")
        return SlackPerson(**row), checked_at

    async def find_cached_calendar(self, source: str) -> CachedCalendar | None:
        row = await self._one("calendar_copy", source=source)
        return CachedCalendar(**row) if row else None

    async def look(self, id: int) -> DiagnosticRun:
        (row,), results, before = await self._each("look", "results", "results_before", look=id)
        return build_diagnostic_run(row, results, before)

    async def find_remediation(self, id: int) -> Remediation | None:
        row = await self._one("remediation", id=id)
        return build_remediation(row) if row else None

    async def find_remediations(self, number: int) -> Sequence[Remediation]:
        return [build_remediation(row) for row in await self._all("remediations_of", incident=number)]

    async def read_remediation_switch(self) -> RemediationSwitch:
        return build_switch(await self._one("remediation_switch"))

    async def list_open_actions(self, viewer: str, owner: str | None, limit: int) -> Sequence[ListedAction]:
        rows = await self._all("open_actions", viewer=viewer, owner=owner, limit=limit)
        return [build_listed_action(row) for row in rows]

    async def find_actions(self, number: int) -> Sequence[ActionItem]:
        return [build_action(row) for row in await self._all("actions_of", incident=number)]

    async def find_action_ticket(self, number: int, action: int) -> ActionTicket | None:
        row = await self._one("ticket_of", incident=number, number=action)
        return build_action_ticket(row) if row else None

    async def find_webhook_time(self, tracker: str) -> datetime | None:
        row = await self._one("webhook_time", tracker=tracker)
        return row["seen_at"] if row else None

    async def find_runbook_draft(self, id: int) -> RunbookDraft | None:
        row = await self._one("runbook_draft", id=id)
        return build_runbook_draft(row) if row else None

    async def find_public_update(self, id: int) -> PublicUpdate | None:
        row = await self._one("public_update", id=id)
        return build_public_update(row) if row else None

    async def list_public_updates(self, number: int) -> Sequence[PublicUpdate]:
        return [build_public_update(row) for row in await self._all("public_updates_of", incident=number)]

    async def find_page_incident(self, number: int, page: str, opening: int) -> PageIncident | None:
        row = await self._one("page_incident", incident=number, page=page, opening=opening)
        return PageIncident(**row) if row else None

    async def read_public_incidents(self, page: str, update: int = 0) -> Sequence[PublicIncident]:
        rows = await self._all("public_page", page=page, update=update)
        return build_public_incidents(
            rows, page, lambda number, opening: build_public_token(self.installation, number, opening)
        )

    async def is_room(self, number: int, channel: str, thread: str | None = None) -> bool:
        return await self._one("is_room", number=number, channel=channel, thread=thread) is not None

    async def find_awaited_evidence(self, number: int) -> str | None:
        row = await self._one("awaited_evidence", number=number)
        return row["key"] if row else None

    async def has_open_runs(self, number: int) -> bool:
        return bool(await self._all("is_looked_at", number=number))

    async def list_stopped_runs(self, ids: Iterable[int]) -> Sequence[int]:
        return [row["id"] for row in await self._all("stopped_looks", looks=list(ids))]

    async def save_person(self, person: SlackPerson) -> None:
        await self._one("save_person", **asdict(person))

    async def record_channel(self, channel: SlackChannel) -> None:
        seen = {"channel": channel.id, "name": channel.name, "creator": channel.creator}
        await self._one("see_channel", **seen, created_at=channel.created_at)

    async def list_recorded_channels(self, name: str) -> Sequence[SlackChannel]:
        rows = await self._all("channels_seen", name=name)
        return [SlackChannel(row["channel"], name, row["creator"], row["created_at"]) for row in rows]
