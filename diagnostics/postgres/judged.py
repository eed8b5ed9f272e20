"""How the sessions of a database look: is there room, who forgot a transaction, whom a kill would hit."""

import re
from collections import Counter
from collections.abc import Sequence

from diagnostics.finding import Cause, Finding, Table, Verdict, unknown
from diagnostics.limits import Limit, limit, room
from diagnostics.postgres.seen import Activity, Session
from diagnostics.question import Question

FULL = Limit(">=", 75, 90, "%")
FORGOTTEN = Limit(">=", 60, 300, "s")
CONNECTIONS = re.compile(r"connection(?!s?\s(?:error|refus|time|fail|reset))|saturation|pool", re.I)
IDLE = re.compile(r"idle in transaction", re.I)
MOST_ROWS = 12
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)


def connections(seen: Activity, question: Question) -> Finding:
    """How full it is, and who sits in a transaction without doing anything."""
    if seen.is_hidden:
        return may_not_see(question)
    free = seen.most - seen.kept
    verdict, of = room(question.thresholds, CONNECTIONS, FULL, seen.share, seen.taken, "connections")
    beyond = f", {of.said(verdict)}" if verdict is not Verdict.OK else ""
    said = f"{seen.taken} of {free} connections are taken ({seen.share:.0f}%{beyond})"
    narrowest = max(seen.narrow, key=lambda each: each.taken / each.most, default=None)
    if narrowest and (tight := FULL.verdict(100 * narrowest.taken / narrowest.most)) is not Verdict.OK:
        verdict = min(verdict, tight, key=ORDER.index)
        said += f"; the {narrowest.whose} has {narrowest.taken} of its {narrowest.most} ({FULL.said(tight)})"
    idle = _forgotten(seen)
    if idle:
        longest = max(each.unchanged or 0.0 for each in idle)
        forgotten = limit(question.thresholds, IDLE, FORGOTTEN).verdict(longest)
        verdict = min(verdict, forgotten, key=ORDER.index)
        said += f"; {counted(len(idle), 'session')} idle in transaction, the longest for {lasted(longest)}"
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


def preview(
    rows: Sequence[tuple[str, ...]], heads: tuple[str, ...], seen: Activity, question: Question
) -> Finding:
    """Whom a statement that ends sessions would hit; nothing is ended."""
    if seen.is_hidden:
        return may_not_see(question)
    count = len(rows)
    left = max(0, seen.taken - count)
    free = seen.most - seen.kept
    said = f"It would end {counted(count, 'session')}: {left} of {free} connections would be left taken."
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


def counted(count: int, word: str) -> str:
    """So many of them: `1 session`, `4 sessions`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def lasted(seconds: float) -> str:
    """How long, in words."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"
