"""SlackChat: the `Chat` port over Slack's Web API (docs.slack.dev/reference/methods)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatRefused, ChatUnknown
from bot.letterbox import Person
from bot.ports import Channel, Identity, Message, Posted, Said
from bot.slack import answers
from bot.slack.invitations import invite
from bot.slack.upload import upload
from bot.slack.wire import Wire

SLACK = "https://slack.com/api/"
TOPIC = 250
EDITED_BYTES = 4000
CLOCK_SKEW = timedelta(minutes=15)
"""How far the database's clock, which says when we sent, may be off Slack's, which says when it came."""

MESSAGES_A_PAGE, MESSAGE_PAGES = 200, 20
FOUND_BY_TIME = 2
"""A reply comes with the message that its thread began with."""
CHANNELS_A_PAGE, CHANNEL_PAGES = 999, 50


class SlackChat:
    """Slack, as the port describes it. Use it as an async context manager, or call `close` at the end."""

    def __init__(self, token: str, base_url: str = SLACK, timeout: float = 3.0) -> None:
        """`timeout` is for one HTTP call, in seconds; connecting may take two thirds of it."""
        self._wire = Wire(token, base_url, timeout)
        self._known: Identity | None = None

    async def __aenter__(self) -> Self:
        self._wire.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def client(self) -> AsyncWebClient:
        """The SDK's client over the same connections, for what handlers ask of Slack."""
        return self._wire.client

    @property
    def trouble(self) -> str:
        """What is wrong with Slack since its last answer, or what it asks to wait long for; empty when nothing is."""
        return self._wire.trouble

    @property
    def clock_ahead(self) -> float:
        """By how many seconds Slack's clock was ahead of this machine's in the last answer; 0 before the first."""
        return self._wire.clock_ahead

    async def close(self) -> None:
        """Close the connections to Slack."""
        await self._wire.close()

    async def identity(self) -> Identity:
        """Who the bot is, asked anew."""
        self._known = await self._wire.call("auth.test", answers.identity)
        return self._known

    async def _me(self) -> Identity:
        return self._known or await self.identity()

    async def post(
        self, channel: str, message: Message, key: str, thread: str | None = None, broadcast: bool = False
    ) -> Posted:
        """Post with our key in the metadata. `channel` may be a user's id: the direct message is opened."""
        return await self._wire.call(
            "chat.postMessage",
            answers.posted,
            lane=channel,
            channel=channel,
            text=message.text,
            blocks=message.blocks or None,
            metadata=answers.metadata(key),
            thread_ts=thread,
            reply_broadcast=broadcast or None,
            unfurl_links=False,
            unfurl_media=False,
        )

    async def find_post(
        self, channel: str, key: str, since: datetime, thread: str | None = None
    ) -> Posted | None:
        """The message of ours that carries the key, from shortly before `since` on; None when there is none.

        Raises ChatUnknown when there is more to look through than is read here: that is no proof of absence.
        """
        me = await self._me()
        if channel.startswith(("U", "W")):
            channel = await self._wire.call("conversations.open", answers.channel_id, users=channel)
        cursor = ""
        for _ in range(MESSAGE_PAGES):
            messages, cursor = await self._wire.call(
                "conversations.replies" if thread else "conversations.history",
                answers.page("messages"),
                channel=channel,
                ts=thread,
                oldest=f"{(since - CLOCK_SKEW).timestamp():.6f}",
                limit=MESSAGES_A_PAGE,
                include_all_metadata=True,
                cursor=cursor or None,
            )
            for message in messages:
                if answers.our_key(message, me) == key:
                    return Posted(channel, message["ts"])
            if not cursor:
                return None
        raise ChatUnknown("There are too many messages since then to be sure that ours is not among them")

    async def said(self, channel: str, ts: str) -> Said | None:
        """What a message says now; None when it is gone. One call finds messages of the channel and of threads."""
        me = await self._me()
        try:
            messages, _ = await self._wire.call(
                "conversations.replies",
                answers.page("messages"),
                channel=channel,
                ts=ts,
                oldest=ts,
                latest=ts,
                inclusive=True,
                limit=FOUND_BY_TIME,
            )
        except ChatRefused as refusal:
            if refusal.code in ("thread_not_found", "message_not_found"):
                return None
            raise
        for message in messages:
            if message.get("ts") == ts and message.get("subtype") != answers.TOMBSTONE:
                return answers.said(message, channel, me)
        return None

    async def keys_in(self, channel: str) -> Sequence[str]:
        """Our keys on the newest messages of a channel, the newest first."""
        me = await self._me()
        messages, _ = await self._wire.call(
            "conversations.history",
            answers.page("messages"),
            channel=channel,
            limit=MESSAGES_A_PAGE,
            include_all_metadata=True,
        )
        return [key for each in messages if (key := answers.our_key(each, me)) is not None]

    async def edit(self, posted: Posted, message: Message, key: str) -> None:
        """Replace what is shown. The plain text is cut to the 4000 bytes that an update may have."""
        await self._wire.call(
            "chat.update",
            answers.nothing,
            channel=posted.channel,
            ts=posted.ts,
            text=message.text.encode("utf-8", "replace")[:EDITED_BYTES].decode("utf-8", "ignore"),
            blocks=message.blocks,
            metadata=answers.metadata(key),
            parse="none",
        )

    async def upload(self, content: bytes, name: str) -> str:
        """Bring a picture to Slack without showing it; its id."""
        return await upload(self._wire, content, name, self._wire.client.base_url)

    async def create_channel(self, name: str, private: bool = False) -> Channel:
        """Create the channel; refused with `name_taken` when the name is used, by an archived one too."""
        return await self._wire.call("conversations.create", answers.channel, name=name, is_private=private)

    async def find_channel(self, name: str, private: bool = False) -> Channel | None:
        """Look through the public channels, or the bot's private ones, for this exact name, archived ones included."""
        cursor = ""
        for _ in range(CHANNEL_PAGES):
            channels, cursor = await self._wire.call(
                "conversations.list",
                answers.page("channels"),
                types="private_channel" if private else "public_channel",
                exclude_archived=False,
                limit=CHANNELS_A_PAGE,
                cursor=cursor or None,
            )
            for each in channels:
                if each.get("name") == name:
                    return answers.described(each)
            if not cursor:
                return None
        raise ChatUnknown("There are too many channels to be sure that this one is not among them")

    async def channel(self, id: str) -> Channel:
        """The channel as it is now; refused with `channel_not_found` when the bot may not see it."""
        return await self._wire.call("conversations.info", answers.channel, channel=id)

    async def join(self, channel: str) -> None:
        """Join a public channel; being there already is fine."""
        await self._wire.call("conversations.join", answers.nothing, channel=channel)

    async def invite(self, channel: str, people: Sequence[str]) -> Mapping[str, str]:
        """Bring people in, any number; who is there already counts as brought. The refused, with the code."""
        return await invite(self._wire, channel, people)

    async def pin(self, posted: Posted) -> None:
        """Pin the message; being pinned already is fine."""
        try:
            await self._wire.call("pins.add", answers.nothing, channel=posted.channel, timestamp=posted.ts)
        except ChatRefused as refusal:
            if refusal.code != "already_pinned":
                raise

    async def bookmarks(self, channel: str) -> Sequence[str]:
        """The addresses of the channel's bookmarks."""
        return await self._wire.call("bookmarks.list", answers.links, channel_id=channel)

    async def add_bookmark(self, channel: str, title: str, url: str) -> None:
        """Add a bookmark; Slack does not mind having the same one twice, so look first."""
        await self._wire.call(
            "bookmarks.add", answers.nothing, channel_id=channel, title=title, type="link", link=url
        )

    async def rename_channel(self, channel: str, name: str) -> None:
        """Give the channel another name; refused with `name_taken`."""
        await self._wire.call("conversations.rename", answers.nothing, channel=channel, name=name)

    async def archive(self, channel: str) -> None:
        """Archive the channel; an archived one stays as it is."""
        try:
            await self._wire.call("conversations.archive", answers.nothing, channel=channel)
        except ChatRefused as refusal:
            if refusal.code != "already_archived":
                raise

    async def set_topic(self, channel: str, topic: str) -> None:
        """Set the topic, cut to the 250 characters that Slack takes."""
        await self._wire.call("conversations.setTopic", answers.nothing, channel=channel, topic=topic[:TOPIC])

    async def person(self, id: str) -> Person:
        """Who that is, as far as permissions need to know."""
        me = await self._me()
        return await self._wire.call("users.info", lambda answer: answers.person(answer, me), user=id)

    async def person_by_email(self, email: str) -> Person:
        """The same by e-mail address; refused with `users_not_found` when nobody has it."""
        me = await self._me()
        return await self._wire.call(
            "users.lookupByEmail", lambda answer: answers.person(answer, me), email=email
        )

    async def usergroup_members(self, id: str) -> Sequence[str]:
        """The user ids of a usergroup (`S…`)."""
        return await self._wire.call("usergroups.users.list", answers.members, usergroup=id)
