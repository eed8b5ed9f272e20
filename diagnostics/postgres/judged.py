"""How the sessions of a database look: is there room, who holds others up, who forgot a transaction."""

import re
from collections import Counter
from collections.abc import Sequence

from diagnostics.finding import Cause, Finding, Table, Verdict, unknown
from diagnostics.limits import Limit, limit
from diagnostics.postgres.seen import Activity, Session
from diagnostics.question import Question

FULL = Limit(">=", 75, 90, "%")
FORGOTTEN = Limit(">=", 60, 300, "s")
OLDEST = Limit(">=", 300, 1800, "s")
CONNECTIONS = re.compile(r"connection|saturation|pool", re.I)
IDLE = re.compile(r"idle in transaction", re.I)
TRANSACTION = re.compile(r"transaction|long.running", re.I)
WAITS = frozenset({"Lock", "LWLock", "BufferPin"})
"""Kinds of waiting that hold somebody up; `Client: ClientRead` is a client that has nothing to do."""

MOST_ROWS = 12
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)


def connections(seen: Activity, question: Question) -> Finding:
    """How full it is, and who sits in a transaction without doing anything."""
    if seen.is_hidden:
        return may_not_see(question)
    full = limit(question.thresholds, CONNECTIONS, FULL)
    share = seen.share
    free = seen.most - seen.kept
    verdict = full.verdict(share)
    said = f"{seen.taken} of {free} connections are taken ({share:.0f}%"
    said += f", {full.said(verdict)})" if verdict is not Verdict.OK else ")"
    idle = _forgotten(seen)
    if idle:
        longest = max(each.unchanged or 0.0 for each in idle)
        forgotten = limit(question.thresholds, IDLE, FORGOTTEN).verdict(longest)
        verdict = min(verdict, forgotten, key=ORDER.index)
        said += f"; {_counted(len(idle), 'session')} idle in transaction, the longest for {_lasted(longest)}"
    return Finding(
        verdict,
        f"{said}.",
        question.now,
        measure=f"{seen.taken}/{free}",
        table=_by_state(seen),
        next_look=""
        if verdict is Verdict.OK
        else "Look which application holds them, and at locks and waits.",
    )


def waits(seen: Activity, question: Question) -> Finding:
    """Who waits for whom, and the oldest transaction."""
    if seen.is_hidden:
        return may_not_see(question)
    by_pid = {each.pid: each for each in seen.sessions}
    blocked = [each for each in seen.sessions if each.blocked_by]
    others = [
        each
        for each in seen.sessions
        if not each.blocked_by and each.state == "active" and each.waits_for.partition(":")[0] in WAITS
    ]
    oldest = max((each.transaction or 0.0 for each in seen.sessions), default=0.0)
    old = limit(question.thresholds, TRANSACTION, OLDEST)
    verdict = old.verdict(oldest)
    roots = _roots(blocked, by_pid)
    if blocked:
        who = _holder(blocked, roots, by_pid)
        said = f"{_counted(len(blocked), 'session')} {'waits' if len(blocked) == 1 else 'wait'} for {who}"
        longest = max(each.unchanged or 0.0 for each in blocked)
        said += f", for up to {_lasted(longest)}"
        verdict = Verdict.BAD
    elif others:
        said = f"{_counted(len(others), 'session')} wait for {others[0].waits_for}"
        verdict = min(verdict, Verdict.WARN, key=ORDER.index)
    else:
        said = "Nobody waits for a lock"
    age = f"; the oldest transaction is {_lasted(oldest)} old" if oldest >= 1 else ""
    beyond = f" ({old.said(old.verdict(oldest))})" if old.verdict(oldest) is not Verdict.OK else ""
    return Finding(
        verdict,
        f"{said}{age}{beyond}.",
        question.now,
        measure=f"{len(blocked)} blocked",
        table=_tree(blocked, roots, by_pid) or _oldest(seen),
        next_look="" if verdict is Verdict.OK else "Ending the root's session lets the others go on.",
    )


def may_not_see(question: Question) -> Finding:
    """What is seen without pg_monitor judges nothing."""
    return unknown(
        Cause.FORBIDDEN,
        "The database hides the sessions of others from Tocsin's role.",
        question.now,
        "GRANT pg_monitor to that role.",
    )


def _forgotten(seen: Activity) -> list[Session]:
    return [each for each in seen.sessions if (each.state or "").startswith("idle in transaction")]


def _by_state(seen: Activity) -> Table:
    counted = Counter((each.state or "unknown", each.application or each.role) for each in seen.sessions)
    rows = tuple((state, application, str(count)) for (state, application), count in counted.most_common())
    return Table(("state", "application", "sessions"), rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def _roots(blocked: Sequence[Session], by_pid: dict[int, Session]) -> list[Session]:
    """Those who hold others up and wait for nobody, who holds up most first."""
    waiting = {each.pid for each in blocked}
    held = Counter(pid for each in blocked for pid in each.blocked_by if pid not in waiting)
    return [by_pid[pid] for pid, _ in held.most_common() if pid in by_pid]


def _holder(blocked: Sequence[Session], roots: Sequence[Session], by_pid: dict[int, Session]) -> str:
    """Who holds the others up, in words."""
    if roots:
        return f"pid {roots[0].pid} ({roots[0].application or roots[0].role}, {roots[0].state})"
    strange = sorted({pid for each in blocked for pid in each.blocked_by if pid not in by_pid})
    if not strange:
        return "each other"
    if strange[0] == 0:
        return "a prepared transaction (look at pg_prepared_xacts)"
    return f"pid {strange[0]}, which is no client's session (such as autovacuum)"


def _tree(blocked: Sequence[Session], roots: Sequence[Session], by_pid: dict[int, Session]) -> Table | None:
    """The root first, below it who waits for it, as deep as it goes."""
    if not blocked:
        return None
    rows: list[tuple[str, ...]] = []
    shown: set[int] = set()
    waiting = [(each, 0) for each in reversed(roots or list(blocked[:1]))]
    while waiting:
        each, depth = waiting.pop()
        if each.pid in shown:
            continue
        shown.add(each.pid)
        rows.append(
            (
                f"{'  ' * depth}{each.pid}",
                each.application or each.role,
                each.state or "",
                _lasted(each.unchanged or 0.0),
                each.statement,
            )
        )
        below = [other for other in blocked if each.pid in other.blocked_by]
        waiting += [(other, depth + 1) for other in reversed(below)]
    heads = ("pid", "application", "state", "for", "statement")
    return Table(heads, tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS))


def _oldest(seen: Activity) -> Table | None:
    listed = sorted(
        (each for each in seen.sessions if each.transaction), key=lambda each: -(each.transaction or 0.0)
    )
    rows = tuple(
        (
            str(each.pid),
            each.application or each.role,
            each.state or "",
            _lasted(each.transaction or 0.0),
            each.statement,
        )
        for each in listed[:MOST_ROWS]
    )
    heads = ("pid", "application", "state", "transaction", "statement")
    return Table(heads, rows, max(0, len(listed) - MOST_ROWS)) if rows else None


def preview(
    rows: Sequence[tuple[str, ...]], heads: tuple[str, ...], seen: Activity, question: Question
) -> Finding:
    """Whom a statement that ends sessions would hit; nothing is ended."""
    if seen.is_hidden:
        return may_not_see(question)
    count = len(rows)
    left = max(0, seen.taken - count)
    free = seen.most - seen.kept
    said = f"It would end {_counted(count, 'session')}: {left} of {free} connections would be left taken."
    if not count:
        said = "It would end no session: none is as it asks for."
    return Finding(
        Verdict.UNKNOWN,
        said,
        question.now,
        Cause.NO_RULE,
        measure=f"{count} to end",
        table=Table(heads, tuple(rows[:MOST_ROWS]), max(0, count - MOST_ROWS)) if rows else None,
        next_look="It was only looked at. Ending them needs an approval.",
    )


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _lasted(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"
