"""The first minute: six steps that check themselves off from what stands in the workspace."""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.workspace import BOT_USER, Workspace
from sandbox.slack.workspace_model import WorkspaceChannel, WorkspaceMessage
from sandbox.web_ui.read_state import ReadMarkers


class TutorialStep(NamedTuple):
    """One step: what it is called, how it is done, and whether it is done."""

    name: str
    how: str
    done: bool


def build_tutorial(workspace: Workspace, marks: ReadMarkers) -> list[TutorialStep]:
    """The steps in their order, each judged by itself."""

    def any_message(kind: str, accepted: Callable[[WorkspaceMessage], bool] = lambda message: True) -> bool:
        return any(
            accepted(message)
            for room in rooms
            for message in room.messages.values()
            if _kind(message).startswith(kind)
        )

    def has_a_tick(message: WorkspaceMessage) -> bool:
        head = render_message_lines(workspace, message)[0]
        return " done" in head and " 0 of " not in head

    rooms = list_incident_channels(workspace)
    return [
        TutorialStep(
            "Declare",
            "Break something in the panel, then type /incident declare p0 in #general and fill in the form.",
            bool(rooms),
        ),
        TutorialStep(
            "Read the evidence",
            "Open the incident's channel, and the replies below what Tocsin found: the evidence of each step.",
            any_message("finding:", marks.was_seen),
        ),
        TutorialStep(
            "Acknowledge",
            "Press Acknowledge on the alert. To be paged, act as Bruno and open the direct message from Tocsin.",
            any_message("notice:acknowledged"),
        ),
        TutorialStep(
            "Update", "Press Post update on the alert and say what changed.", any_message("update:")
        ),
        TutorialStep("Resolve", "Press Resolve, or type /incident resolve.", any_message("resolution:")),
        TutorialStep("Tick", "Press an item of the checklist.", any_message("checklist:", has_a_tick)),
    ]


def list_incident_channels(workspace: Workspace) -> list[WorkspaceChannel]:
    """The channels that the bot opened for incidents: those with an alert of its own, newest last."""
    return [
        channel
        for channel in workspace.channels.values()
        if channel.creator == BOT_USER
        and any(_kind(message).startswith("alert:") for message in channel.messages.values())
    ]


def _kind(message: WorkspaceMessage) -> str:
    """What the bot's own mark says that a message is: `playbook:1:0`, `notice:acknowledged`; empty for others."""
    payload = (message.metadata or {}).get("event_payload") or {}
    _, _, key = str(payload.get("key", "")).partition(":")
    kind, _, rest = key.partition(":")
    return f"notice:{rest.split(':')[1]}" if kind == "notice" and rest.count(":") else key
