"""What every Web API method has in common: arguments, scopes, answers and refusals."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.slack.jsontext import read_json
from sandbox.slack.workspace import BOT_USER, Workspace
from sandbox.slack.workspace_model import Json, User, WorkspaceChannel, WorkspaceMessage

Item = TypeVar("Item")
Work = Callable[["Call"], Json]


class SlackError(Exception):
    """A refusal: `code` is Slack's word, `more` further keys of the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        self.code = code
        self.more = more
        super().__init__(code)


def build_refusal(code: str, problems: Sequence[str]) -> SlackError:
    """A refusal that names each problem, as Slack does in `response_metadata.messages`."""
    return SlackError(code, response_metadata={"messages": list(problems)})


@dataclass(frozen=True, slots=True)
class ApiMethod:
    """A Web API method; the token needs one of `scopes`, if there are any."""

    name: str
    work: Work
    scopes: tuple[str, ...]


class ApiMethodTable(dict[str, ApiMethod]):
    """A table of methods by their names."""

    def add(self, name: str, *scopes: str) -> Callable[[Work], Work]:
        def remember(work: Work) -> Work:
            self[name] = ApiMethod(name, work, scopes)
            return work

        return remember


@dataclass(frozen=True, slots=True)
class Call:
    """One call by the bot, already allowed: its arguments and the workspace that it works on."""

    workspace: Workspace
    args: Mapping[str, Any]
    scopes: frozenset[str] = field(default_factory=frozenset)

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name)
        return default if value is None else str(value)

    def need(self, name: str, code: str = "") -> str:
        """A text that must be there; `code` is the refusal when it is not."""
        value = self.text(name)
        if value:
            return value
        if code:
            raise SlackError(code)
        raise build_refusal("invalid_arguments", [f"[ERROR] missing required field: {name}"])

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        if value is None or value == "":
            return default
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int, most: int) -> int:
        value = self.args.get(name)
        if value is None or value == "":
            return default
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise build_refusal(
                "invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{name}]"]
            ) from None
        if number < 1 or number > most:
            raise SlackError("invalid_limit")
        return number

    def parse_json(self, name: str, code: str) -> Any:
        """An object or array, sent as JSON or as a text of JSON; None when it is missing."""
        value = self.args.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return read_json(value)
            except ValueError:
                raise build_refusal(code, [f"[ERROR] failed to parse [json-pointer:/{name}]"]) from None
        return value

    def people(self, name: str) -> list[str]:
        value = self.args.get(name)
        parts = value if isinstance(value, list) else str(value or "").split(",")
        return [part.strip() for part in map(str, parts) if part.strip()]

    def require(self, *scopes: str) -> None:
        """Refuse with `missing_scope` unless the token has one of these scopes."""
        if not self.scopes.intersection(scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.scopes)))

    def require_for(self, channel: WorkspaceChannel, what: str) -> None:
        """`what` is read, write, history or manage; the family of scopes follows the kind of conversation."""
        kind = channel.kind
        if what == "manage":
            self.require("channels:manage" if kind == "public_channel" else f"{FAMILY[kind]}:write")
        else:
            self.require(f"{FAMILY[kind]}:{what}")

    def channel(self, name: str = "channel") -> WorkspaceChannel:
        """The conversation; one that the bot may not see does not exist for it."""
        return self.channel_named(self.need(name, "channel_not_found"))

    def channel_named(self, name: str) -> WorkspaceChannel:
        found = self.workspace.find_channel(name)
        if found is None or (found.is_private and BOT_USER not in found.members):
            raise SlackError("channel_not_found")
        return found

    def find_joined_channel(self, name: str = "channel") -> WorkspaceChannel:
        """A conversation that the bot is in and that is not archived."""
        channel = self.channel(name)
        if channel.is_archived:
            raise SlackError("is_archived")
        if BOT_USER not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def user(self, id: str) -> User:
        found = self.workspace.users.get(id)
        if found is None:
            raise SlackError("user_not_found")
        return found

    def message(self, channel: WorkspaceChannel, name: str) -> WorkspaceMessage:
        found = channel.messages.get(self.need(name, "message_not_found"))
        if found is None:
            raise SlackError("message_not_found")
        return found

    def page(
        self, everything: Sequence[Item], default: int = 100, most: int = 1000
    ) -> tuple[list[Item], str]:
        """The items from `cursor` on, at most `limit`, and the next cursor (empty at the end)."""
        limit, cursor = self.number("limit", default, most), self.text("cursor")
        start = 0
        if cursor:
            try:
                start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("from:"))
            except ValueError:
                raise SlackError("invalid_cursor") from None
        end = start + limit
        following = base64.b64encode(f"from:{end}".encode()).decode() if end < len(everything) else ""
        return list(everything[start:end]), following


FAMILY = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def build_answer(**parts: Any) -> Json:
    """A successful answer with these keys."""
    return {"ok": True, **parts}


def build_page_answer(following: str, **parts: Any) -> Json:
    """A successful answer with the next cursor."""
    return build_answer(**parts, response_metadata={"next_cursor": following})
