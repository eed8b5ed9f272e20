"""What every code host has to keep, on a stand-in that speaks its HTTP interface before a real git repository."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.adapters.repositories.github_repository import GitHubRepository
from bot.adapters.repositories.gitlab_project import GitLabRepository
from bot.ports.code_host import (
    BranchMoved,
    CodeHost,
    HostAnswerLost,
    HostBusy,
    HostRefused,
    NewCommit,
    PullRequestState,
)
from handlers.outbox.proposals import Proposal, propose
from sandbox.provider_server import AFTER, BEFORE
from sandbox.repositories import BareRepository, GitHubStandIn, GitLabStandIn, HostStandIn

BRANCH = "tocsin/inc-42-review"


@dataclass
class Place:
    """A host and the stand-in behind it."""

    host: CodeHost
    stand_in: HostStandIn

    @property
    def git(self) -> BareRepository:
        return self.stand_in.repository


@asynccontextmanager
async def opened(which: str, folder: Path, empty: bool = False) -> AsyncIterator[Place]:
    git = BareRepository(folder / "git", None if empty else {"README.md": "Ours.\n"})
    stand_in: HostStandIn = GitHubStandIn(git) if which == "GitHub" else GitLabStandIn(git)
    await stand_in.start()
    build = GitHubRepository if which == "GitHub" else GitLabRepository
    host: CodeHost = build(stand_in.TOKEN, stand_in.NAME, stand_in.url)
    try:
        yield Place(host, stand_in)
    finally:
        await host.aclose()
        await stand_in.stop()


@pytest.fixture(params=["GitHub", "GitLab"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(request.param, tmp_path) as found:
        yield found


def read(place: Place, path: str) -> str:
    """A file as it stands on the branch."""
    found = place.git.read(BRANCH, path)
    return found[0] if found else ""


def wanted(text: str = "# Review\n", private: bool = False) -> Proposal:
    files = {
        "docs/INC-42.md": lambda _: text,
        "docs/LOG.md": lambda before: (before or "") + ("" if "42" in (before or "") else "42\n"),
    }
    return Proposal(
        BRANCH, "tocsin here INC-42", "Review of INC-42", "Words.", "Review of INC-42", files, private
    )


async def test_two_files_are_one_commit_and_one_pull_request(place: Place) -> None:
    pull = await propose(place.host, wanted())
    assert pull is not None and pull.state is PullRequestState.OPEN
    (made,) = place.stand_in.pulls
    assert made.title == "Review of INC-42" and "<!-- tocsin here INC-42 -->" in made.body
    assert place.git.list_messages(BRANCH) == ["Review of INC-42"]
    assert read(place, "docs/INC-42.md") == "# Review\n"
    assert "+42" in place.git.diff(BRANCH) and "README" not in place.git.diff(BRANCH)


async def test_the_same_again_changes_nothing_and_other_words_are_a_further_commit(place: Place) -> None:
    first = await propose(place.host, wanted())
    writes = [call for call in place.stand_in.calls if call[0] != "GET"]
    assert await propose(place.host, wanted()) == first
    assert [call for call in place.stand_in.calls if call[0] != "GET"] == writes
    assert await propose(place.host, wanted("# Review\nMore.\n")) == first
    assert len(place.stand_in.pulls) == 1 and len(place.git.list_messages(BRANCH)) == 2
    assert read(place, "docs/LOG.md") == "42\n"


async def test_a_picture_is_written_once_beside_what_shows_it(place: Place) -> None:
    picture = b"\x89PNG\r\n\x1a\n\x00\xff"
    shown = replace(wanted("# Review\n![x](<INC-42/1.png>)\n"), pictures={"docs/INC-42/1.png": picture})
    await propose(place.host, shown)
    kept = place.git.read(BRANCH, "docs/INC-42/1.png")
    assert kept is not None and kept[0].encode(errors="surrogateescape") == picture
    assert place.git.list_messages(BRANCH) == ["Review of INC-42"], "in the same commit"
    await propose(place.host, shown)
    assert len(place.git.list_messages(BRANCH)) == 1
    first = place.git.find_last_commit(BRANCH, "docs/INC-42/1.png")
    await propose(place.host, replace(wanted("# Other\n"), pictures=shown.pictures))
    assert len(place.git.list_messages(BRANCH)) == 2
    assert place.git.find_last_commit(BRANCH, "docs/INC-42/1.png") == first


@pytest.mark.parametrize("at", [7, 8, 9], ids=["first write", "second", "third"])
async def test_a_lost_answer_doubles_nothing(place: Place, at: int) -> None:
    place.stand_in.fail(*[0] * (at - 1), AFTER)
    try:
        await propose(place.host, wanted())
    except (HostAnswerLost, HostBusy):
        await propose(place.host, wanted())
    assert len(place.stand_in.pulls) == 1 and place.git.list_messages(BRANCH) == ["Review of INC-42"]


@pytest.mark.parametrize("state", [PullRequestState.MERGED, PullRequestState.CLOSED])
async def test_what_people_ended_is_told_and_left(place: Place, state: PullRequestState) -> None:
    await propose(place.host, wanted())
    place.stand_in.end_by_hand(1, state.value)
    branches = place.git.list_branches()
    pull = await propose(place.host, wanted("# Review\nMore.\n"))
    assert pull is not None and pull.state is state
    assert place.git.list_branches() == branches and len(place.stand_in.pulls) == 1


async def test_somebody_elses_pull_request_from_that_branch_is_left(place: Place) -> None:
    place.git.create(BRANCH, place.git.find("main") or "")
    place.stand_in.open(BRANCH, "Mine", "By hand")
    with pytest.raises(HostRefused, match="not mine"):
        await propose(place.host, wanted())
    assert place.git.list_messages(BRANCH) == []


async def test_a_commit_goes_only_on_top_of_what_was_read(place: Place) -> None:
    await propose(place.host, wanted())
    parent = place.git.find(BRANCH)
    assert parent is not None
    known = await place.host.read_file("docs/INC-42.md", parent)
    assert known is not None
    place.git.commit(BRANCH, parent, "By hand", {"docs/INC-42.md": "A person's words.\n"})
    with pytest.raises(BranchMoved):
        new = NewCommit(BRANCH, parent, False, "Ours", {"docs/INC-42.md": "x\n"}, {"docs/INC-42.md": known})
        await place.host.commit(new)
    assert read(place, "docs/INC-42.md") == "A person's words.\n"


async def test_no_rights_a_protected_branch_and_a_public_repository_are_sentences(place: Place) -> None:
    place.stand_in.visibility = "public"
    with pytest.raises(HostRefused, match="acme/operations is public"):
        await propose(place.host, wanted(private=True))
    place.stand_in.protected = "tocsin/"
    with pytest.raises(HostRefused, match=r"does not let me commit to tocsin/inc-42-review") as refused:
        await propose(place.host, wanted())
    assert "HTTP 200" not in str(refused.value) and ".)" not in str(refused.value)
    place.stand_in.protected, place.stand_in.may_write = "", False
    with pytest.raises(HostRefused, match="TOCSIN_REVIEW_TOKEN may not write to acme/operations"):
        await propose(place.host, wanted())
    assert not place.stand_in.pulls


async def test_failures_say_whether_anything_may_have_been_done(place: Place) -> None:
    place.stand_in.fail(503, 503, 503)
    with pytest.raises(HostBusy, match="failed"):
        await propose(place.host, wanted())
    place.stand_in.limited_for = 7
    place.stand_in.fail(429, 429, 429)
    with pytest.raises(HostBusy) as limited:
        await propose(place.host, wanted())
    assert limited.value.delay.total_seconds() == 7
    place.stand_in.fail(BEFORE, BEFORE, BEFORE)
    with pytest.raises(HostBusy, match="did not answer"):
        await propose(place.host, wanted())
    await propose(place.host, wanted())
    assert len(place.stand_in.pulls) == 1


async def test_a_wrong_token_and_a_repository_that_is_away(place: Place) -> None:
    place.stand_in.TOKEN = "another"
    with pytest.raises(HostRefused, match="does not take TOCSIN_REVIEW_TOKEN"):
        await propose(place.host, wanted())
    await place.stand_in.stop()
    with pytest.raises(HostBusy, match="cannot be reached"):
        await propose(place.host, wanted())


@pytest.mark.parametrize("which", ["GitHub", "GitLab"])
async def test_an_empty_repository_is_a_sentence(which: str, tmp_path: Path) -> None:
    async with opened(which, tmp_path, empty=True) as place:
        with pytest.raises(HostRefused, match="is empty"):
            await propose(place.host, wanted())


async def test_a_file_above_a_megabyte_is_read_whole(place: Place) -> None:
    text = "line\n" * 300_000
    place.git.commit("big", None, "Big", {"LOG.md": text})
    found = await place.host.read_file("LOG.md", place.git.find("big") or "")
    assert found is not None and found.text == text
