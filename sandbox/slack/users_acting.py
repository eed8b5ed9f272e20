"""People at work: they type commands, click, fill in forms. It reaches the bot as Slack would send it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.slack.event_delivery import ONCE, BotAnswer, DeliveryOptions, EventSender, Kind, Transport
from sandbox.slack.mentions import escape_command_text
from sandbox.slack.payloads import (
    build_action,
    build_command_payload,
    build_interactive_payload,
    build_message_origin,
    build_view_origin,
)
from sandbox.slack.posting import (
    delete,
    edit,
    join,
    leave,
    post,
    react,
    rename,
    set_archived,
    show_ephemeral,
    unreact,
)
from sandbox.slack.response_urls import show_acknowledgement
from sandbox.slack.submission import apply_response
from sandbox.slack.view_state import ImpossibleActionError, fill_values, find_element, refuse_incomplete
from sandbox.slack.visible_blocks import find_visible_blocks, use_element
from sandbox.slack.web_api.method import SlackError
from sandbox.slack.web_api.views import close_view, is_on_screen
from sandbox.slack.workspace import BOT_USER, SLACKBOT, TEAM, Workspace
from sandbox.slack.workspace_model import (
    Ephemeral,
    Json,
    Trigger,
    User,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
)

Ids = Callable[[], tuple[Trigger, str]]


class People:
    """The acting side. People are given as User, id or handle, channels as Channel, id or name."""

    def __init__(
        self, workspace: Workspace, transport: Transport, events: EventSender, base_url: str
    ) -> None:
        self._workspace, self._transport, self._events = workspace, transport, events
        self._base_url = base_url

    async def command(
        self,
        person: User | str,
        channel: WorkspaceChannel | str,
        command: str,
        text: str = "",
        *,
        delivery: DeliveryOptions = ONCE,
        escaped: bool = True,
    ) -> BotAnswer:
        """Type a slash command. `@who` and `#where` arrive as ids unless `escaped` is False."""
        who, where = self.person(person), self.channel(channel)
        words = escape_command_text(self._workspace, text) if escaped else text
        payload = build_command_payload(self._workspace, who, where, command, words)
        answer = await self._send("slash_commands", payload, delivery, self._ids(who, where.id))
        for reply in (answer, *answer.others):
            self._show_answer(who, where, command, reply)
        return answer

    async def click(
        self,
        person: User | str,
        target: WorkspaceMessage | Ephemeral | WorkspaceView,
        action_id: str,
        block_id: str | None = None,
        value: Any = None,
        *,
        typed: Mapping[str, Mapping[str, Any]] | None = None,
        as_seen: bool = False,
        delivery: DeliveryOptions = ONCE,
    ) -> BotAnswer:
        """Use a button or a menu of a message or view as it stands now, or `as_seen` when it was read.

        `value` picks among buttons with the same action_id, or is chosen in a menu; `typed` is what stands in the
        other fields of a view by then. Raises ImpossibleActionError.
        """
        who = self.person(person)
        current, blocks = find_visible_blocks(self._workspace, who, target, as_seen)
        if typed and isinstance(current, WorkspaceView):
            current.values = fill_values(blocks, current.values, typed)
        wanted = value if isinstance(value, str) else None
        block, element = find_element(blocks, action_id, block_id, wanted)
        chosen = use_element(current, block, element, value)
        action = build_action(self._workspace, block, element, chosen)
        if isinstance(current, WorkspaceView):
            parts = build_view_origin(current)
            ids = self._ids(who, None, view=current.id)
        else:
            parts = build_message_origin(self._workspace, current)
            ids = self._ids(who, current.channel, source=current.ts)
        payload = build_interactive_payload(self._workspace, who, "block_actions", **parts, actions=[action])
        return await self._send("interactive", payload, delivery, ids)

    async def submit(
        self,
        person: User | str,
        view: WorkspaceView,
        values: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        force: bool = False,
        delivery: DeliveryOptions = ONCE,
    ) -> BotAnswer:
        """Fill in `{block_id: {action_id: given}}` (see `state_of`) and submit; what is not given stays.

        Raises ImpossibleActionError for what Slack's own window refuses, unless `force` is set. The answer's
        `problem` names what the person would see when the bot's response cannot be used.
        """
        who = self.person(person)
        if view.user != who.id or not is_on_screen(self._workspace, view):
            raise ImpossibleActionError(f"{who.handle} has no such view open")
        if not view.payload.get("submit"):
            raise ImpossibleActionError(f"{view.title} has no submit button")
        view.values = fill_values(view.blocks, view.values, values or {})
        if not force:
            refuse_incomplete(view.blocks, view.values)
        view.errors = {}
        shape = build_view_origin(view)["view"]
        payload = build_interactive_payload(
            self._workspace, who, "view_submission", view=shape, response_urls=[]
        )
        answer = await self._send("interactive", payload, delivery, self._ids(who, None, view=view.id))
        if not answer.ok:
            return answer
        return replace(answer, problem=apply_response(self._workspace, view, answer.parsed))

    async def close(self, view: WorkspaceView, *, everything: bool = False) -> BotAnswer | None:
        """Close a modal without submitting; None when the bot did not ask to hear of it."""
        close_view(self._workspace, view, everything)
        if not view.payload.get("notify_on_close"):
            return None
        who = self.person(view.user)
        payload = build_interactive_payload(
            self._workspace, who, "view_closed", view=build_view_origin(view)["view"], is_cleared=everything
        )
        return await self._transport.send("interactive", payload)

    async def shortcut(
        self,
        person: User | str,
        callback_id: str,
        message: WorkspaceMessage | None = None,
        *,
        delivery: DeliveryOptions = ONCE,
    ) -> BotAnswer:
        """Use a global shortcut, or a message shortcut on `message`."""
        who = self.person(person)
        parts: Json = {"callback_id": callback_id, "action_ts": self._workspace.next_ts()}
        if message is None:
            payload = build_interactive_payload(self._workspace, who, "shortcut", **parts)
            return await self._send("interactive", payload, delivery, self._ids(who, None))
        where = build_message_origin(self._workspace, message)
        parts |= {"channel": where["channel"], "message": where["message"], "message_ts": message.ts}
        payload = build_interactive_payload(self._workspace, who, "message_action", **parts)
        return await self._send(
            "interactive", payload, delivery, self._ids(who, message.channel, source=message.ts)
        )

    async def event(self, event: Json, *, delivery: DeliveryOptions = ONCE) -> BotAnswer:
        """Deliver an event of any type, subscribed or not."""
        return await self._events.deliver(event, delivery)

    async def open_home(self, person: User | str) -> BotAnswer:
        """Open the app's home tab; the bot hears `app_home_opened`."""
        who = self.person(person)
        direct = self._workspace.open_direct(BOT_USER, who.id)
        event: Json = {"type": "app_home_opened", "user": who.id, "channel": direct.id, "tab": "home"}
        home = self._workspace.homes.get(who.id)
        if home is not None:
            event["view"] = build_view_origin(home)["view"]
        return await self.event(event)

    def say(
        self, person: User | str, channel: WorkspaceChannel | str, text: str, thread_ts: str | None = None
    ) -> WorkspaceMessage:
        """Write a message as a person."""
        who, where = self.person(person), self.channel(channel)
        if who.id not in where.members:
            raise ImpossibleActionError(f"{who.handle} is not in {where.name or where.id}")
        return post(self._workspace, where, who.id, text, thread_ts=thread_ts)

    def react(self, person: User | str, message: WorkspaceMessage, name: str) -> None:
        """Put an emoji on a message, by its name without colons."""
        where = self.channel(message.channel)
        react(self._workspace, where, where.messages[message.ts], self.person(person).id, name)

    def unreact(self, person: User | str, message: WorkspaceMessage, name: str) -> None:
        """Take one's emoji off a message again."""
        where, who = self.channel(message.channel), self.person(person)
        now = where.messages[message.ts]
        if who.id not in dict(now.reactions).get(name, ()):
            raise ImpossibleActionError(f"{who.handle} has no :{name}: there")
        unreact(self._workspace, where, now, who.id, name)

    def edit(self, message: WorkspaceMessage, text: str) -> WorkspaceMessage:
        """Change one's own message."""
        where, now = self.channel(message.channel), self._workspace.next_ts()
        return edit(self._workspace, where, where.messages[message.ts], text=text, edited=(message.user, now))

    def delete(self, message: WorkspaceMessage) -> None:
        """Delete one's own message."""
        where = self.channel(message.channel)
        delete(self._workspace, where, where.messages[message.ts])

    def join(self, person: User | str, channel: WorkspaceChannel | str) -> None:
        join(self._workspace, self.channel(channel), self.person(person).id)

    def leave(self, person: User | str, channel: WorkspaceChannel | str) -> None:
        leave(self._workspace, self.channel(channel), self.person(person).id)

    def archive(self, person: User | str, channel: WorkspaceChannel | str) -> None:
        set_archived(self._workspace, self.channel(channel), self.person(person).id, True)

    def unarchive(self, person: User | str, channel: WorkspaceChannel | str) -> None:
        set_archived(self._workspace, self.channel(channel), self.person(person).id, False)

    def rename(self, person: User | str, channel: WorkspaceChannel | str, name: str) -> None:
        rename(self._workspace, self.channel(channel), self.person(person).id, name)

    def person(self, who: User | str) -> User:
        found = self._workspace.find_user(who if isinstance(who, str) else who.id)
        if found is None:
            raise ImpossibleActionError(f"nobody is called {who}")
        return found

    def channel(self, where: WorkspaceChannel | str) -> WorkspaceChannel:
        found = where if isinstance(where, WorkspaceChannel) else self._workspace.find_channel(where)
        if found is None:
            raise ImpossibleActionError(f"no channel is called {where}")
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

    async def _send(self, kind: Kind, payload: Json, delivery: DeliveryOptions, ids: Ids) -> BotAnswer:
        async def one() -> BotAnswer:
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

    def _show_answer(self, who: User, where: WorkspaceChannel, command: str, answer: BotAnswer) -> None:
        if answer.ok and not answer.body.strip():
            return
        problem = answer.problem
        if answer.ok:
            try:
                show_acknowledgement(self._workspace, who.id, where.id, answer.parsed)
                return
            except SlackError as refusal:
                problem = refusal.code
        text = f"{command} failed with the error “{problem}”"
        show_ephemeral(self._workspace, who.id, where.id, text, user=SLACKBOT)
