"""What is learned of incidents: earlier ones that are alike, what is shared, when it began, and the month's digest."""

from datetime import UTC, datetime
from typing import Any

from bot.services import schedule_digest
from sandbox.slack.faults import make_refusal, plan_by_table
from tests.scenarios.conftest import World
from tests.scenarios.test_owners import checklist, resolved


async def test_an_earlier_incident_like_it_is_told_with_what_is_not_done(world: World) -> None:
    async with world.bot():
        channel = await resolved(world, "declare p3 Search is slow 17")
        await world.incident("ana", "action @bruno by 2099-12-04 Add an index", channel)
        await resolved(world, "declare private p3 Search is slow 18")
        await world.quiet()
        world.looking.rows("update incident set declared_at = now() - interval '22 days' returning number")
        later = await world.declared("declare p3 search is slow 19")
        await world.until(lambda: world.posts(later, "This was here before"))
        (told,) = world.posts(later, "This was here before")
        words = world.text(told)
        assert "INC-1 Search is slow 17 (3 weeks ago): the same title" in words
        assert "its action A1 “Add an index” is still open, owner @Bruno Keller, due 4 Dec 2099" in words
        assert "INC-2" not in words


async def test_what_was_learned_is_shared_by_a_click_and_only_of_public_incidents(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident("ana", "action Add an index", channel)
        await world.quiet()
        await world.slack.people.click("ana", checklist(world, channel), "share_learnings")
        form = await world.form("ana")
        assert "What happened: Rolled back" in str(form.payload) and "- Add an index" in str(form.payload)
        general = world.slack.channel("general").id
        given: dict[str, dict[str, Any]] = {
            "learnings": {"learnings": "Index what <!channel> waits for"},
            "channels": {"channels": [general]},
        }
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        (shared,) = world.posts("general", "Learned from INC-1: Search is slow")
        assert "Index what <!channel> waits for" in world.text(shared)
        assert "<!channel>" not in shared.text
        assert "(shared in " in world.text(checklist(world, channel))
        private = await resolved(world, "declare private p3 Payroll")
        assert "share_learnings" not in str(checklist(world, private).blocks)


async def test_it_began_earlier_than_it_was_declared(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident("ana", "times 25 minutes earlier", channel)
        assert "Say why it began earlier" in world.heard("ana")
        for words in ("times soon", "times 31:99 x", "times 2199-01-01 10:00 x", "times 800h earlier x"):
            await world.incident("ana", words, channel)
            assert "Nothing was changed." in world.heard("ana"), words
        await world.incident("ana", "times 25 minutes earlier The alert came late", channel)
        assert "Kept: it began" in world.heard("ana")
        await world.incident("bruno", "times", channel)
        heard = world.heard("bruno")
        assert "corrected by @Ana" in heard and "The alert came late" in heard and "after 25 min" in heard
        await world.incident("bruno", "timeline", channel)
        assert "said that it began" in world.heard("bruno")
        await world.incident("bruno", "stats 30d", "general")
        assert "1 began earlier than declared" in world.heard("bruno")


async def test_the_digest_of_a_month_is_told_once(world: World) -> None:
    async with world.bot() as running:
        await resolved(world)
        await resolved(world, "declare private p3 Payroll")
        now = datetime.now(UTC)
        following = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 12, tzinfo=UTC)
        for day in range(1, 8):  # the first working day is one of them
            await schedule_digest(running.services, following.replace(day=day))
        await schedule_digest(running.services, following.replace(day=20))
        await world.until(lambda: world.posts("incident-response", f"1 incident in {now:%B %Y}"))
        await world.quiet()
        assert len(world.posts("incident-response", f"in {now:%B %Y}")) == 1
        assert len(world.looking.effects("PostDigest")) == 1
        (digest,) = world.posts("incident-response", f"in {now:%B %Y}")
        assert find_picture(digest.blocks)["alt_text"].startswith(f"1 incident in {now:%B %Y}, by week. ")


def find_picture(blocks: Any) -> dict[str, Any]:
    (picture,) = [block for block in blocks if block["type"] == "image"]
    return dict(picture)


async def test_who_asks_for_statistics_gets_their_picture_behind_them_and_without_slack_the_words(
    world: World,
) -> None:
    async with world.bot():
        await resolved(world)
        world.slack.workspace.files_ready_after = 1.5
        await world.incident("ana", "stats", "general")
        assert "1 incident in 90 days" in world.heard("ana")
        await world.until(lambda: "by week" in str(world.slack.ephemerals("ana")[-1].blocks))
        picture = find_picture(world.slack.ephemerals("ana")[-1].blocks)
        assert "Time to resolve: P3" in picture["alt_text"]
        (file,) = [each for each in world.slack.workspace.files.values() if each.name == "incidents.png"]
        assert (file.content or b"").startswith(b"\x89PNG") and not file.shares
        world.slack.api.faults = plan_by_table(
            {"files.getUploadURLExternal": make_refusal("file_uploads_disabled")}
        )
        await world.incident("bruno", "stats", "general")
        await world.until(lambda: "1 incident in 90 days" in world.heard("bruno"))
        assert len([each for each in world.slack.workspace.files.values() if each.content]) == 1


async def test_a_digest_whose_picture_slack_refuses_is_told_in_words(world: World) -> None:
    async with world.bot() as running:
        await resolved(world)
        world.slack.api.faults = plan_by_table(
            {"files.getUploadURLExternal": make_refusal("file_uploads_disabled")}
        )
        now = datetime.now(UTC)
        following = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 12, tzinfo=UTC)
        for day in range(1, 8):
            await schedule_digest(running.services, following.replace(day=day))
        await world.until(lambda: world.posts("incident-response", f"1 incident in {now:%B %Y}"))


async def test_the_review_is_offered_two_hours_after_the_end_where_nobody_began_it(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        soon = "select 1 from outbox where kind = 'OfferReview' and not_before > now() + interval '110 min'"
        assert world.looking.rows(soon) and not world.posts(channel, "Review of INC-1")
        sooner = "update outbox set not_before = now() where kind = 'OfferReview' returning id"
        world.looking.rows(sooner)
        await world.until(lambda: world.posts(channel, "Review of INC-1"))
        await world.incident("ana", "reopen", channel)
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Again"}})
        await world.incident("ana", "reopen", channel)
        world.looking.rows(sooner)
        await world.quiet()
        assert len(world.posts(channel, "Review of INC-1")) == 1
