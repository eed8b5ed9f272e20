"""Rules for database sessions: free connections, forgotten transactions, and whom a kill would hit."""

import re
from collections import Counter
from collections.abc import Sequence

from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, UnknownCause, Verdict, build_unknown_finding
from diagnostics.analysis.thresholds import Limit, find_limit, judge_room
from diagnostics.systems.postgres.models import PostgresActivity

FULL = Limit(">=", 75, 90, "%")
FORGOTTEN = Limit(">=", 60, 300, "s")
CONNECTIONS = re.compile(r"connection(?!s?\s(?:error|refus|time|fail|reset))|saturation|pool", re.I)
IDLE = re.compile(r"idle in transaction", re.I)
MAX_ROWS = 12
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)


def judge_connections(seen: PostgresActivity, question: CheckRequest) -> Finding:
    """How full it is, and who sits in a transaction without doing anything."""
    if seen.is_hidden:
        return report_no_permission(question)
    room_verdict, room_said = _room(seen, question)
    parts = [(room_verdict, room_said), *_narrowest(seen), *_list_open_transactions(seen, question)]
    parts.sort(key=lambda part: ORDER.index(part[0]))  # stable: of two that are as bad the room comes first
    said = "; ".join(said for _, said in parts)
    verdict = parts[0][0]
    return Finding(
        verdict,
        f"{said[:1].upper()}{said[1:]}.",
        question.now,
        measure=f"{seen.taken}/{seen.most - seen.kept}",
        table=_by_state(seen),
        next_look=""
        if verdict is Verdict.OK
        else "Check which application holds them; check locks and waits.",
        suspect=_suspect(seen) if parts[0][1] == room_said and verdict is Verdict.BAD else None,
    )


def _suspect(seen: PostgresActivity) -> Suspect:
    """The connections themselves, when there are hardly any left, and who has most of them."""
    held = Counter(session.application or session.role for session in seen.sessions)
    who, count = held.most_common(1)[0] if held else ("", 0)
    return Suspect(
        "connections", "the database's connections", f"{who} holds {count} of {seen.taken}" if who else ""
    )


Part = tuple[Verdict, str]


def _room(seen: PostgresActivity, question: CheckRequest) -> Part:
    verdict, of = judge_room(question.thresholds, CONNECTIONS, FULL, seen.share, seen.taken, "connections")
    beyond = f", {of.describe(verdict)}" if verdict is not Verdict.OK else ""
    free = seen.most - seen.kept
    return verdict, f"{seen.taken} of {free} connections are in use ({seen.share:.0f}%{beyond})"


def _narrowest(seen: PostgresActivity) -> list[Part]:
    """The role or database that has least room left, where that is little."""
    narrowest = max(seen.narrow, key=lambda quota: quota.taken / quota.most, default=None)
    if narrowest is None or (verdict := FULL.verdict(100 * narrowest.taken / narrowest.most)) is Verdict.OK:
        return []
    return [
        (
            verdict,
            f"the {narrowest.whose} has {narrowest.taken} of its {narrowest.most} ({FULL.describe(verdict)})",
        )
    ]


def _list_open_transactions(seen: PostgresActivity, question: CheckRequest) -> list[Part]:
    """The transactions that somebody left open."""
    idle = [session for session in seen.sessions if (session.state or "").startswith("idle in transaction")]
    if not idle:
        return []
    longest = max(session.unchanged or 0.0 for session in idle)
    allowed = find_limit(question.thresholds, IDLE, FORGOTTEN)
    verdict = allowed.verdict(longest)
    beyond = f" ({_in_minutes(allowed, verdict)})" if verdict is not Verdict.OK else ""
    return [
        (
            verdict,
            f"{format_count(len(idle), 'session')} idle in transaction, "
            f"the longest for {format_duration(longest)}{beyond}",
        )
    ]


def _in_minutes(allowed: Limit, verdict: Verdict) -> str:
    """The limit as it is said, seconds as people say them: `limit 5 min`."""
    value = allowed.bad if verdict is Verdict.BAD else allowed.warn
    said = allowed.describe(verdict)
    return said if value is None else said.replace(f"{value:g} s", format_duration(value), 1)


def report_no_permission(question: CheckRequest) -> Finding:
    """What is seen without pg_monitor judges nothing."""
    return build_unknown_finding(
        UnknownCause.FORBIDDEN,
        "The database hides the sessions of others from Tocsin's role.",
        question.now,
        "GRANT pg_monitor to that role.",
    )


def _by_state(seen: PostgresActivity) -> EvidenceTable:
    counted = Counter(
        (session.state or "unknown", session.application or session.role) for session in seen.sessions
    )
    rows = tuple((state, application, str(count)) for (state, application), count in counted.most_common())
    return EvidenceTable(("state", "application", "sessions"), rows[:MAX_ROWS], max(0, len(rows) - MAX_ROWS))


def preview_termination(
    rows: Sequence[tuple[str, ...]], heads: tuple[str, ...], seen: PostgresActivity, question: CheckRequest
) -> Finding:
    """Whom a statement that ends sessions would hit; nothing is ended."""
    if seen.is_hidden:
        return report_no_permission(question)
    count = len(rows)
    left = max(0, seen.taken - count)
    free = seen.most - seen.kept
    said = (
        f"This would end {format_count(count, 'session')}: {left} of {free} connections would remain in use."
    )
    if not count:
        said = "No session matches, so none would be ended."
    return Finding(
        Verdict.UNKNOWN,
        said,
        question.now,
        UnknownCause.NO_RULE,
        measure=f"{count} to end",
        table=EvidenceTable(heads, tuple(rows[:MAX_ROWS]), max(0, count - MAX_ROWS)) if rows else None,
        next_look=f"This was a read-only preview.{' To end them, run it yourself.' if count else ''}",
    )


def format_count(count: int, word: str) -> str:
    """So many of them: `1 session`, `4 sessions`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def format_duration(seconds: float) -> str:
    """How long, in words."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"
