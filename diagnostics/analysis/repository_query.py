"""Parses a request about a repository: its window, its path, and what is deployed."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TypeVar

from bot.command_parsers.shell.date_command import evaluate_date
from bot.domain.finding import Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import GitCall
from bot.errors import UnsupportedCommand
from diagnostics.analysis.change_snapshot import (
    SUSPECT,
    ChangeSnapshot,
    Commit,
    Deployment,
    DeploymentState,
    Release,
)
from diagnostics.clients.response_parsing import clean_line

T = TypeVar("T")
Dated = TypeVar("Dated", Deployment, Release)

BEFORE, LONG_BEFORE = "2 hours ago", "1 month ago"
"""From when on changes are looked for where nothing is said, and where only their number is."""


MAX_COMMITS = 100
"""So many are read at a time, the most that GitHub and GitLab give."""

PRODUCTION = re.compile(
    r"(?<![a-z])(?<!pre[-_ ./])(?<!non[-_ ./])(?:prod(?:uction)?|prd|live)(?![a-z])", re.I
)
"""Names of environments that people use; not `preprod`, `non-prod`, `delivery`."""

ELSEWHERE = re.compile(
    r"(?<![a-z])(?:stag(?:e|ing)|dev(?:elop(?:ment)?)?|test(?:ing|s)?|qa|uat|previews?|reviews?|sandbox|demo|ci|e2e"
    r"|canary-?test|github-pages|docs|(?:pre|non)[-_ ./]?prod(?:uction)?)(?![a-z])",
    re.I,
)
"""Names of those that people do not use: what fails there is nobody's outage."""

MOBILE = re.compile(r"mobile|android|\bios\b", re.I)
ROLLOUT = timedelta(days=2)
"""So long a release of an app takes to reach people's phones: what it breaks shows later than at a server."""

FOLDERS = frozenset({"packages", "apps", "app", "services", "src", "libs", "lib", "modules", "projects"})
"""Folders that hold things and name none."""

UNAPPLIED = ("grep", "author", "committer", "pickaxe", "pickaxe-regex", "skip", "merges", "no-merges")
"""Options that choose among commits and are left to a person: without them there is more to see, never less."""


@dataclass(frozen=True, slots=True)
class RepositoryRequest:
    """One question at one repository, until `by` of the loop's clock."""

    base: str
    window: TimeWindow
    path: str
    by: float


@dataclass(frozen=True, slots=True)
class RepositoryAnswers:
    """What came back, or why nothing did; None: it was not asked for. `behind`: how many commits are not out, which."""

    commits: tuple[Commit, ...] | Inconclusive
    releases: tuple[Release, ...] | Inconclusive
    deployments: tuple[Deployment, ...] | Inconclusive | None
    behind: tuple[int, frozenset[str]] | Inconclusive | None


def parse_window(call: GitCall, now: datetime, began: datetime | None) -> TimeWindow:
    """The span that `--since` and `--until` mean; spans without a date count back from the start of the incident.

    Raises Inconclusive when they are not understood.
    """
    counted = "max-count" in call.options
    said = str(call.options.get("since") or call.options.get("after") or (LONG_BEFORE if counted else BEFORE))
    ends = str(call.options.get("until") or call.options.get("before") or "")
    begin = _instant(said, began or now)
    end = min(_instant(ends, now), now) if ends else now
    if begin > end:
        raise Inconclusive(
            UnknownCause.NOT_UNDERSTOOD,
            f"No time lies between “{clean_line(said)}” and “{clean_line(ends) or 'now'}”.",
        )
    return TimeWindow(begin, end)


def _instant(said: str, now: datetime) -> datetime:
    # Git takes "2.hours.ago" too.
    words = said if said[:4].isdigit() else said.replace(".", " ").replace("_", " ")
    try:
        return datetime.fromisoformat(evaluate_date(["-d", words, "-Iseconds"], now)).astimezone(UTC)
    except (UnsupportedCommand, ValueError):
        why = f"“{clean_line(said)}” is not understood as a time."
        raise Inconclusive(
            UnknownCause.NOT_UNDERSTOOD, why, "Write it as “2 hours ago” or 2026-05-01."
        ) from None


def parse_repository_path(call: GitCall) -> str:
    """The path inside the repository that is meant, empty for all of it. Raises Inconclusive when it leads out."""
    # Where a clone lies on somebody's machine says nothing about the path in it.
    folder = "" if (call.folder or "").startswith(("/", "~", "$")) else call.folder or ""
    parts = PurePosixPath(folder, call.paths[0] if call.paths else "").parts
    if ".." in parts or any(part.startswith(("/", ":")) for part in parts):
        said = f"The folder {clean_line('/'.join(parts))} leads out of the repository."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Name a folder inside of it.")
    return "/".join(part for part in parts if part != ".")


def split_path_words(path: str) -> tuple[str, ...]:
    """By what releases and deployments of a path are known: `packages/mobile/shipper` by `mobile`, `shipper`."""
    return tuple(part.lower() for part in PurePosixPath(path).parts if part.lower() not in FOLDERS)


def describe_ignored_options(call: GitCall, but: Collection[str] = ()) -> str:
    """A sentence about the options that were left out, if there are any; `but` were not."""
    left = [f"--{option}" for option in UNAPPLIED if option in call.options and option not in but]
    left += [name for name in call.names if ".." in name]
    left += list(call.paths[1:])
    return f"Not applied: {clean_line(', '.join(left))}." if left else ""


def find_deployed_revision(deployments: Sequence[Deployment], releases: Sequence[Release]) -> tuple[str, str]:
    """What is out, in words, and its revision: the newest deployment that is through, else the newest release."""
    through = [deployment for deployment in deployments if deployment.state is DeploymentState.THROUGH]
    through = [deployment for deployment in through if PRODUCTION.search(deployment.place)] or through
    if through:
        newest = max(through, key=lambda deployment: deployment.at)
        return f"{newest.what} is deployed to {newest.place}", newest.sha
    if releases and not deployments:
        newest_release = max(releases, key=lambda release: release.at)
        return f"{newest_release.tag} is the newest release", newest_release.tag
    return "", ""


def select_deployments(
    found: Sequence[T],
    where: Callable[[T], tuple[str, str]],
    named: Collection[str],
    is_production: Callable[[T], bool] = lambda _: False,
) -> list[T]:
    """The deployments that are meant; `where` tells environment and revision of one. Of a path those that bear its
    name, else those to production, and where nothing is called so those that are not plainly elsewhere."""
    if named:
        return [deployment for deployment in found if _bears(where(deployment), named)]
    production = [
        deployment
        for deployment in found
        if is_production(deployment) or PRODUCTION.search(where(deployment)[0])
    ]
    return production or [deployment for deployment in found if not ELSEWHERE.search(where(deployment)[0])]


def _bears(place: tuple[str, str], named: Collection[str]) -> bool:
    """Whether environment and revision bear one of the names."""
    texts = " ".join(place).lower()
    return any(name in texts for name in named)


def explain_no_deployment(number: int) -> Inconclusive:
    """Of so many deployments none went to where it was looked for."""
    return Inconclusive(
        UnknownCause.NO_DATA,
        f"The newest {number} deployments all went elsewhere; what went to production is not known.",
    )


async def await_comparison(compared: Awaitable[T], source: str, revision: str) -> T:
    """What the deployed revision was compared with. Raises Inconclusive; that nothing is found means the revision: the
    repository itself was read a moment before."""
    try:
        return await compared
    except Inconclusive as why:
        if why.cause is not UnknownCause.NOT_FOUND:
            raise
        said = f"{source} does not know the deployed commit {clean_line(revision[:7])} any more."
        raise Inconclusive(
            UnknownCause.NOT_FOUND, said, "Check whether it was pushed over, or its branch removed."
        ) from None


def list_if_read(read: tuple[T, ...] | Inconclusive | None) -> tuple[T, ...]:
    """What was read, nothing where it could not be."""
    return () if read is None or isinstance(read, Inconclusive) else read


def build_change_snapshot(
    source: str,
    asked: RepositoryRequest,
    wanted: GitCall,
    start: datetime,
    read: RepositoryAnswers,
    link: str = "",
    applied: Collection[str] = (),
    fetched_at: datetime | None = None,
) -> ChangeSnapshot:
    """What was read as one snapshot. Raises Inconclusive when what was asked for is missing; the rest may be."""
    needed = read.releases if wanted.what == "releases" else read.commits
    if isinstance(needed, Inconclusive):
        raise needed
    deployments, releases, commits = (
        list_if_read(read.deployments),
        list_if_read(read.releases),
        list_if_read(read.commits),
    )
    what, behind, note = _behind(asked, read, *find_deployed_revision(deployments, releases))
    waiting = None if behind is None else behind[1]
    suspect = ROLLOUT if MOBILE.search(asked.path) else SUSPECT
    since = min(asked.window.begin, start - suspect)
    most = str(wanted.options.get("max-count", ""))
    return ChangeSnapshot(
        source,
        asked.window,
        commits[: int(most)] if most.isdigit() else commits,
        None if read.deployments is None else tuple(_since(deployments, since)),
        tuple(_since(releases, since)),
        what,
        waiting,
        _count_here(asked, commits, behind),
        _list_unread(read),
        fetched_at,
        cut=len(commits) >= MAX_COMMITS,
        note=" ".join(filter(None, (describe_ignored_options(wanted, applied), note))),
        suspect=suspect,
        link=link,
    )


def _count_here(
    asked: RepositoryRequest, commits: Iterable[Commit], behind: tuple[int, frozenset[str]] | None
) -> int:
    """How many commits are not out: all that there are, but of a path only those that were read."""
    if behind is None:
        return 0
    return sum(commit.sha in behind[1] for commit in commits) if asked.path else behind[0]


def _since(found: Iterable[Dated], since: datetime) -> Iterator[Dated]:
    return (change for change in found if change.at >= since)


def _list_unread(read: RepositoryAnswers) -> tuple[tuple[UnknownCause, str], ...]:
    """What could not be read, with its cause, each in a sentence."""
    parts = (read.commits, read.releases, read.deployments)
    unread = [(part.cause, part.said) for part in parts if isinstance(part, Inconclusive)]
    if isinstance(read.behind, Inconclusive):
        unread.append((read.behind.cause, f"What is not out cannot be told: {read.behind.said}"))
    return tuple(unread)


def _behind(
    asked: RepositoryRequest, read: RepositoryAnswers, what: str, revision: str
) -> tuple[str, tuple[int, frozenset[str]] | None, str]:
    """What is out in words, what is not, and a note: where releases are all that is recorded, what is deployed may be
    newer than the newest of them, and then only the number of commits since is told."""
    behind = None if isinstance(read.behind, Inconclusive) else read.behind
    is_deployed = any(deployment.sha == revision for deployment in list_if_read(read.deployments))
    if behind is None or is_deployed or split_path_words(asked.path):
        return what, behind, ""
    return "", None, f"{behind[0]} commit{'s' * (behind[0] != 1)} since {revision}, the newest release."
