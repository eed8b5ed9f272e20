"""The buttons that propose a remediation: beside the playbook's step, below what was found, and in the list."""

from collections.abc import Iterable, Mapping

from slackblocks import Button

from bot.domain.diagnostic_run import StepResult
from bot.domain.remediation import RemediationKind
from bot.services.remediation_offers import RemediationOffer, list_offers, list_suggested_offers
from templates import action_ids
from templates.blocks import build_button
from templates.incident_view import IncidentViewModel

MAX_SUGGESTED = 3


def build_propose_button(number: int, offer: RemediationOffer, place: int) -> Button:
    """The button that proposes an offer of an incident; `place` tells it from the others of its message."""
    what = offer.verb if offer.kind is not RemediationKind.BY_HAND else offer.title
    return build_button(
        f"Propose: {what}",
        f"{action_ids.PROPOSE_REMEDIATION}:{place}",
        action_ids.join_value(number, offer.line, offer.kind.value, offer.file),
    )


def map_playbook_buttons(view: IncidentViewModel) -> Mapping[int, Button]:
    """The buttons of what the incident's playbook tells people to do, by its lines; none once it is over."""
    if not view.incident.status.is_open:
        return {}
    offers = list_offers(view.runbook, view.playbook, ())
    return {
        offer.line: build_propose_button(view.incident.number, offer, place)
        for place, offer in enumerate(offers, 1)
        if offer.line
    }


def build_suggested_buttons(view: IncidentViewModel, found: Iterable[StepResult]) -> list[Button]:
    """The buttons of what these findings suggest; none once it is over."""
    if not view.incident.status.is_open:
        return []
    offers = list_suggested_offers(view.runbook, view.playbook, found)[:MAX_SUGGESTED]
    return [build_propose_button(view.incident.number, offer, place) for place, offer in enumerate(offers, 1)]
