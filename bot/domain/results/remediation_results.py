"""Results of what people say about remediations, and of the switch for all of them."""

from dataclasses import dataclass

from bot.domain.results.request_result import RequestResult


@dataclass(frozen=True, kw_only=True)
class NamedRemediation:
    """The remediation that it is about: `R1` and what it does."""

    reference: str
    title: str


@dataclass(frozen=True, kw_only=True)
class RemediationAskedResult(NamedRemediation, RequestResult):
    """It is being read how it stands; its card comes."""

    did = "remediation_asked"


@dataclass(frozen=True, kw_only=True)
class RemediationApprovedResult(NamedRemediation, RequestResult):
    """It is read once more, then carried out."""

    did = "remediation_approved"


@dataclass(frozen=True, kw_only=True)
class RemediationRejectedResult(NamedRemediation, RequestResult):
    """It is not carried out."""

    did = "remediation_rejected"


@dataclass(frozen=True, kw_only=True)
class RemediationWithdrawnResult(NamedRemediation, RequestResult):
    """Who asked for it takes it back."""

    did = "remediation_withdrawn"


@dataclass(frozen=True, kw_only=True)
class RemediationRanResult(NamedRemediation, RequestResult):
    """A person ran it themselves."""

    did = "remediation_ran"


@dataclass(frozen=True, kw_only=True)
class RemediationCheckedResult(NamedRemediation, RequestResult):
    """A second person checked what was run by hand."""

    did = "remediation_checked"


@dataclass(frozen=True, kw_only=True)
class RemediationRefusedResult(RequestResult):
    """A rule about remediations says no, in a sentence that may mention people."""

    did = "remediation_refused"
    sentence: str


RemediationResult = (
    RemediationAskedResult
    | RemediationApprovedResult
    | RemediationRejectedResult
    | RemediationWithdrawnResult
    | RemediationRanResult
    | RemediationCheckedResult
    | RemediationRefusedResult
)


@dataclass(frozen=True, kw_only=True)
class RemediationsOffResult(RequestResult):
    """They are switched off, and why."""

    did = "remediations_off"
    why: str


@dataclass(frozen=True, kw_only=True)
class RemediationsOffAlreadyResult(RequestResult):
    """They were switched off before, by whom and why."""

    did = "remediations_off_already"
    by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class RemediationsOnResult(RequestResult):
    """They are on again: a second approver agreed."""

    did = "remediations_on"


@dataclass(frozen=True, kw_only=True)
class RemediationsOnWantedResult(RequestResult):
    """One approver wants them on again; a second one has to agree."""

    did = "remediations_on_wanted"


@dataclass(frozen=True, kw_only=True)
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
