"""The runbook learns: what was recorded is shown as a diff, chosen by commander or deputy, proposed once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from sandbox.repositories import BareRepository, GitHubStandIn, HostStandIn
from sandbox.slack import WorkspaceMessage
from tests.scenarios.conftest import RUNBOOK, World

PATH, BRANCH = "docs/runbook.md", "tocsin/inc-1-runbook"
TYPED = "look: `aws ecs describe-tasks --cluster prod-7 --tasks 9f8e` and `redis-cli -a hunter2hunter2 INFO`"


@pytest.fixture
async def host(world: World, tmp_path: Path) -> AsyncIterator[HostStandIn]:
    """GitHub with the runbook as it is shipped."""
    stand_in = GitHubStandIn(BareRepository(tmp_path / "git", {PATH: RUNBOOK.read_text()}))
    await stand_in.start()
    world.settings = world.settings.model_copy(
        update={
            "runbook_repository": f"github:{stand_in.NAME}:{PATH}",
            "review_token": SecretStr(stand_in.TOKEN),
            "github_api_url": stand_in.url,
        }
    )
    yield stand_in
    await stand_in.stop()


async def ended(world: World, words: str = "declare p0 API is down") -> str:
    """An incident in whose room somebody typed commands, resolved."""
    channel = await world.declared(words)
    world.slack.people.say("bruno", channel, TYPED)
    world.slack.people.say("bruno", channel, "aws ecs list-clusters, without code format")
    await world.incident("ana", "resolve", channel)
    form = await world.form("ana")
    await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Rolled back"}})
    await world.quiet()
    return channel


async def drafted(world: World, channel: str) -> WorkspaceMessage:
    await world.incident("ana", "runbook improve", channel)
    await world.until(lambda: world.posts(channel, "What the runbook could learn from INC-1"))
    await world.quiet()
    return world.posts(channel, "What the runbook could learn from INC-1")[-1]


async def chosen(world: World, who: str, message: WorkspaceMessage, leave_out: tuple[str, ...] = ()) -> str:
    """Open the form, untick what has these words, and send it."""
    await world.slack.people.click(who, message, "choose_learnings")
    form = await world.form(who)
    values = {}
    for block in form.payload["blocks"]:
        if block["type"] == "input":
            option = block["element"]["options"][0]
            is_out = any(words in block["label"]["text"] for words in leave_out)
            values[block["block_id"]] = {block["element"]["action_id"]: [] if is_out else [option["value"]]}
    answer = await world.slack.people.submit(who, form, values)
    await world.quiet()
    return answer.body


async def test_what_was_recorded_is_chosen_and_proposed_once(world: World, host: HostStandIn) -> None:
    async with world.bot():
        channel = await ended(world)
        message = await drafted(world, channel)
        said = world.text(message)
        assert "in no step yet: aws ecs describe-tasks --cluster <cluster> --tasks <tasks>" in said
        assert "(kind: diagnostic, never by itself)" in said and "left out since they had a secret: 1" in said
        assert "+<!-- tocsin: never by itself -->" in said and f"+++ b/{PATH}" in said
        assert "hunter2" not in said and "list-clusters" not in said and "prod-7" not in said
        assert not host.pulls, "nothing is proposed by itself"
        assert "commander or the deputy" in await chosen(world, "chidi", message)
        await chosen(world, "ana", message, leave_out=("took",))
        (pull,) = host.pulls
        assert pull.branch == BRANCH and "in no step yet" in pull.body and "took" not in pull.body
        found = host.repository.read(BRANCH, PATH)
        assert found is not None and "describe-tasks --cluster <cluster>" in found[0]
        assert "Measured" not in host.repository.diff(BRANCH)
        host.repository.check_patch(host.repository.diff(BRANCH))
        assert world.posts(channel, "The runbook's improvement is a pull request at GitHub now.")
        assert "proposed, or the runbook changed" in await again(world, message)
        await world.incident("ana", "close anyway done", channel)
        await world.quiet()
        assert not world.looking.rows("select 1 from typed_command")


async def test_dead_links_of_the_runbook_are_noticed(world: World, host: HostStandIn) -> None:
    async with (
        TestServer(web.Application()) as empty,
        world.bot(addresses={"https://grafana.rodistaa.com": str(empty.make_url("")).rstrip("/")}),
    ):
        message = await drafted(world, await ended(world))
        assert "The link of “Grafana” is dead: 404, not found" in world.text(message)
        assert "+- **Grafana**: https://grafana.rodistaa.com _(dead link: 404, not found)_" in world.text(
            message
        )


async def again(world: World, message: WorkspaceMessage) -> str:
    await world.slack.people.click("ana", message, "choose_learnings", as_seen=True)
    await world.until(lambda: "runbook improve" in world.heard("ana"))
    return world.heard("ana")


async def test_a_runbook_that_moved_is_said_and_made_anew(world: World, host: HostStandIn) -> None:
    async with world.bot():
        channel = await ended(world)
        message = await drafted(world, channel)
        git = host.repository
        git.commit("main", git.find("main"), "By hand", {PATH: "# New\n" + RUNBOOK.read_text()})
        await chosen(world, "ana", message)
        assert world.posts(channel, "the runbook changed since this was made. I make it anew")
        await world.until(lambda: len(world.posts(channel, "What the runbook could learn from INC-1")) == 2)
        await world.quiet()
        await chosen(world, "ana", world.posts(channel, "What the runbook could learn from INC-1")[-1])
        (pull,) = host.pulls
        found = git.read(BRANCH, PATH)
        assert pull.branch == BRANCH and found is not None and found[0].startswith("# New\n")


async def test_a_host_that_is_away_is_said_and_tried_until_it_is_back(
    world: World, host: HostStandIn
) -> None:
    async with world.bot():
        channel = await ended(world)
        host.fail(*[503] * 6)
        await world.incident("ana", "runbook improve", channel)
        await world.until(
            lambda: world.posts(channel, "improvement is not at GitHub: GitHub failed (HTTP 503).")
        )
        await world.until(lambda: world.posts(channel, "What the runbook could learn from INC-1"))
        assert len(world.posts(channel, "I keep trying.")) == 1


async def test_a_public_repository_is_refused_and_private_incidents_stay_out(
    world: World, host: HostStandIn
) -> None:
    async with world.bot():
        host.visibility = "public"
        channel = await ended(world)
        await world.incident("ana", "runbook improve", channel)
        await world.until(lambda: world.posts(channel, "acme/operations is public"))
        other = await ended(world, "declare private p0 Data is leaking")
        await world.incident("ana", "runbook improve", other)
        await world.until(lambda: "is private: nothing of it goes into the runbook" in world.heard("ana"))
        assert len(world.looking.rows("select distinct incident from typed_command")) == 1
        assert not host.pulls
