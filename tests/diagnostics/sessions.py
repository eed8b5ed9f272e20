"""Sessions of a database and questions about them, for the tests of what is said of it."""

from datetime import UTC, datetime
from typing import Any

from bot.step import Action, SqlCall, Threshold
from diagnostics.postgres.seen import Activity, Narrow, Session
from diagnostics.question import Question

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BY_STATE = "SELECT count(*), state FROM pg_stat_activity GROUP BY state;"
WAITING = "SELECT * FROM pg_stat_activity WHERE wait_event IS NOT NULL;"


def question(sql: str = BY_STATE, *told: Threshold, runs: str = "postgres.query") -> Question:
    return Question("Check", Action(runs, SqlCall(sql)), NOW, told)


def session(pid: int, state: str | None = "idle", **more: Any) -> Session:
    known = {
        "application": "app",
        "role": "app",
        "waits_for": "",
        "transaction": None,
        "unchanged": 1.0,
        "statement": "select ?",
    }
    return Session(pid=pid, state=state, **{**known, **more})


def seen(
    *sessions: Session,
    most: int = 100,
    kept: int = 3,
    taken: int | None = None,
    see: bool = True,
    narrow: tuple[Narrow, ...] = (),
) -> Activity:
    return Activity(sessions, most, kept, len(sessions) if taken is None else taken, see, narrow)
