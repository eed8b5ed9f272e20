"""The bot is killed at each call that posts the review as a file; started again, one file stands there."""

import asyncio
from pathlib import Path

import pytest

from sandbox.slack import WorkspaceMessage
from tests.scenarios.killing import Theatre, theatre
from tests.scenarios.test_kill_proposals import CONTACTS, opened, resolved, room
from tests.scenarios.test_reviews import given

CALLS = (
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "conversations.replies",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "files.delete",
)
"""In their order: two files, of which the second takes the first one away; the lookup follows a killed completion."""


def find_state(stage: Theatre) -> WorkspaceMessage:
    return next(each for each in stage.slack.messages(room(stage)) if "Review of INC-1" in stage.text(each))


@pytest.mark.timeout(300)
async def test_killed_at_every_call_one_file_is_there(database: str, tmp_path: Path) -> None:
    """Each is carried out, and the bot ends before it hears so."""
    async with theatre(database, tmp_path, contacts=CONTACTS) as stage:
        await resolved(stage)
        await stage.slack.people.command("caller001", room(stage), "/incident", "review")
        form = await opened(stage)
        await stage.slack.people.submit("caller001", form, given(summary="A deploy filled the pool."))
        await stage.until(stage.quiet, what="the review's message")
        left, struck = list(CALLS), asyncio.Event()

        async def blow(number: int, method: str) -> None:
            if left and method == left[0]:
                del left[0]
                struck.set()
                stage.program.kill()

        stage.slack.api.before_answer = blow
        for clicks in (3, 0):
            await stage.slack.people.click("caller001", find_state(stage), "post_review")
            while len(left) > clicks:
                await stage.until(struck.is_set, 40, f"the call {left[:1]}")
                struck.clear()
                await stage.start()
            await stage.until(stage.quiet, 40, "the file")
        shown = [each for each in stage.slack.messages(room(stage)) if each.subtype == "file_share"]
        assert len(shown) == 2
        files = stage.slack.workspace.files.values()
        assert len([file for file in files if file.shares and file.content]) == 1
        filed = "select 1 from timeline_entry where newer ->> 'kind' = 'review_filed'"
        assert len(stage.looking.rows(filed)) == 2
