"""What is said of remediations besides their cards: what can be done here, answers, notices and timeline entries."""

from collections.abc import Sequence
from typing import assert_never

from bot.domain.notices import RemediationNewsNotice
from bot.domain.remediation import Remediation, RemediationKind
from bot.domain.results import (
    RemediationAloneResult,
    RemediationApprovedResult,
    RemediationAskedResult,
    RemediationCalledResult,
    RemediationCheckedResult,
    RemediationRanResult,
    RemediationRefusedResult,
    RemediationRejectedResult,
    RemediationResult,
    RemediationsOffAlreadyResult,
    RemediationsOffResult,
    RemediationsOnAlreadyResult,
    RemediationsOnResult,
    RemediationsOnWantedResult,
    RemediationSwitchResult,
    RemediationWithdrawnResult,
)
from bot.domain.timeline_details import (
    ReachedState,
    RemediationApprovedDetail,
    RemediationCheckedDetail,
    RemediationDetail,
    RemediationEndedDetail,
    RemediationProposedDetail,
    RemediationsSwitchedDetail,
    RemediationStartedDetail,
)
from bot.ports import Block, SlackPayload
from bot.services.remediation_offers import RemediationOffer
from templates.blocks import build_button_row, build_lines, build_message
from templates.escaping import cut
from templates.incident_view import IncidentViewModel, build_line_link
from templates.remediation_buttons import build_propose_button
from templates.remediation_message import HEADS, split_mentions
from templates.spans import Bold, Code, Line, Span, UserMention

MAX_OFFERS, MAX_TITLE_LENGTH = 15, 120
FOLLOWS = {
    False: "I check the current state once more, then do it, once.",
    True: "This is a drill: nothing is carried out.",
}
"""What comes after an approval, by whether it is a drill."""

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


ASKED_FOR = {RemediationKind.ECS_SCALE: ", say to how many", RemediationKind.BANNER: ", say what it says"}
"""What only a person can say."""


def _describe_need(offer: RemediationOffer) -> str:
    """What it is about, and what is still to be said."""
    service = offer.parameters.get("service", "") or offer.parameters.get("workflow", "")
    size = ASKED_FOR.get(offer.kind, "")
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


def describe_decision(result: RemediationResult, reference: str) -> Line:
    """What who asked for a remediation, or decided on one, is told."""
    match result:
        case RemediationAskedResult():
            comes = f". I'm reading the current state; the card comes in {reference}'s channel."
            return (Bold(f"{result.reference}: {result.title}"), comes, *_describe_two(result.approvers))
        case RemediationApprovedResult():
            return (Bold(f"You approved {result.reference}"), *_describe_next(result))
        case RemediationAloneResult():
            alone = Bold(f"You approved {result.reference} alone")
            told = "Every approver and the incidents channel are told."
            return (alone, f". {FOLLOWS[False]} {told}")
        case RemediationRejectedResult():
            return (f"{result.reference} is rejected.",)
        case RemediationWithdrawnResult():
            return (f"{result.reference} is withdrawn.",)
        case RemediationRanResult():
            follows = "The checks run again; a second person has to check it."
            return (f"Noted that you ran {result.reference}. {follows}",)
        case RemediationCalledResult():
            return (f"Noted that you called: {result.reference}.",)
        case RemediationCheckedResult():
            return (f"Noted that you checked {result.reference}.",)
        case RemediationRefusedResult():
            return split_mentions(result.sentence)
        case _:
            assert_never(result)


def _describe_next(result: RemediationApprovedResult) -> Line:
    """What comes after an approval."""
    if not result.is_first:
        return (f". {FOLLOWS[result.is_drill]}",)
    who: Line = (": ", *split_mentions(result.others)) if result.others else ()
    return (" as the first of two. Nothing is begun before a second approver agrees", *who, ".")


def _describe_two(approvers: str) -> Line:
    """That two approvers have to agree to what somebody asked for who is none."""
    if not approvers:
        return ()
    return (" You are no approver of it, so two of these have to approve: ", *split_mentions(approvers), ".")


def describe_switching(result: RemediationSwitchResult) -> list[Line]:
    """What who switched remediations off or on is told."""
    match result:
        case RemediationsOffResult():
            off = Bold("Remediations are switched off")
            return [
                (off, " everywhere. Two approvers can switch them on again: "),
                (Code("/incident fix on"),),
            ]
        case RemediationsOffAlreadyResult():
            by = UserMention(result.by)
            why = f" switched them off: {result.why.rstrip('.')}. Nothing was changed."
            return [("They are already off. ", by, why)]
        case RemediationsOnResult():
            return [(Bold("Remediations are on again."),)]
        case RemediationsOnWantedResult():
            return [("Noted. A second approver has to type ", Code("/incident fix on"), " too.")]
        case RemediationsOnAlreadyResult():
            return [("They are already on. Nothing was changed.",)]
        case _:
            assert_never(result)


def render_switch(is_on: bool, people: Sequence[str], reason: str) -> SlackPayload:
    """The line in the incidents channel when remediations are switched off, or on again."""
    mentions: list[Span] = []
    for place, person in enumerate(people):
        mentions += [" and " if place else "", UserMention(person)]
    if is_on:
        line: Line = (Bold("Remediations are on again"), ", said ", *mentions, ".")
    else:
        line = (
            Bold("Remediations are switched off"),
            " everywhere by ",
            *mentions,
            f": {reason.rstrip('.')}. What waited is void; what is under way is watched to its end.",
        )
    return build_message([line], build_lines("remediations-switched", line))


def describe_news(notice: RemediationNewsNotice) -> Line:
    """The line in the incident's channel: what came of a remediation."""
    return (Bold(f"{notice.reference} {notice.title}: "), *split_mentions(notice.sentence))


def describe_remediation(detail: RemediationDetail) -> Line:
    """The timeline entry about a remediation, or about the switch for all of them."""
    match detail:
        case RemediationProposedDetail():
            return (f"proposed {_name(detail)}",)
        case RemediationApprovedDetail():
            return (f"approved {_name(detail)}", *_describe_alone(detail.alone))
        case RemediationStartedDetail():
            by: Line = (", asked for by ", UserMention(detail.asked_by)) if detail.asked_by else ()
            return (f"had {_name(detail)} begin", *by)
        case RemediationEndedDetail():
            return (f"{_name(detail)}, {detail.state}: ", *split_mentions(detail.why))
        case RemediationCheckedDetail():
            return (f"checked {_name(detail)}",)
        case RemediationsSwitchedDetail():
            return _describe_switch(detail)
        case _:
            assert_never(detail)


def _describe_alone(why: str) -> Line:
    return (" ", Bold("alone (break-glass)"), f": {why}") if why else ()


def _describe_switch(detail: RemediationsSwitchedDetail) -> Line:
    if not detail.is_on:
        return (f"switched remediations off: {detail.why}",)
    other: Line = (" with ", UserMention(detail.other)) if detail.other else ()
    return ("switched remediations on again", *other)


def _name(detail: ReachedState | RemediationCheckedDetail) -> str:
    return f"{detail.reference} {detail.title}".strip()
