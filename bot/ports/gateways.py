"""The ports of Slack, the paging providers and the on-call sources."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.contacts import Handle, OnCallSource
from bot.domain.page_provider import CachedCalendar, OnCallResult, PageRequest, PageResponse
from bot.ports.messages import (
    BotIdentity,
    MessageRef,
    SlackChannel,
    SlackMessage,
    SlackPayload,
    SlackPerson,
)


class Chat(Protocol):
    """Slack. Every method raises SlackRejected, SlackRateLimited, SlackUnreachable or SlackOutcomeUnknown."""

    @property
    def trouble(self) -> str:
        """What is wrong with Slack since its last answer, or what it asks to wait long for; empty when nothing is."""

    async def identity(self) -> BotIdentity: ...
    async def post(
        self,
        channel: str,
        message: SlackPayload,
        key: str,
        thread: str | None = None,
        broadcast: bool = False,
    ) -> MessageRef:
        """Post with our key in the metadata. `channel` may be a user's id: the direct message is opened."""

    async def find_post(
        self, channel: str, key: str, since: datetime, thread: str | None = None
    ) -> MessageRef | None:
        """The message that carries our key, if Slack has it; `channel` may be a user's id."""

    async def read_message(self, channel: str, ts: str) -> SlackMessage | None:
        """What a message says now, also one in a thread; None when it is gone."""

    async def list_message_keys(self, channel: str) -> Sequence[str]:
        """Our keys on the newest messages of a channel: whose channel it is."""

    async def edit(self, posted: MessageRef, message: SlackPayload, key: str) -> None: ...
    async def upload(self, content: bytes, name: str) -> str:
        """Bring a picture to Slack without showing it: a message may show it by the id that this gives."""

    async def begin_upload(self, content: bytes, name: str) -> str:
        """Bring a file to Slack that `share_upload` shows by the id that this gives. Nobody sees it before."""

    async def share_upload(self, file: str, title: str, channel: str, thread: str, comment: str) -> None:
        """Show an upload that was begun in a thread. Once only: look with `find_shared_file` before repeating it."""

    async def find_shared_file(self, file: str, channel: str, thread: str, since: datetime) -> bool:
        """Whether a message of ours in this thread shows the file."""

    async def delete_file(self, file: str) -> None:
        """Take a file of ours away; one that is gone stays so."""

    async def create_channel(self, name: str, private: bool = False) -> SlackChannel: ...
    async def find_channel(self, name: str, private: bool = False) -> SlackChannel | None:
        """Look through the public channels, or the private ones that the bot is in, for this exact name, archived ones
        included: slow, for doubt only."""

    async def channel(self, id: str) -> SlackChannel: ...
    async def list_members_up_to(self, channel: str, most: int) -> Sequence[str] | None:
        """The user ids of a channel's members; None when there are more than `most`."""

    async def join(self, channel: str) -> None: ...
    async def invite(self, channel: str, people: Sequence[str]) -> Mapping[str, str]:
        """Bring people in, any number; who was there already counts as brought. The refused ones, with the code."""

    async def channel_members(self, channel: str) -> Sequence[str]:
        """Everybody who is in the channel now, by their ids."""

    async def pin(self, posted: MessageRef) -> None: ...
    async def bookmarks(self, channel: str) -> Sequence[str]:
        """The addresses of the channel's bookmarks."""

    async def add_bookmark(self, channel: str, title: str, url: str) -> None: ...
    async def rename_channel(self, channel: str, name: str) -> None: ...
    async def archive(self, channel: str) -> None:
        """Archive the channel; an archived one stays as it is."""

    async def set_topic(self, channel: str, topic: str) -> None: ...
    async def person(self, id: str) -> SlackPerson: ...
    async def list_people(self, most: int) -> Sequence[SlackPerson]:
        """Who is in the workspace, bots and who left apart, up to `most`."""

    async def find_person_by_email(self, email: str) -> SlackPerson: ...
    async def names(self, ids: Collection[str]) -> Mapping[str, str]:
        """What people, channels and usergroups are called, by id; those are left out whom Slack does not tell."""

    async def list_usergroup_members(self, id: str) -> Sequence[str]: ...


class Pager(Protocol):
    """Providers that wake people. Nothing is raised: every failure is an answer that says how far the request came.

    The same key may be sent again after an unknown answer: PagerDuty then makes no second page, while what goes out
    through Apprise may come twice and says so.
    """

    async def page(self, handle: Handle, call: PageRequest) -> PageResponse: ...
    async def acknowledge(self, handle: Handle, key: str) -> PageResponse:
        """Tell the provider that the page was answered elsewhere. Accepted too where nothing is open."""

    async def progress(self, handle: Handle, key: str) -> PageResponse:
        """What the provider knows of an accepted page by now: delivered, where it says so; lost, where it surely has
        none; else accepted still."""

    async def resolve(self, handle: Handle, key: str) -> PageResponse:
        """End the page at the provider. Accepted too where nothing is open."""

    async def add_note(self, handle: Handle, key: str, text: str) -> PageResponse:
        """Add words to the page at the provider, once. Accepted too where nothing is open or nothing can be added."""


class OnCallLookup(Protocol):
    """Where it is written who is on call."""

    async def on_call(
        self, source: OnCallSource, at: datetime, last: CachedCalendar | None = None
    ) -> OnCallResult:
        """Who is on call at this instant; `last` is the calendar's last good copy. Nothing is raised."""
