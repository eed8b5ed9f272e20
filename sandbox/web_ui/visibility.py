"""What one person may see of the workspace, as Slack would show it to them."""

from dataclasses import dataclass

from sandbox.slack.workspace import BOT_USER, SLACKBOT, Workspace
from sandbox.slack.workspace_model import (
    Ephemeral,
    File,
    User,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
)


def list_playable_users(workspace: Workspace) -> list[User]:
    """Everybody whose place somebody can take: people, no bots."""
    return [
        user
        for user in workspace.users.values()
        if not user.is_bot and not user.deleted and user.id != SLACKBOT
    ]


@dataclass(frozen=True, slots=True)
class VisibleWorkspace:
    """The workspace through one person's eyes. Nothing that is drawn or acted on comes from anywhere else."""

    workspace: Workspace
    reader: User

    @property
    def is_outsider(self) -> bool:
        """Guests and people of another team: for them there are only the channels that they were invited to."""
        return self.reader.is_restricted or self.reader.is_stranger

    def has_joined(self, channel: WorkspaceChannel) -> bool:
        return self.reader.id in channel.members

    def sees(self, channel: WorkspaceChannel) -> bool:
        """Members see; a public channel is open for everybody else of the team."""
        return self.has_joined(channel) or not (channel.is_private or self.is_outsider)

    def channel(self, id: str) -> WorkspaceChannel | None:
        """The conversation, when this person can see it."""
        found = self.workspace.channels.get(id)
        return found if found is not None and self.sees(found) else None

    def rooms(self, *, joined: bool) -> list[WorkspaceChannel]:
        """The channels that this person is in, or those that they might join."""
        found = [
            channel
            for channel in self.workspace.channels.values()
            if not (channel.is_im or channel.is_mpim)
            and self.sees(channel)
            and self.has_joined(channel) == joined
        ]
        return sorted(
            (channel for channel in found if not channel.is_archived), key=lambda channel: channel.name
        )

    def directs(self) -> list[WorkspaceChannel]:
        """The direct conversations with people; the one with the app has a place of its own."""
        found = [channel for channel in self.workspace.channels.values() if channel.is_im or channel.is_mpim]
        return [channel for channel in found if self.has_joined(channel) and BOT_USER not in channel.members]

    def with_app(self) -> WorkspaceChannel | None:
        """The direct conversation with the app."""
        return self.workspace.direct(BOT_USER, self.reader.id)

    def name(self, channel: WorkspaceChannel) -> str:
        """What the conversation is called here: its name, or who else is in it."""
        if not (channel.is_im or channel.is_mpim):
            return channel.name
        others = [member for member in channel.members if member != self.reader.id]
        return ", ".join(self.workspace.users[other].name for other in others)

    def messages(self, channel: WorkspaceChannel, thread: str = "") -> list[WorkspaceMessage | Ephemeral]:
        """What stands in the conversation, or in one of its threads, with what only this person sees."""
        found: list[WorkspaceMessage | Ephemeral] = [
            message for message in channel.messages.values() if _stands_in(message, thread)
        ]
        found += [
            ephemeral
            for ephemeral in self.workspace.ephemerals
            if ephemeral.reader == self.reader.id
            and ephemeral.channel == channel.id
            and (ephemeral.thread_ts or "") == thread
        ]
        return sorted(found, key=lambda message: message.ts)

    def message(self, channel: WorkspaceChannel, ts: str) -> WorkspaceMessage | Ephemeral | None:
        """The message with this ts, when this person can see it."""
        found = channel.messages.get(ts)
        if found is not None:
            return found
        return next(
            (
                ephemeral
                for ephemeral in self.workspace.ephemerals
                if ephemeral.ts == ts
                and ephemeral.reader == self.reader.id
                and ephemeral.channel == channel.id
            ),
            None,
        )

    def file(self, id: str) -> File | None:
        """An upload, when this person sees a conversation that it was shared in; one in none is shown by blocks."""
        found = self.workspace.files.get(id)
        if found is None or found.content is None:
            return None
        return found if not found.shares or any(self.channel(place) for place, _ in found.shares) else None

    def modal(self) -> WorkspaceView | None:
        """The modal on top of this person's screen."""
        stack = self.workspace.modals.get(self.reader.id)
        return stack[-1] if stack else None

    def home(self) -> WorkspaceView | None:
        return self.workspace.homes.get(self.reader.id)

    def view(self, id: str) -> WorkspaceView | None:
        """The open modal or the home with this id, when it is this person's."""
        mine = [*self.workspace.modals.get(self.reader.id, ()), self.home()]
        return next((view for view in mine if view is not None and view.id == id), None)


def _stands_in(message: WorkspaceMessage, thread: str) -> bool:
    if thread:
        return thread in (message.ts, message.thread_ts)
    return message.thread_ts in (None, message.ts) or message.broadcast
