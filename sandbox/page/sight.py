"""What one person may see of the workspace, as Slack would show it to them."""

from dataclasses import dataclass

from sandbox.model import Channel, Ephemeral, File, Message, User, View
from sandbox.workspace import BOT_USER, SLACKBOT, Workspace


def people_to_be(workspace: Workspace) -> list[User]:
    """Everybody whose place somebody can take: people, no bots."""
    return [
        each
        for each in workspace.users.values()
        if not each.is_bot and not each.deleted and each.id != SLACKBOT
    ]


@dataclass(frozen=True, slots=True)
class Sight:
    """The workspace through one person's eyes. Nothing that is drawn or acted on comes from anywhere else."""

    workspace: Workspace
    reader: User

    @property
    def is_outsider(self) -> bool:
        """Guests and people of another team: for them there are only the channels that they were invited to."""
        return self.reader.is_restricted or self.reader.is_stranger

    def joined(self, channel: Channel) -> bool:
        return self.reader.id in channel.members

    def sees(self, channel: Channel) -> bool:
        """Members see; a public channel is open for everybody else of the team."""
        return self.joined(channel) or not (channel.is_private or self.is_outsider)

    def channel(self, id: str) -> Channel | None:
        """The conversation, when this person can see it."""
        found = self.workspace.channels.get(id)
        return found if found is not None and self.sees(found) else None

    def rooms(self, *, joined: bool) -> list[Channel]:
        """The channels that this person is in, or those that they might join."""
        found = [
            each
            for each in self.workspace.channels.values()
            if not (each.is_im or each.is_mpim) and self.sees(each) and self.joined(each) == joined
        ]
        return sorted((each for each in found if not each.is_archived), key=lambda each: each.name)

    def directs(self) -> list[Channel]:
        """The direct conversations with people; the one with the app has a place of its own."""
        found = [each for each in self.workspace.channels.values() if each.is_im or each.is_mpim]
        return [each for each in found if self.joined(each) and BOT_USER not in each.members]

    def with_app(self) -> Channel | None:
        """The direct conversation with the app."""
        return self.workspace.direct(BOT_USER, self.reader.id)

    def name(self, channel: Channel) -> str:
        """What the conversation is called here: its name, or who else is in it."""
        if not (channel.is_im or channel.is_mpim):
            return channel.name
        others = [each for each in channel.members if each != self.reader.id]
        return ", ".join(self.workspace.users[each].name for each in others)

    def messages(self, channel: Channel, thread: str = "") -> list[Message | Ephemeral]:
        """What stands in the conversation, or in one of its threads, with what only this person sees."""
        found: list[Message | Ephemeral] = [
            each for each in channel.messages.values() if _stands_in(each, thread)
        ]
        found += [
            each
            for each in self.workspace.ephemerals
            if each.reader == self.reader.id
            and each.channel == channel.id
            and (each.thread_ts or "") == thread
        ]
        return sorted(found, key=lambda each: each.ts)

    def message(self, channel: Channel, ts: str) -> Message | Ephemeral | None:
        """The message with this ts, when this person can see it."""
        found = channel.messages.get(ts)
        if found is not None:
            return found
        return next(
            (
                each
                for each in self.workspace.ephemerals
                if each.ts == ts and each.reader == self.reader.id and each.channel == channel.id
            ),
            None,
        )

    def file(self, id: str) -> File | None:
        """An upload, when this person sees a conversation that it was shared in; one in none is shown by blocks."""
        found = self.workspace.files.get(id)
        if found is None or found.content is None:
            return None
        return found if not found.shares or any(self.channel(place) for place, _ in found.shares) else None

    def modal(self) -> View | None:
        """The modal on top of this person's screen."""
        stack = self.workspace.modals.get(self.reader.id)
        return stack[-1] if stack else None

    def home(self) -> View | None:
        return self.workspace.homes.get(self.reader.id)

    def view(self, id: str) -> View | None:
        """The open modal or the home with this id, when it is this person's."""
        mine = [*self.workspace.modals.get(self.reader.id, ()), self.home()]
        return next((each for each in mine if each is not None and each.id == id), None)


def _stands_in(message: Message, thread: str) -> bool:
    if thread:
        return thread in (message.ts, message.thread_ts)
    return message.thread_ts in (None, message.ts) or message.broadcast
