"""Results of asking for a diagnostic run."""

from dataclasses import dataclass

from bot.domain.results.request_result import RequestResult


@dataclass(frozen=True, kw_only=True)
class RunStartedResult(RequestResult):
    """What is run; no title for the checks of all playbooks."""

    did = "looking"
    title: str


@dataclass(frozen=True, kw_only=True)
class RunActiveResult(RequestResult):
    """The same is running already."""

    did = "looking_already"
    title: str


@dataclass(frozen=True, kw_only=True)
class PlaybookChosenResult(RequestResult):
    """The incident goes on with this playbook."""

    did = "playbook_chosen"
    title: str


@dataclass(frozen=True, kw_only=True)
class PlaybookAlreadyResult(RequestResult):
    """It used this playbook before."""

    did = "playbook_already"
    title: str


RunResult = RunStartedResult | RunActiveResult | PlaybookChosenResult | PlaybookAlreadyResult


@dataclass(frozen=True, kw_only=True)
class ManualStepResult(RequestResult):
    """A step that a person runs, and why. Nothing was run."""

    did = "by_hand"
    title: str
    why: str
    command: str


@dataclass(frozen=True, kw_only=True)
class SendQuestionResult(RequestResult):
    """A step that sends a request to another system: `sent` is what a click would send. Nothing was run."""

    did = "asked_before"
    title: str
    sent: str
    file: str
    line: int


StepNotRunResult = ManualStepResult | SendQuestionResult
