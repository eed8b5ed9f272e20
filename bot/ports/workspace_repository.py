"""What the database knows of the Slack workspace: people, channels, and how many are in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.ports.messages import BotIdentity, SlackChannel, SlackPerson


class WorkspaceRepository(Protocol):
    """Where a channel is, and how many people are in it."""

    async def set_channel_place(self, name: str, channel: str) -> None: ...
    async def find_member_count(self, name: str) -> int | None:
        """As `Store.people_at`."""

    async def set_member_count(self, name: str, people: int) -> None: ...


class WorkspaceReader(Protocol):
    """People and channels as Slack told of them."""

    async def find_workspace(self) -> tuple[str, str] | None:
        """The id and the address of the workspace whose incidents this database holds; None while it is nobody's."""

    async def claim_workspace(self, identity: BotIdentity) -> None:
        """Make it this workspace's, where it is nobody's."""

    async def place(self, name: str) -> str | None: ...
    async def find_member_count(self, name: str) -> int | None:
        """How many people were in the channel of this name when they were last counted; None when they never were."""

    async def person(self, id: str) -> tuple[SlackPerson, datetime] | None: ...
    async def save_person(self, person: SlackPerson) -> None: ...
    async def record_channel(self, channel: SlackChannel) -> None: ...
    async def list_recorded_channels(self, name: str) -> Sequence[SlackChannel]: ...
