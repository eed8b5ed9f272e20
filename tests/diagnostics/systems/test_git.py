"""A clone on this machine, real ones made by git, hostile ones too."""

import asyncio
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import GitCall
from diagnostics.systems.git import Git
from tests.diagnostics.vendor import question, soon

NOW = datetime.now(UTC).replace(microsecond=0)
BEGAN = NOW - timedelta(minutes=10)
LAST_HOURS = GitCall("commits", {"since": "2 hours ago", "oneline": True})


def run(folder: Path, *words: str, minutes: float = 0) -> None:
    """git, as it was so many minutes before the incident."""
    at = f"@{(BEGAN - timedelta(minutes=minutes)).timestamp():.0f} +0000"
    who = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@acme.example"}
    who |= {"GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@acme.example"}
    who |= {
        "GIT_AUTHOR_DATE": at,
        "GIT_COMMITTER_DATE": at,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(folder),
    }
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **who})


def commit(folder: Path, path: str, words: str, minutes: float) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(words)
    run(folder, "add", path)
    run(folder, "commit", "-q", "-m", words, minutes=minutes)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    commit(folder, "packages/backend/a", "The first", 99_999)
    return folder


async def look(folder: Path | None, call: GitCall = LAST_HOURS, seconds: float = 20) -> Finding:
    return await Git(folder).run(question(call, NOW, BEGAN), soon(seconds))


async def test_nothing_changed_is_ok(clone: Path) -> None:
    found = await look(clone)
    assert found.verdict == "ok"
    assert found.headline == "Nothing changed in the 2 hours before: no commit or release."


async def test_new_commits_are_suspicious_where_nothing_says_what_is_deployed(clone: Path) -> None:
    commit(clone, "packages/backend/a", "Try password=hunter2 of ana@acme.example", 20)
    commit(clone, "packages/backend/a", "Later", -5)
    found = await look(clone)
    assert found.verdict == "warn"
    assert found.headline.startswith("2 commits, the newest 5 min after the incident began")
    assert found.table is not None and [row[3] for row in found.table.rows] == ["Ana", "Ana"]
    assert "hunter2" not in str(found) and "acme.example" not in str(found)


async def test_a_tag_is_a_release_and_its_commits_are_told_from_later_ones(clone: Path) -> None:
    commit(clone, "packages/mobile/shipper/a", "Maps", 40)
    run(clone, "tag", "-a", "mobile-v5", "-m", "x", minutes=30)
    commit(clone, "packages/mobile/shipper/a", "More maps", 5)
    mobile = GitCall("commits", {"since": "1 week ago"}, folder="packages/mobile/shipper")
    found = await look(clone, mobile)
    assert found.verdict == "warn"
    assert (
        found.headline
        == "mobile-v5 was released by Ana 30 min before the incident began. 1 commit since is not out."
    )
    assert found.table is not None and [row[4] for row in found.table.rows] == ["not out", "", "out"]
    everything = await look(clone)
    assert "1 commit since mobile-v5, the newest release." in everything.headline


async def test_an_old_tag_does_not_make_new_commits_look_harmless(clone: Path) -> None:
    run(clone, "tag", "v1", minutes=99_999)
    commit(clone, "packages/backend/a", "Straight into production", 20)
    found = await look(clone)
    assert (found.verdict, "what is deployed is not known here" in found.headline) == ("warn", True)


async def test_only_the_path_counts_and_one_that_is_not_there_is_not_found(clone: Path) -> None:
    commit(clone, "packages/backend/a", "Backend", 20)
    commit(clone, "packages/mobile/b", "Mobile", 20)
    found = await look(clone, GitCall("commits", {}, folder="packages/mobile"))
    assert found.table is not None and len(found.table.rows) == 1
    with pytest.raises(Inconclusive, match="has no packages/gone") as caught:
        await look(clone, GitCall("commits", {}, folder="packages/gone"))
    assert caught.value.cause is UnknownCause.NOT_FOUND


async def test_a_clone_that_was_fetched_long_ago_is_unknown_and_a_fresh_one_is_not(
    clone: Path, tmp_path: Path
) -> None:
    run(tmp_path, "clone", "-q", str(clone), "copy")
    copy = tmp_path / "copy"
    run(copy, "fetch", "-q")
    old = (NOW - timedelta(days=3)).timestamp()
    os.utime(copy / ".git/FETCH_HEAD", (old, old))
    found = await look(copy)
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.NO_DATA)
    assert "last fetched 3 days ago" in found.headline
    assert found.age is not None and found.age >= timedelta(days=3)
    commit(clone, "packages/backend/a", "Upstream only", 20)
    run(copy, "fetch", "-q")
    fresh = await look(copy)
    assert (fresh.verdict, "1 commit" in fresh.headline) == ("warn", True)


async def test_a_subject_that_is_long_or_steers_a_screen_is_tamed(clone: Path) -> None:
    words = "\x1b[2J\u202eevil " + "long " * 20_000
    commit(clone, "a", "x", 20)
    (clone / "message").write_text(words)
    run(clone, "commit", "-q", "--allow-empty", "-F", "message", minutes=10)
    found = await look(clone)
    assert found.table is not None
    shown = found.table.rows[0][2]
    assert shown[8:].startswith("[2Jevil long") and len(shown) < 110 and shown.isprintable()


async def test_options_choose_and_none_is_handed_through_unseen(clone: Path) -> None:
    commit(clone, "a", "Fix fares", 20)
    commit(clone, "a", "Fix maps", 10)
    found = await look(clone, GitCall("commits", {"grep": "--output=/tmp/x", "max-count": "1", "skip": "1"}))
    assert "Not applied: --skip." in found.headline and "no commit" in found.headline
    one = await look(clone, GitCall("commits", {"grep": "Fix", "max-count": "1"}))
    assert one.table is not None and [row[2][8:] for row in one.table.rows] == ["Fix maps"]
    for name in ("--output=x", "main;id", "-p"):
        with pytest.raises(Inconclusive, match="no name of a branch"):
            await look(clone, GitCall("commits", {}, (name,)))
    with pytest.raises(Inconclusive) as caught:
        await look(clone, GitCall("commits", {}, ("nowhere",)))
    assert caught.value.cause is UnknownCause.NOT_FOUND


async def test_no_program_that_a_repository_s_configuration_names_is_run(clone: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    commit(clone, "packages/backend/a", "Signed", 20)
    (clone / ".gitattributes").write_text("* diff=evil filter=evil\n")
    for name in ("core.fsmonitor", "core.pager", "pager.log", "gpg.program", "core.sshCommand", "diff.external",
                 "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "alias.log",
                 "core.alternateRefsCommand", "core.editor", "core.askPass"):  # fmt: skip
        run(clone, "config", name, f"!{program}" if name.startswith("alias") else str(program))
    run(clone, "config", "log.showSignature", "true")
    run(clone, "config", "core.repositoryFormatVersion", "1")
    run(clone, "config", "extensions.partialClone", "origin")
    run(clone, "config", "remote.origin.url", f"ext::{program}")
    run(clone, "config", "remote.origin.promisor", "true")
    run(clone, "config", "protocol.ext.allow", "always")
    blob = subprocess.run(
        ["git", "-C", str(clone), "rev-parse", "HEAD:packages"], capture_output=True, text=True, check=True
    )
    (clone / ".git/objects" / blob.stdout[:2] / blob.stdout[2:].strip()).unlink()
    with pytest.raises(Inconclusive):
        await look(clone, GitCall("commits", {}, folder="packages/backend"))
    assert (await look(clone)).verdict == "warn"
    assert not ran.exists()


@pytest.mark.parametrize(
    ("made", "cause", "said"),
    [
        (None, UnknownCause.NOT_CONFIGURED, "TOCSIN_REPOSITORY_DIR is not set"),
        ("gone", UnknownCause.NOT_CONFIGURED, "was not found"),
        ("plain", UnknownCause.NOT_CONFIGURED, "is no clone"),
        ("empty", UnknownCause.NO_DATA, "has no commits"),
    ],
)
async def test_what_is_no_clone_is_said(
    tmp_path: Path, made: str | None, cause: UnknownCause, said: str
) -> None:
    run(tmp_path, "init", "-q", "empty")
    (tmp_path / "plain").mkdir()
    with pytest.raises(Inconclusive, match=said) as caught:
        await look(made and tmp_path / made)  # type: ignore[arg-type]
    assert caught.value.cause is cause


async def test_a_git_that_hangs_is_ended_at_the_deadline(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "git"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 100\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Inconclusive, match="in time") as caught:
        await look(clone, seconds=0.5)
    assert caught.value.cause is UnknownCause.TIMEOUT
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_who_is_cancelled_takes_git_along(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pid")
    slow = tmp_path / "git"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 100\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    asked = asyncio.create_task(look(clone))
    pid = int(await asyncio.to_thread((tmp_path / "pid").read_text))
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_machine_without_git_says_so(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Inconclusive, match="git is not installed") as caught:
        await look(clone)
    assert caught.value.cause is UnknownCause.NOT_CONFIGURED
