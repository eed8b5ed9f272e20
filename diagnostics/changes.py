"""What changed lately: commits, deployments and releases, and which of the commits is out. A commit is no deployment.

What is new is suspicious and never bad for that alone; a deployment that failed is bad.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from diagnostics.answers import spoken
from diagnostics.finding import Cause, Finding, Table, Verdict, Window

SUSPECT = timedelta(hours=1)
"""What went out so long before the start of the incident, or later, may be its cause."""

MOST_ROWS = 12


class State(StrEnum):
    """How a deployment ended; REPLACED was through until another one came."""

    THROUGH = "through"
    FAILED = "FAILED"
    UNDER_WAY = "under way"
    REPLACED = "replaced"
    UNTOLD = "outcome not known"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; `author` is a login or a name."""

    sha: str
    at: datetime
    subject: str
    author: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of `what` (a tag, a branch) at revision `sha` to `place` (an environment)."""

    at: datetime
    what: str
    sha: str
    place: str
    state: State
    author: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """One release, or a tag in a clone."""

    at: datetime
    tag: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read of `source`, newest first; commits, deployments or releases are None that were not asked for.

    `out` names what is out (`v2.14.0 is deployed`); `waiting` are the commits that are not out, None when that is not
    known, and `waits` is their number, also of those that were not listed. `unread` says what could not be read.
    `fetched_at` is when a clone last heard of its origin. `cut` when the window holds more than was read;
    `note` is one more sentence. `suspect` is how long before the start a change may be its cause.
    """

    source: str
    window: Window
    commits: tuple[Commit, ...] | None = None
    deployments: tuple[Deployment, ...] | None = None
    releases: tuple[Release, ...] | None = None
    out: str = ""
    waiting: frozenset[str] | None = None
    waits: int = 0
    unread: tuple[tuple[Cause, str], ...] = ()
    fetched_at: datetime | None = None
    cut: bool = False
    note: str = ""
    suspect: timedelta = SUSPECT
    link: str = ""


def interpret(seen: Snapshot, now: datetime, began: datetime | None) -> Finding:
    """The judgement at `now`; `began` is the start of the incident, if there is one."""
    verdict, said = _judged(seen, now, began)
    said = " ".join((said, *(why for _, why in seen.unread), *([seen.note] if seen.note else [])))
    cause = None
    if seen.unread and verdict is Verdict.OK:
        verdict, cause = Verdict.UNKNOWN, seen.unread[0][0]
    if _is_stale(seen, began) and verdict is Verdict.OK:
        verdict, cause = Verdict.UNKNOWN, Cause.NO_DATA
    return Finding(
        verdict,
        said,
        now,
        cause,
        measure=_counted(seen),
        table=_table(seen, now, began),
        marks=_marks(seen),
        link=seen.link,
        window=seen.window,
        age=None if seen.fetched_at is None else max(now - seen.fetched_at, timedelta(0)),
        aged="the clone was last fetched",
        next_look=_next(verdict),
    )


def _judged(seen: Snapshot, now: datetime, began: datetime | None) -> tuple[Verdict, str]:
    start = began or now
    since = min(seen.window.begin, start - seen.suspect)
    places = {each.place: each for each in sorted(seen.deployments or (), key=lambda each: each.at)}
    waits = _waits(seen)
    if failed := [each for each in places.values() if each.state is State.FAILED and each.at >= since]:
        worst = max(failed, key=lambda each: each.at)
        said = f"The deployment of {_named(worst)} to {worst.place} FAILED {_when(worst.at, now, began)}."
        return Verdict.BAD, said + waits
    if suspects := _suspects(seen, start):
        before = [each for each in suspects if each.at <= start]
        first = max(before, key=lambda each: each.at) if before else min(suspects, key=lambda each: each.at)
        more = len(suspects) - 1
        others = f" {more} more in the {spoken(seen.suspect)} before, or since." if more else ""
        return Verdict.WARN, f"{_went_out(seen, first, _when(first.at, now, began))}{others}{waits}"
    earlier = _earlier(seen, now, began)
    if seen.commits:
        verdict, said = _only_commits(seen, seen.commits, now, began)
        return verdict, f"{earlier} {said}".strip()
    return Verdict.OK, (
        f"{earlier}{_stale(seen, now, began)}" if earlier else _quiet(seen, now, began)
    ) + waits


def _earlier(seen: Snapshot, now: datetime, began: datetime | None) -> str:
    """What went out in the window, too long before to be suspicious; empty where nothing did."""
    went = [each for each in seen.deployments or () if each.at >= seen.window.begin]
    names = {each.what for each in went}
    released = [
        each for each in seen.releases or () if each.at >= seen.window.begin and each.tag not in names
    ]
    changes: list[Deployment | Release] = [*went, *released]
    if not changes:
        return ""
    newest = max(changes, key=lambda each: each.at)
    return f"{_went_out(seen, newest, _when(newest.at, now, began))} Nothing went out since."


def _only_commits(
    seen: Snapshot, commits: tuple[Commit, ...], now: datetime, began: datetime | None
) -> tuple[Verdict, str]:
    """Nothing went out, but people wrote something."""
    number = _commits(len(commits), seen.cut)
    if seen.waiting is None:
        newest = max(each.at for each in commits)
        verdict = Verdict.WARN if newest >= (began or now) - seen.suspect else Verdict.OK
        said = f"{number}, the newest {_when(newest, now, began)}; what is deployed is not known here."
        return verdict, said + _stale(seen, now, began)
    out = [each for each in commits if each.sha not in seen.waiting]
    which = (
        "all out" if len(out) == len(commits) else f"{len(out)} of them out" if out else "none of them out"
    )
    said = f"{number} since {_when(seen.window.begin, now, began)}, {which}: {seen.out}."
    return Verdict.OK, said + (_waits(seen) if out else "") + _stale(seen, now, began)


def _quiet(seen: Snapshot, now: datetime, began: datetime | None) -> str:
    kinds = {"commit": seen.commits, "deployment": seen.deployments, "release": seen.releases}
    *first, last = [name for name, found in kinds.items() if found is not None]
    asked = f"{', '.join(first)} or {last}" if first else last
    known = f"; {seen.out}" if seen.out else ""
    span = spoken((began or now) - seen.window.begin) if seen.window.begin < (began or now) else ""
    edge = f"in the {span} before" if began and span else f"in the last {spoken(now - seen.window.begin)}"
    return f"Nothing changed {edge}: no {asked}{known}.{_stale(seen, now, began)}"


def _suspects(seen: Snapshot, start: datetime) -> list[Deployment | Release]:
    """What went out shortly before the start or later; a release that was deployed too counts once."""
    deployed = [each for each in seen.deployments or () if each.at >= start - seen.suspect]
    names = {each.what for each in deployed}
    released = [
        each for each in seen.releases or () if each.at >= start - seen.suspect and each.tag not in names
    ]
    return [*(each for each in deployed if each.state is not State.FAILED), *released]


def _went_out(seen: Snapshot, change: Deployment | Release, when: str) -> str:
    by = f" by {change.author}" if change.author else ""
    if isinstance(change, Release):
        return f"{change.tag} was released {when}{by}."
    subject = next((each.subject for each in seen.commits or () if each.sha == change.sha), "")
    about = f": “{subject}”" if subject else ""
    verb = "is being deployed" if change.state is State.UNDER_WAY else "was deployed"
    doubt = " (its outcome is not known)" if change.state is State.UNTOLD else ""
    if change.state is State.UNDER_WAY:
        when = f"since {when}"
    return f"{_named(change)} {verb} to {change.place} {when}{by}{doubt}{about}."


def _named(deployment: Deployment) -> str:
    short = deployment.sha[:7]
    return (
        deployment.what if not short or deployment.what.startswith(short) else f"{deployment.what} ({short})"
    )


def _waits(seen: Snapshot) -> str:
    if not seen.waits:
        return ""
    return (
        f" {seen.waits} commit{'s' * (seen.waits != 1)} since {'are' if seen.waits != 1 else 'is'} not out."
    )


def _commits(number: int, cut: bool) -> str:
    return f"{number}{' or more' * cut} commit{'s' * (number != 1)}"


def _counted(seen: Snapshot) -> str:
    instants = [each.at for each in seen.deployments or ()] + [each.at for each in seen.releases or ()]
    number = len([each for each in instants if each >= seen.window.begin])
    return f"{_commits(len(seen.commits or ()), seen.cut)}, {number} deployed or released"


def _is_stale(seen: Snapshot, began: datetime | None) -> bool:
    """Whether a clone has not heard of its origin since the incident began, or since the window did."""
    return seen.fetched_at is not None and seen.fetched_at < (began or seen.window.begin)


def _stale(seen: Snapshot, now: datetime, began: datetime | None) -> str:
    if seen.fetched_at is None or not _is_stale(seen, began):
        return ""
    return f" This clone was last fetched {spoken(now - seen.fetched_at)} ago: what came later is not in it."


def _when(at: datetime, now: datetime, began: datetime | None) -> str:
    if began is None:
        return f"{spoken(now - at)} ago"
    return f"{spoken(began - at)} {'before' if at <= began else 'after'} the incident began"


def _table(seen: Snapshot, now: datetime, began: datetime | None) -> Table | None:
    rows: list[tuple[datetime, tuple[str, ...]]] = []
    for commit in seen.commits or ():
        state = "" if seen.waiting is None else "not out" if commit.sha in seen.waiting else "out"
        rows.append((commit.at, ("commit", f"{commit.sha[:7]} {commit.subject}", commit.author, state)))
    for deployment in seen.deployments or ():
        what = f"{_named(deployment)} → {deployment.place}"
        rows.append((deployment.at, ("deployment", what, deployment.author, deployment.state)))
    for release in seen.releases or ():
        rows.append((release.at, ("release", release.tag, release.author, "")))
    if not rows:
        return None
    rows.sort(key=lambda each: each[0], reverse=True)
    shown = tuple(
        (_when(at, now, began).removesuffix(" the incident began"), *row) for at, row in rows[:MOST_ROWS]
    )
    return Table(("when", "kind", "what", "by", "state"), shown, max(0, len(rows) - MOST_ROWS))


def _marks(seen: Snapshot) -> tuple[tuple[datetime, str], ...]:
    found = [(each.at, each.what) for each in seen.deployments or ()]
    names = {what for _, what in found}
    found += [(each.at, each.tag) for each in seen.releases or () if each.tag not in names]
    return tuple(sorted(each for each in found if each[0] >= seen.window.begin))


def _next(verdict: Verdict) -> str:
    match verdict:
        case Verdict.BAD:
            return "Look at the deployment's log: what runs may be half of the new and half of the old."
        case Verdict.WARN:
            return "Ask whoever made the change, and whether going back is possible."
        case _:
            return ""
