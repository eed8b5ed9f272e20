"""What an operator's alerts are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OperationCounts:
    """How much is open, late and dead. `open_incidents` by severity; `unanswered_s` the age in seconds of the oldest
    open incident for which somebody was called and nobody answered; `overdue_s` how long the oldest promised update is
    overdue; `due` by whom it goes to (`slack`, `providers`) how many effects are due and since how many seconds; `dead`
    effects that nobody tries again; `replicas` that were seen lately."""

    open_incidents: Mapping[str, int] = field(default_factory=dict)
    unanswered_s: float = 0.0
    overdue_s: float = 0.0
    due: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    dead: int = 0
    replicas: int = 0
