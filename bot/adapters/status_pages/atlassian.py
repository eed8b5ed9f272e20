"""Atlassian Statuspage by its REST API: developer.statuspage.io.

It knows no key for a request. An incident is found again by our mark in its metadata, a text by its status and words
among the updates of its incident that we do not know yet.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from bot.adapters.provider_api import ApiAnswer, ProviderApi
from bot.adapters.status_pages.page_rules import PAGE_RULES, RequestPace
from bot.domain.public_update import ComponentState, PageComponent
from bot.ports.publication_repository import PageClosedThere, PageRefused, PostedText, PublicText
from bot.text.truncation import cut

MAX_NAME, MAX_BODY = 255, 25_000
PER_MINUTE = 60
"""One request a second for each key, counted over a minute."""

OVER = frozenset({"resolved", "postmortem", "completed"})
LISTED = "100"
STATES = frozenset(ComponentState)


class StatuspagePage:
    """The StatusPage port on one page. `installation` tells our marks from those of another Tocsin; it is not known
    before the database is used."""

    title = "Statuspage"

    def __init__(
        self,
        key: str,
        page_id: str,
        base: str,
        installation: Callable[[], str],
        pace: RequestPace | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = f"statuspage:{page_id}"
        self._path = f"/v1/pages/{page_id}"
        self._installation = installation
        self._in_maintenance: Mapping[str, str] = {}
        headers = {"Authorization": f"OAuth {key}"}
        start = (pace or RequestPace(PER_MINUTE)).take
        self._api = ProviderApi(self.title, base, headers, PAGE_RULES, transport, start)

    async def find(self, text: PublicText) -> PostedText | None:
        """By the mark in the incident's metadata, whatever people made of its first text; then by the text among its
        updates."""
        if not text.incident_id:
            ours = await self._find_incident(text)
            is_there = ours and (not text.may_exist or self._find_update(ours, text))
            return self._describe(ours, text) if ours and is_there else None
        incident = await self._read(text.incident_id)
        update = self._find_update(incident, text)
        if update is None:
            _must_be_open(incident)
            return None
        return PostedText(text.incident_id, update["id"], incident.get("shortlink") or "")

    async def publish(self, text: PublicText) -> PostedText:
        """A resolved incident of ours there was resolved by people: it is not opened again."""
        if text.may_exist and not text.incident_id and (ours := await self._find_incident(text)):
            text = replace(text, incident_id=ours["id"])
        if not text.incident_id:
            body = {"incident": {**self._build(text), "metadata": {"tocsin": {"key": self._mark(text)}}}}
            made = (await self._send("POST", "/incidents", body)).json
            return self._describe(made, text)
        _must_be_open(await self._read(text.incident_id))
        answer = await self._send("PATCH", f"/incidents/{text.incident_id}", {"incident": self._build(text)})
        return self._describe(answer.json, text)

    async def _find_incident(self, text: PublicText) -> Mapping[str, Any] | None:
        """The one with our mark."""
        listed = (await self._get("/incidents", limit=LISTED)).json or []
        return next((incident for incident in listed if self._read_mark(incident) == self._mark(text)), None)

    def _build(self, text: PublicText) -> dict[str, Any]:
        """What is under maintenance there belongs to the incident and stays so: people said it."""
        states = {id: state for id, state in text.components.items() if id not in self._in_maintenance}
        return {
            "name": cut(text.title, MAX_NAME),
            "status": text.status.value,
            "body": cut(text.text, MAX_BODY),
            "impact_override": text.impact.value,
            "components": states,
            "component_ids": list(text.components),
        }

    def _describe(self, incident: Mapping[str, Any], text: PublicText) -> PostedText:
        """The incident as it answered, with the update that is this text."""
        own = (self._find_update(incident, text) or incident)["id"]
        is_cut = len(text.text) > MAX_BODY or len(text.title) > MAX_NAME
        kept = tuple(name for id, name in self._in_maintenance.items() if id in text.components)
        return PostedText(incident["id"], own, incident.get("shortlink") or "", is_cut, kept)

    @staticmethod
    def _find_update(incident: Mapping[str, Any], text: PublicText) -> Mapping[str, Any] | None:
        """The update that is this text, and none of those that we know to be others."""
        wanted = (text.status.value, cut(text.text, MAX_BODY).strip())
        return next(
            (
                update
                for update in incident.get("incident_updates") or ()
                if update["id"] not in text.known_ids
                and (update.get("status"), (update.get("body") or "").strip()) == wanted
            ),
            None,
        )

    def _mark(self, text: PublicText) -> str:
        return f"{self._installation()}:{text.incident}:{text.opening}"

    @staticmethod
    def _read_mark(incident: Mapping[str, Any]) -> str:
        ours = (incident.get("metadata") or {}).get("tocsin") or {}
        return str(ours.get("key", "")) if isinstance(ours, dict) else ""

    async def _read(self, id: str) -> Mapping[str, Any]:
        """Raises PageClosedThere when somebody deleted it."""
        answer = await self._api.ask("GET", f"{self._path}/incidents/{id}")
        if answer.status == 404:
            raise PageClosedThere("deleted")
        found: Mapping[str, Any] = answer.json
        return found

    async def _get(self, path: str, **query: str) -> ApiAnswer:
        return self._must_exist(await self._api.ask("GET", self._path + path, query=query))

    async def _send(self, method: str, path: str, body: Any) -> ApiAnswer:
        return self._must_exist(await self._api.ask(method, self._path + path, body))

    def _must_exist(self, answer: ApiAnswer) -> ApiAnswer:
        if answer.status == 404:
            raise PageRefused(
                f"{self.title} has no such page or component (HTTP 404): check STATUSPAGE_PAGE_ID and the components."
            )
        return answer

    async def list_components(self) -> Sequence[PageComponent]:
        listed = (await self._get("/components", per_page=LISTED)).json or []
        found = [
            PageComponent(
                self.name, component["id"], component["name"], _parse_state(component.get("status"))
            )
            for component in listed
            if not component.get("group")
        ]
        self._in_maintenance = {
            component.id: component.name
            for component in found
            if component.state is ComponentState.MAINTENANCE
        }
        return found

    async def examine(self) -> str:
        """Whether the key reads the page."""
        try:
            await self._get("")
        except PageRefused as refusal:
            return str(refusal)
        return ""

    async def aclose(self) -> None:
        await self._api.aclose()


def _must_be_open(incident: Mapping[str, Any]) -> None:
    """Raises PageClosedThere when somebody resolved it at the provider."""
    if incident.get("status") in OVER:
        raise PageClosedThere("resolved")


def _parse_state(said: object) -> ComponentState:
    return ComponentState(str(said)) if said in STATES else ComponentState.OPERATIONAL
