"""What a question about a repository means: its window, its folder, and what is out."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TypeVar

from bot.commands.dates import run_date
from bot.errors import Unclear
from bot.step import GitCall
from diagnostics.answers import line
from diagnostics.changes import SUSPECT, Commit, Deployment, Release, Snapshot, State
from diagnostics.finding import CannotTell, Cause, Window

T = TypeVar("T")

BEFORE, LONG_BEFORE = "2 hours ago", "1 month ago"
"""From when on changes are looked for where nothing is said, and where only their number is."""


MOST_COMMITS = 100
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
class Asked:
    """One question at one repository, until `by` of the loop's clock."""

    base: str
    window: Window
    path: str
    by: float


@dataclass(frozen=True, slots=True)
class Read:
    """What came back, or why nothing did; None: it was not asked for. `behind`: how many commits are not out, which."""

    commits: tuple[Commit, ...] | CannotTell
    releases: tuple[Release, ...] | CannotTell
    deployments: tuple[Deployment, ...] | CannotTell | None
    behind: tuple[int, frozenset[str]] | CannotTell | None


def window(call: GitCall, now: datetime, began: datetime | None) -> Window:
    """The span that `--since` and `--until` mean; spans without a date count back from the start of the incident.

    Raises CannotTell when they are not understood.
    """
    counted = "max-count" in call.options
    said = str(call.options.get("since") or call.options.get("after") or (LONG_BEFORE if counted else BEFORE))
    ends = str(call.options.get("until") or call.options.get("before") or "")
    begin = _instant(said, began or now)
    end = min(_instant(ends, now), now) if ends else now
    if begin > end:
        raise CannotTell(
            Cause.NOT_UNDERSTOOD, f"No time lies between “{line(said)}” and “{line(ends) or 'now'}”."
        )
    return Window(begin, end)


def _instant(said: str, now: datetime) -> datetime:
    # Git takes "2.hours.ago" too.
    words = said if said[:4].isdigit() else said.replace(".", " ").replace("_", " ")
    try:
        return datetime.fromisoformat(run_date(["-d", words, "-Iseconds"], now)).astimezone(UTC)
    except (Unclear, ValueError):
        why = f"“{line(said)}” is not understood as a time."
        raise CannotTell(Cause.NOT_UNDERSTOOD, why, "Write it as “2 hours ago” or 2026-05-01.") from None


def place(call: GitCall) -> str:
    """The path inside the repository that is meant, empty for all of it. Raises CannotTell when it leads out."""
    # Where a clone lies on somebody's machine says nothing about the path in it.
    folder = "" if (call.folder or "").startswith(("/", "~", "$")) else call.folder or ""
    parts = PurePosixPath(folder, call.paths[0] if call.paths else "").parts
    if ".." in parts or any(each.startswith(("/", ":")) for each in parts):
        said = f"The folder {line('/'.join(parts))} leads out of the repository."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Name a folder inside of it.")
    return "/".join(each for each in parts if each != ".")


def words(path: str) -> tuple[str, ...]:
    """By what releases and deployments of a path are known: `packages/mobile/shipper` by `mobile`, `shipper`."""
    return tuple(each.lower() for each in PurePosixPath(path).parts if each.lower() not in FOLDERS)


def unapplied(call: GitCall, but: Collection[str] = ()) -> str:
    """A sentence about the options that were left out, if there are any; `but` were not."""
    left = [f"--{each}" for each in UNAPPLIED if each in call.options and each not in but]
    left += [each for each in call.names if ".." in each]
    left += list(call.paths[1:])
    return f"Not applied: {line(', '.join(left))}." if left else ""


def out(deployments: Sequence[Deployment], releases: Sequence[Release]) -> tuple[str, str]:
    """What is out, in words, and its revision: the newest deployment that is through, else the newest release."""
    through = [each for each in deployments if each.state is State.THROUGH]
    through = [each for each in through if PRODUCTION.search(each.place)] or through
    if through:
        newest = max(through, key=lambda each: each.at)
        return f"{newest.what} is deployed to {newest.place}", newest.sha
    if releases and not deployments:
        newest_release = max(releases, key=lambda each: each.at)
        return f"{newest_release.tag} is the newest release", newest_release.tag
    return "", ""


def chosen(
    found: Sequence[T],
    where: Callable[[T], tuple[str, str]],
    named: Collection[str],
    is_production: Callable[[T], bool] = lambda each: False,
) -> list[T]:
    """The deployments that are meant; `where` tells environment and revision of one. Of a path those that bear its
    name, else those to production, and where nothing is called so those that are not plainly elsewhere."""
    if named:
        return [each for each in found if any(word in " ".join(where(each)).lower() for word in named)]
    production = [each for each in found if is_production(each) or PRODUCTION.search(where(each)[0])]
    return production or [each for each in found if not ELSEWHERE.search(where(each)[0])]


def all_elsewhere(number: int) -> CannotTell:
    """Of so many deployments none went to where it was looked for."""
    return CannotTell(
        Cause.NO_DATA,
        f"The newest {number} deployments all went elsewhere; what went to production is not known.",
    )


def listed(read: tuple[T, ...] | CannotTell | None) -> tuple[T, ...]:
    """What was read, nothing where it could not be."""
    return () if read is None or isinstance(read, CannotTell) else read


def gathered(
    source: str,
    asked: Asked,
    wanted: GitCall,
    start: datetime,
    read: Read,
    link: str = "",
    applied: Collection[str] = (),
    fetched_at: datetime | None = None,
) -> Snapshot:
    """What was read as one snapshot. Raises CannotTell when what was asked for is missing; the rest may be."""
    needed = read.releases if wanted.what == "releases" else read.commits
    if isinstance(needed, CannotTell):
        raise needed
    parts = (read.commits, read.releases, read.deployments)
    unread = [(each.cause, each.said) for each in parts if isinstance(each, CannotTell)]
    behind, notes = read.behind, [unapplied(wanted, applied)]
    if isinstance(behind, CannotTell):
        unread.append((behind.cause, f"What is not out cannot be told: {behind.said}"))
        behind = None
    deployments, releases, commits = listed(read.deployments), listed(read.releases), listed(read.commits)
    what, revision = out(deployments, releases)
    if behind is not None and not any(each.sha == revision for each in deployments) and not words(asked.path):
        # Where releases are all that is recorded, what is deployed may be newer than the newest of them.
        notes.append(f"{behind[0]} commit{'s' * (behind[0] != 1)} since {revision}, the newest release.")
        behind, what = None, ""
    waiting = None if behind is None else behind[1]
    here = [each for each in commits if waiting is not None and each.sha in waiting]
    suspect = ROLLOUT if MOBILE.search(asked.path) else SUSPECT
    since = min(asked.window.begin, start - suspect)
    most = str(wanted.options.get("max-count", ""))
    return Snapshot(
        source,
        asked.window,
        commits[: int(most)] if most.isdigit() else commits,
        None if read.deployments is None else tuple(each for each in deployments if each.at >= since),
        tuple(each for each in releases if each.at >= since),
        what,
        waiting,
        len(here) if asked.path or behind is None else behind[0],
        tuple(unread),
        fetched_at,
        cut=len(commits) >= MOST_COMMITS,
        note=" ".join(filter(None, notes)),
        suspect=suspect,
        link=link,
    )
