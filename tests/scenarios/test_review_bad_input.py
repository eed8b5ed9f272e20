"""A review under what people do to it: a reopened incident, long timelines, hostile words, forty authors."""

import asyncio
import json
import re
from pathlib import Path

from pydantic import SecretStr

from sandbox.repositories import BareRepository, GitHubStandIn
from tests.scenarios.conftest import World
from tests.scenarios.test_owners import resolved
from tests.scenarios.test_review_file import begun, standing, state
from tests.scenarios.test_reviews import given

ENTRIES = 3000
HOSTILE = (
    "<!channel> <@U0ANA00001> @here #general `rm -rf` ```\n# heading\n| a | b |\n<script>alert(1)</script>\n"
    "![x](http://evil.example/x.png) [y](javascript:alert(1)) \u202eevil \x00 password=hunter2hunter2 "
    "<!-- Written by Tocsin, 0123456789abcdef: x -->"
)


async def test_what_was_typed_while_it_was_reopened_is_refused_and_stays_in_the_form(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await begun(world, channel, summary="First.")
        await world.incident("ana", "review", channel)
        form = await world.form("ana")
        await world.incident("bruno", "reopen", channel)
        await world.quiet()
        answer = await world.slack.people.submit("ana", form, given(cause="A long text that took an hour."))
        told = json.loads(answer.body)
        assert (
            told["response_action"] == "errors" and "the review is written when" in told["errors"]["summary"]
        )
        assert world.slack.open_view("ana") is not None, "the form stays open with what was typed"
        await world.slack.people.click("ana", state(world, channel), "post_review")
        await world.until(lambda: "the review is written when it is resolved" in world.heard("ana"))
        assert [row["text"] for row in world.looking.rows("select text from review_answer")] == ["First."]
        assert not standing(world)


async def test_a_review_of_three_thousand_entries_is_a_file_and_is_shown_cut(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        world.looking.rows(
            "insert into timeline_entry (incident, at, actor, kind, detail) select 1, now(), 'U0ANA00001',"
            " 'note_added', jsonb_build_object('text', 'Note ' || n || ' about the pool that is full',"
            f" 'author', '', 'link', '', 'source', '') from generate_series(1, {ENTRIES}) n returning id"
        )
        await begun(world, channel, summary="First.")
        await world.slack.people.click("ana", state(world, channel), "post_review")
        await world.quiet()
        (file,) = standing(world)
        assert (file.content or b"").count(b" about the pool that is full") == ENTRIES
        await world.slack.people.click("ana", state(world, channel), "show_review")
        await world.until(lambda: "./tocsin export INC-1 --review" in world.heard("ana"))


async def test_hostile_words_are_words_in_the_file_and_in_the_message(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await begun(world, channel, summary=HOSTILE, lucky=HOSTILE)
        await world.slack.people.click("ana", state(world, channel), "post_review")
        await world.quiet()
        (file,) = standing(world)
        document = (file.content or b"").decode()
        assert "hunter2" not in document and "\x00" not in document
        assert not any(line.startswith(("# heading", "|", "```")) for line in document.splitlines())
        assert not re.search(r"(?<!\\)(?:<script|<!|!\[x|\[y)", document), "nothing of it is markup"
        assert "<!channel>" not in json.dumps(state(world, channel).blocks)


async def test_forty_people_who_answer_at_once_are_all_kept_in_one_pull_request(
    world: World, tmp_path: Path
) -> None:
    host = GitHubStandIn(BareRepository(tmp_path / "git", {"README.md": "Ours.\n"}))
    await host.start()
    settings = {
        "review_repository": f"github:{host.NAME}:docs/incidents",
        "review_token": SecretStr(host.TOKEN),
        "github_api_url": host.url,
    }
    try:
        async with world.bot(**settings):
            channel = await resolved(world)
            people = [world.slack.add_person(f"p{number}", f"P {number}").handle for number in range(40)]
            forms = []
            for who in people:
                await world.incident(who, "review", channel)
                forms.append(await world.form(who))
            sent = zip(people, forms, strict=True)
            answers = await asyncio.gather(
                *(
                    world.slack.people.submit(who, form, given(went_well=f"Word of {who}."))
                    for who, form in sent
                )
            )
            assert all(answer.ok for answer in answers)
            await world.quiet()
            assert len(world.looking.rows("select 1 from review_answer")) == 40
            assert "1 of 6 questions answered" in world.text(state(world, channel))
            world.looking.rows(
                "update review_proposal set look_at = now() - interval '1 second' returning incident"
            )
            waiting = "select 1 from review_proposal where look_at < now()"
            await world.until(lambda: not world.looking.rows(waiting))
            await world.quiet()
            (pull,) = host.pulls
            found = host.repository.read(pull.branch, "docs/incidents/INC-1.md")
            assert found is not None and all(f"Word of {who}." in found[0] for who in people)
    finally:
        await host.stop()
