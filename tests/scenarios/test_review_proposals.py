"""The review goes into one pull request, with its row of the incident log; what comes later is a further commit."""

import csv
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from sandbox.repositories import BareRepository, GitHubStandIn, HostStandIn
from tests.scenarios.conftest import World
from tests.scenarios.test_owners import resolved
from tests.scenarios.test_reviews import given, state

BRANCH = "tocsin/inc-1-review"
LOG = "# Our incidents\n\nKept by hand too.\n\n| Incident | Title | Cost |\n| --- | --- | --- |\n| INC-11 | Old | 5 |\n"


@pytest.fixture
async def host(world: World, tmp_path: Path) -> AsyncIterator[HostStandIn]:
    """GitHub, with a log that people keep."""
    stand_in = GitHubStandIn(BareRepository(tmp_path / "git", {"docs/incidents/INCIDENTS.md": LOG}))
    await stand_in.start()
    world.settings = world.settings.model_copy(
        update={
            "review_repository": f"github:{stand_in.NAME}:docs/incidents",
            "review_token": SecretStr(stand_in.TOKEN),
            "github_api_url": stand_in.url,
        }
    )
    yield stand_in
    await stand_in.stop()


def read(host: HostStandIn, name: str) -> str:
    found = host.repository.read(BRANCH, f"docs/incidents/{name}")
    assert found is not None
    return found[0]


async def reviewed(world: World, channel: str, **answers: str) -> None:
    await world.incident("ana", "review", channel)
    form = await world.form("ana")
    assert (await world.slack.people.submit("ana", form, given(**answers))).ok
    await world.quiet()


async def told_later(world: World) -> None:
    """The minute after which it is looked whether there is more to tell has passed."""
    world.looking.rows("update review_proposal set look_at = now() - interval '1 second'")
    look = "select 1 from review_proposal where look_at < now()"
    await world.until(lambda: not world.looking.rows(look))
    await world.quiet()


async def test_one_pull_request_has_the_review_and_the_log_and_later_changes(
    world: World, host: HostStandIn
) -> None:
    async with world.bot():
        channel = await resolved(world)
        await reviewed(world, channel, summary="A deploy *filled* the pool, password=hunter2hunter2.")
        (pull,) = host.pulls
        assert pull.title == "Review of INC-1" and pull.branch == BRANCH
        assert host.repository.list_messages(BRANCH) == ["Review of INC-1"]
        review = read(host, "INC-1.md")
        assert review.startswith("# Review of INC-1: Search is slow\n")
        assert "hunter2" not in review and r"A deploy \*filled\* the pool" in review
        log = read(host, "INCIDENTS.md")
        assert log.startswith(LOG) and "| INC-1 | Search is slow |  |\n" in log
        (row,) = csv.DictReader(read(host, "incidents.csv").splitlines())
        assert row["Incident"] == "INC-1" and row["Severity"] == "P3" and row["Review"] == "INC-1.md"
        assert world.posts(channel, "The review is a pull request at GitHub now.")
        assert "/acme/operations/pull/1) (open)" in world.text(state(world, channel))
        (checklist,) = world.posts(channel, "Post-incident checklist")
        assert "of the review)" in world.text(checklist)

        await told_later(world)
        assert host.repository.list_messages(BRANCH) == ["Review of INC-1"], "nothing new, no commit"
        await world.incident("ana", "action @bruno by 2099-12-04 Add an index", channel)
        await told_later(world)
        assert len(host.repository.list_messages(BRANCH)) == 2 and len(host.pulls) == 1
        assert "Add an index" in read(host, "INC-1.md")
        assert read(host, "INCIDENTS.md").count("INC-1 |") == 1


async def test_the_charts_of_the_checks_stand_beside_the_review(world: World, host: HostStandIn) -> None:
    async with world.bot():
        channel = await resolved(world)
        world.looking.rows(
            "insert into look (incident, number, request, scope, what, ended_at)"
            " values (1, 101, 'r', 'step', 'x', now()), (1, 102, 's', 'step', 'x', now())"
        )
        world.looking.rows(
            "insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline, digest,"
            " detail, chart, seen_at) select l.id, 0, 'p', 9, '', 'Check CPU', 'diagnostic', 'r',"
            " case l.number when 101 then 'bad' else 'ok' end, 'CPU at ' || l.number - 100, 'abcdefabcdefab',"
            """ '{"chart": "CPU from 40 to 97"}', '\\x89504e47'::bytea || convert_to((l.number - 100)::text, 'utf8'),"""
            " now() from look l where l.number > 100"
        )
        await reviewed(world, channel, summary="First.")
        found = re.search(
            r"!\[Check CPU: CPU from 40 to 97\]\(<(INC-1/\d+-0-abcdefabcdef\.png)>\)", read(host, "INC-1.md")
        )
        assert found, "the picture of when it was worst"
        assert read(host, found[1]).encode(errors="surrogateescape") == b"\x89PNG1"
        assert "failing: CPU at 1" in read(host, "INC-1.md")


async def test_what_people_changed_in_the_pull_request_is_never_overwritten(
    world: World, host: HostStandIn
) -> None:
    async with world.bot():
        channel = await resolved(world)
        await reviewed(world, channel, summary="First.")
        mine = {"docs/incidents/INC-1.md": "# Written by a person\n"}
        host.repository.commit(BRANCH, host.repository.find(BRANCH), "By hand", mine)
        await reviewed(world, channel, summary="Second.")
        assert read(host, "INC-1.md") == "# Written by a person\n"
        (told,) = world.posts(channel, "somebody changed docs/incidents/INC-1.md there")
        assert "tried again" not in world.text(told), "it is left to people"


async def test_a_merged_one_is_said_once_and_nothing_follows(world: World, host: HostStandIn) -> None:
    async with world.bot():
        channel = await resolved(world)
        await reviewed(world, channel, summary="First.")
        host.end_by_hand(1, "merged")
        await reviewed(world, channel, summary="Second.")
        await reviewed(world, channel, summary="Third.")
        assert len(world.posts(channel, "The review was merged at GitHub by people.")) == 1
        assert BRANCH not in host.repository.list_branches() and len(host.pulls) == 1


@pytest.mark.parametrize("words", ["declare private p0 Data is leaking", "drill p0 API is down"])
async def test_private_incidents_and_drills_stay_inside(world: World, host: HostStandIn, words: str) -> None:
    async with world.bot():
        channel = await world.declared(words)
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Closed the hole"}})
        await world.quiet()
        await reviewed(world, channel, summary="First.")
        assert not host.calls


async def test_a_team_may_let_private_ones_go_there(world: World, host: HostStandIn) -> None:
    async with world.bot(review_private=True):
        channel = await world.declared("declare private p0 Data is leaking")
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Closed the hole"}})
        await world.quiet()
        await reviewed(world, channel, summary="First.")
        assert len(host.pulls) == 1


async def test_no_rights_are_said_once_and_mended_with_the_next_change(
    world: World, host: HostStandIn
) -> None:
    async with world.bot():
        channel = await resolved(world)
        host.may_write = False
        await reviewed(world, channel, summary="First.")
        await reviewed(world, channel, summary="Second.")
        (told,) = world.posts(
            channel, "The review is not at GitHub as it reads now: TOCSIN_REVIEW_TOKEN may not"
        )
        assert "tried again when something new is recorded" in world.text(told)
        host.may_write = True
        await reviewed(world, channel, summary="Third.")
        assert len(host.pulls) == 1 and "Third" in read(host, "INC-1.md")
