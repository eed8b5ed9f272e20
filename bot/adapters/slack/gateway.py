"""The `Chat` port over Slack's Web API (docs.slack.dev/reference/methods)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Self

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import message_search, response_parsers
from bot.adapters.slack.bulk_invite import invite_people
from bot.adapters.slack.clock import SlackClock
from bot.adapters.slack.name_lookup import NameLookup
from bot.adapters.slack.upload import begin_upload, delete_file, share_upload, upload_file
from bot.adapters.slack.web_client import SlackWebClient
from bot.errors import SlackOutcomeUnknown, SlackRejected
from bot.ports import BotIdentity, MessageRef, SlackChannel, SlackMessage, SlackPayload
from bot.ports.messages import SlackPerson

SLACK = "https://slack.com/api/"
TOPIC = 250
EDITED_BYTES = 4000
ITEMS_A_PAGE, CHANNEL_PAGES = 999, 50


class SlackGateway:
    """Slack, as the port describes it. Use it as an async context manager, or call `close` at the end."""

    def __init__(self, token: str, base_url: str = SLACK, timeout: float = 3.0) -> None:
        """`timeout` is for one HTTP call, in seconds; connecting may take two thirds of it."""
        self._wire = SlackWebClient(token, base_url, timeout)
        self._known: BotIdentity | None = None
        self._names = NameLookup(self._wire)

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
    def clock(self) -> SlackClock:
        """What time it is at Slack."""
        return self._wire.clock

    async def close(self) -> None:
        """Close the connections to Slack."""
        await self._wire.close()

    async def identity(self) -> BotIdentity:
        """Who the bot is, asked anew."""
        self._known = await self._wire.call("auth.test", response_parsers.parse_identity)
        return self._known

    async def _me(self) -> BotIdentity:
        return self._known or await self.identity()

    async def post(
        self,
        channel: str,
        message: SlackPayload,
        key: str,
        thread: str | None = None,
        broadcast: bool = False,
    ) -> MessageRef:
        """Post with our key in the metadata. `channel` may be a user's id: the direct message is opened."""
        return await self._wire.call(
            "chat.postMessage",
            response_parsers.parse_posted,
            lane=channel,
            channel=channel,
            text=message.text,
            blocks=message.blocks or None,
            metadata=response_parsers.build_metadata(key),
            thread_ts=thread,
            reply_broadcast=broadcast or None,
            unfurl_links=False,
            unfurl_media=False,
        )

    async def find_post(
        self, channel: str, key: str, since: datetime, thread: str | None = None
    ) -> MessageRef | None:
        """The message of ours that carries the key, from shortly before `since` on; None when there is none.

        Raises SlackOutcomeUnknown when there is more to look through than is read here: that is no proof of absence.
        """
        return await message_search.find_post(self._wire, await self._me(), channel, key, since, thread)

    async def read_message(self, channel: str, ts: str) -> SlackMessage | None:
        """What a message says now; None when it is gone. One call finds messages of the channel and of threads."""
        return await message_search.read_message(self._wire, await self._me(), channel, ts, self.names)

    async def list_message_keys(self, channel: str) -> Sequence[str]:
        """Our keys on the newest messages of a channel, the newest first."""
        return await message_search.list_message_keys(self._wire, await self._me(), channel)

    async def edit(self, posted: MessageRef, message: SlackPayload, key: str) -> None:
        """Replace what is shown. The plain text is cut to the 4000 bytes that an update may have."""
        await self._wire.call(
            "chat.update",
            response_parsers.ignore_answer,
            channel=posted.channel,
            ts=posted.ts,
            text=message.text.encode("utf-8", "replace")[:EDITED_BYTES].decode("utf-8", "ignore"),
            blocks=message.blocks,
            metadata=response_parsers.build_metadata(key),
            parse="none",
        )

    async def delete(self, posted: MessageRef) -> None:
        """Take a message of ours away."""
        await self._wire.call(
            "chat.delete", response_parsers.ignore_answer, channel=posted.channel, ts=posted.ts
        )

    async def upload(self, content: bytes, name: str) -> str:
        """Bring a picture to Slack without showing it; its id."""
        return await upload_file(self._wire, content, name, self._wire.client.base_url)

    async def begin_upload(self, content: bytes, name: str) -> str:
        """Bring a file to Slack that nobody sees yet; its id."""
        return await begin_upload(self._wire, content, name, self._wire.client.base_url)

    async def share_upload(self, file: str, title: str, channel: str, thread: str, comment: str) -> None:
        """Show it in a thread."""
        await share_upload(self._wire, file, title, channel, thread, comment)

    async def find_shared_file(self, file: str, channel: str, thread: str, since: datetime) -> bool:
        """Whether a message of ours in this thread shows the file. Raises SlackOutcomeUnknown as `find_post` does."""
        return await message_search.find_file(self._wire, await self._me(), file, channel, thread, since)

    async def delete_file(self, file: str) -> None:
        """Take a file of ours away."""
        await delete_file(self._wire, file)

    async def create_channel(self, name: str, private: bool = False) -> SlackChannel:
        """Create the channel; refused with `name_taken` when the name is used, by an archived one too."""
        return await self._wire.call(
            "conversations.create", response_parsers.parse_channel, name=name, is_private=private
        )

    async def find_channel(self, name: str, private: bool = False) -> SlackChannel | None:
        """Look through the public channels, or the bot's private ones, for this exact name, archived ones included."""
        cursor = ""
        for _ in range(CHANNEL_PAGES):
            channels, cursor = await self._wire.call(
                "conversations.list",
                response_parsers.build_page_reader("channels"),
                types="private_channel" if private else "public_channel",
                exclude_archived=False,
                limit=ITEMS_A_PAGE,
                cursor=cursor or None,
            )
            for channel in channels:
                if channel.get("name") == name:
                    return response_parsers.parse_conversation(channel)
            if not cursor:
                return None
        raise SlackOutcomeUnknown("There are too many channels to be sure that this one is not among them")

    async def channel(self, id: str) -> SlackChannel:
        """The channel as it is now; refused with `channel_not_found` when the bot may not see it."""
        return await self._wire.call("conversations.info", response_parsers.parse_channel, channel=id)

    async def list_members_up_to(self, channel: str, most: int) -> Sequence[str] | None:
        """The user ids of a channel's members; None when there are more than `most`."""
        people, more = await self._wire.call(
            "conversations.members", response_parsers.parse_member_page, channel=channel, limit=most + 1
        )
        return None if more or len(people) > most else people

    async def join(self, channel: str) -> None:
        """Join a public channel; being there already is fine."""
        await self._wire.call("conversations.join", response_parsers.ignore_answer, channel=channel)

    async def invite(self, channel: str, people: Sequence[str]) -> Mapping[str, str]:
        """Bring people in, any number; who is there already counts as brought. The refused, with the code."""
        return await invite_people(self._wire, channel, people)

    async def channel_members(self, channel: str) -> Sequence[str]:
        """Everybody who is in the channel."""
        found: list[str] = []
        cursor = ""
        for _ in range(CHANNEL_PAGES):
            people, cursor = await self._wire.call(
                "conversations.members",
                response_parsers.build_page_reader("members"),
                channel=channel,
                limit=ITEMS_A_PAGE,
                cursor=cursor or None,
            )
            found += map(str, people)
            if not cursor:
                return found
        raise SlackOutcomeUnknown("There are too many people in that channel to know all of them")

    async def pin(self, posted: MessageRef) -> None:
        """Pin the message; being pinned already is fine."""
        try:
            await self._wire.call(
                "pins.add", response_parsers.ignore_answer, channel=posted.channel, timestamp=posted.ts
            )
        except SlackRejected as refusal:
            if refusal.code != "already_pinned":
                raise

    async def bookmarks(self, channel: str) -> Sequence[str]:
        """The addresses of the channel's bookmarks."""
        return await self._wire.call("bookmarks.list", response_parsers.parse_links, channel_id=channel)

    async def add_bookmark(self, channel: str, title: str, url: str) -> None:
        """Add a bookmark; Slack does not mind having the same one twice, so look first."""
        await self._wire.call(
            "bookmarks.add",
            response_parsers.ignore_answer,
            channel_id=channel,
            title=title,
            type="link",
            link=url,
        )

    async def rename_channel(self, channel: str, name: str) -> None:
        """Give the channel another name; refused with `name_taken`."""
        await self._wire.call(
            "conversations.rename", response_parsers.ignore_answer, channel=channel, name=name
        )

    async def archive(self, channel: str) -> None:
        """Archive the channel; an archived one stays as it is."""
        try:
            await self._wire.call("conversations.archive", response_parsers.ignore_answer, channel=channel)
        except SlackRejected as refusal:
            if refusal.code != "already_archived":
                raise

    async def set_topic(self, channel: str, topic: str) -> None:
        """Set the topic, cut to the 250 characters that Slack takes."""
        await self._wire.call(
            "conversations.setTopic", response_parsers.ignore_answer, channel=channel, topic=topic[:TOPIC]
        )

    async def person(self, id: str) -> SlackPerson:
        """Who that is, as far as permissions need to know."""
        me = await self._me()
        return await self._wire.call(
            "users.info", lambda answer: response_parsers.parse_person(answer, me), user=id
        )

    async def list_people(self, most: int) -> Sequence[SlackPerson]:
        """Who is in the workspace, bots and who left apart, up to `most`."""
        me, cursor = await self._me(), ""
        found: list[SlackPerson] = []
        while True:
            people, cursor = await self._wire.call(
                "users.list",
                lambda answer: response_parsers.parse_people(answer, me),
                limit=ITEMS_A_PAGE,
                cursor=cursor or None,
            )
            found += [person for person in people if not (person.bot or person.deactivated)]
            if not cursor or len(found) >= most:
                return found[:most]

    async def find_person_by_email(self, email: str) -> SlackPerson:
        """The same by e-mail address; refused with `users_not_found` when nobody has it."""
        me = await self._me()
        return await self._wire.call(
            "users.lookupByEmail", lambda answer: response_parsers.parse_person(answer, me), email=email
        )

    async def names(self, ids: Collection[str]) -> Mapping[str, str]:
        """What people, channels and usergroups are called, by id; who cannot be told is left out."""
        return await self._names.of(ids, await self._me()) if ids else {}

    async def list_usergroup_members(self, id: str) -> Sequence[str]:
        """The user ids of a usergroup (`S…`)."""
        return await self._wire.call("usergroups.users.list", response_parsers.parse_members, usergroup=id)
