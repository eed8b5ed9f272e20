"""Results of asking for a diagnostic run."""

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class RunStartedResult(RequestResult):
    """What is run; no title for the checks of all playbooks."""

    did = "looking"
    title: str


@text_record
class RunActiveResult(RequestResult):
    """The same is running already."""

    did = "looking_already"
    title: str


@text_record
class PlaybookChosenResult(RequestResult):
    """The incident goes on with this playbook."""

    did = "playbook_chosen"
    title: str


@text_record
class PlaybookAlreadyResult(RequestResult):
    """It used this playbook before."""

    did = "playbook_already"
    title: str


RunResult = RunStartedResult | RunActiveResult | PlaybookChosenResult | PlaybookAlreadyResult


@text_record
class ManualStepResult(RequestResult):
    """A step that a person runs, and why. Nothing was run."""

    did = "by_hand"
    title: str
    why: str
    command: str


@text_record
class SendQuestionResult(RequestResult):
    """A step that sends a request to another system: `sent` is what a click would send. Nothing was run."""

    did = "asked_before"
    title: str
    sent: str
    file: str
    line: int


StepNotRunResult = ManualStepResult | SendQuestionResult
