"""Notices about pull requests at the code host."""

from bot.domain.notices.incident_notice import IncidentNotice
from bot.domain.text_fields import text_record


@text_record
class ProposedNotice(IncidentNotice):
    """A pull request with `what` (review, runbook) is open at `host`."""

    words = "proposed"
    what: str
    host: str
    link: str


@text_record
class NotProposedNotice(IncidentNotice):
    """`what` cannot be brought to `host` for now or for good, and why."""

    words = "not_proposed"
    what: str
    host: str
    why: str


@text_record
class ProposalEndedNotice(IncidentNotice):
    """People merged or closed the pull request (`state`); what is recorded later is not in it."""

    words = "proposal_ended"
    what: str
    host: str
    link: str
    state: str


ProposalNotice = ProposedNotice | NotProposedNotice | ProposalEndedNotice
