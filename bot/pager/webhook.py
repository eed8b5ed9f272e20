"""PagerDuty's v3 webhooks: is one PagerDuty's, and what does it say. Pure.

Source: PagerDuty's developer documentation, webhooks v3: overview, behaviour, signatures. It delivers at least once:
up to five times in about 20 minutes, with the same event id; it gives up at a 4xx and at nothing else.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.pager.answers import mapping
from bot.paging import Answered, PageNews

HEADER = "X-PagerDuty-Signature"
OLDEST = timedelta(hours=1)
"""News from longer ago is not PagerDuty's own repetition any more, but somebody's who kept a copy."""

AHEAD = timedelta(minutes=5)
WHAT = {
    "incident.acknowledged": Answered.ACKNOWLEDGED,
    "incident.resolved": Answered.RESOLVED,
}


class NotPagerDutys(Exception):
    """The signature is wrong or missing: whoever sent it, nothing is done. Answer 401."""


class NotUnderstood(Exception):
    """Signed, and not usable: no JSON, no event, too old. Answer 400, so that it is not sent again."""


def secrets_of(setting: str) -> tuple[str, ...]:
    """The secrets in PAGERDUTY_WEBHOOK_SECRET: two with a comma while one is being changed for the other."""
    return tuple(each for part in setting.split(",") if (each := part.strip()))


def verify(body: bytes, signatures: str, secrets: Sequence[str]) -> None:
    """Raises NotPagerDutys unless one of the header's `v1=` signatures fits one of our secrets."""
    given = [
        each.strip().removeprefix("v1=") for each in signatures.split(",") if each.strip().startswith("v1=")
    ]
    fits = False
    for secret in secrets:
        ours = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        for each in given:
            fits |= hmac.compare_digest(ours.encode(), each.lower().encode())
    if not fits:
        raise NotPagerDutys


def parse(body: bytes, now: datetime) -> PageNews | None:
    """What a verified webhook says; None for news that is no incident's, such as PagerDuty's own ping.

    The same news may come again: keep `id`, and do nothing the second time. Raises NotUnderstood.
    """
    try:
        event = mapping(mapping(json.loads(body)).get("event"))
    except (ValueError, RecursionError):
        raise NotUnderstood("no JSON") from None
    id, kind, at = event.get("id"), event.get("event_type"), _instant(event.get("occurred_at"))
    if not isinstance(id, str) or not id or not isinstance(kind, str) or at is None:
        raise NotUnderstood("no event")
    if at < now - OLDEST:
        raise NotUnderstood("too old")
    if at > now + AHEAD:
        raise NotUnderstood("from the future")
    said, agent = mapping(event.get("data")), mapping(event.get("agent"))
    if event.get("resource_type") != "incident" or not said.get("id"):
        return None
    by_person = str(agent.get("type", "")).startswith("user")
    return PageNews(
        id=id,
        what=WHAT.get(kind, Answered.OTHER),
        key=_text(said.get("incident_key")),
        reference=_text(said.get("id")),
        person=_text(agent.get("id")) if by_person else "",
        who=_text(agent.get("summary")) if by_person else "",
        at=at,
    )


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.astimezone(UTC) if at is not None and at.tzinfo else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
