"""Who waits in a database, for whom, and since when its oldest transaction is open."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from diagnostics.finding import Finding, Table, Verdict
from diagnostics.limits import Limit, limit
from diagnostics.postgres.judged import MOST_ROWS, ORDER, counted, lasted, may_not_see
from diagnostics.postgres.seen import Activity, Session
from diagnostics.question import Question

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
OTHERWISE = "Look at what the oldest transaction does, and at the load of the database."

TRANSACTION = re.compile(r"transaction|long.running", re.I)
WAITING = re.compile(r"\block|\bblock|\bwait", re.I)


def waits(seen: Activity, question: Question) -> Finding:
    """Who waits for whom, and the oldest transaction."""
    if seen.is_hidden:
        return may_not_see(question)
    by_pid = {each.pid: each for each in seen.sessions}
    blocked = [each for each in seen.sessions if each.blocked_by]
    roots = _roots(blocked, by_pid)
    oldest = max((each.transaction or 0.0 for each in seen.sessions), default=0.0)
    old = limit(question.thresholds, TRANSACTION, OLDEST)
    judged, said = _held_up(blocked, roots, by_pid, question) if blocked else _crowded(seen)
    verdict = min(judged, old.verdict(oldest), key=ORDER.index)
    age = f"; the oldest transaction is {lasted(oldest)} old" if oldest >= 1 else ""
    beyond = f" ({old.said(old.verdict(oldest))})" if old.verdict(oldest) is not Verdict.OK else ""
    return Finding(
        verdict,
        f"{said}{age}{beyond}.",
        question.now,
        measure=f"{len(blocked)} blocked",
        table=_tree(blocked, roots) if blocked else _oldest(seen),
        next_look="" if verdict is Verdict.OK else ROOT if blocked else OTHERWISE,
    )


def _held_up(
    blocked: Sequence[Session], roots: Sequence[Session], by_pid: Mapping[int, Session], question: Question
) -> tuple[Verdict, str]:
    """How bad it is that they wait, and for whom they do."""
    longest = max(each.unchanged or 0.0 for each in blocked)
    allowed = limit(question.thresholds, WAITING, HELD_UP)
    verdict, beyond = allowed.verdict(longest), allowed.said(allowed.verdict(longest))
    if verdict is not Verdict.BAD and CROWD.verdict(len(blocked)) is Verdict.BAD:
        verdict = Verdict.BAD if verdict is Verdict.WARN else Verdict.WARN
        beyond = CROWD.said(verdict)
    who = _holder(blocked, roots, by_pid)
    below = len(_below(roots[0], blocked)) if roots else len(blocked)
    waiting = f"{counted(len(blocked), 'session')} {'waits' if len(blocked) == 1 else 'wait'}"
    most = f", {below} of them for {who}" if below < len(blocked) else f" for {who}"
    limited = f" ({beyond})" if verdict is not Verdict.OK else ""
    return verdict, f"{waiting}{most}, for up to {lasted(longest)}{limited}"


def _crowded(seen: Activity) -> tuple[Verdict, str]:
    """Whether very many wait for the same kind of thing, though nobody holds them up."""
    kinds = Counter(each.waits_for for each in seen.sessions if each.state == "active" and each.waits_for)
    for kind, count in kinds.most_common():
        allowed = CROWDS.get(kind.partition(":")[0])
        if allowed is not None and allowed.verdict(count) is not Verdict.OK:
            return Verdict.WARN, f"{count} sessions wait for {kind} ({allowed.said(Verdict.WARN)})"
    return Verdict.OK, "Nobody waits for a lock"


def _roots(blocked: Sequence[Session], by_pid: Mapping[int, Session]) -> list[Session]:
    """Those who hold others up and wait for nobody, who holds up most first, also by way of others."""
    waiting = {each.pid for each in blocked}
    pids = dict.fromkeys(pid for each in blocked for pid in each.blocked_by if pid not in waiting)
    found = [by_pid[pid] for pid in pids if pid in by_pid]
    return sorted(found, key=lambda each: -len(_below(each, blocked)))


def _below(root: Session, blocked: Sequence[Session]) -> set[int]:
    """Who waits for this session, also by way of others."""
    found: set[int] = set()
    looking = [root.pid]
    while looking:
        pid = looking.pop()
        more = [each.pid for each in blocked if pid in each.blocked_by and each.pid not in found]
        found.update(more)
        looking += more
    return found


def _holder(blocked: Sequence[Session], roots: Sequence[Session], by_pid: Mapping[int, Session]) -> str:
    """Who holds the others up, in words."""
    if roots:
        return f"pid {roots[0].pid} ({roots[0].application or roots[0].role}, {roots[0].state})"
    strange = sorted({pid for each in blocked for pid in each.blocked_by if pid not in by_pid})
    if not strange:
        return "each other"
    if strange[0] == 0:
        return "a prepared transaction (look at pg_prepared_xacts)"
    return f"pid {strange[0]}, which is no client's session (such as autovacuum)"


def _tree(blocked: Sequence[Session], roots: Sequence[Session]) -> Table:
    """Each root first, below it who waits for it, as deep as it goes; then those whose root is not told of."""
    below: dict[int, list[Session]] = {}
    for each in blocked:
        for pid in each.blocked_by:
            below.setdefault(pid, []).append(each)
    strange = [each for each in blocked if not {other.pid for other in blocked} & set(each.blocked_by)]
    rows: list[tuple[str, ...]] = []
    shown: set[int] = set()
    waiting = [(each, 0) for each in reversed((*roots, *strange, *blocked))]
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
                lasted(each.unchanged or 0.0),
                each.statement,
            )
        )
        waiting += [(other, depth + 1) for other in reversed(below.get(each.pid, ()))]
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
            lasted(each.transaction or 0.0),
            each.statement,
        )
        for each in listed[:MOST_ROWS]
    )
    heads = ("pid", "application", "state", "transaction", "statement")
    return Table(heads, rows, max(0, len(listed) - MOST_ROWS)) if rows else None
