"""The stand-in's own door for tests in other programs: JSON under `/control/`."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, get_args

from aiohttp import web

from sandbox.slack.control_actions import acts
from sandbox.slack.event_delivery import ONCE, DeliveryOptions, Kind
from sandbox.slack.faults import Fault, plan_by_table, plan_no_faults
from sandbox.slack.faults import Kind as FaultKind
from sandbox.slack.operations import SlackOperations
from sandbox.slack.serializers import build_channel_json, build_message_json, build_view_json
from sandbox.slack.tier_limits import RateLimits
from sandbox.slack.view_state import ImpossibleActionError
from sandbox.slack.workspace_model import Json, WorkspaceMessage

Answering = Callable[[SlackOperations, web.Request], Awaitable[Any]]
DONE: Json = {"ok": True}


def build_control_routes(slack: SlackOperations) -> list[web.RouteDef]:
    """The routes of this door; what each takes stands at its function."""

    def route(add: Callable[..., web.RouteDef], path: str, answer: Answering) -> web.RouteDef:
        return add(f"/control/{path}", guard_handler(slack, answer))

    return [
        route(web.get, "state", _state),
        route(web.get, "calls", _calls),
        route(web.delete, "calls", _forget_calls),
        route(web.get, "wait", _wait),
        route(web.post, "faults", _faults),
        route(web.post, "limits", _limits),
        route(web.get, "clock", _clock),
        route(web.post, "clock", _advance),
        route(web.post, "push", _push),
        route(web.post, "act", _act),
    ]


def guard_handler(
    slack: SlackOperations, answer: Answering
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Refuse pages of other origins, names that were made to point here, and bodies without sense."""

    async def check(request: web.Request) -> web.Response:
        name = request.host.rpartition(":")[0].strip("[]") or request.host
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        own = origin in (None, f"http://{request.host}") and site in (None, "none", "same-origin")
        if name not in ("127.0.0.1", "localhost", "::1") or not own:
            return _refuse("not from this machine's own page", 403)
        try:
            return web.json_response(await answer(slack, request))
        except KeyError as error:
            return _refuse(f"there is no {error}")
        except (ImpossibleActionError, TypeError, ValueError) as error:
            return _refuse(str(error))

    return check


def _refuse(reason: str, status: int = 400) -> web.Response:
    return web.json_response({"ok": False, "error": reason}, status=status)


async def _body(request: web.Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("the body has to be a JSON object")
    return body


async def _state(slack: SlackOperations, request: web.Request) -> Any:
    return build_state(slack)


async def _calls(slack: SlackOperations, request: web.Request) -> Any:
    """What the bot asked, oldest first; `method` chooses among them."""
    method = request.query.get("method")
    return [asdict(call) for call in slack.calls if method in (None, call.method)]


async def _forget_calls(slack: SlackOperations, request: web.Request) -> Any:
    slack.calls.clear()
    return DONE


async def _wait(slack: SlackOperations, request: web.Request) -> Any:
    """Answer once more than `since` changes happened, or after `timeout` seconds."""
    since, timeout = int(request.query.get("since", 0)), float(request.query.get("timeout", 10))
    changes = slack.workspace.changes
    with contextlib.suppress(TimeoutError):
        await changes.wait_for(lambda: changes.count > since, min(timeout, 60.0))
    return {"changes": changes.count}


async def _faults(slack: SlackOperations, request: web.Request) -> Any:
    """`{"7": {"kind": "error", "after_work": true}, "chat.postMessage": [...]}`; `{}` ends them."""
    body = await _body(request)
    plan = {(int(key) if key.isdigit() else key): _fault(fault) for key, fault in body.items()}
    slack.api.faults = plan_by_table(plan) if plan else plan_no_faults
    return DONE


async def _limits(slack: SlackOperations, request: web.Request) -> Any:
    """`{"on": true, "per_minute": {"chat.update": 5}}`: Slack's rate limits from now on, single ones changed."""
    body = await _body(request)
    per_minute = {str(method): int(most) for method, most in body.get("per_minute", {}).items()}
    if any(most < 1 for most in per_minute.values()):
        raise ValueError("a method may be called at least once a minute")
    slack.api.limits = RateLimits(per_minute) if body["on"] else None
    return DONE


async def _clock(slack: SlackOperations, request: web.Request) -> Any:
    clocks = slack.workspace.clocks
    return {"now": clocks.now(), "ahead": clocks.skew, "events_waiting": slack.events.waiting}


async def _advance(slack: SlackOperations, request: web.Request) -> Any:
    """`{"advance": seconds}`: triggers and response_urls grow old, limits refill, events come again."""
    slack.advance(float((await _body(request))["advance"]))
    return await _clock(slack, request)


async def _push(slack: SlackOperations, request: web.Request) -> Any:
    """`{"event": {...}}`, or `{"kind": "interactive", "payload": {...}}`: any payload to the bot, true or not.

    `delivery` has the fields of DeliveryOptions, such as `{"copies": 2}` or `{"wrong_signature": true}`.
    """
    body = await _body(request)
    delivery = DeliveryOptions(**body["delivery"]) if "delivery" in body else ONCE
    if "event" in body:
        event = body["event"]
        return {
            "ok": True,
            "answer": asdict(await slack.people.event({"type": event["type"], **event}, delivery=delivery)),
        }
    if body["kind"] not in get_args(Kind):
        raise ValueError(f"a kind of payload is one of {', '.join(get_args(Kind))}")
    return {"ok": True, "answer": asdict(await slack.push(body["kind"], body["payload"], delivery))}


async def _act(slack: SlackOperations, request: web.Request) -> Any:
    """`{"do": "command", "as": "ana", ...}`; the functions in `acts` name the other keys."""
    body = await _body(request)
    answer = await acts[body["do"]](slack, body)
    if isinstance(answer, WorkspaceMessage):
        return {"ok": True, "answer": build_message_json(answer)}
    return {"ok": True, "answer": asdict(answer) if answer is not None else None}


def build_state(slack: SlackOperations) -> Json:
    """Everything that can be seen in the workspace."""
    workspace = slack.workspace
    return {
        "changes": workspace.changes.count,
        "users": [asdict(user) for user in workspace.users.values()],
        "channels": [
            {
                **build_channel_json(workspace, channel),
                "members": channel.members,
                "messages": [
                    build_message_json(message, metadata=True) | {"pings": sorted(message.pings)}
                    for message in channel.messages.values()
                ],
                "pins": [asdict(pin) for pin in channel.pins],
                "bookmarks": list(channel.bookmarks.values()),
            }
            for channel in workspace.channels.values()
        ],
        "ephemerals": [asdict(ephemeral) for ephemeral in workspace.ephemerals],
        "modals": {
            user: [build_view_json(view) | {"errors": view.errors} for view in stack]
            for user, stack in workspace.modals.items()
        },
        "homes": {user: build_view_json(home) for user, home in workspace.homes.items()},
    }


def _fault(value: Any) -> Fault | list[Fault | None]:
    if isinstance(value, list):
        return [_one_fault(fault) if fault else None for fault in value]
    return _one_fault(value)


def _one_fault(value: Json) -> Fault:
    fault = Fault(**value)
    if fault.kind not in get_args(FaultKind):
        raise ValueError(f"a fault is one of {', '.join(get_args(FaultKind))}")
    return fault
