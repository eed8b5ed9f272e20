"""The part of the REST API v2 that pages people: incidents with their log, on-calls, users."""

from collections.abc import Callable

from aiohttp import web

from sandbox.pagerduty.account import PagerDutyAccount
from sandbox.pagerduty.schemas import (
    build_error,
    build_incident_json,
    build_log_entries,
    build_on_call_entry,
    build_reference,
    find_users,
)
from sandbox.slack.workspace_model import Json

Work = Callable[[PagerDutyAccount, web.Request, Json], web.Response]


def authorise(work: Work) -> Work:
    """Refuse requests without the account's API key."""

    def check(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
        if request.headers.get("Authorization") != f"Token token={account.api_key}":
            return build_error(401, 2006, "Authentication failed")
        return work(account, request, body)

    return check


def _page(name: str, items: object, **more: object) -> web.Response:
    return web.json_response({name: items, "limit": 25, "offset": 0, "more": False, **more})


@authorise
def create_incident(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    incident, sender = body.get("incident", {}), request.headers.get("From", "")
    assignees = [assignment["assignee"]["id"] for assignment in incident.get("assignments", [])]
    if refusal := _refuse_incident(account, incident, sender, assignees):
        return refusal
    made = account.create_incident(
        incident.get("incident_key", ""),
        incident["service"]["id"],
        incident.get("title", ""),
        assignee="".join(assignees[:1]),
        policy=incident.get("escalation_policy", {}).get("id", ""),
        details=incident.get("body", {}),
    )
    if assignees and account.users[assignees[0]][1] == sender:
        made.status, made.rung = "acknowledged", 0
    return web.json_response({"incident": build_incident_json(made, account.users)}, status=201)


def _refuse_incident(
    account: PagerDutyAccount, incident: Json, sender: str, assignees: list[str]
) -> web.Response | None:
    key, service = incident.get("incident_key", ""), incident.get("service", {}).get("id", "")
    if sender not in {mail for _, mail in account.users.values()}:
        return build_error(400, 1008, "Requester User Not Found")
    if service not in account.services.values():
        return build_error(404, 5002, "Service Not Found")
    if not account.users.keys() >= set(assignees):
        return build_error(400, 1007, "Assigned To User Not Found")
    before = account.open(key) if key else None
    if before is not None and before.service == service:
        return build_error(400, 2002, "Open incident with matching dedup key already exists on this service")
    return None


@authorise
def list_incidents(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    key, services = request.query.get("incident_key"), request.query.getall("service_ids[]", [])
    statuses = request.query.getall("statuses[]", ["triggered", "acknowledged", "resolved"])
    incidents = [
        build_incident_json(incident, account.users)
        for incident in account.incidents
        if incident.status in statuses
        and key in (None, incident.key)
        and (not services or incident.service in services)
    ]
    return _page("incidents", incidents, total=None)


@authorise
def update_incident(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    incident = account.find(request.match_info["id"])
    if incident is None:
        return build_error(404, 2100, "Not Found")
    if incident.status == "resolved":
        return build_error(400, 1001, "Incident Already Resolved")
    incident.status = body["incident"]["status"]
    return web.json_response({"incident": build_incident_json(incident, account.users)})


@authorise
def list_log_entries(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    incident = account.find(request.match_info["id"])
    if incident is None:
        return build_error(404, 2100, "Not Found")
    return _page("log_entries", build_log_entries(incident))


@authorise
def list_notes(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    incident = account.find(request.match_info["id"])
    if incident is None:
        return build_error(404, 2100, "Not Found")
    return web.json_response({"notes": [{"content": note} for note in incident.notes]})


@authorise
def add_note(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    incident = account.find(request.match_info["id"])
    if incident is None:
        return build_error(404, 2100, "Not Found")
    if request.headers.get("From", "") not in {mail for _, mail in account.users.values()}:
        return build_error(400, 1008, "Requester User Not Found")
    incident.notes.append(body["note"]["content"])
    return web.json_response({"note": {"content": incident.notes[-1]}}, status=200)


@authorise
def list_on_calls(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    entries = [
        build_on_call_entry(schedule, level, person, *account.users[person])
        for schedule in request.query.getall("schedule_ids[]", [])
        for person in account.on_call.get(schedule, [])
        for level in (1, 2)
    ]
    return _page("oncalls", entries, limit=100, total=None)


@authorise
def list_users(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    users = find_users(account.users, request.query.get("query", ""))
    return web.json_response({"users": [{**user, "role": account.role} for user in users]})


@authorise
def find_user(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    id = request.match_info["id"]
    user = next((each for each in find_users(account.users, "") if each["id"] == id), None)
    return web.json_response({"user": user}) if user else build_error(404, 2100, "Not Found")


@authorise
def find_service(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    id = request.match_info["id"]
    if id not in account.services.values():
        return build_error(404, 2100, "Not Found")
    service = {
        **build_reference(id, "service", "Production"),
        "name": "Production",
        "status": account.service_status,
    }
    return web.json_response({"service": service})


@authorise
def find_policy(account: PagerDutyAccount, request: web.Request, body: Json) -> web.Response:
    id = request.match_info["id"]
    if id not in account.policies:
        return build_error(404, 2100, "Not Found")
    name = account.policies[id]
    policy = {**build_reference(id, "escalation_policy", name), "name": name}
    return web.json_response({"escalation_policy": policy})
