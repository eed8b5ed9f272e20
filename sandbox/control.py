"""The stand-in's own door for tests in other programs: JSON under `/control/`."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.faults import Fault, no_faults, table
from sandbox.model import Json
from sandbox.shapes import channel_shape, message_shape, view_shape
from sandbox.state import CannotType

if TYPE_CHECKING:
    from sandbox.slack import Slack

Act = Callable[["Slack", Json], Awaitable[Any]]


def control_routes(slack: "Slack") -> list[web.RouteDef]:
    """GET state, calls, wait; POST faults, act."""

    async def state(request: web.Request) -> web.Response:
        return web.json_response(state_of(slack))

    async def calls(request: web.Request) -> web.Response:
        return web.json_response([asdict(each) for each in slack.calls])

    async def wait(request: web.Request) -> web.Response:
        """Answer once more than `since` changes happened, or after `timeout` seconds."""
        since, timeout = int(request.query.get("since", 0)), float(request.query.get("timeout", 10))
        changes = slack.workspace.changes
        with contextlib.suppress(TimeoutError):
            await changes.wait_for(lambda: changes.count > since, min(timeout, 60.0))
        return web.json_response({"changes": changes.count})

    async def faults(request: web.Request) -> web.Response:
        """`{"7": {"kind": "error", "after_work": true}, "chat.postMessage": [...]}`; `{}` ends them."""
        body = await request.json()
        plan = {(int(key) if key.isdigit() else key): _fault(each) for key, each in body.items()}
        slack.api.faults = table(plan) if plan else no_faults
        return web.json_response({"ok": True})

    async def act(request: web.Request) -> web.Response:
        """`{"do": "command", "as": "ana", ...}`; see ACTS for the other keys."""
        body = await request.json()
        try:
            answer = await ACTS[body["do"]](slack, body)
        except (CannotType, KeyError) as error:
            return web.json_response({"ok": False, "error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({"ok": True, "answer": asdict(answer) if answer is not None else None})

    return [
        web.get("/control/state", guarded(state)),
        web.get("/control/calls", guarded(calls)),
        web.get("/control/wait", guarded(wait)),
        web.post("/control/faults", guarded(faults)),
        web.post("/control/act", guarded(act)),
    ]


Handler = Callable[[web.Request], Awaitable[web.Response]]


def guarded(handler: Handler) -> Handler:
    """Refuse pages of other origins, and names that were made to point here."""

    async def check(request: web.Request) -> web.Response:
        name = request.host.rpartition(":")[0].strip("[]") or request.host
        origin = request.headers.get("Origin")
        if name not in ("127.0.0.1", "localhost", "::1") or origin not in (None, f"http://{request.host}"):
            return web.json_response({"ok": False, "error": "not from this machine's own page"}, status=403)
        return await handler(request)

    return check


def state_of(slack: "Slack") -> Json:
    """Everything that can be seen in the workspace."""
    workspace = slack.workspace
    return {
        "changes": workspace.changes.count,
        "users": [asdict(each) for each in workspace.users.values()],
        "channels": [
            {
                **channel_shape(workspace, each),
                "members": each.members,
                "messages": [
                    message_shape(message, metadata=True) | {"pings": sorted(message.pings)}
                    for message in each.messages.values()
                ],
                "pins": [asdict(pin) for pin in each.pins],
                "bookmarks": list(each.bookmarks.values()),
            }
            for each in workspace.channels.values()
        ],
        "ephemerals": [asdict(each) for each in workspace.ephemerals],
        "modals": {
            user: [view_shape(each) | {"errors": each.errors} for each in stack]
            for user, stack in workspace.modals.items()
        },
        "homes": {user: view_shape(each) for user, each in workspace.homes.items()},
    }


def _fault(value: Any) -> Fault | list[Fault | None]:
    if isinstance(value, list):
        return [Fault(**each) if each else None for each in value]
    return Fault(**value)


async def _command(slack: "Slack", body: Json) -> Any:
    return await slack.people.command(body["as"], body["channel"], body["command"], body.get("text", ""))


async def _click(slack: "Slack", body: Json) -> Any:
    target: Any = slack.workspace.views.get(body.get("view_id", ""))
    if target is None:
        ts = body["ts"]
        whispered = next((each for each in slack.workspace.ephemerals if each.ts == ts), None)
        target = whispered or slack.channel(body["channel"]).messages[ts]
    return await slack.people.click(
        body["as"], target, body["action_id"], body.get("block_id"), body.get("value")
    )


async def _submit(slack: "Slack", body: Json) -> Any:
    view = slack.workspace.views[body["view_id"]]
    return await slack.people.submit(body["as"], view, body.get("values"), force=bool(body.get("force")))


async def _close(slack: "Slack", body: Json) -> Any:
    return await slack.people.close(slack.workspace.views[body["view_id"]])


async def _home(slack: "Slack", body: Json) -> Any:
    return await slack.people.open_home(body["as"])


async def _say(slack: "Slack", body: Json) -> Any:
    return slack.people.say(body["as"], body["channel"], body["text"], body.get("thread_ts"))


async def _advance(slack: "Slack", body: Json) -> Any:
    slack.workspace.clocks.advance(float(body["seconds"]))


async def _cut_sockets(slack: "Slack", body: Json) -> Any:
    slack.cut_sockets()


async def _ask_to_reconnect(slack: "Slack", body: Json) -> Any:
    await slack.ask_to_reconnect(body.get("reason", "warning"), float(body.get("within", 0.2)))


async def _socket_mode(slack: "Slack", body: Json) -> Any:
    slack.socket_mode = bool(body["on"])


ACTS: dict[str, Act] = {
    "command": _command,
    "click": _click,
    "submit": _submit,
    "close": _close,
    "home": _home,
    "say": _say,
    "advance": _advance,
    "cut_sockets": _cut_sockets,
    "ask_to_reconnect": _ask_to_reconnect,
    "socket_mode": _socket_mode,
}
