"""What is said of remediations besides their cards: what can be done here, answers, notices and timeline entries."""

from collections.abc import Callable, Mapping, Sequence

from slackblocks import Button

from bot.domain.incident import TimelineEntry
from bot.domain.remediation import Remediation, RemediationKind
from bot.ports import Block, SlackPayload
from bot.services.remediation_offers import RemediationOffer
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.escaping import cut
from templates.incident_view import IncidentViewModel, build_line_link
from templates.remediation import HEADS, split_mentions
from templates.spans import Bold, Code, Line, UserMention

MAX_OFFERS, MAX_TITLE_LENGTH = 15, 120
ROW = 5


def render_offers(
    view: IncidentViewModel,
    offers: Sequence[RemediationOffer],
    open_ones: Sequence[Remediation],
    by_hand: frozenset[RemediationKind],
) -> SlackPayload:
    """What can be done in this incident, each with a button that proposes it; `by_hand` are the kinds that a person
    carries out."""
    head: Line = (Bold(f"What can be done in {view.incident.reference}"),)
    body: list[Line] = [head]
    for found in open_ones:
        body.append((Bold(f"{found.reference}: {found.title}"), f" · {HEADS[found.state]}"))
    for place, offer in enumerate(offers[:MAX_OFFERS], 1):
        how = "by hand" if offer.kind in by_hand else "I do it after a second person approves"
        body.append(
            (
                f"{place}. ",
                Bold(cut(offer.title, MAX_TITLE_LENGTH)),
                f" · {_describe_need(offer)}{how}",
                *_where(view, offer),
            )
        )
    if len(offers) > MAX_OFFERS:
        body.append((f"… and {len(offers) - MAX_OFFERS} more",))
    if not offers:
        body.append(("The playbook names nothing that changes something, and no finding suggests anything.",))
    body.append(
        (
            "Or type: ",
            Code("/incident fix rollback"),
            " ",
            Code("/incident fix scale 6 to 9"),
            " ",
            Code("/incident fix end idle sessions"),
        )
    )
    return build_message(body, build_lines("offers", *body), *_offer_rows(view.incident.number, offers))


def _describe_need(offer: RemediationOffer) -> str:
    """What it is about, and what is still to be said."""
    service = offer.parameters.get("service", "") or offer.parameters.get("workflow", "")
    size = ", say to how many" if offer.kind is RemediationKind.ECS_SCALE else ""
    verb = offer.verb if offer.kind is not RemediationKind.BY_HAND else ""
    return ", ".join(filter(None, (f"{verb} {service}".strip() + size,))) + ("" if not verb else ", ")


def _where(view: IncidentViewModel, offer: RemediationOffer) -> Line:
    if offer.line:
        return ("  ", build_line_link(view.runbook_url, offer.line, offer.file))
    return (f"  {cut(offer.why, MAX_TITLE_LENGTH)}",) if offer.why else ()


def _offer_rows(number: int, offers: Sequence[RemediationOffer]) -> list[Block]:
    buttons = [
        build_propose_button(number, offer, place) for place, offer in enumerate(offers[:MAX_OFFERS], 1)
    ]
    return [
        build_button_row(f"offers-{row}", *buttons[row : row + ROW]) for row in range(0, len(buttons), ROW)
    ]


def build_propose_button(number: int, offer: RemediationOffer, place: int) -> Button:
    """The button that proposes an offer of an incident; `place` tells it from the others of its message."""
    what = offer.verb if offer.kind is not RemediationKind.BY_HAND else offer.title
    return build_button(
        f"Propose: {what}",
        f"{action_ids.PROPOSE_REMEDIATION}:{place}",
        action_ids.join_value(number, offer.line, offer.kind.value, offer.file),
    )


Facts = Mapping[str, str]
OUTCOMES: Mapping[str, Callable[[Facts, str], list[Line]]] = {
    "remediation_asked": lambda facts, reference: [
        (
            Bold(f"{facts['reference']}: {facts['title']}"),
            f". I'm reading the current state; the card comes in {reference}'s channel.",
        )
    ],
    "remediation_approved": lambda facts, reference: [
        (
            Bold(f"You approved {facts['reference']}"),
            ". I check the current state once more, then do it, once.",
        )
    ],
    "remediation_rejected": lambda facts, reference: [(f"{facts['reference']} is rejected.",)],
    "remediation_withdrawn": lambda facts, reference: [(f"{facts['reference']} is withdrawn.",)],
    "remediation_ran": lambda facts, reference: [
        (f"Noted that you ran {facts['reference']}. The checks run again; a second person has to check it.",)
    ],
    "remediation_checked": lambda facts, reference: [(f"Noted that you checked {facts['reference']}.",)],
    "remediation_refused": lambda facts, reference: [split_mentions(facts["sentence"])],
    "remediations_off": lambda facts, reference: [
        (Bold("Remediations are switched off"), " everywhere. Two approvers can switch them on again: "),
        (Code("/incident fix on"),),
    ],
    "remediations_off_already": lambda facts, reference: [
        (
            "They are already off. ",
            UserMention(facts["by"]),
            f" switched them off: {facts['why'].rstrip('.')}. Nothing was changed.",
        )
    ],
    "remediations_on": lambda facts, reference: [(Bold("Remediations are on again."),)],
    "remediations_on_wanted": lambda facts, reference: [
        ("Noted. A second approver has to type ", Code("/incident fix on"), " too.")
    ],
    "remediations_on_already": lambda facts, reference: [("They are already on. Nothing was changed.",)],
}
"""What is said for each outcome."""


def describe_news(view: IncidentViewModel, detail: Facts) -> Line:
    """The line in the incident's channel: what came of a remediation."""
    return (Bold(f"{detail['reference']} {detail['title']}: "), *split_mentions(detail["sentence"]))


def describe_proposed(entry: TimelineEntry) -> Line:
    return (f"proposed {_name(entry)}",)


def describe_approved(entry: TimelineEntry) -> Line:
    return (f"approved {_name(entry)}",)


def describe_started(entry: TimelineEntry) -> Line:
    asked = entry.detail.get("asked_by", "")
    by: Line = (", asked for by ", UserMention(asked)) if asked else ()
    return (f"had {_name(entry)} begin", *by)


def describe_ended(entry: TimelineEntry) -> Line:
    """A state that is an end, or what the diagnostics said after it."""
    state, why = entry.detail.get("state", ""), entry.detail.get("why", "")
    return (f"{_name(entry)}, {state}: ", *split_mentions(why))


def describe_checked(entry: TimelineEntry) -> Line:
    return (f"checked {_name(entry)}",)


def describe_switched(entry: TimelineEntry) -> Line:
    other = entry.detail.get("other", "")
    if entry.detail.get("is_on"):
        return ("switched remediations on again", *((" with ", UserMention(other)) if other else ()))
    return (f"switched remediations off: {entry.detail.get('why', '')}",)


def _name(entry: TimelineEntry) -> str:
    return f"{entry.detail.get('reference', '')} {entry.detail.get('title', '')}".strip()
