"""People at work: they type commands, click, fill in forms. It reaches the bot as Slack would send it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.mentions import as_typed
from sandbox.model import Channel, Ephemeral, Json, Message, Trigger, User, View
from sandbox.outbound import ONCE, Answer, Delivery, Events, Kind, Transport
from sandbox.payloads import action_of, command_payload, from_message, from_view, interactive_payload
from sandbox.posting import delete, edit, join, leave, post, react, rename, set_archived, unreact, whisper
from sandbox.replies import acknowledged
from sandbox.screen import seen_blocks, use_element
from sandbox.state import CannotType, fill, find_element, refuse_incomplete
from sandbox.submission import apply_response
from sandbox.webapi import SlackError
from sandbox.webapi_views import drop, on_screen
from sandbox.workspace import BOT_USER, SLACKBOT, TEAM, Workspace

Ids = Callable[[], tuple[Trigger, str]]


class People:
    """The acting side. People are given as User, id or handle, channels as Channel, id or name."""

    def __init__(self, workspace: Workspace, transport: Transport, events: Events, base_url: str) -> None:
        self._workspace, self._transport, self._events = workspace, transport, events
        self._base_url = base_url

    async def command(
        self,
        person: User | str,
        channel: Channel | str,
        command: str,
        text: str = "",
        *,
        delivery: Delivery = ONCE,
        escaped: bool = True,
    ) -> Answer:
        """Type a slash command. `@who` and `#where` arrive as ids unless `escaped` is False."""
        who, where = self.person(person), self.channel(channel)
        words = as_typed(self._workspace, text) if escaped else text
        payload = command_payload(self._workspace, who, where, command, words)
        answer = await self._send("slash_commands", payload, delivery, self._ids(who, where.id))
        for each in (answer, *answer.others):
            self._show_answer(who, where, command, each)
        return answer

    async def click(
        self,
        person: User | str,
        target: Message | Ephemeral | View,
        action_id: str,
        block_id: str | None = None,
        value: Any = None,
        *,
        as_seen: bool = False,
        delivery: Delivery = ONCE,
    ) -> Answer:
        """Use a button or a menu of a message or view as it stands now, or `as_seen` when it was read.

        `value` picks among buttons with the same action_id, or is chosen in a menu. Raises CannotType.
        """
        who = self.person(person)
        current, blocks = seen_blocks(self._workspace, who, target, as_seen)
        wanted = value if isinstance(value, str) else None
        block, element = find_element(blocks, action_id, block_id, wanted)
        chosen = use_element(current, block, element, value)
        action = action_of(self._workspace, block, element, chosen)
        if isinstance(current, View):
            parts = from_view(current)
            ids = self._ids(who, None, view=current.id)
        else:
            parts = from_message(self._workspace, current)
            ids = self._ids(who, current.channel, source=current.ts)
        payload = interactive_payload(self._workspace, who, "block_actions", **parts, actions=[action])
        return await self._send("interactive", payload, delivery, ids)

    async def submit(
        self,
        person: User | str,
        view: View,
        values: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        force: bool = False,
        delivery: Delivery = ONCE,
    ) -> Answer:
        """Fill in `{block_id: {action_id: given}}` (see `state_of`) and submit; what is not given stays.

        Raises CannotType for what Slack's own window refuses, unless `force` is set. The answer's
        `problem` names what the person would see when the bot's response cannot be used.
        """
        who = self.person(person)
        if view.user != who.id or not on_screen(self._workspace, view):
            raise CannotType(f"{who.handle} has no such view open")
        if not view.payload.get("submit"):
            raise CannotType(f"{view.title} has no submit button")
        view.values = fill(view.blocks, view.values, values or {})
        if not force:
            refuse_incomplete(view.blocks, view.values)
        view.errors = {}
        shape = from_view(view)["view"]
        payload = interactive_payload(self._workspace, who, "view_submission", view=shape, response_urls=[])
        answer = await self._send("interactive", payload, delivery, self._ids(who, None, view=view.id))
        if not answer.ok:
            return answer
        return replace(answer, problem=apply_response(self._workspace, view, answer.parsed))

    async def close(self, view: View, *, everything: bool = False) -> Answer | None:
        """Close a modal without submitting; None when the bot did not ask to hear of it."""
        drop(self._workspace, view, everything)
        if not view.payload.get("notify_on_close"):
            return None
        who = self.person(view.user)
        payload = interactive_payload(
            self._workspace, who, "view_closed", view=from_view(view)["view"], is_cleared=everything
        )
        return await self._transport.send("interactive", payload)

    async def shortcut(
        self,
        person: User | str,
        callback_id: str,
        message: Message | None = None,
        *,
        delivery: Delivery = ONCE,
    ) -> Answer:
        """Use a global shortcut, or a message shortcut on `message`."""
        who = self.person(person)
        parts: Json = {"callback_id": callback_id, "action_ts": self._workspace.next_ts()}
        if message is None:
            payload = interactive_payload(self._workspace, who, "shortcut", **parts)
            return await self._send("interactive", payload, delivery, self._ids(who, None))
        where = from_message(self._workspace, message)
        parts |= {"channel": where["channel"], "message": where["message"], "message_ts": message.ts}
        payload = interactive_payload(self._workspace, who, "message_action", **parts)
        return await self._send(
            "interactive", payload, delivery, self._ids(who, message.channel, source=message.ts)
        )

    async def event(self, event: Json, *, delivery: Delivery = ONCE) -> Answer:
        """Deliver an event of any type, subscribed or not."""
        return await self._events.deliver(event, delivery)

    async def open_home(self, person: User | str) -> Answer:
        """Open the app's home tab; the bot hears `app_home_opened`."""
        who = self.person(person)
        direct = self._workspace.open_direct(BOT_USER, who.id)
        event: Json = {"type": "app_home_opened", "user": who.id, "channel": direct.id, "tab": "home"}
        home = self._workspace.homes.get(who.id)
        if home is not None:
            event["view"] = from_view(home)["view"]
        return await self.event(event)

    def say(
        self, person: User | str, channel: Channel | str, text: str, thread_ts: str | None = None
    ) -> Message:
        """Write a message as a person."""
        who, where = self.person(person), self.channel(channel)
        if who.id not in where.members:
            raise CannotType(f"{who.handle} is not in {where.name or where.id}")
        return post(self._workspace, where, who.id, text, thread_ts=thread_ts)

    def react(self, person: User | str, message: Message, name: str) -> None:
        """Put an emoji on a message, by its name without colons."""
        where = self.channel(message.channel)
        react(self._workspace, where, where.messages[message.ts], self.person(person).id, name)

    def unreact(self, person: User | str, message: Message, name: str) -> None:
        """Take one's emoji off a message again."""
        where, who = self.channel(message.channel), self.person(person)
        now = where.messages[message.ts]
        if who.id not in dict(now.reactions).get(name, ()):
            raise CannotType(f"{who.handle} has no :{name}: there")
        unreact(self._workspace, where, now, who.id, name)

    def edit(self, message: Message, text: str) -> Message:
        """Change one's own message."""
        where, now = self.channel(message.channel), self._workspace.next_ts()
        return edit(self._workspace, where, where.messages[message.ts], text=text, edited=(message.user, now))

    def delete(self, message: Message) -> None:
        """Delete one's own message."""
        where = self.channel(message.channel)
        delete(self._workspace, where, where.messages[message.ts])

    def join(self, person: User | str, channel: Channel | str) -> None:
        join(self._workspace, self.channel(channel), self.person(person).id)

    def leave(self, person: User | str, channel: Channel | str) -> None:
        leave(self._workspace, self.channel(channel), self.person(person).id)

    def archive(self, person: User | str, channel: Channel | str) -> None:
        set_archived(self._workspace, self.channel(channel), self.person(person).id, True)

    def unarchive(self, person: User | str, channel: Channel | str) -> None:
        set_archived(self._workspace, self.channel(channel), self.person(person).id, False)

    def rename(self, person: User | str, channel: Channel | str, name: str) -> None:
        rename(self._workspace, self.channel(channel), self.person(person).id, name)

    def person(self, who: User | str) -> User:
        found = self._workspace.find_user(who if isinstance(who, str) else who.id)
        if found is None:
            raise CannotType(f"nobody is called {who}")
        return found

    def channel(self, where: Channel | str) -> Channel:
        found = where if isinstance(where, Channel) else self._workspace.find_channel(where)
        if found is None:
            raise CannotType(f"no channel is called {where}")
        return found

    def _ids(self, who: User, channel: str | None, view: str | None = None, source: str | None = None) -> Ids:
        """Makes a new trigger, and a new response_url where the action happened in a channel."""

        def make() -> tuple[Trigger, str]:
            trigger = self._workspace.new_trigger(who.id, view)
            if channel is None:
                return trigger, ""
            address = self._workspace.new_reply_address(who.id, channel, source)
            return trigger, f"{self._base_url}/response/{TEAM}/{address.id}"

        return make

    async def _send(self, kind: Kind, payload: Json, delivery: Delivery, ids: Ids) -> Answer:
        async def one() -> Answer:
            trigger, response_url = ids()
            complete = {**payload, "trigger_id": trigger.id}
            if response_url:
                complete["response_url"] = response_url
            answer = await self._transport.send(kind, complete, delivery)
            return replace(answer, trigger_id=trigger.id, response_url=response_url)

        if not delivery.fresh_ids:
            return await one()
        answers = await asyncio.gather(*(one() for _ in range(delivery.copies)))
        return replace(answers[0], others=tuple(answers[1:]))

    def _show_answer(self, who: User, where: Channel, command: str, answer: Answer) -> None:
        if answer.ok and not answer.body.strip():
            return
        problem = answer.problem
        if answer.ok:
            try:
                acknowledged(self._workspace, who.id, where.id, answer.parsed)
                return
            except SlackError as refusal:
                problem = refusal.code
        text = f"{command} failed with the error “{problem}”"
        whisper(self._workspace, who.id, where.id, text, user=SLACKBOT)
