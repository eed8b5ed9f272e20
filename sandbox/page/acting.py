"""What people do in the page. Each act is one of `sandbox.people`, allowed only on what the person can see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.mentions import as_typed
from sandbox.model import Channel, Ephemeral, Json, Message, User, View
from sandbox.outbound import Answer
from sandbox.page.marks import Marks
from sandbox.page.offer import Offer
from sandbox.page.panel import Panel
from sandbox.page.sight import Sight
from sandbox.people import People
from sandbox.posting import whisper
from sandbox.state import CannotType
from sandbox.submission import TROUBLE
from sandbox.workspace import SLACKBOT, Workspace

UNKNOWN = (
    "“{}” is not a valid command. In Slack, all messages that start with the “/” character are interpreted as "
    "commands. If you want to send a message and not run a command, put a space before the “/”."
)
IN_THREAD = "{} is not supported in threads. Sorry!"
GONE = "That is not there any more, or not for you to see."
LONGEST = 12_000
"""Characters that somebody may write in one message."""


@dataclass(slots=True)
class Acting:
    """The acts by their names in the address. Each takes who acts and the request's JSON, and gives the
    sentence that the person is told, empty when there is nothing to say. Raises CannotType with one.
    """

    workspace: Workspace
    people: People
    marks: Marks
    offer: Offer
    panel: Panel | None = None

    def acts(self) -> dict[str, Callable[[Sight, Json], Awaitable[str]]]:
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
            "seen": self.seen,
            "join": self.join,
            "home": self.home,
            "break": self.break_,
            "heal": self.heal,
        }

    async def say(self, sight: Sight, body: Json) -> str:
        """`text` into `channel`, or into its `thread`; what begins with a slash is a command."""
        channel, text, thread = self._channel(sight, body), _text(body, "text"), _text(body, "thread")
        if not sight.joined(channel):
            raise CannotType(f"You are not in #{channel.name}. Join it first.")
        if channel.is_archived:
            raise CannotType(f"#{channel.name} is archived: nobody can write there any more.")
        if not text.strip():
            return ""
        if len(text) > LONGEST:
            raise CannotType(
                f"That is too long: {len(text)} characters of at most {LONGEST}. Nothing was sent."
            )
        if thread and thread not in channel.messages:
            raise CannotType(GONE)
        if not text.startswith("/"):
            self.people.say(sight.reader, channel, as_typed(self.workspace, text.strip()), thread or None)
            return ""
        command, _, words = text.partition(" ")
        if thread:
            self._slackbot(sight.reader, channel, IN_THREAD.format(command), thread)
        elif command != self.offer.command:
            self._slackbot(sight.reader, channel, UNKNOWN.format(command))
        else:
            await self.people.command(sight.reader, channel, command, words.strip())
        return ""

    async def click(self, sight: Sight, body: Json) -> str:
        """The element `action` of `block` in a message or a view, with its `value`."""
        target = self._target(sight, body)
        answer = await self.people.click(
            sight.reader, target, _text(body, "action"), _text(body, "block"), body.get("value")
        )
        return _trouble(answer)

    async def submit(self, sight: Sight, body: Json) -> str:
        """The open modal `view` with `values`: {block: {action: given}}."""
        view = self._view(sight, body)
        values = body.get("values") or {}
        if not isinstance(values, dict) or not all(isinstance(each, dict) for each in values.values()):
            raise CannotType(GONE)
        answer = await self.people.submit(sight.reader, view, values)
        return _trouble(answer)

    async def close(self, sight: Sight, body: Json) -> str:
        await self.people.close(self._view(sight, body))
        return ""

    async def shortcut(self, sight: Sight, body: Json) -> str:
        callback = _text(body, "shortcut")
        if callback not in {each.callback_id for each in self.offer.shortcuts}:
            raise CannotType(GONE)
        return _trouble(await self.people.shortcut(sight.reader, callback, self._message(sight, body)))

    async def react(self, sight: Sight, body: Json) -> str:
        """Put the emoji `name` on a message, or take it off again."""
        message, name = self._message(sight, body), _text(body, "name")
        mine = sight.reader.id in dict(message.reactions).get(name, ())
        (self.people.unreact if mine else self.people.react)(sight.reader, message, name)
        return ""

    async def edit(self, sight: Sight, body: Json) -> str:
        message, text = self._own(sight, body), _text(body, "text").strip()
        if text:
            self.people.edit(message, as_typed(self.workspace, text))
        return ""

    async def delete(self, sight: Sight, body: Json) -> str:
        self.people.delete(self._own(sight, body))
        return ""

    async def dismiss(self, sight: Sight, body: Json) -> str:
        """Take away what only this person sees."""
        whispered = sight.message(self._channel(sight, body), _text(body, "ts"))
        if isinstance(whispered, Ephemeral):
            self.workspace.ephemerals.remove(whispered)
            self.workspace.changes.touch()
        return ""

    async def seen(self, sight: Sight, body: Json) -> str:
        """The messages with these `ts` stood on this person's screen."""
        seen = [str(each) for each in body.get("ts") or ()]
        if self.marks.saw(sight.reader, self._channel(sight, body), seen):
            self.workspace.changes.touch()
        return ""

    async def join(self, sight: Sight, body: Json) -> str:
        channel = self._channel(sight, body)
        if not sight.joined(channel):
            self.people.join(sight.reader, channel)
        return ""

    async def home(self, sight: Sight, body: Json) -> str:
        return _trouble(await self.people.open_home(sight.reader))

    async def break_(self, sight: Sight, body: Json) -> str:
        """Break `what` of the world that the runbook looks at."""
        return GONE if self.panel is None else await self.panel.break_(_text(body, "what"))

    async def heal(self, sight: Sight, body: Json) -> str:
        return GONE if self.panel is None else await self.panel.heal()

    # ---- what is meant, as far as this person can see it

    def _channel(self, sight: Sight, body: Json) -> Channel:
        found = sight.channel(_text(body, "channel"))
        if found is None:
            raise CannotType(GONE)
        return found

    def _target(self, sight: Sight, body: Json) -> Message | Ephemeral | View:
        if body.get("view"):
            return self._view(sight, body)
        found = sight.message(self._channel(sight, body), _text(body, "ts"))
        if found is None:
            raise CannotType(GONE)
        return found

    def _view(self, sight: Sight, body: Json) -> View:
        found = sight.view(_text(body, "view"))
        if found is None:
            raise CannotType("This window was closed or changed meanwhile.")
        return found

    def _message(self, sight: Sight, body: Json) -> Message:
        found = sight.message(self._channel(sight, body), _text(body, "ts"))
        if not isinstance(found, Message):
            raise CannotType(GONE)
        return found

    def _own(self, sight: Sight, body: Json) -> Message:
        found = self._message(sight, body)
        if found.user != sight.reader.id or found.subtype not in (None, "thread_broadcast"):
            raise CannotType("Only whoever wrote a message can change it.")
        return found

    def _slackbot(self, reader: User, channel: Channel, text: str, thread: str = "") -> None:
        parts: dict[str, Any] = {"thread_ts": thread} if thread else {}
        words = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        whisper(self.workspace, reader.id, channel.id, words, user=SLACKBOT, **parts)


def _text(body: Json, key: str) -> str:
    value = body.get(key, "")
    return value if isinstance(value, str) else ""


def _trouble(answer: Answer) -> str:
    """Slack's own sentence when the app did not answer, with the reason in brackets."""
    if answer.ok:
        return ""
    problem = answer.problem or f"status {answer.status}"
    return problem if problem.startswith(TROUBLE) else f"{TROUBLE} ({problem})"
