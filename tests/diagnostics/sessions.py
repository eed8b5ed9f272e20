"""Sessions of a database and questions about them, for the tests of what is said of it."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.playbook import Action, SqlCall, Threshold
from diagnostics.systems.postgres.models import ConnectionQuota, PostgresActivity, PostgresSession

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BY_STATE = "SELECT count(*), state FROM pg_stat_activity GROUP BY state;"
WAITING = "SELECT * FROM pg_stat_activity WHERE wait_event IS NOT NULL;"


def question(sql: str = BY_STATE, *told: Threshold, runs: str = "postgres.query") -> CheckRequest:
    return CheckRequest("Check", Action(runs, SqlCall(sql)), NOW, told)


def session(pid: int, state: str | None = "idle", **more: Any) -> PostgresSession:
    known = {
        "application": "app",
        "role": "app",
        "waits_for": "",
        "transaction": None,
        "unchanged": 1.0,
        "statement": "select ?",
    }
    return PostgresSession(pid=pid, state=state, **{**known, **more})


def seen(
    *sessions: PostgresSession,
    most: int = 100,
    kept: int = 3,
    taken: int | None = None,
    see: bool = True,
    narrow: tuple[ConnectionQuota, ...] = (),
) -> PostgresActivity:
    return PostgresActivity(sessions, most, kept, len(sessions) if taken is None else taken, see, narrow)
