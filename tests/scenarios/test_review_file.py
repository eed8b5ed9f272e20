"""The review as a file: below its message, brought anew by a click, never twice, never where it does not belong."""

from sandbox.slack import WorkspaceMessage
from sandbox.slack.faults import make_drop, make_refusal, plan_by_table
from sandbox.slack.workspace_model import File
from tests.scenarios.conftest import World
from tests.scenarios.test_owners import resolved
from tests.scenarios.test_reviews import given


async def begun(world: World, channel: str, **answers: str) -> None:
    await world.incident("ana", "review", channel)
    form = await world.form("ana")
    assert (await world.slack.people.submit("ana", form, given(**answers))).ok
    await world.quiet()


def state(world: World, channel: str) -> WorkspaceMessage:
    (found,) = world.posts(channel, "questions answered")
    return found


def shared(world: World, channel: str) -> list[WorkspaceMessage]:
    return [message for message in world.slack.messages(channel) if message.subtype == "file_share"]


def standing(world: World) -> list[File]:
    """The reviews that can be read, by their files."""
    found = world.slack.workspace.files.values()
    return [file for file in found if file.name.endswith("-review.md") and file.content and file.shares]


async def test_a_click_posts_it_and_the_next_one_takes_the_earlier_file_away(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await begun(world, channel, summary="A deploy *filled* the pool, password=hunter2hunter2.")
        await world.slack.people.click("bruno", state(world, channel), "post_review")
        await world.until(lambda: "comes as a file in the thread" in world.heard("bruno"))
        await world.quiet()
        (first,) = shared(world, channel)
        assert first.thread_ts == state(world, channel).ts, "below the one message, not beside it"
        (file,) = standing(world)
        assert (file.name, file.title) == ("INC-1-review.md", "Review of INC-1")
        assert file.content is not None
        document = file.content.decode()
        assert document.startswith("# Review of INC-1: Search is slow\n") and "hunter2" not in document
        assert "File in the thread below, as it read at" in world.text(state(world, channel))
        await world.incident("ana", "timeline", channel)
        assert "posted the review as a file" in world.heard("ana")

        await begun(world, channel, lucky="It was a Sunday.")
        assert len(shared(world, channel)) == 1, "no answer brings a file by itself"
        await world.slack.people.click("ana", state(world, channel), "post_review")
        await world.quiet()
        (file,) = standing(world)
        assert b"It was a Sunday." in (file.content or b"")
        assert [world.text(each).splitlines()[-1] for each in shared(world, channel)] == [
            "[This file was deleted.]",
            f"[file: Review of INC-1, {file.size} bytes]",
        ]


async def test_one_that_nobody_has_begun_is_offered_and_posted_too(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        world.looking.rows("update outbox set not_before = now() where kind = 'OfferReview'")
        await world.quiet()
        await world.slack.people.click("ana", state(world, channel), "post_review")
        await world.quiet()
        (file,) = standing(world)
        assert b"Nobody has said yet." in (file.content or b"") and len(shared(world, channel)) == 1


async def test_what_slack_does_not_answer_is_looked_for_and_a_refusal_is_a_sentence(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await begun(world, channel, summary="First.")
        world.slack.api.faults = plan_by_table({"files.completeUploadExternal": [make_drop(after_work=True)]})
        await world.slack.people.click("ana", state(world, channel), "post_review")
        await world.quiet()
        assert len(shared(world, channel)) == len(standing(world)) == 1
        for method in ("files.getUploadURLExternal", "files.completeUploadExternal"):
            world.slack.api.faults = plan_by_table({method: make_refusal("file_uploads_disabled")})
            await world.slack.people.click("ana", state(world, channel), "post_review")
            await world.quiet()
        said = world.posts(channel, "the review as a file")
        assert len(said) == 2 and "your workspace does not allow files" in world.text(said[0])
        assert len(standing(world)) == 1, "the earlier file stays"


async def test_a_private_one_stays_in_its_channel_and_a_drill_is_marked(world: World) -> None:
    async with world.bot():
        private = await resolved(world, "declare private p3 Data is leaking")
        await begun(world, private, summary="First.")
        await world.slack.people.click("ana", state(world, private), "post_review")
        await world.quiet()
        (file,) = standing(world)
        assert [place for place, _ in file.shares] == [private]
        world.looking.rows("update incident set channel = null where number = 1")
        await world.slack.people.click("ana", state(world, private), "post_review")
        await world.until(lambda: "no channel of its own" in world.heard("ana"))
        assert len(standing(world)) == 1


async def test_forty_people_who_click_at_once_get_one_file(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await begun(world, channel, summary="First.")
        message = state(world, channel)
        crowd = [world.slack.add_person(f"p{number}", f"P {number}") for number in range(40)]
        for person in crowd:
            await world.slack.people.click(person.handle, message, "post_review")
        await world.quiet()
        assert len(standing(world)) == 1
