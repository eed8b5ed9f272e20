"""The public JSON of a status page, in the shape of Atlassian's Statuspage (metastatuspage.com/api)."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.incident import Status
from bot.domain.public_page import PublicEntry, PublicIncident, PublicPage
from bot.domain.public_update import ComponentState, PageComponent
from templates.status_page.site_html import DESCRIPTIONS

Json = dict[str, Any]
MAX_LISTED = 50
"""As many incidents as Statuspage lists."""


def build_documents(page: PublicPage) -> dict[str, Json]:
    """Each document by its path below `api/v2`."""
    head = {"page": _page(page)}
    status = {"indicator": page.impact.value, "description": DESCRIPTIONS[page.impact]}
    components = [_component(page, place, each) for place, each in enumerate(page.components, 1)]
    unresolved = [build_incident(page, incident) for incident in page.open]
    return {
        "summary.json": {
            **head,
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": [],
            "status": status,
        },
        "status.json": {**head, "status": status},
        "components.json": {**head, "components": components},
        "incidents.json": {
            **head,
            "incidents": [build_incident(page, incident) for incident in page.incidents[:MAX_LISTED]],
        },
        "incidents/unresolved.json": {**head, "incidents": unresolved},
    }


def build_incident(page: PublicPage, incident: PublicIncident) -> Json:
    """One incident with its texts, the newest first."""
    touched = incident.components
    return {
        "id": incident.token,
        "name": incident.title,
        "status": incident.status.value,
        "created_at": format_instant(incident.started_at),
        "updated_at": format_instant(incident.updated_at),
        "monitoring_at": _find_first(incident, Status.MONITORING),
        "resolved_at": format_instant(incident.resolved_at) if incident.resolved_at else None,
        "impact": incident.impact.value,
        "shortlink": build_link(page, incident),
        "started_at": format_instant(incident.started_at),
        "page_id": build_page_id(page),
        "incident_updates": [_update(page, incident, entry) for entry in reversed(incident.entries)],
        "components": [
            _component(page, place, each)
            for place, each in enumerate(page.components, 1)
            if each.id in touched
        ],
    }


def _update(page: PublicPage, incident: PublicIncident, entry: PublicEntry) -> Json:
    at = format_instant(entry.at)
    return {
        "id": entry.id,
        "status": entry.status.value,
        "body": entry.text,
        "incident_id": incident.token,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": _list_changes(page, incident, entry),
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _list_changes(page: PublicPage, incident: PublicIncident, entry: PublicEntry) -> list[Json]:
    names = {component.id: component.name for component in page.components}
    before: dict[str, str] = {}
    for other in incident.entries[: incident.entries.index(entry)]:
        before |= other.components
    return [
        {
            "code": id,
            "name": names.get(id, id),
            "old_status": before.get(id, ComponentState.OPERATIONAL.value),
            "new_status": state,
        }
        for id, state in entry.components.items()
    ]


def _find_first(incident: PublicIncident, status: Status) -> str | None:
    return next((format_instant(entry.at) for entry in incident.entries if entry.status is status), None)


def _page(page: PublicPage) -> Json:
    return {
        "id": build_page_id(page),
        "name": page.name,
        "url": page.url,
        "time_zone": "Etc/UTC",
        "updated_at": format_instant(page.updated_at),
    }


def _component(page: PublicPage, place: int, component: PageComponent) -> Json:
    changed = _find_last_change(page.incidents, component.id) or page.made_at
    first = page.incidents[-1].started_at if page.incidents else page.made_at
    return {
        "id": component.id,
        "name": component.name,
        "status": page.find_state(component.id).value,
        "created_at": format_instant(first),
        "updated_at": format_instant(changed),
        "position": place,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": build_page_id(page),
        "group": False,
        "only_show_if_degraded": False,
    }


def _find_last_change(incidents: Sequence[PublicIncident], id: str) -> datetime | None:
    said = [entry.at for incident in incidents for entry in incident.entries if id in entry.components]
    return max(said, default=None)


def build_page_id(page: PublicPage) -> str:
    """Always the same for a page of this name and address."""
    return hashlib.blake2s(f"{page.name}\n{page.url}".encode(), digest_size=6).hexdigest()


def build_link(page: PublicPage, incident: PublicIncident) -> str:
    """The incident's address; a path where the page's own address is not known."""
    path = f"incidents/{incident.token}.html"
    return f"{page.url}/{path}" if page.url else path


def format_instant(at: datetime) -> str:
    """`2026-11-23T03:02:00.000Z`, as Statuspage writes instants."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
