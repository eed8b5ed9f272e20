"""The first minute: six steps that check themselves off from what stands in the workspace."""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.model import Channel, Message
from sandbox.page.marks import Marks
from sandbox.plain import message_lines
from sandbox.workspace import BOT_USER, Workspace


class Step(NamedTuple):
    """One step: what it is called, how it is done, and whether it is done."""

    name: str
    how: str
    done: bool


def first_minute(workspace: Workspace, marks: Marks) -> list[Step]:
    """The steps in their order, each judged by itself."""

    def any_message(kind: str, accepted: Callable[[Message], bool] = lambda message: True) -> bool:
        return any(
            accepted(message)
            for room in rooms
            for message in room.messages.values()
            if _kind(message).startswith(kind)
        )

    def has_a_tick(message: Message) -> bool:
        head = message_lines(workspace, message)[0]
        return " done" in head and " 0 of " not in head

    rooms = incident_rooms(workspace)
    return [
        Step("Declare", "Type /incident declare p0 in #general and fill in the form.", bool(rooms)),
        Step(
            "Read the evidence",
            "Open the incident's channel: Tocsin says what it found. Break something in the panel, and run it again.",
            any_message("evidence:", marks.was_seen),
        ),
        Step(
            "Acknowledge",
            "Press Acknowledge on the alert. To be paged, act as Bruno and open the direct message from Tocsin.",
            any_message("notice:acknowledged"),
        ),
        Step("Update", "Press Post update on the alert and say what changed.", any_message("update:")),
        Step("Resolve", "Press Resolve, or type /incident resolve.", any_message("resolution:")),
        Step("Tick", "Press an item of the checklist.", any_message("checklist:", has_a_tick)),
    ]


def incident_rooms(workspace: Workspace) -> list[Channel]:
    """The channels that the bot opened for incidents: those with an alert of its own, newest last."""
    return [
        each
        for each in workspace.channels.values()
        if each.creator == BOT_USER
        and any(_kind(message).startswith("alert:") for message in each.messages.values())
    ]


def _kind(message: Message) -> str:
    """What the bot's own mark says that a message is: `playbook:1:0`, `notice:acknowledged`; empty for others."""
    payload = (message.metadata or {}).get("event_payload") or {}
    _, _, key = str(payload.get("key", "")).partition(":")
    kind, _, rest = key.partition(":")
    return f"notice:{rest.split(':')[1]}" if kind == "notice" and rest.count(":") else key
