"""What changed by a clone on this machine: commits and tags, read by git itself.

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

from bot.step import GitCall
from diagnostics.answers import line, tried, understood
from diagnostics.changes import Commit, Release, interpret
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.question import Question
from diagnostics.revisions import MOST_COMMITS, Asked, Read, gathered, out, place, window, words

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

    async def look(self, question: Question, by: float) -> Finding:
        """`git log` and the newest tags. Raises CannotTell."""
        call = question.action.call
        wanted = call if isinstance(call, GitCall) else GitCall("commits", {})
        if self._folder is None or not self._folder.is_dir():
            said = "No clone is looked at: TOCSIN_REPOSITORY_DIR is not set."
            if self._folder is not None:
                said = "The folder in TOCSIN_REPOSITORY_DIR is not there."
            raise CannotTell(
                Cause.NOT_CONFIGURED, said, "Set it to a clone where Tocsin runs, or run git log yourself."
            )
        if wanted.what not in ("commits", "releases"):
            raise CannotTell(Cause.NO_RULE, f"A clone does not know of {line(wanted.what)}: GitHub does.")
        clone = _Clone(self._folder.resolve(), by)
        asked = Asked("", window(wanted, question.now, question.began), place(wanted), by)
        revisions = await clone.revisions(wanted)
        commits = await clone.commits(asked, wanted, revisions)
        releases = await clone.tags(asked)
        found = Read(commits, releases, None, None)
        _, newest = out((), releases)
        if newest:
            found = Read(commits, releases, None, await tried(clone.behind(newest, revisions)))
        start, fetched = question.began or question.now, await clone.fetched()
        seen = gathered(self._folder.name, asked, wanted, start, found, "", (*FLAGS, *VALUES), fetched)
        return interpret(seen, question.now, question.began)


class _Clone:
    """The clone in this folder, until `by` of the loop's clock."""

    def __init__(self, folder: Path, by: float) -> None:
        self._folder, self._by = folder, by

    async def revisions(self, wanted: GitCall) -> list[str]:
        """Where the history begins: what was named, else this branch and the origin's. Raises CannotTell."""
        named = [each for each in wanted.names if ".." not in each][:1]
        if named and not REVISION.fullmatch(named[0]):
            raise CannotTell(Cause.NOT_UNDERSTOOD, f"{line(named[0])} is no name of a branch or tag.")
        if not named and await self._read("for-each-ref", "--format=%(refname)", REMOTE):
            return ["HEAD", REMOTE]
        return named or ["HEAD"]

    async def commits(self, asked: Asked, wanted: GitCall, revisions: list[str]) -> tuple[Commit, ...]:
        """Of the window, the newest first. Raises CannotTell, also when there is no such path."""
        chosen = [f"--{name}" for name in FLAGS if wanted.options.get(name)]
        chosen += [f"--{name}={wanted.options[name]}" for name in VALUES if wanted.options.get(name)]
        text = await self._read(
            *(
                "log",
                "-z",
                f"--format={FIELDS}",
                f"--max-count={MOST_COMMITS}",
                "--no-show-signature",
                "--no-mailmap",
            ),
            *(
                f"--since=@{asked.window.begin.timestamp():.0f}",
                f"--until=@{asked.window.end.timestamp():.0f}",
                *chosen,
            ),
            *(
                "--no-ext-diff",
                "--no-textconv",
                "--end-of-options",
                *revisions,
                "--",
                *([asked.path] if asked.path else []),
            ),
        )
        found = [each.split("\x1f", 3) for each in text.split("\0") if each]
        if asked.path and not found:
            await self._read(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revisions[-1]}:{asked.path}"
            )
        with understood("git"):
            return tuple(
                Commit(sha, datetime.fromtimestamp(int(at), UTC), line(said), line(author))
                for sha, at, author, said in found
            )

    async def tags(self, asked: Asked) -> tuple[Release, ...]:
        """The newest, of a path those that its name stands in."""
        text = await self._read(
            "for-each-ref", "--sort=-creatordate", "--count=50", f"--format={TAGS}", "refs/tags"
        )
        named = words(asked.path)
        with understood("git"):
            found = [each.split("\x1f", 3) for each in text.splitlines() if each]
            return tuple(
                Release(datetime.fromtimestamp(int(at), UTC), line(tag), line(by.partition(" <")[0]))
                for _, at, by, tag in found
                if at and (not named or any(word in tag.lower() for word in named))
            )

    async def behind(self, tag: str, revisions: list[str]) -> tuple[int, frozenset[str]]:
        """How many commits the tag does not have, and which of them are the newest."""
        if not REVISION.fullmatch(tag):
            raise CannotTell(Cause.NOT_UNDERSTOOD, f"the tag {tag} has a strange name.")
        range_ = ("--end-of-options", *revisions, f"^refs/tags/{tag}", "--")
        number = await self._read("rev-list", "--count", *range_)
        newest = await self._read("rev-list", f"--max-count={10 * MOST_COMMITS}", *range_)
        return int(number), frozenset(newest.split())

    async def fetched(self) -> datetime | None:
        """When it last heard of its origin; None when it has none."""
        folder = self._folder / (await self._read("rev-parse", "--git-common-dir")).strip()
        if not await self._read("for-each-ref", "--count=1", "--format=%(refname)", "refs/remotes"):
            return None
        for name in ("FETCH_HEAD", "packed-refs", "HEAD"):
            with contextlib.suppress(OSError):
                return datetime.fromtimestamp((folder / name).stat().st_mtime, UTC)
        return None

    async def _read(self, *words: str) -> str:
        """What git prints. Raises CannotTell when it fails, or is not done in time; then it is ended."""
        off = [option for each in (*OFF, f"safe.directory={self._folder}") for option in ("-c", each)]
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
            raise CannotTell(Cause.NOT_CONFIGURED, "git is not installed where Tocsin runs.") from None
        try:
            async with asyncio.timeout_at(self._by):
                told, wrong = await git.communicate()
        except TimeoutError:
            raise CannotTell(Cause.TIMEOUT, "git has not answered in time.") from None
        finally:
            if git.returncode is None:
                git.kill()
                await git.wait()
        if git.returncode:
            raise _refusal(wrong.decode("utf-8", "replace"), words)
        return told.decode("utf-8", "replace")


def _refusal(wrong: str, words: tuple[str, ...]) -> CannotTell:
    if "not a git repository" in wrong:
        return CannotTell(
            Cause.NOT_CONFIGURED,
            "The folder in TOCSIN_REPOSITORY_DIR is no clone.",
            "Set it to the top of one.",
        )
    if (
        "does not have any commits" in wrong
        or "ambiguous argument 'HEAD'" in wrong
        or "bad revision 'HEAD'" in wrong
    ):
        return CannotTell(Cause.NO_DATA, "The clone has no commits.")
    if "unknown revision" in wrong or "bad revision" in wrong or "--verify" in words:
        return CannotTell(
            Cause.NOT_FOUND,
            f"The clone has no {line(words[-1].partition(':')[2] or words[-2])}.",
            "Look at the names.",
        )
    return CannotTell(Cause.NOT_UNDERSTOOD, f"git fails: {line(wrong) or 'it says nothing'}.")
