"""Slack, the paging providers, and where it is written who is on call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.contacts import Handle, Source
from bot.letterbox import Channel, Identity, Message, Person, Posted, Said
from bot.paging import Copy, Duty, PageAnswer, PageCall


class Chat(Protocol):
    """Slack. Every method raises ChatRefused, ChatLimited, ChatAway or ChatUnknown."""

    async def identity(self) -> Identity: ...
    async def post(
        self, channel: str, message: Message, key: str, thread: str | None = None, broadcast: bool = False
    ) -> Posted:
        """Post with our key in the metadata. `channel` may be a user's id: the direct message is opened."""

    async def find_post(
        self, channel: str, key: str, since: datetime, thread: str | None = None
    ) -> Posted | None:
        """The message that carries our key, if Slack has it; `channel` may be a user's id."""

    async def said(self, channel: str, ts: str) -> Said | None:
        """What a message says now, also one in a thread; None when it is gone."""

    async def keys_in(self, channel: str) -> Sequence[str]:
        """Our keys on the newest messages of a channel: whose channel it is."""

    async def edit(self, posted: Posted, message: Message, key: str) -> None: ...
    async def upload(self, content: bytes, name: str) -> str:
        """Bring a picture to Slack without showing it: a message may show it by the id that this gives."""

    async def create_channel(self, name: str, private: bool = False) -> Channel: ...
    async def find_channel(self, name: str, private: bool = False) -> Channel | None:
        """Look through the public channels, or the private ones that the bot is in, for this exact name, archived ones
        included: slow, for doubt only."""

    async def channel(self, id: str) -> Channel: ...
    async def join(self, channel: str) -> None: ...
    async def invite(self, channel: str, people: Sequence[str]) -> Mapping[str, str]:
        """Bring people in, any number; who was there already counts as brought. The refused ones, with the code."""

    async def pin(self, posted: Posted) -> None: ...
    async def bookmarks(self, channel: str) -> Sequence[str]:
        """The addresses of the channel's bookmarks."""

    async def add_bookmark(self, channel: str, title: str, url: str) -> None: ...
    async def rename_channel(self, channel: str, name: str) -> None: ...
    async def archive(self, channel: str) -> None:
        """Archive the channel; an archived one stays as it is."""

    async def set_topic(self, channel: str, topic: str) -> None: ...
    async def person(self, id: str) -> Person: ...
    async def person_by_email(self, email: str) -> Person: ...
    async def usergroup_members(self, id: str) -> Sequence[str]: ...


class Pager(Protocol):
    """Providers that wake people. Nothing is raised: every failure is an answer that says how far the request came.

    The same key may be sent again after an unknown answer: PagerDuty then makes no second page, while what goes out
    through Apprise may come twice and says so.
    """

    async def page(self, handle: Handle, call: PageCall) -> PageAnswer: ...
    async def acknowledge(self, handle: Handle, key: str) -> PageAnswer:
        """Tell the provider that the page was answered elsewhere. Accepted too where nothing is open."""

    async def progress(self, handle: Handle, key: str) -> PageAnswer:
        """What the provider knows of an accepted page by now: delivered, where it says so; else accepted still."""

    async def resolve(self, handle: Handle, key: str) -> PageAnswer:
        """End the page at the provider. Accepted too where nothing is open."""


class OnCall(Protocol):
    """Where it is written who is on call."""

    async def on_call(self, source: Source, at: datetime, last: Copy | None = None) -> Duty:
        """Who is on call at this instant; `last` is the calendar's last good copy. Nothing is raised."""
