"""Whom a message notifies, and how Slack rewrites what somebody types after a slash command."""

import re
from collections.abc import Iterable, Iterator

from sandbox.model import Channel, Json
from sandbox.workspace import BOT_USER, Workspace

MENTION = re.compile(r"<(?:@([UW][A-Z0-9]+)|!(channel|here|everyone)|!subteam\^([A-Z0-9]+))(?:\|[^>]*)?>")
TYPED_PERSON = re.compile(r"(?<![\w@])@([a-z0-9._-]*[a-z0-9])")
TYPED_CHANNEL = re.compile(r"(?<![\w#&])#([a-z0-9_-]+)")


def firing_texts(value: object) -> Iterator[str]:
    """Every string inside blocks in which a mention works: mrkdwn, markdown, and rich text's own elements."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from firing_texts(each)
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
            for each in value.values():
                yield from firing_texts(each)


def mentions(text: str, blocks: Iterable[Json] = ()) -> list[tuple[str, str]]:
    """What is called by name, as (`user` | `range` | `subteam`, id), in the text and in the blocks."""
    found: list[tuple[str, str]] = []
    for each in (text, *firing_texts(list(blocks))):
        for user, reach, group in MENTION.findall(each):
            found.append(("user", user) if user else ("range", reach) if reach else ("subteam", group))
    return found


def notified(
    workspace: Workspace, channel: Channel, text: str, blocks: Iterable[Json] = (), author: str = BOT_USER
) -> frozenset[str]:
    """The people whom a message with these words notifies: members of the channel only, never its author.

    The plain text counts even beside blocks, so that an empty answer proves that nobody was pinged.
    A direct message notifies its reader in any case; that is not counted here.
    """
    called: set[str] = set()
    for kind, id in mentions(text, blocks):
        if kind == "user":
            called.add(id)
        elif kind == "subteam":
            group = workspace.usergroups.get(id)
            called.update(group.members if group else ())
        elif not channel.is_im:
            called.update(channel.members)
    return frozenset(
        each
        for each in called
        if each in channel.members
        and each != author
        and not (workspace.users[each].is_bot and each != BOT_USER)
    )


def escape(text: str) -> str:
    """Slack's three escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_typed(workspace: Workspace, text: str) -> str:
    """The words of a slash command as Slack sends them with `should_escape: true`.

    `& < >` are escaped; `@handle` becomes `<@U…|handle>` and `#name` becomes `<#C…|name>` where they exist.
    """

    def person(match: re.Match[str]) -> str:
        user = workspace.find_user(match[1])
        if user is not None:
            return f"<@{user.id}|{user.handle}>"
        group = next((each for each in workspace.usergroups.values() if each.handle == match[1]), None)
        if group is not None:
            return f"<!subteam^{group.id}|@{group.handle}>"
        return f"<!{match[1]}>" if match[1] in ("channel", "here", "everyone") else match[0]

    def channel(match: re.Match[str]) -> str:
        found = workspace.find_channel(match[1])
        if found is None:
            return match[0]
        return f"<#{found.id}|>" if found.is_private else f"<#{found.id}|{found.name}>"

    return TYPED_CHANNEL.sub(channel, TYPED_PERSON.sub(person, escape(text)))
