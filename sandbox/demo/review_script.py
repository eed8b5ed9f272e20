"""What goes on after the resolution: the review, what the runbook learns, and an action item at the tracker."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sandbox.demo.code_host import DemoHosts
from sandbox.slack.slack import Slack
from sandbox.slack.workspace_model import WorkspaceMessage

ANSWERS = {
    "summary": "The release of 02:47 failed its health checks, and the API was down until it was rolled back.",
    "detection": "Customers called us. No alarm watches the health checks of a release.",
    "went_well": "The rollback was decided on within minutes.",
}
ACTION = "action @chidi by friday Start each image before it is released"
PULL = "is a pull request at GitLab now."


class StoryStuckError(Exception):
    """The story does not go on; the text says what did not happen."""


class Storyteller(Protocol):
    """Who plays the rest of the story."""

    slack: Slack
    room: str

    @property
    def say(self) -> Callable[[str], None]:
        """Prints a line."""

    async def wait(self, true: Callable[[], Any], what: str) -> Any: ...
    async def check_answer(self, answer: Any, what: str) -> None: ...
    def in_room(self, words: str) -> list[WorkspaceMessage]: ...
    def button(self, action: str) -> WorkspaceMessage: ...


@dataclass(frozen=True, slots=True)
class ReviewScript:
    """Its chapters; without a code host the review is a file, and the runbook stays as it is."""

    told: Storyteller
    hosts: DemoHosts

    async def write_review(self) -> None:
        """Ana answers what only people know; the review goes where it belongs."""
        told = self.told
        told.say("\n■ Ana types  /incident review  and answers what only people know")
        await told.slack.people.command("ana", told.room, "/incident", "review")
        form = await told.wait(partial(told.slack.open_view, "ana"), "the review form")
        given = {question: {question: words} for question, words in ANSWERS.items()}
        await told.check_answer(await told.slack.people.submit("ana", form, given), "the review")
        await told.wait(lambda: told.in_room("3 of 6 questions answered"), "the review")
        if self.hosts.code is not None:
            await told.wait(lambda: told.in_room(f"The review {PULL}"), "the pull request of the review")

    async def improve_runbook(self) -> None:
        """What was recorded becomes changes of the runbook, chosen by the commander."""
        told, code = self.told, self.hosts.code
        if code is None:
            return
        told.say("\n■ Ana types  /incident runbook improve  and proposes all of it")
        await told.slack.people.command("ana", told.room, "/incident", "runbook improve")
        await told.wait(
            lambda: told.in_room("What the runbook could learn from INC-"), "what the runbook learns"
        )
        await told.slack.people.click("ana", told.button("choose_learnings"), "choose_learnings")
        form = await told.wait(partial(told.slack.open_view, "ana"), "the form of the changes")
        chosen = {
            block["block_id"]: {block["element"]["action_id"]: [block["element"]["options"][0]["value"]]}
            for block in form.payload["blocks"]
            if block["type"] == "input"
        }
        await told.check_answer(await told.slack.people.submit("ana", form, chosen), "the changes")
        await told.wait(lambda: told.in_room(f"improvement {PULL}"), "the pull request of the runbook")
        told.say("\n    The pull request against the runbook:")
        for line in code.repository.diff(code.pulls[-1].branch).splitlines():
            told.say(f"      {line}")

    async def add_action(self) -> None:
        """What keeps it from coming again, at the tracker too."""
        told = self.told
        told.say(f"\n■ Ana adds what keeps it from coming again:  /incident {ACTION}")
        await told.slack.people.command("ana", told.room, "/incident", ACTION)
        await told.wait(lambda: told.in_room("Start each image"), "the action item")
        if (tracker := self.hosts.tracker) is not None:
            await told.wait(lambda: tracker.issues, "the issue at the tracker")
