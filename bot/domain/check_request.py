"""A request for one check: the call, the runbook's limits, and when the incident began."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.playbook import Action, Step, Threshold


@dataclass(frozen=True, slots=True)
class UnfinishedCommand:
    """A command with others inside of it, `$(aws ...)`, which are asked first. `inputs` is what a person filled in."""

    step: Step
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """One step's question. `name` is the step's title, `command` what the runbook types, empty where it types nothing.

    `thresholds` are the runbook's words about any measure, those of the step itself first. `now` is the clock when the
    question is asked; `began` is the start of the incident, None outside of one. Both are aware. `anew` when a person
    asked: nothing that was read before they did is an answer. `unfinished` where the action is not known
    before others inside of its command have answered.
    """

    name: str
    action: Action
    now: datetime
    thresholds: tuple[Threshold, ...] = ()
    began: datetime | None = None
    command: str = ""
    anew: bool = False
    unfinished: UnfinishedCommand | None = None

    def __post_init__(self) -> None:
        if self.now.tzinfo is None or (self.began is not None and self.began.tzinfo is None):
            raise ValueError("a question needs instants with a time zone")
