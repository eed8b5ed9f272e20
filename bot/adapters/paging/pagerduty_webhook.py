"""PagerDuty's v3 webhooks: is one PagerDuty's, and what does it say. Pure.

Source: PagerDuty's developer documentation, webhooks v3: overview, behaviour, signatures. It delivers at least once:
up to five times in about 20 minutes, with the same event id; it gives up at a 4xx and at nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.adapters.paging.pagerduty_errors import read_mapping
from bot.adapters.webhook_signature import InvalidWebhook, verify_digest
from bot.domain.page_provider import ProviderEvent, ProviderEventKind

HEADER = "X-PagerDuty-Signature"
OLDEST = timedelta(hours=1)
"""News from longer ago is not PagerDuty's own repetition any more, but somebody's who kept a copy."""

AHEAD = timedelta(minutes=5)
WHAT = {
    "incident.acknowledged": ProviderEventKind.ACKNOWLEDGED,
    "incident.resolved": ProviderEventKind.RESOLVED,
}


def verify_signature(body: bytes, signatures: str, secrets: Sequence[str]) -> None:
    """Raises InvalidSignature unless one of the header's `v1=` signatures fits one of our secrets."""
    given = [
        signature.strip().removeprefix("v1=")
        for signature in signatures.split(",")
        if signature.strip().startswith("v1=")
    ]
    verify_digest(body, given, secrets)


def parse_webhook(body: bytes, now: datetime) -> ProviderEvent | None:
    """What a verified webhook says; None for news that is no incident's, such as PagerDuty's own ping.

    The same news may come again: keep `id`, and do nothing the second time. Raises InvalidWebhook.
    """
    try:
        event = read_mapping(read_mapping(json.loads(body)).get("event"))
    except (ValueError, RecursionError):
        raise InvalidWebhook("no JSON") from None
    id, kind = event.get("id"), event.get("event_type")
    if not isinstance(id, str) or not id or not isinstance(kind, str):
        raise InvalidWebhook("no event")
    at = _parse_time(event, now)
    said, agent = read_mapping(event.get("data")), read_mapping(event.get("agent"))
    if event.get("resource_type") != "incident" or not said.get("id"):
        return None
    by_person = str(agent.get("type", "")).startswith("user")
    return ProviderEvent(
        id=id,
        what=WHAT.get(kind, ProviderEventKind.OTHER),
        key=_text(said.get("incident_key")),
        reference=_text(said.get("id")),
        person=_text(agent.get("id")) if by_person else "",
        who=_text(agent.get("summary")) if by_person else "",
        at=at,
    )


def _parse_time(event: Mapping[str, Any], now: datetime) -> datetime:
    """When it happened. Raises InvalidWebhook when that is not said, too long ago or in the future."""
    at = _instant(event.get("occurred_at"))
    if at is None:
        raise InvalidWebhook("no event")
    if at < now - OLDEST:
        raise InvalidWebhook("too old")
    if at > now + AHEAD:
        raise InvalidWebhook("from the future")
    return at


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.astimezone(UTC) if at is not None and at.tzinfo else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
