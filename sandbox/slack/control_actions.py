"""What people do at the stand-in's own door: one function for each word of `/control/act`."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.slack.operations import SlackOperations
from sandbox.slack.workspace_model import Json, WorkspaceMessage

Act = Callable[[SlackOperations, Json], Awaitable[Any]]
acts: dict[str, Act] = {}
"""By the word in `do`; each reads further keys of the body and gives an Answer, a Message or None."""


def _act(word: str) -> Callable[[Act], Act]:
    def remember(act: Act) -> Act:
        acts[word] = act
        return act

    return remember


def _message(slack: SlackOperations, body: Json) -> WorkspaceMessage:
    return slack.channel(body["channel"]).messages[body["ts"]]


@_act("command")
async def _command(slack: SlackOperations, body: Json) -> Any:
    return await slack.people.command(body["as"], body["channel"], body["command"], body.get("text", ""))


@_act("click")
async def _click(slack: SlackOperations, body: Json) -> Any:
    target: Any = slack.workspace.views.get(body.get("view_id", ""))
    if target is None:
        ts = body["ts"]
        whispered = next((ephemeral for ephemeral in slack.workspace.ephemerals if ephemeral.ts == ts), None)
        target = whispered or _message(slack, body)
    return await slack.people.click(
        body["as"], target, body["action_id"], body.get("block_id"), body.get("value")
    )


@_act("submit")
async def _submit(slack: SlackOperations, body: Json) -> Any:
    view = slack.workspace.views[body["view_id"]]
    return await slack.people.submit(body["as"], view, body.get("values"), force=bool(body.get("force")))


@_act("close")
async def _close(slack: SlackOperations, body: Json) -> Any:
    return await slack.people.close(slack.workspace.views[body["view_id"]])


@_act("home")
async def _home(slack: SlackOperations, body: Json) -> Any:
    return await slack.people.open_home(body["as"])


@_act("shortcut")
async def _shortcut(slack: SlackOperations, body: Json) -> Any:
    """Global, or on the message with `channel` and `ts`."""
    message = _message(slack, body) if "ts" in body else None
    return await slack.people.shortcut(body["as"], body["callback_id"], message)


@_act("say")
async def _say(slack: SlackOperations, body: Json) -> Any:
    return slack.people.say(body["as"], body["channel"], body["text"], body.get("thread_ts"))


@_act("react")
async def _react(slack: SlackOperations, body: Json) -> Any:
    slack.people.react(body["as"], _message(slack, body), body["name"])


@_act("unreact")
async def _unreact(slack: SlackOperations, body: Json) -> Any:
    slack.people.unreact(body["as"], _message(slack, body), body["name"])


@_act("join")
async def _join(slack: SlackOperations, body: Json) -> Any:
    slack.people.join(body["as"], body["channel"])


@_act("leave")
async def _leave(slack: SlackOperations, body: Json) -> Any:
    slack.people.leave(body["as"], body["channel"])


@_act("cut_sockets")
async def _cut_sockets(slack: SlackOperations, body: Json) -> Any:
    slack.cut_sockets()


@_act("ask_to_reconnect")
async def _ask_to_reconnect(slack: SlackOperations, body: Json) -> Any:
    await slack.ask_to_reconnect(body.get("reason", "warning"), float(body.get("within", 0.2)))


@_act("socket_mode")
async def _socket_mode(slack: SlackOperations, body: Json) -> Any:
    slack.socket_mode = bool(body["on"])
