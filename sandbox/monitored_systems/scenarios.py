"""What can be broken, one thing for each playbook of the user's runbook, and the scene that follows from it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Breakage(StrEnum):
    """One breakage. Only one is on at a time: the next one heals the one before."""

    DEPLOYMENT = "deployment"
    DATABASE = "database"
    PAYMENTS = "payments"
    ERRORS = "errors"
    CRASHES = "crashes"
    SLOW = "slow"


TITLES = {
    Breakage.DEPLOYMENT: "A deployment fails",
    Breakage.DATABASE: "The database is full",
    Breakage.PAYMENTS: "Payments fail",
    Breakage.ERRORS: "Errors spike",
    Breakage.CRASHES: "The app crashes",
    Breakage.SLOW: "An endpoint is slow",
}
"""What people read of each."""

LASTED = {
    Breakage.DEPLOYMENT: timedelta(minutes=8),
    Breakage.DATABASE: timedelta(minutes=9),
    Breakage.PAYMENTS: timedelta(minutes=40),
    Breakage.ERRORS: timedelta(minutes=15),
    Breakage.CRASHES: timedelta(hours=3),
    Breakage.SLOW: timedelta(minutes=25),
}
"""For how long each has been going on when somebody chooses it: what looks back finds something there."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is broken (None: nothing) and since when. All that is shown follows from it and the clock."""

    broken: Breakage | None
    since: datetime

    def has(self, what: Breakage, at: datetime | None = None) -> bool:
        """Whether this was broken at an instant; None: now."""
        return self.broken is what and (at is None or at >= self.since)


def build_healthy_scene() -> Scene:
    """Nothing is broken."""
    return Scene(None, datetime.now(UTC))


def build_broken_scene(what: Breakage) -> Scene:
    """This is broken, and has been for a while."""
    return Scene(what, datetime.now(UTC) - LASTED[what])
