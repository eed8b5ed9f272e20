"""Read markers: how far each person has read each conversation, and which messages somebody had on the screen."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sandbox.slack.workspace_model import User, WorkspaceChannel, WorkspaceMessage
from sandbox.web_ui.visibility import VisibleWorkspace


class UnreadCount(NamedTuple):
    """How much is new in a conversation, and how much of that calls this person."""

    new: int
    calling: int


class ReadMarkers:
    """Kept for each person apart, for as long as the workspace is there."""

    def __init__(self) -> None:
        self._read_to: dict[tuple[str, str], str] = {}
        self._seen_by: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def mark_seen(self, person: User, channel: WorkspaceChannel, seen: Iterable[str]) -> bool:
        """Somebody had these messages on the screen. Whether that is news."""
        real = {stamp for stamp in seen if stamp in channel.messages}
        news = [stamp for stamp in real if person.id not in self._seen_by[channel.id, stamp]]
        for stamp in news:
            self._seen_by[channel.id, stamp].add(person.id)
        if news:
            place = (person.id, channel.id)
            self._read_to[place] = max(self._read_to.get(place, ""), *news)
        return bool(news)

    def read_to(self, person: User, channel: WorkspaceChannel) -> str:
        """The newest message that this person has seen there."""
        return self._read_to.get((person.id, channel.id), "")

    def was_seen(self, message: WorkspaceMessage) -> bool:
        """Whether anybody had this message on the screen."""
        return bool(self._seen_by.get((message.channel, message.ts)))

    def unread(self, sight: VisibleWorkspace, channel: WorkspaceChannel) -> UnreadCount:
        """What others wrote since this person last looked; what Slack itself notes there is not counted.

        Whoever writes has read what stands above.
        """
        me = sight.reader.id
        mine = [message.ts for message in channel.messages.values() if message.user == me]
        since = max([self.read_to(sight.reader, channel), *mine])
        fresh = [
            message
            for message in channel.messages.values()
            if message.ts > since and message.user != me and _is_news(message)
        ]
        is_direct = channel.is_im or channel.is_mpim
        return UnreadCount(len(fresh), sum(is_direct or me in message.pings for message in fresh))


def _is_news(message: WorkspaceMessage) -> bool:
    """Whether somebody wrote it, and it stands in the conversation and not only in a thread."""
    in_conversation = message.thread_ts in (None, message.ts) or message.broadcast
    return message.subtype in (None, "bot_message", "thread_broadcast", "file_share") and in_conversation
