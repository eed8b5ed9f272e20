"""One whole incident on the shipped runbook, played by the seeded people, each step checked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox.demo.code_host import DemoHosts
from sandbox.demo.review_script import ReviewScript, StoryStuckError
from sandbox.slack.plain_text import render_message_lines, render_view_lines
from sandbox.slack.slack import Slack
from sandbox.slack.workspace_model import WorkspaceMessage

Say = Callable[[str], None]
PATIENCE = 15.0
"""Seconds that a step may take before the story counts as failed."""

EVERY = "5s"
"""The rhythm of updates in the story, where a real incident has the runbook's 15 minutes."""

DUE = "status update is due"
"""What a reminder says; whoever looks on may make the story slow, so that one comes before the first update."""

TYPED = "`aws ecs describe-tasks --cluster rodistaa-production-cluster --tasks 5f2c91d0 --query tasks[].stoppedReason`"
"""What Bruno types in the channel, and what no step of the runbook has."""

CONTACTS = """[contacts]
"CTO" = ["slack:U0BRUNO001", "pagerduty:user/PCTO001"]
"DevOps Lead" = ["slack:devika@team.example", "pagerduty:user/PDEV001"]
"On-Call Engineer" = "slack:U0CHIDI001"

[approvers]
"*" = ["CTO", "DevOps Lead"]
"""


async def _nothing(chapter: str, room: str) -> None:
    """Nobody else looks."""


@dataclass(slots=True)
class IncidentScript:
    """The people at work in one stand-in; `say` prints a line. `after` hears of each chapter's end, and the room."""

    slack: Slack
    say: Say
    after: Callable[[str, str], Awaitable[None]] = _nothing
    hosts: DemoHosts = field(default_factory=DemoHosts)
    room: str = ""
    _reminded: set[str] = field(default_factory=set)

    async def play(self) -> None:
        """Declare, acknowledge, be reminded, update, resolve, review, learn, tick, close. Raises StoryStuckError."""
        review = ReviewScript(self, self.hosts)
        chapters = {
            "declare": self._declare,
            "acknowledge": self._acknowledge,
            "update": self._update,
            "reminder": self._reminder,
            "resolve": self.resolve,
            "review": review.write_review,
            "learn": review.improve_runbook,
            "action": review.add_action,
            "tick": self._tick,
        }
        for name, chapter in chapters.items():
            await chapter()
            await self.after(name, self.room)

    async def _declare(self) -> None:
        self.say("\n■ 03:00. Ana types in #general:  /incident declare p0 API is down")
        answer = await self.slack.people.command("ana", "general", "/incident", "declare p0 API is down")
        if not answer.ok:
            raise StoryStuckError(f"the command was answered with {answer.status} {answer.problem}")
        room = await self.wait(
            lambda: [c for c in self.slack.channels(of_bot=True) if c.name.startswith("inc-")], "a channel"
        )
        self.room = room[0].id
        for who in ("bruno", "chidi", "devika"):
            await self.wait(partial(self.slack.direct_messages, who), f"a direct message to {who}")
        await self.wait(lambda: self.in_room("Playbook"), "the playbook")
        await self.wait(lambda: self.slack.channel(self.room).pins, "the pin")

    async def _acknowledge(self) -> None:
        self.say("\n■ Bruno, the CTO, taps Acknowledge in his direct message")
        await self.slack.people.click("bruno", self.slack.direct_messages("bruno")[-1], "acknowledge")
        await self.wait(lambda: self.in_room("acknowledged after"), "the acknowledgement in the channel")

    async def _update(self) -> None:
        self.say("\n■ Ana opens Post update on the alert, writes what changed and sets the status")
        await self.slack.people.click("ana", self.button("post_update"), "post_update")
        view = await self.wait(lambda: self.slack.open_view("ana"), "the update form")
        given = {
            "update_text": {
                "update_text": "The deployment of 02:47 fails its health checks. We roll it back."
            },
            "status": {"status": "identified"},
        }
        self.show_form(view)
        await self.check_answer(await self.slack.people.submit("ana", view, given), "the update")
        self.say("\n■ Bruno types:  /incident note The last good release is out, errors fall")
        await self.slack.people.command(
            "bruno", self.room, "/incident", "note The last good release is out, errors fall"
        )
        self.slack.people.say("bruno", self.room, TYPED)
        await self.wait(lambda: self.in_room("We roll it back."), "the update")
        self._reminded = {message.ts for message in self.in_room(DUE)}

    async def _reminder(self) -> None:
        self.say(
            f"\n■ The next update falls due (after {EVERY} here): Tocsin reminds Ana with a draft, she posts it"
        )
        await self.wait(
            lambda: {message.ts for message in self.in_room(DUE)} - self._reminded, "the reminder"
        )
        await self.slack.people.click("ana", self.button("post_draft"), "post_draft")
        published = "published in the incidents channel"
        await self.wait(
            lambda: len(self._with("incident-response", "What changed")) >= 2,
            f"the second update {published}",
        )

    async def resolve(self) -> None:
        """Ana ends it; the checklist comes."""
        self.say("\n■ It is over. Ana types in the incident's channel:  /incident resolve")
        await self.slack.people.command(
            "ana", self.room, "/incident", "resolve Rolled back to the last good release"
        )
        view = await self.wait(lambda: self.slack.open_view("ana"), "the resolve form")
        self.show_form(view)
        given = {"root_cause": {"root_cause": "A migration that locks the orders table"}}
        await self.check_answer(await self.slack.people.submit("ana", view, given), "the resolution")
        await self.wait(lambda: self.in_room("Post-incident checklist"), "the checklist")

    async def _tick(self) -> None:
        self.say("\n■ The next morning: the checklist is worked off")
        for position in range(12):
            action = f"set_item:{position}"
            await self.slack.people.click("ana", self.in_room("Post-incident checklist")[-1], action)
            done = f"{position + 1} of 12 done"
            await self.wait(partial(self.in_room, done), f"“{done}”")
        await self.slack.people.command("ana", self.room, "/incident", "close")
        await self.wait(lambda: self.in_room("closed INC-1"), "the end")

    # ---- looking

    async def wait(self, true: Callable[[], Any], what: str) -> Any:
        """Wait for something that is seen. Raises StoryStuckError."""
        try:
            return await self.slack.wait_for(true, PATIENCE, what)
        except TimeoutError:
            raise StoryStuckError(f"{what} did not come within {PATIENCE:g} s") from None

    async def check_answer(self, answer: Any, what: str) -> None:
        """Raises StoryStuckError where the bot refused."""
        if not answer.ok:
            raise StoryStuckError(f"{what} was answered with {answer.status} {answer.problem}")

    def _with(self, channel: str, words: str) -> list[WorkspaceMessage]:
        return [
            message for message in self.slack.messages(channel, of_bot=True) if words in self.text(message)
        ]

    def in_room(self, words: str) -> list[WorkspaceMessage]:
        """The messages of the incident with these words."""
        return self._with(self.room, words)

    def button(self, action: str) -> WorkspaceMessage:
        """The newest message with this button."""
        for message in reversed(self.slack.messages(self.room, of_bot=True)):
            for block in message.blocks:
                if any(element.get("action_id") == action for element in block.get("elements", ())):
                    return message
        raise StoryStuckError(f"there is no button {action}")

    def show_form(self, view: Any) -> None:
        """Print a form as a person sees it."""
        for line in render_view_lines(self.slack.workspace, view):
            self.say("      " + line)

    def text(self, message: WorkspaceMessage) -> str:
        """A message as a person reads it."""
        return "\n".join(render_message_lines(self.slack.workspace, message))
