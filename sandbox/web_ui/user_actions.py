"""What people do in the page: acts of `sandbox.slack.users_acting`, allowed only on what the person can see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.slack.event_delivery import BotAnswer
from sandbox.slack.mentions import escape_command_text
from sandbox.slack.posting import show_ephemeral
from sandbox.slack.submission import TROUBLE
from sandbox.slack.users_acting import People
from sandbox.slack.view_state import ImpossibleActionError
from sandbox.slack.workspace import SLACKBOT, Workspace
from sandbox.slack.workspace_model import (
    Ephemeral,
    Json,
    User,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
)
from sandbox.web_ui.app_commands import AppCommands
from sandbox.web_ui.fault_panel import FaultPanel
from sandbox.web_ui.read_state import ReadMarkers
from sandbox.web_ui.visibility import VisibleWorkspace

UNKNOWN = (
    "“{}” is not a valid command. In Slack, all messages that start with the “/” character are interpreted as "
    "commands. If you want to send a message and not run a command, put a space before the “/”."
)
IN_THREAD = "{} is not supported in threads. Sorry!"
GONE = "That is not there any more, or not for you to see."
MAX_MESSAGE_LENGTH = 12_000
"""Characters that somebody may write in one message."""


@dataclass(slots=True)
class UserActions:
    """The acts by their names in the address. Each takes who acts and the request's JSON, and gives the
    sentence that the person is told, empty when there is nothing to say. Raises ImpossibleActionError with one.
    """

    workspace: Workspace
    people: People
    marks: ReadMarkers
    offer: AppCommands
    panel: FaultPanel | None = None

    def list_actions(self) -> dict[str, Callable[[VisibleWorkspace, Json], Awaitable[str]]]:
        return {
            "say": self.say,
            "click": self.click,
            "submit": self.submit,
            "close": self.close,
            "shortcut": self.shortcut,
            "react": self.react,
            "edit": self.edit,
            "delete": self.delete,
            "dismiss": self.dismiss,
            "seen": self.mark_seen,
            "join": self.join,
            "home": self.home,
            "break": self.break_,
            "heal": self.heal,
        }

    async def say(self, sight: VisibleWorkspace, body: Json) -> str:
        """`text` into `channel`, or into its `thread`; what begins with a slash is a command."""
        channel, text, thread = self._channel(sight, body), _text(body, "text"), _text(body, "thread")
        if not sight.has_joined(channel):
            raise ImpossibleActionError(f"You are not in #{channel.name}. Join it first.")
        if channel.is_archived:
            raise ImpossibleActionError(f"#{channel.name} is archived: nobody can write there any more.")
        if not text.strip():
            return ""
        if len(text) > MAX_MESSAGE_LENGTH:
            raise ImpossibleActionError(
                f"That is too long: {len(text)} characters of at most {MAX_MESSAGE_LENGTH}. Nothing was sent."
            )
        if thread and thread not in channel.messages:
            raise ImpossibleActionError(GONE)
        if not text.startswith("/"):
            self.people.say(
                sight.reader, channel, escape_command_text(self.workspace, text.strip()), thread or None
            )
            return ""
        command, _, words = text.partition(" ")
        if thread:
            self._slackbot(sight.reader, channel, IN_THREAD.format(command), thread)
        elif command != self.offer.command:
            self._slackbot(sight.reader, channel, UNKNOWN.format(command))
        else:
            await self.people.command(sight.reader, channel, command, words.strip())
        return ""

    async def click(self, sight: VisibleWorkspace, body: Json) -> str:
        """The element `action` of `block` in a message or a view, with its `value`; in a view with the `values` of its
        other fields."""
        target = self._target(sight, body)
        answer = await self.people.click(
            sight.reader,
            target,
            _text(body, "action"),
            _text(body, "block"),
            body.get("value"),
            typed=_values(body),
        )
        return _trouble(answer)

    async def submit(self, sight: VisibleWorkspace, body: Json) -> str:
        """The open modal `view` with `values`: {block: {action: given}}."""
        view = self._view(sight, body)
        answer = await self.people.submit(sight.reader, view, _values(body))
        return _trouble(answer)

    async def close(self, sight: VisibleWorkspace, body: Json) -> str:
        await self.people.close(self._view(sight, body))
        return ""

    async def shortcut(self, sight: VisibleWorkspace, body: Json) -> str:
        callback = _text(body, "shortcut")
        if callback not in {shortcut.callback_id for shortcut in self.offer.shortcuts}:
            raise ImpossibleActionError(GONE)
        return _trouble(await self.people.shortcut(sight.reader, callback, self._message(sight, body)))

    async def react(self, sight: VisibleWorkspace, body: Json) -> str:
        """Put the emoji `name` on a message, or take it off again."""
        message, name = self._message(sight, body), _text(body, "name")
        mine = sight.reader.id in dict(message.reactions).get(name, ())
        (self.people.unreact if mine else self.people.react)(sight.reader, message, name)
        return ""

    async def edit(self, sight: VisibleWorkspace, body: Json) -> str:
        message, text = self._own(sight, body), _text(body, "text").strip()
        if text:
            self.people.edit(message, escape_command_text(self.workspace, text))
        return ""

    async def delete(self, sight: VisibleWorkspace, body: Json) -> str:
        self.people.delete(self._own(sight, body))
        return ""

    async def dismiss(self, sight: VisibleWorkspace, body: Json) -> str:
        """Take away what only this person sees."""
        whispered = sight.message(self._channel(sight, body), _text(body, "ts"))
        if isinstance(whispered, Ephemeral):
            self.workspace.ephemerals.remove(whispered)
            self.workspace.changes.touch()
        return ""

    async def mark_seen(self, sight: VisibleWorkspace, body: Json) -> str:
        """The messages with these `ts` stood on this person's screen."""
        seen = [str(stamp) for stamp in body.get("ts") or ()]
        if self.marks.mark_seen(sight.reader, self._channel(sight, body), seen):
            self.workspace.changes.touch()
        return ""

    async def join(self, sight: VisibleWorkspace, body: Json) -> str:
        channel = self._channel(sight, body)
        if not sight.has_joined(channel):
            self.people.join(sight.reader, channel)
        return ""

    async def home(self, sight: VisibleWorkspace, body: Json) -> str:
        return _trouble(await self.people.open_home(sight.reader))

    async def break_(self, sight: VisibleWorkspace, body: Json) -> str:
        """Break `what` of the world that the runbook looks at."""
        return GONE if self.panel is None else await self.panel.break_(_text(body, "what"))

    async def heal(self, sight: VisibleWorkspace, body: Json) -> str:
        return GONE if self.panel is None else await self.panel.heal()

    # ---- what is meant, as far as this person can see it

    def _channel(self, sight: VisibleWorkspace, body: Json) -> WorkspaceChannel:
        found = sight.channel(_text(body, "channel"))
        if found is None:
            raise ImpossibleActionError(GONE)
        return found

    def _target(self, sight: VisibleWorkspace, body: Json) -> WorkspaceMessage | Ephemeral | WorkspaceView:
        if body.get("view"):
            return self._view(sight, body)
        found = sight.message(self._channel(sight, body), _text(body, "ts"))
        if found is None:
            raise ImpossibleActionError(GONE)
        return found

    def _view(self, sight: VisibleWorkspace, body: Json) -> WorkspaceView:
        found = sight.view(_text(body, "view"))
        if found is None:
            raise ImpossibleActionError("This window was closed or changed meanwhile.")
        return found

    def _message(self, sight: VisibleWorkspace, body: Json) -> WorkspaceMessage:
        found = sight.message(self._channel(sight, body), _text(body, "ts"))
        if not isinstance(found, WorkspaceMessage):
            raise ImpossibleActionError(GONE)
        return found

    def _own(self, sight: VisibleWorkspace, body: Json) -> WorkspaceMessage:
        found = self._message(sight, body)
        if found.user != sight.reader.id or found.subtype not in (None, "thread_broadcast"):
            raise ImpossibleActionError("Only whoever wrote a message can change it.")
        return found

    def _slackbot(self, reader: User, channel: WorkspaceChannel, text: str, thread: str = "") -> None:
        parts: dict[str, Any] = {"thread_ts": thread} if thread else {}
        words = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        show_ephemeral(self.workspace, reader.id, channel.id, words, user=SLACKBOT, **parts)


def _text(body: Json, key: str) -> str:
    value = body.get(key, "")
    return value if isinstance(value, str) else ""


def _values(body: Json) -> Json:
    """What stands in the fields of a view: {block: {action: given}}."""
    values = body.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(value, dict) for value in values.values()):
        raise ImpossibleActionError(GONE)
    return values


def _trouble(answer: BotAnswer) -> str:
    """Slack's own sentence when the app did not answer, with the reason in brackets."""
    if answer.ok:
        return ""
    problem = answer.problem or f"status {answer.status}"
    return problem if problem.startswith(TROUBLE) else f"{TROUBLE} ({problem})"
