"""What can be broken, one thing for each playbook of the user's runbook, and the scene that follows from it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Break(StrEnum):
    """One breakage. Only one is on at a time: the next one heals the one before."""

    DEPLOYMENT = "deployment"
    DATABASE = "database"
    PAYMENTS = "payments"
    ERRORS = "errors"
    CRASHES = "crashes"
    SLOW = "slow"


TITLES = {
    Break.DEPLOYMENT: "A deployment fails",
    Break.DATABASE: "The database is full",
    Break.PAYMENTS: "Payments fail",
    Break.ERRORS: "Errors spike",
    Break.CRASHES: "The app crashes",
    Break.SLOW: "An endpoint is slow",
}
"""What people read of each."""

LASTED = {
    Break.DEPLOYMENT: timedelta(minutes=8),
    Break.DATABASE: timedelta(minutes=9),
    Break.PAYMENTS: timedelta(minutes=40),
    Break.ERRORS: timedelta(minutes=15),
    Break.CRASHES: timedelta(hours=3),
    Break.SLOW: timedelta(minutes=25),
}
"""For how long each has been going on when somebody chooses it: what looks back finds something there."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is broken (None: nothing) and since when. All that is shown follows from it and the clock."""

    broken: Break | None
    since: datetime

    def has(self, what: Break, at: datetime | None = None) -> bool:
        """Whether this was broken at an instant; None: now."""
        return self.broken is what and (at is None or at >= self.since)


def healthy() -> Scene:
    """Nothing is broken."""
    return Scene(None, datetime.now(UTC))


def broken(what: Break) -> Scene:
    """This is broken, and has been for a while."""
    return Scene(what, datetime.now(UTC) - LASTED[what])
