"""What each person has read: the marks beside conversations, and which messages were before somebody's eyes."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sandbox.model import Channel, Message, User
from sandbox.page.sight import Sight


class Unread(NamedTuple):
    """How much is new in a conversation, and how much of that calls this person."""

    new: int
    calling: int


class Marks:
    """Kept for each person apart, for as long as the workspace is there."""

    def __init__(self) -> None:
        self._read_to: dict[tuple[str, str], str] = {}
        self._seen_by: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def saw(self, person: User, channel: Channel, seen: Iterable[str]) -> bool:
        """Somebody had these messages on the screen. Whether that is news."""
        real = {each for each in seen if each in channel.messages}
        news = [each for each in real if person.id not in self._seen_by[channel.id, each]]
        for each in news:
            self._seen_by[channel.id, each].add(person.id)
        if news:
            place = (person.id, channel.id)
            self._read_to[place] = max(self._read_to.get(place, ""), *news)
        return bool(news)

    def read_to(self, person: User, channel: Channel) -> str:
        """The newest message that this person has seen there."""
        return self._read_to.get((person.id, channel.id), "")

    def was_seen(self, message: Message) -> bool:
        """Whether anybody had this message on the screen."""
        return bool(self._seen_by.get((message.channel, message.ts)))

    def unread(self, sight: Sight, channel: Channel) -> Unread:
        """What others wrote since this person last looked; what Slack itself notes there is not counted.

        Whoever writes has read what stands above.
        """
        me = sight.reader.id
        mine = [each.ts for each in channel.messages.values() if each.user == me]
        since = max([self.read_to(sight.reader, channel), *mine])
        fresh = [
            each
            for each in channel.messages.values()
            if each.ts > since
            and each.user != me
            and each.subtype in (None, "bot_message", "thread_broadcast", "file_share")
            if each.thread_ts in (None, each.ts) or each.broadcast
        ]
        calling = [each for each in fresh if channel.is_im or channel.is_mpim or me in each.pings]
        return Unread(len(fresh), len(calling))
