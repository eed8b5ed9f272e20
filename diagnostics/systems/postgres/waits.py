"""Rules for locks: who waits for whom, and the oldest open transaction."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Verdict
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.systems.postgres.models import PostgresActivity, PostgresSession
from diagnostics.systems.postgres.rules import (
    MAX_ROWS,
    ORDER,
    format_count,
    format_duration,
    report_no_permission,
)

OLDEST = Limit(">=", 300, 1800, "s")
HELD_UP = Limit(">=", 1, 10, "s")
"""How long somebody waits for a lock: for a moment is what locks are for."""

CROWD = Limit(">=", None, 5, "sessions")
"""How many wait for locks at once: bad when they do for longer than a moment."""

CROWDS = {
    **dict.fromkeys(("Lock", "LWLock", "BufferPin"), Limit(">=", 5, None, "sessions")),
    "IO": Limit(">=", 20, None, "sessions"),
}
"""From how many on it is worth a look that they wait for the same kind of thing; `Client: ClientRead` is a client that
has nothing to do."""

ROOT = "Ending the root's session lets the others go on."
OTHERWISE = "Check what the oldest transaction does, and the load of the database."

TRANSACTION = re.compile(r"transaction|long.running", re.I)
WAITING = re.compile(r"\block|\bblock|\bwait", re.I)


def judge_waits(seen: PostgresActivity, question: CheckRequest) -> Finding:
    """Who waits for whom, and the oldest transaction."""
    if seen.is_hidden:
        return report_no_permission(question)
    blocked = [session for session in seen.sessions if session.blocked_by]
    oldest = _oldest_transaction(seen, question)
    if not blocked:
        judged, said = _judge_crowding(seen)
        found = Finding(judged, said, question.now, table=_oldest(seen), next_look=OTHERWISE)
    else:
        by_pid = {session.pid: session for session in seen.sessions}
        roots = _roots(blocked, by_pid)
        judged, said = _judge_blocked(blocked, roots, by_pid, question)
        suspect = _suspect(roots, blocked) if judged is Verdict.BAD else None
        table = _tree(blocked, roots)
        found = Finding(judged, said, question.now, table=table, next_look=ROOT, suspect=suspect)
    verdict = min(judged, oldest[0], key=ORDER.index)
    return replace(
        found,
        verdict=verdict,
        headline=f"{said}{oldest[1]}.",
        measure=f"{len(blocked)} blocked",
        next_look="" if verdict is Verdict.OK else found.next_look,
    )


def _oldest_transaction(seen: PostgresActivity, question: CheckRequest) -> tuple[Verdict, str]:
    """How the oldest transaction looks, and its age as a part of the sentence where it is worth telling."""
    oldest = max((session.transaction or 0.0 for session in seen.sessions), default=0.0)
    allowed = find_limit(question.thresholds, TRANSACTION, OLDEST)
    verdict = allowed.verdict(oldest)
    age = f"; the oldest transaction is {format_duration(oldest)} old" if oldest >= 1 else ""
    return verdict, age if verdict is Verdict.OK else f"{age} ({allowed.describe(verdict)})"


def _suspect(roots: Sequence[PostgresSession], blocked: Sequence[PostgresSession]) -> Suspect | None:
    """The one session that holds all the others up; None where there are several."""
    if len(roots) != 1:
        return None
    root = roots[0]
    name = f"pid {root.pid} ({root.application or root.role}, {root.state})"
    return Suspect("lock", name, f"it holds up {format_count(len(blocked), 'session')}")


def add_waits(found: Finding, seen: PostgresActivity, question: CheckRequest) -> Finding:
    """What was found about the sessions, and who holds others up, where somebody does; the worse comes first."""
    if not any(session.blocked_by for session in seen.sessions):
        return found
    blocked = judge_waits(seen, question)
    first, second = sorted((blocked, found), key=lambda judgement: ORDER.index(judgement.verdict))
    return replace(
        found,
        verdict=first.verdict,
        headline=f"{first.headline} {second.headline}",
        table=first.table,
        next_look=first.next_look,
        suspect=first.suspect,
    )


def _judge_blocked(
    blocked: Sequence[PostgresSession],
    roots: Sequence[PostgresSession],
    by_pid: Mapping[int, PostgresSession],
    question: CheckRequest,
) -> tuple[Verdict, str]:
    """How bad it is that they wait, and for whom they do."""
    longest = max(session.unchanged or 0.0 for session in blocked)
    allowed = find_limit(question.thresholds, WAITING, HELD_UP)
    verdict, beyond = allowed.verdict(longest), allowed.describe(allowed.verdict(longest))
    if verdict is not Verdict.BAD and CROWD.verdict(len(blocked)) is Verdict.BAD:
        verdict = Verdict.BAD if verdict is Verdict.WARN else Verdict.WARN
        beyond = CROWD.describe(verdict)
    who = _holder(blocked, roots, by_pid)
    below = len(_below(roots[0], blocked)) if roots else len(blocked)
    waiting = f"{format_count(len(blocked), 'session')} {'waits' if len(blocked) == 1 else 'wait'}"
    most = f", {below} of them for {who}" if below < len(blocked) else f" for {who}"
    limited = f" ({beyond})" if verdict is not Verdict.OK else ""
    return verdict, f"{waiting}{most}, for up to {format_duration(longest)}{limited}"


def _judge_crowding(seen: PostgresActivity) -> tuple[Verdict, str]:
    """Whether very many wait for the same kind of thing, though nobody holds them up."""
    kinds = Counter(
        session.waits_for for session in seen.sessions if session.state == "active" and session.waits_for
    )
    for kind, count in kinds.most_common():
        allowed = CROWDS.get(kind.partition(":")[0])
        if allowed is not None and allowed.verdict(count) is not Verdict.OK:
            return Verdict.WARN, f"{count} sessions wait for {kind} ({allowed.describe(Verdict.WARN)})"
    return Verdict.OK, "No session waits for a lock"


def _roots(
    blocked: Sequence[PostgresSession], by_pid: Mapping[int, PostgresSession]
) -> list[PostgresSession]:
    """Those who hold others up and wait for nobody, who holds up most first, also by way of others."""
    waiting = {session.pid for session in blocked}
    pids = dict.fromkeys(pid for session in blocked for pid in session.blocked_by if pid not in waiting)
    found = [by_pid[pid] for pid in pids if pid in by_pid]
    return sorted(found, key=lambda session: -len(_below(session, blocked)))


def _below(root: PostgresSession, blocked: Sequence[PostgresSession]) -> set[int]:
    """Who waits for this session, also by way of others."""
    found: set[int] = set()
    looking = [root.pid]
    while looking:
        pid = looking.pop()
        more = [session.pid for session in blocked if pid in session.blocked_by and session.pid not in found]
        found.update(more)
        looking += more
    return found


def _holder(
    blocked: Sequence[PostgresSession],
    roots: Sequence[PostgresSession],
    by_pid: Mapping[int, PostgresSession],
) -> str:
    """Who holds the others up, in words."""
    if roots:
        return f"pid {roots[0].pid} ({roots[0].application or roots[0].role}, {roots[0].state})"
    strange = sorted({pid for session in blocked for pid in session.blocked_by if pid not in by_pid})
    if not strange:
        return "each other"
    if strange[0] == 0:
        return "a prepared transaction (see pg_prepared_xacts)"
    return f"pid {strange[0]}, which is no client's session (such as autovacuum)"


def _tree(blocked: Sequence[PostgresSession], roots: Sequence[PostgresSession]) -> EvidenceTable:
    """Each root first, below it who waits for it, as deep as it goes; then those whose root is not told of."""
    below: dict[int, list[PostgresSession]] = {}
    for session in blocked:
        for pid in session.blocked_by:
            below.setdefault(pid, []).append(session)
    pids = {session.pid for session in blocked}
    strange = [session for session in blocked if not pids & set(session.blocked_by)]
    rows: dict[int, tuple[str, ...]] = {}
    waiting = [(session, 0) for session in reversed((*roots, *strange, *blocked))]
    while waiting:
        session, depth = waiting.pop()
        if session.pid not in rows:
            rows[session.pid] = _row(session, depth)
            waiting += [(other, depth + 1) for other in reversed(below.get(session.pid, ()))]
    heads = ("pid", "application", "state", "for", "statement")
    return EvidenceTable(heads, tuple(rows.values())[:MAX_ROWS], max(0, len(rows) - MAX_ROWS))


def _row(session: PostgresSession, depth: int) -> tuple[str, ...]:
    return (
        f"{'  ' * depth}{session.pid}",
        session.application or session.role,
        session.state or "",
        format_duration(session.unchanged or 0.0),
        session.statement,
    )


def _oldest(seen: PostgresActivity) -> EvidenceTable | None:
    listed = sorted(
        (session for session in seen.sessions if session.transaction),
        key=lambda session: -(session.transaction or 0.0),
    )
    rows = tuple(
        (
            str(session.pid),
            session.application or session.role,
            session.state or "",
            format_duration(session.transaction or 0.0),
            session.statement,
        )
        for session in listed[:MAX_ROWS]
    )
    heads = ("pid", "application", "state", "transaction", "statement")
    return EvidenceTable(heads, rows, max(0, len(listed) - MAX_ROWS)) if rows else None
