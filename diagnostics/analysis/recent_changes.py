"""Judges recent changes: deployments and releases near the start of the incident. A commit is no deployment.

What is new is suspicious and never bad for that alone; a deployment that failed is bad.
"""

from datetime import datetime, timedelta

from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, UnknownCause, Verdict
from diagnostics.analysis.change_snapshot import (
    SUSPECT,
    ChangeSnapshot,
    Commit,
    Deployment,
    DeploymentState,
    Release,
)
from diagnostics.clients.response_parsing import format_span

MAX_ROWS = 12
NEXT = {
    Verdict.BAD: "Check the deployment's log: what runs may be half of the new and half of the old.",
    Verdict.WARN: "Ask whoever made the change, and whether going back is possible.",
}


def interpret(seen: ChangeSnapshot, now: datetime, began: datetime | None) -> Finding:
    """The judgement at `now`; `began` is the start of the incident, if there is one."""
    verdict, said = _judge_changes(seen, now, began)
    said = " ".join((said, *(why for _, why in seen.unread), *([seen.note] if seen.note else [])))
    cause = None
    if seen.unread and verdict is Verdict.OK:
        verdict, cause = Verdict.UNKNOWN, seen.unread[0][0]
    if seen.is_stale(began) and verdict is Verdict.OK:
        verdict, cause = Verdict.UNKNOWN, UnknownCause.NO_DATA
    return Finding(
        verdict,
        said,
        now,
        cause,
        measure=_describe_counts(seen),
        table=_table(seen, now, began),
        marks=_marks(seen),
        link=seen.link,
        window=seen.window,
        age=None if seen.fetched_at is None else max(now - seen.fetched_at, timedelta(0)),
        aged="the clone was last fetched",
        next_look=NEXT.get(verdict, ""),
        suspect=_suspect(seen, began or now) if verdict is Verdict.WARN else None,
    )


def _judge_changes(seen: ChangeSnapshot, now: datetime, began: datetime | None) -> tuple[Verdict, str]:
    start = began or now
    waits = _waits(seen)
    if failed := seen.list_failures(min(seen.window.begin, start - seen.suspect)):
        worst = max(failed, key=lambda deployment: deployment.at)
        said = f"The deployment of {_format_deployment(worst)} to {worst.place} FAILED {_when(worst.at, now, began)}."
        return Verdict.BAD, said + waits
    if (first := _first(seen, start)) is not None:
        more = len(_suspects(seen, start)) - 1
        others = f" {more} more in the {format_span(seen.suspect)} before, or since." if more else ""
        return Verdict.WARN, f"{_went_out(seen, first, _when(first.at, now, began))}{others}{waits}"
    earlier = _earlier(seen, now, began)
    if seen.commits:
        verdict, said = _only_commits(seen, seen.commits, now, began)
        return verdict, f"{earlier} {said}".strip()
    said = f"{earlier}{_stale(seen, now, began)}" if earlier else _quiet(seen, now, began)
    return Verdict.OK, said + waits


def _earlier(seen: ChangeSnapshot, now: datetime, began: datetime | None) -> str:
    """What went out in the window, too long before to be suspicious; empty where nothing did."""
    changes = seen.list_changes(seen.window.begin)
    if not changes:
        return ""
    newest = max(changes, key=lambda change: change.at)
    return f"{_went_out(seen, newest, _when(newest.at, now, began))} Nothing went out since."


def _only_commits(
    seen: ChangeSnapshot, commits: tuple[Commit, ...], now: datetime, began: datetime | None
) -> tuple[Verdict, str]:
    """Nothing went out, but people wrote something."""
    number = _commits(len(commits), seen.cut)
    if seen.waiting is None:
        newest = max(commit.at for commit in commits)
        verdict = Verdict.WARN if newest >= (began or now) - seen.suspect else Verdict.OK
        said = f"{number}, the newest {_when(newest, now, began)}; what is deployed is not known here."
        return verdict, said + _stale(seen, now, began)
    out = [commit for commit in commits if commit.sha not in seen.waiting]
    which = (
        "all out" if len(out) == len(commits) else f"{len(out)} of them out" if out else "none of them out"
    )
    said = f"{number} since {_when(seen.window.begin, now, began)}, {which}: {seen.out}."
    return Verdict.OK, said + (_waits(seen) if out else "") + _stale(seen, now, began)


def _quiet(seen: ChangeSnapshot, now: datetime, began: datetime | None) -> str:
    kinds = {"commit": seen.commits, "deployment": seen.deployments, "release": seen.releases}
    *first, last = [name for name, found in kinds.items() if found is not None]
    asked = f"{', '.join(first)} or {last}" if first else last
    known = f"; {seen.out}" if seen.out else ""
    span = format_span((began or now) - seen.window.begin) if seen.window.begin < (began or now) else ""
    edge = (
        f"in the {span} before" if began and span else f"in the last {format_span(now - seen.window.begin)}"
    )
    return f"Nothing changed {edge}: no {asked}{known}.{_stale(seen, now, began)}"


def _first(seen: ChangeSnapshot, start: datetime) -> Deployment | Release | None:
    """Of what went out shortly before the start or later: the last one before, else the first one after."""
    suspects = _suspects(seen, start)
    before = [suspect for suspect in suspects if suspect.at <= start]
    if before:
        return max(before, key=lambda deployment: deployment.at)
    return min(suspects, key=lambda suspect: suspect.at, default=None)


def _suspect(seen: ChangeSnapshot, start: datetime) -> Suspect | None:
    change = _first(seen, start)
    if change is None:
        return None
    name = change.tag if isinstance(change, Release) else _format_deployment(change)
    return Suspect("release" if seen.suspect > SUSPECT else "deployment", name, at=change.at)


def _suspects(seen: ChangeSnapshot, start: datetime) -> list[Deployment | Release]:
    """What went out shortly before the start or later."""
    changes = seen.list_changes(start - seen.suspect)
    return [
        change
        for change in changes
        if isinstance(change, Release) or change.state is not DeploymentState.FAILED
    ]


def _went_out(seen: ChangeSnapshot, change: Deployment | Release, when: str) -> str:
    by = f" by {change.author}" if change.author else ""
    if isinstance(change, Release):
        return f"{change.tag} was released{by} {when}."
    subject = next((commit.subject for commit in seen.commits or () if commit.sha == change.sha), "")
    about = f": “{subject}”" if subject else ""
    verb = "is being deployed" if change.state is DeploymentState.UNDER_WAY else "was deployed"
    doubt = " (its outcome is not known)" if change.state is DeploymentState.UNTOLD else ""
    if change.state is DeploymentState.UNDER_WAY:
        when = f"since {when}"
    return f"{_format_deployment(change)} {verb} to {change.place}{by} {when}{doubt}{about}."


def _format_deployment(deployment: Deployment) -> str:
    short = deployment.sha[:7]
    return (
        deployment.what if not short or deployment.what.startswith(short) else f"{deployment.what} ({short})"
    )


def _waits(seen: ChangeSnapshot) -> str:
    if not seen.waits:
        return ""
    return (
        f" {seen.waits} commit{'s' * (seen.waits != 1)} since {'are' if seen.waits != 1 else 'is'} not out."
    )


def _commits(number: int, cut: bool) -> str:
    return f"{number}{' or more' * cut} commit{'s' * (number != 1)}"


def _describe_counts(seen: ChangeSnapshot) -> str:
    instants = [deployment.at for deployment in seen.deployments or ()] + [
        release.at for release in seen.releases or ()
    ]
    number = len([instant for instant in instants if instant >= seen.window.begin])
    return f"{_commits(len(seen.commits or ()), seen.cut)}, {number} deployed or released"


def _stale(seen: ChangeSnapshot, now: datetime, began: datetime | None) -> str:
    if seen.fetched_at is None or not seen.is_stale(began):
        return ""
    return f" This clone was last fetched {format_span(now - seen.fetched_at)} ago: what came later is not in it."


def _when(at: datetime, now: datetime, began: datetime | None) -> str:
    if began is None:
        return f"{format_span(now - at)} ago"
    return f"{format_span(began - at)} {'before' if at <= began else 'after'} the incident began"


def _table(seen: ChangeSnapshot, now: datetime, began: datetime | None) -> EvidenceTable | None:
    rows: list[tuple[datetime, tuple[str, ...]]] = []
    for commit in seen.commits or ():
        state = "" if seen.waiting is None else "not out" if commit.sha in seen.waiting else "out"
        what = f"{commit.sha[:7]} {commit.subject}"
        rows.append((commit.at, ("commit", what, commit.author, state)))
    rows += [*map(_row, seen.deployments or ()), *map(_row, seen.releases or ())]
    if not rows:
        return None
    rows.sort(key=lambda row: row[0], reverse=True)
    shown = tuple(
        (_when(at, now, began).removesuffix(" the incident began"), *row) for at, row in rows[:MAX_ROWS]
    )
    return EvidenceTable(("when", "kind", "what", "by", "state"), shown, max(0, len(rows) - MAX_ROWS))


def _row(change: Deployment | Release) -> tuple[datetime, tuple[str, ...]]:
    if isinstance(change, Release):
        return change.at, ("release", change.tag, change.author, "")
    what = f"{_format_deployment(change)} → {change.place}"
    return change.at, ("deployment", what, change.author, change.state)


def _marks(seen: ChangeSnapshot) -> tuple[tuple[datetime, str], ...]:
    found = [(deployment.at, deployment.what) for deployment in seen.deployments or ()]
    names = {what for _, what in found}
    found += [(release.at, release.tag) for release in seen.releases or () if release.tag not in names]
    return tuple(sorted(mark for mark in found if mark[0] >= seen.window.begin))
