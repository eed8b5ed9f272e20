"""Events API v2: trigger, acknowledge and resolve by an integration key."""

from aiohttp import web

from sandbox.pagerduty.account import PagerDutyAccount
from sandbox.pagerduty.schemas import find_event_errors
from sandbox.slack.workspace_model import Json


def enqueue_event(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    """`POST /v2/enqueue`."""
    key = body.get("dedup_key") or f"auto{account.next_number()}"
    if errors := find_event_errors(body, account.services):
        refusal = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
        return web.json_response(refusal, status=400)
    if account.limited and not account.take_from_limit(body.get("routing_key", "")):
        return web.json_response({"status": "throttle exceeded"}, status=429)
    if body["event_action"] == "trigger":
        _trigger(account, key, body)
    elif incident := account.open(key):
        incident.status = "resolved" if body["event_action"] == "resolve" else "acknowledged"
    accepted = {"status": "success", "message": "Event processed", "dedup_key": key}
    return web.json_response(accepted, status=202)


def _trigger(account: PagerDutyAccount, key: str, body: Json) -> None:
    if account.swallows:
        account.swallows -= 1
    elif account.open(key) is None:
        service, payload = account.services[body["routing_key"]], body["payload"]
        account.create_incident(key, service, payload["summary"], details=payload)
