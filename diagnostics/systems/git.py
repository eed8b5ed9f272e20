"""Recent changes from a clone on this machine: commits and tags, read by git itself.

A repository's own configuration can name programs (fsmonitor, signatures, pagers, hooks, transports of a partial
clone): each is switched off, no shell is involved, and the options are built anew from known ones. git's own program is
taken because a process can be ended at the deadline; libgit2 has a licence that is not ours, and dulwich cannot be
stopped while it walks a long history by path.
"""

import asyncio
import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import GitCall
from diagnostics.analysis.change_snapshot import Commit, Release
from diagnostics.analysis.recent_changes import interpret
from diagnostics.analysis.repository_query import (
    MAX_COMMITS,
    RepositoryAnswers,
    RepositoryRequest,
    build_change_snapshot,
    find_deployed_revision,
    parse_repository_path,
    parse_window,
    split_path_words,
)
from diagnostics.clients.response_parsing import catch_inconclusive, clean_line, guard_parsing

OFF = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "core.alternateRefsCommand=",
    "core.sshCommand=false", "core.askPass=", "core.attributesFile=/dev/null", "credential.helper=",
    "diff.external=", "gpg.program=false",
    "log.showSignature=false", "log.follow=false", "protocol.allow=never", "uploadpack.packObjectsHook=",
)  # fmt: skip
"""What of a repository's configuration is said otherwise."""

ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C.UTF-8",
}
FLAGS = ("all", "no-merges", "merges", "first-parent", "regexp-ignore-case")
VALUES = ("author", "committer", "grep")
REVISION = re.compile(r"[A-Za-z0-9_][\w./@{}~^+-]*")
FIELDS = "%H%x1f%ct%x1f%<(80,trunc)%an%x1f%<(400,trunc)%s"
"""A subject may be a megabyte long: git cuts it."""

TAGS = "%(objectname)%1f%(creatordate:unix)%1f%(creator)%1f%(refname:short)"
REMOTE = "refs/remotes/origin/HEAD"


class Git:
    """One clone: TOCSIN_REPOSITORY_DIR, its top folder, or None. Nothing outside of it is read."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def configured(self) -> bool:
        """Whether there is a clone to look at."""
        return self._folder is not None

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """`git log` and the newest tags. Raises Inconclusive."""
        call = question.action.call
        wanted = call if isinstance(call, GitCall) else GitCall("commits", {})
        if self._folder is None or not self._folder.is_dir():
            said = "No clone is looked at: TOCSIN_REPOSITORY_DIR is not set."
            if self._folder is not None:
                said = "The folder in TOCSIN_REPOSITORY_DIR was not found."
            raise Inconclusive(
                UnknownCause.NOT_CONFIGURED,
                said,
                "Set it to a clone where Tocsin runs, or run git log yourself.",
            )
        if wanted.what not in ("commits", "releases"):
            raise Inconclusive(
                UnknownCause.NO_RULE, f"A clone does not know of {clean_line(wanted.what)}: GitHub does."
            )
        clone = _Clone(self._folder.resolve(), by)
        asked = RepositoryRequest(
            "", parse_window(wanted, question.now, question.began), parse_repository_path(wanted), by
        )
        revisions = await clone.revisions(wanted)
        commits = await clone.commits(asked, wanted, revisions)
        releases = await clone.tags(asked)
        found = RepositoryAnswers(commits, releases, None, None)
        _, newest = find_deployed_revision((), releases)
        if newest:
            found = RepositoryAnswers(
                commits, releases, None, await catch_inconclusive(clone.behind(newest, revisions))
            )
        start, fetched = question.began or question.now, await clone.read_fetch_time()
        seen = build_change_snapshot(
            self._folder.name, asked, wanted, start, found, "", (*FLAGS, *VALUES), fetched
        )
        return interpret(seen, question.now, question.began)


class _Clone:
    """The clone in this folder, until `by` of the loop's clock."""

    def __init__(self, folder: Path, by: float) -> None:
        self._folder, self._by = folder, by

    async def revisions(self, wanted: GitCall) -> list[str]:
        """Where the history begins: what was named, else this branch and the origin's. Raises Inconclusive."""
        named = [name for name in wanted.names if ".." not in name][:1]
        if named and not REVISION.fullmatch(named[0]):
            raise Inconclusive(
                UnknownCause.NOT_UNDERSTOOD, f"{clean_line(named[0])} is no name of a branch or tag."
            )
        if not named and await self._read("for-each-ref", "--format=%(refname)", REMOTE):
            return ["HEAD", REMOTE]
        return named or ["HEAD"]

    async def commits(
        self, asked: RepositoryRequest, wanted: GitCall, revisions: list[str]
    ) -> tuple[Commit, ...]:
        """Of the window, the newest first. Raises Inconclusive, also when there is no such path."""
        text = await self._read(*_build_log_command(asked, wanted, revisions))
        found = [record.split("\x1f", 3) for record in text.split("\0") if record]
        if asked.path and not found:
            await self._read(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revisions[-1]}:{asked.path}"
            )
        with guard_parsing("git"):
            return tuple(
                Commit(sha, datetime.fromtimestamp(int(at), UTC), clean_line(said), clean_line(author))
                for sha, at, author, said in found
            )

    async def tags(self, asked: RepositoryRequest) -> tuple[Release, ...]:
        """The newest, of a path those that its name stands in."""
        text = await self._read(
            "for-each-ref", "--sort=-creatordate", "--count=50", f"--format={TAGS}", "refs/tags"
        )
        named = split_path_words(asked.path)
        with guard_parsing("git"):
            found = [line.split("\x1f", 3) for line in text.splitlines() if line]
            return tuple(
                Release(
                    datetime.fromtimestamp(int(at), UTC), clean_line(tag), clean_line(by.partition(" <")[0])
                )
                for _, at, by, tag in found
                if at and (not named or any(word in tag.lower() for word in named))
            )

    async def behind(self, tag: str, revisions: list[str]) -> tuple[int, frozenset[str]]:
        """How many commits the tag does not have, and which of them are the newest."""
        if not REVISION.fullmatch(tag):
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"the tag {tag} has a strange name.")
        range_ = ("--end-of-options", *revisions, f"^refs/tags/{tag}", "--")
        number = await self._read("rev-list", "--count", *range_)
        newest = await self._read("rev-list", f"--max-count={10 * MAX_COMMITS}", *range_)
        return int(number), frozenset(newest.split())

    async def read_fetch_time(self) -> datetime | None:
        """When it last heard of its origin; None when it has none."""
        folder = self._folder / (await self._read("rev-parse", "--git-common-dir")).strip()
        if not await self._read("for-each-ref", "--count=1", "--format=%(refname)", "refs/remotes"):
            return None
        for name in ("FETCH_HEAD", "packed-refs", "HEAD"):
            with contextlib.suppress(OSError):
                return datetime.fromtimestamp((folder / name).stat().st_mtime, UTC)
        return None

    async def _read(self, *words: str) -> str:
        """What git prints. Raises Inconclusive when it fails, or is not done in time; then it is ended."""
        off = [option for setting in (*OFF, f"safe.directory={self._folder}") for option in ("-c", setting)]
        environment = {**ENVIRONMENT, "PATH": os.environ.get("PATH", os.defpath)}
        environment["GIT_CEILING_DIRECTORIES"] = str(self._folder.parent)
        try:
            git = await asyncio.create_subprocess_exec(
                *("git", "--no-pager", "-C", str(self._folder), *off, *words),
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except FileNotFoundError:
            raise Inconclusive(
                UnknownCause.NOT_CONFIGURED, "git is not installed where Tocsin runs."
            ) from None
        try:
            async with asyncio.timeout_at(self._by):
                told, wrong = await git.communicate()
        except TimeoutError:
            raise Inconclusive(UnknownCause.TIMEOUT, "git has not answered in time.") from None
        finally:
            if git.returncode is None:
                git.kill()
                await git.wait()
        if git.returncode:
            raise _refusal(wrong.decode("utf-8", "replace"), words)
        return told.decode("utf-8", "replace")


def _build_log_command(asked: RepositoryRequest, wanted: GitCall, revisions: list[str]) -> tuple[str, ...]:
    flags = [f"--{name}" for name in FLAGS if wanted.options.get(name)]
    values = [f"--{name}={wanted.options[name]}" for name in VALUES if wanted.options.get(name)]
    return (
        *(
            "log",
            "-z",
            f"--format={FIELDS}",
            f"--max-count={MAX_COMMITS}",
            "--no-show-signature",
            "--no-mailmap",
        ),
        f"--since=@{asked.window.begin.timestamp():.0f}",
        f"--until=@{asked.window.end.timestamp():.0f}",
        *(*flags, *values, "--no-ext-diff", "--no-textconv", "--end-of-options", *revisions, "--"),
        *([asked.path] if asked.path else []),
    )


REFUSALS = (
    (
        re.compile("not a git repository"),
        UnknownCause.NOT_CONFIGURED,
        "The folder in TOCSIN_REPOSITORY_DIR is no clone.",
        "Set it to the top of one.",
    ),
    (
        re.compile("does not have any commits|ambiguous argument 'HEAD'|bad revision 'HEAD'"),
        UnknownCause.NO_DATA,
        "The clone has no commits.",
        "",
    ),
)
"""What git writes when it fails, and what that means; the first that matches speaks."""


def _refusal(wrong: str, words: tuple[str, ...]) -> Inconclusive:
    for pattern, cause, said, then in REFUSALS:
        if pattern.search(wrong):
            return Inconclusive(cause, said, then)
    if "unknown revision" in wrong or "bad revision" in wrong or "--verify" in words:
        return Inconclusive(
            UnknownCause.NOT_FOUND,
            f"The clone has no {clean_line(words[-1].partition(':')[2] or words[-2])}.",
            "Check the names.",
        )
    return Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"git fails: {clean_line(wrong) or 'it says nothing'}.")
