"""Commits, deployments and releases of a repository as values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.finding import TimeWindow, UnknownCause

SUSPECT = timedelta(hours=1)
"""What went out so long before the start of the incident, or later, may be its cause."""


class DeploymentState(StrEnum):
    """How a deployment ended; REPLACED was through until another one came."""

    THROUGH = "through"
    FAILED = "FAILED"
    UNDER_WAY = "under way"
    REPLACED = "replaced"
    UNTOLD = "outcome not known"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; `author` is a login or a name."""

    sha: str
    at: datetime
    subject: str
    author: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of `what` (a tag, a branch) at revision `sha` to `place` (an environment)."""

    at: datetime
    what: str
    sha: str
    place: str
    state: DeploymentState
    author: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """One release, or a tag in a clone."""

    at: datetime
    tag: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSnapshot:
    """What was read of `source`, newest first; commits, deployments or releases are None that were not asked for.

    `out` names what is out (`v2.14.0 is deployed`); `waiting` are the commits that are not out, None when that is not
    known, and `waits` is their number, also of those that were not listed. `unread` says what could not be read.
    `fetched_at` is when a clone last heard of its origin. `cut` when the window holds more than was read;
    `note` is one more sentence. `suspect` is how long before the start a change may be its cause.
    """

    source: str
    window: TimeWindow
    commits: tuple[Commit, ...] | None = None
    deployments: tuple[Deployment, ...] | None = None
    releases: tuple[Release, ...] | None = None
    out: str = ""
    waiting: frozenset[str] | None = None
    waits: int = 0
    unread: tuple[tuple[UnknownCause, str], ...] = ()
    fetched_at: datetime | None = None
    cut: bool = False
    note: str = ""
    suspect: timedelta = SUSPECT
    link: str = ""

    def list_changes(self, since: datetime) -> list[Deployment | Release]:
        """Deployments and releases from then on; a release that was deployed too counts once."""
        deployed = [deployment for deployment in self.deployments or () if deployment.at >= since]
        names = {deployment.what for deployment in deployed}
        released = [release for release in self.releases or () if release.at >= since]
        return [*deployed, *(release for release in released if release.tag not in names)]

    def list_failures(self, since: datetime) -> list[Deployment]:
        """The deployments that failed and were the last ones at their places."""
        in_order = sorted(self.deployments or (), key=lambda deployment: deployment.at)
        last = {deployment.place: deployment for deployment in in_order}
        return [
            deployment
            for deployment in last.values()
            if deployment.state is DeploymentState.FAILED and deployment.at >= since
        ]

    def is_stale(self, began: datetime | None) -> bool:
        """Whether a clone has not heard of its origin since the incident began, or since the window did."""
        return self.fetched_at is not None and self.fetched_at < (began or self.window.begin)
