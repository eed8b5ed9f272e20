"""Results of what people say about remediations, and of the switch for all of them."""

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import TextRecord, text_record


@text_record
class NamedRemediation(TextRecord):
    """The remediation that it is about: `R1` and what it does."""

    reference: str
    title: str


@text_record
class RemediationAskedResult(NamedRemediation, RequestResult):
    """It is being read how it stands; its card comes. `approvers` are of whom two have to agree where who asked is none
    of them; else empty."""

    did = "remediation_asked"
    approvers: str = ""


@text_record
class RemediationApprovedResult(NamedRemediation, RequestResult):
    """It is read once more, then carried out; in a drill it is not. With `is_first` another approver has to agree
    before: one of `others`, whom it waits for."""

    did = "remediation_approved"
    is_drill: bool = False
    is_first: bool = False
    others: str = ""


@text_record
class RemediationAloneResult(NamedRemediation, RequestResult):
    """One approver alone approved it: everybody is told, it is read once more, then carried out."""

    did = "remediation_alone"


@text_record
class RemediationRejectedResult(NamedRemediation, RequestResult):
    """It is not carried out."""

    did = "remediation_rejected"


@text_record
class RemediationWithdrawnResult(NamedRemediation, RequestResult):
    """Who asked for it takes it back."""

    did = "remediation_withdrawn"


@text_record
class RemediationRanResult(NamedRemediation, RequestResult):
    """A person ran it themselves."""

    did = "remediation_ran"


@text_record
class RemediationCalledResult(NamedRemediation, RequestResult):
    """A person called whom it names."""

    did = "remediation_called"


@text_record
class RemediationCheckedResult(NamedRemediation, RequestResult):
    """A second person checked what was run by hand."""

    did = "remediation_checked"


@text_record
class RemediationRefusedResult(RequestResult):
    """A rule about remediations says no, in a sentence that may mention people."""

    did = "remediation_refused"
    sentence: str


RemediationResult = (
    RemediationAskedResult
    | RemediationApprovedResult
    | RemediationAloneResult
    | RemediationRejectedResult
    | RemediationWithdrawnResult
    | RemediationRanResult
    | RemediationCalledResult
    | RemediationCheckedResult
    | RemediationRefusedResult
)


@text_record
class RemediationsOffResult(RequestResult):
    """They are switched off, and why."""

    did = "remediations_off"
    why: str


@text_record
class RemediationsOffAlreadyResult(RequestResult):
    """They were switched off before, by whom and why."""

    did = "remediations_off_already"
    by: str
    why: str


class RemediationsOnResult(RequestResult):
    """They are on again: a second approver agreed."""

    did = "remediations_on"


class RemediationsOnWantedResult(RequestResult):
    """One approver wants them on again; a second one has to agree."""

    did = "remediations_on_wanted"


class RemediationsOnAlreadyResult(RequestResult):
    """They were on before."""

    did = "remediations_on_already"


RemediationSwitchResult = (
    RemediationsOffResult
    | RemediationsOffAlreadyResult
    | RemediationsOnResult
    | RemediationsOnWantedResult
    | RemediationsOnAlreadyResult
)
