"""Whom a message notifies, and how Slack rewrites what somebody types after a slash command."""

import re
from collections.abc import Iterable, Iterator

from sandbox.slack.workspace import BOT_USER, Workspace
from sandbox.slack.workspace_model import Json, WorkspaceChannel

MENTION = re.compile(r"<(?:@([UW][A-Z0-9]+)|!(channel|here|everyone)|!subteam\^([A-Z0-9]+))(?:\|[^>]*)?>")
TYPED_PERSON = re.compile(r"(?<![\w@])@([a-z0-9._-]*[a-z0-9])")
TYPED_LINK = re.compile(r"(?<![\w<])https?://(?:(?!&[lg]t;)[^\s<>|])+")
TYPED_CHANNEL = re.compile(r"(?<![\w#&])#([a-z0-9_-]+)")


def iterate_mention_texts(value: object) -> Iterator[str]:
    """Every string inside blocks in which a mention works: mrkdwn, markdown, and rich text's own elements."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from iterate_mention_texts(item)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind in ("mrkdwn", "markdown"):
            yield str(value.get("text", ""))
        elif kind == "user":
            yield f"<@{value.get('user_id', '')}>"
        elif kind == "usergroup":
            yield f"<!subteam^{value.get('usergroup_id', '')}>"
        elif kind == "broadcast":
            yield f"<!{value.get('range', '')}>"
        else:
            for item in value.values():
                yield from iterate_mention_texts(item)


def find_mentions(text: str, blocks: Iterable[Json] = ()) -> list[tuple[str, str]]:
    """What is called by name, as (`user` | `range` | `subteam`, id), in the text and in the blocks."""
    found: list[tuple[str, str]] = []
    for part in (text, *iterate_mention_texts(list(blocks))):
        for user, reach, group in MENTION.findall(part):
            found.append(("user", user) if user else ("range", reach) if reach else ("subteam", group))
    return found


def find_notified_users(
    workspace: Workspace,
    channel: WorkspaceChannel,
    text: str,
    blocks: Iterable[Json] = (),
    author: str = BOT_USER,
) -> frozenset[str]:
    """The people whom a message with these words notifies: members of the channel only, never its author.

    The plain text counts even beside blocks, so that an empty answer proves that nobody was pinged.
    A direct message notifies its reader in any case; that is not counted here.
    """
    called: set[str] = set()
    for kind, id in find_mentions(text, blocks):
        if kind == "user":
            called.add(id)
        elif kind == "subteam":
            group = workspace.usergroups.get(id)
            called.update(group.members if group else ())
        elif not channel.is_im:
            called.update(channel.members)
    return frozenset(
        name
        for name in called
        if name in channel.members
        and name != author
        and not (workspace.users[name].is_bot and name != BOT_USER)
    )


def escape(text: str) -> str:
    """Slack's three escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_command_text(workspace: Workspace, text: str) -> str:
    """The words of a slash command as Slack sends them with `should_escape: true`.

    `& < >` are escaped; `@handle` becomes `<@U…|handle>` and `#name` becomes `<#C…|name>` where they exist, and an
    address `<https://…>`.
    """

    def person(match: re.Match[str]) -> str:
        user = workspace.find_user(match[1])
        if user is not None:
            return f"<@{user.id}|{user.handle}>"
        group = next(
            (usergroup for usergroup in workspace.usergroups.values() if usergroup.handle == match[1]), None
        )
        if group is not None:
            return f"<!subteam^{group.id}|@{group.handle}>"
        return f"<!{match[1]}>" if match[1] in ("channel", "here", "everyone") else match[0]

    def channel(match: re.Match[str]) -> str:
        found = workspace.find_channel(match[1])
        if found is None:
            return match[0]
        return f"<#{found.id}|>" if found.is_private else f"<#{found.id}|{found.name}>"

    def mentions(words: str) -> str:
        return TYPED_CHANNEL.sub(channel, TYPED_PERSON.sub(person, words))

    words, end = "", 0
    escaped = escape(text)
    for link in TYPED_LINK.finditer(escaped):
        words += f"{mentions(escaped[end : link.start()])}<{link[0]}>"
        end = link.end()
    return words + mentions(escaped[end:])
