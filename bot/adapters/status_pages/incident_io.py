"""Status pages of incident.io by its REST API, version 2: api-docs.incident.io.

It opens an incident once for each key of ours: the same again gives the first answer, so that opening is its own
looking. An update has no key: it is found by its status and words among the updates of its incident that we do not
know yet. Text is Markdown there; an incident has no impact of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from bot.adapters.provider_api import ApiAnswer, ProviderApi
from bot.adapters.status_pages.page_rules import PAGE_RULES, RequestPace
from bot.domain.incident import Status
from bot.domain.public_update import ComponentState, PageComponent
from bot.ports.publication_repository import (
    PageAnswerLost,
    PageClosedThere,
    PageRefused,
    PostedText,
    PublicText,
)
from bot.text.truncation import cut

MAX_NAME, MAX_BODY = 200, 4096
PER_MINUTE = 60
"""One request a second; the key may do 1,200 a minute, and other programs may use it."""

PAGES, STRUCTURES = "/v2/status_pages", "/v2/status_page_structures"
INCIDENTS, UPDATES = "/v2/status_page_incidents", "/v2/status_page_incident_updates"
STATES: Mapping[str, str] = {
    ComponentState.OPERATIONAL: "operational",
    ComponentState.DEGRADED: "degraded_performance",
    ComponentState.PARTIAL_OUTAGE: "partial_outage",
    ComponentState.MAJOR_OUTAGE: "full_outage",
}
"""The states of components by the provider's names. Maintenance is no state of an incident there."""


class IncidentIoPage:
    """The StatusPage port on one page. `installation` tells our keys from those of another Tocsin; it is not known
    before the database is used."""

    title = "incident.io"

    def __init__(
        self,
        key: str,
        page_id: str,
        base: str,
        installation: Callable[[], str],
        pace: RequestPace | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = f"incidentio:{page_id}"
        self._page, self._installation = page_id, installation
        headers = {"Authorization": f"Bearer {key}"}
        start = (pace or RequestPace(PER_MINUTE)).take
        self._api = ProviderApi(self.title, base, headers, PAGE_RULES, transport, start)
        self._address = ""

    async def find(self, text: PublicText) -> PostedText | None:
        """An update by its words. Whether an incident was opened is not looked for: opening it again with the same key
        gives the first one."""
        if not text.incident_id:
            return None
        incident = await self._read(text.incident_id)
        update = self._find_update(incident, text)
        if update is None:
            _must_be_open(incident)
            return None
        return self._describe(incident, update, text)

    async def publish(self, text: PublicText) -> PostedText:
        """A resolved incident of ours there was resolved by people: it is not opened again."""
        if not text.incident_id:
            return await self._open(text)
        incident = await self._read(text.incident_id)
        _must_be_open(incident)
        return await self._add(incident, text)

    async def _open(self, text: PublicText) -> PostedText:
        """With the key of the incident's opening. Where another text had opened it, unknown to us, this is added; else
        its first update is this text, whatever people made of it since."""
        body = {
            "idempotency_key": f"{self._installation()}:{text.incident}:{text.opening}",
            "status_page_id": self._page,
            "name": cut(text.title, MAX_NAME),
            **_build(text),
        }
        opened = _pick_incident(await self._send(INCIDENTS, body))
        update = self._find_update(opened, text)
        if update is None and not text.may_exist:
            update = next(iter(opened.get("updates") or ()), None)
        return self._describe(opened, update, text) if update else await self._add(opened, text)

    async def _add(self, incident: Mapping[str, Any], text: PublicText) -> PostedText:
        answer = await self._send(UPDATES, {"status_page_incident_id": incident["id"], **_build(text)})
        update = (answer.json or {}).get("status_page_incident_update")
        if not isinstance(update, dict):
            raise PageAnswerLost(f"{self.title} answered something else.")
        return self._describe(incident, update, text)

    def _find_update(self, incident: Mapping[str, Any], text: PublicText) -> Mapping[str, Any] | None:
        """The update that is this text, and none of those that we know to be others."""
        wanted = (text.status.value, cut(text.text, MAX_BODY).strip())
        return next(
            (
                update
                for update in incident.get("updates") or ()
                if update["id"] not in text.known_ids
                and (update.get("incident_status"), (update.get("message") or "").strip()) == wanted
            ),
            None,
        )

    def _describe(
        self, incident: Mapping[str, Any], update: Mapping[str, Any], text: PublicText
    ) -> PostedText:
        link = f"{self._address}/incidents/{incident['id']}" if self._address else ""
        is_cut = len(text.text) > MAX_BODY or len(text.title) > MAX_NAME
        return PostedText(incident["id"], update["id"], link, is_cut)

    async def _read(self, id: str) -> Mapping[str, Any]:
        """Raises PageClosedThere when somebody deleted it."""
        answer = await self._api.ask("GET", f"{INCIDENTS}/{id}")
        if answer.status == 404:
            raise PageClosedThere("deleted")
        return _pick_incident(answer)

    async def _send(self, path: str, body: Mapping[str, Any]) -> ApiAnswer:
        return self._must_exist(await self._api.ask("POST", path, dict(body)))

    def _must_exist(self, answer: ApiAnswer) -> ApiAnswer:
        if answer.status == 404:
            raise PageRefused(
                f"{self.title} has no such page or component (HTTP 404): check INCIDENT_IO_STATUS_PAGE_ID and the"
                " components."
            )
        return answer

    async def list_components(self) -> Sequence[PageComponent]:
        """The page's components, also those in groups and on its sub-pages; what state they are in it does not say. The
        page's public address is read with them."""
        listed = (await self._api.ask("GET", PAGES, query={"page_size": "250"})).json or {}
        own = [page for page in listed.get("status_pages", ()) if page["id"] == self._page]
        self._address = str(own[0].get("public_url") or "").rstrip("/") if own else ""
        found = self._must_exist(await self._api.ask("GET", f"{STRUCTURES}/{self._page}")).json or {}
        items = (found.get("current_structure") or {}).get("items") or []
        named = {part["component_id"]: part["name"] for part in _walk(items)}
        return [PageComponent(self.name, id, name) for id, name in named.items()]

    async def examine(self) -> str:
        """Whether the key reads the page."""
        try:
            await self.list_components()
        except PageRefused as refusal:
            return str(refusal)
        return ""

    async def aclose(self) -> None:
        await self._api.aclose()


def _build(text: PublicText) -> dict[str, Any]:
    """At the end the provider sets the components back by itself, and takes none. Raises PageRefused for a state that
    it does not know."""
    body = {
        "incident_status": text.status.value,
        "message": cut(text.text, MAX_BODY),
        "notify_subscribers": True,
    }
    if text.status is Status.RESOLVED or not text.components:
        return body
    if unknown := [state for state in text.components.values() if state not in STATES]:
        said = unknown[0].replace("_", " ")
        raise PageRefused(
            f"incident.io knows no component that is {said} in an incident: choose another state."
        )
    states = [
        {"component_id": id, "component_status": STATES[state]} for id, state in text.components.items()
    ]
    return {**body, "component_statuses": states}


def _pick_incident(answer: ApiAnswer) -> Mapping[str, Any]:
    """Raises PageAnswerLost for an answer without one."""
    found = answer.json.get("status_page_incident") if isinstance(answer.json, dict) else None
    if not isinstance(found, dict):
        raise PageAnswerLost("incident.io answered something else.")
    return found


def _must_be_open(incident: Mapping[str, Any]) -> None:
    """Raises PageClosedThere when somebody resolved it at the provider."""
    if incident.get("incident_status") == Status.RESOLVED.value:
        raise PageClosedThere("resolved")


def _walk(items: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every component in the order in which the page shows them."""
    for item in items:
        if part := item.get("component"):
            yield part
        yield from (item.get("group") or {}).get("components") or ()
        yield from _walk((item.get("sub_page") or {}).get("items") or ())
