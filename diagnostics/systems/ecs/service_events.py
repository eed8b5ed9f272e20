"""Recent events of an ECS service that mean trouble, and tasks that failed."""

from datetime import datetime, timedelta

from diagnostics.systems.ecs.models import EcsServiceState, EcsSnapshot, TaskStop

TROUBLE = (
    "unable to place",
    "unable to consistently start",
    "failed to launch",
    "failed container health checks",
    "deployment failed",
    "is unhealthy",
)
"""Words of ECS's own events that mean trouble."""

STEADY = "has reached a steady state"
"""Words of the event that says that the trouble before it is over."""

LATELY = timedelta(minutes=30)
"""Older events and stopped tasks tell of something that is over."""


def find_trouble(service: EcsServiceState, now: datetime) -> list[tuple[datetime, str]]:
    """The late events that mean trouble, newest first."""
    found = (
        (at, text)
        for at, text in service.events
        if is_late(at, now) and any(words in text.lower() for words in TROUBLE)
    )
    return sorted(found, reverse=True)


def is_steady_again(service: EcsServiceState, now: datetime) -> bool:
    """Whether the service has been steady since its late trouble."""
    trouble = find_trouble(service, now)
    steady = max((at for at, text in service.events if STEADY in text), default=None)
    return bool(trouble) and steady is not None and steady > trouble[0][0]


def list_failed_tasks(service: EcsServiceState, seen: EcsSnapshot, now: datetime) -> list[TaskStop]:
    """Its tasks that failed lately."""
    return [
        task
        for task in seen.stopped
        if task.failed and is_late(task.at, now) and task.service in (service.name, "")
    ]


def is_late(at: datetime | None, now: datetime) -> bool:
    """Whether it is so new that it tells of now."""
    return at is not None and now - at <= LATELY


def format_age(at: datetime | None, now: datetime) -> str:
    """How long ago it was, in words: `12 min`, `3 h`, `2 d`; empty where that is not known."""
    if at is None:
        return ""
    minutes = max(0, int((now - at).total_seconds() // 60))  # ECS's clock may go before ours
    if minutes < 180:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"
