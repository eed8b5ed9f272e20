"""`/incident fix`, and the buttons of remediations: read who it is, make one call, give one reply."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.adapters.slack import unescape_text
from bot.domain.remediation import EXECUTABLE, OPEN_STATES, Remediation, RemediationKind
from bot.domain.results import CommandResult, RemediationAskedResult
from bot.errors import RuleViolation, SlackCallError
from bot.ports import SlackPayload
from bot.services import (
    remediation_break_glass,
    remediation_decision,
    remediation_request,
    remediation_switch,
)
from bot.services.approver_list import ApproverList, list_approvers
from bot.services.remediation_lacks import explain_lack, write_by_hand
from bot.services.remediation_offers import RemediationOffer, find_offer, list_offers
from bot.services.remediation_records import find_for_request, is_carried_out
from bot.services.support_case import add_place
from handlers.slack.action_request import ActionRequest
from handlers.slack.approver_check import LOOKUP_TIMEOUT_S, read_facts
from handlers.slack.request_context import RequestContext
from handlers.slack.slash_command import SlashCommandRequest
from templates import action_ids, remediation_answers
from templates.incident_view import IncidentViewModel

SWITCH = re.compile(r"(?P<state>off|on)\b[\s:,.–—-]*(?P<reason>.*)", re.IGNORECASE | re.DOTALL)
"""What is typed behind `fix` to stop them all, or to begin again."""


ALONE = re.compile(
    r"(?:alone|break[\s-]?glass)\s+R-?(?P<number>\d{1,6})\b[\s:,.–—-]*(?P<reason>.*)", re.I | re.S
)
"""What one approver types who has it carried out alone."""


CALLED = re.compile(r"called\s+R-?(?P<number>\d{1,6})\b[\s:,.–—-]*(?P<case>[^\n]{0,80})", re.IGNORECASE)
"""What is typed when support gave a number."""


async def handle_fix(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """What can be done here; with words it is proposed."""
    words = asked.command.rest
    if switch := SWITCH.fullmatch(words):
        return await _switch(front, asked, switch["state"].casefold() == "on", switch["reason"])
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    view = await front.load_open_view(number, asked.request.actor)
    if alone := ALONE.fullmatch(words):
        return await _approve_alone(front, asked, number, int(alone["number"]), alone["reason"])
    if called := CALLED.fullmatch(words):
        found = await _find(front, number, int(called["number"]))
        if not found.call:
            raise RuleViolation(f"{found.reference} names nobody to call. Nothing was changed.")
        case = called["case"].strip()
        return await remediation_decision.report_ran(front.services, asked.request, found.id, case)
    words, offers = unescape_text(words), _list_offers(view)
    if not words:
        rows = await front.services.store.find_remediations(number)
        waiting = [found for found in rows if found.state in OPEN_STATES]
        by_hand = {kind for kind in RemediationKind if not is_carried_out(front.services, kind)}
        return remediation_answers.render_offers(view, offers, waiting, frozenset(by_hand))
    offer = find_offer(view.runbook, view.playbook, offers, words)
    if offer is None:
        there_are = "; ".join(offer.title for offer in offers) or "nothing in its playbook"
        raise RuleViolation(
            f"No remediation fits “{words}”. There are: {there_are}. In words: rollback, scale 6 to 9, "
            "restart, end idle sessions, end blocker, failover, revert #123, switch FLAG on, banner WORDS, workflow "
            "NAME.yml. Nothing was proposed.",
            words=words,
        )
    return await _request(front, asked, number, offer)


def _list_offers(view: IncidentViewModel) -> list[RemediationOffer]:
    return list_offers(view.runbook, view.playbook, view.situation.evidence)


async def _request(
    front: RequestContext, asked: SlashCommandRequest | ActionRequest, number: int, offer: RemediationOffer
) -> CommandResult:
    if offer.kind is RemediationKind.BANNER and not is_carried_out(front.services, offer.kind):
        offer = write_by_hand(offer)
    if "call" in offer.parameters:
        offer = replace(offer, parameters=add_place(offer.parameters, *front.services.aws_place))
    if why := explain_lack(offer):
        raise RuleViolation(f"{why} Nothing was proposed.")
    came = await remediation_request.request_remediation(front.services, asked.request, number, offer)
    if offer.kind is RemediationKind.FAILOVER and isinstance(came, RemediationAskedResult):
        return replace(came, approvers=await _name_two(front, asked.request.actor, offer.kind))
    return came


async def _name_two(front: RequestContext, actor: str, kind: RemediationKind) -> str:
    """Who have to agree where who asks is no approver; empty where they are one, or nobody can say so now."""
    if not is_carried_out(front.services, kind):
        return ""
    try:
        _, listed = await read_facts(front, actor, kind, actor)
    except RuleViolation:
        return ""
    return "" if actor in listed.people else listed.words


async def _switch(
    front: RequestContext, asked: SlashCommandRequest, is_on: bool, reason: str
) -> CommandResult:
    number = asked.command.number or await front.services.store.find_incident_in(asked.channel)
    if not is_on:
        return await remediation_switch.switch_off(front.services, asked.request, number, reason)
    listed = await _list_all_approvers(front)
    return await remediation_switch.switch_on(
        front.services, asked.request, number, asked.request.actor in listed.people, listed.words
    )


async def _find(front: RequestContext, number: int, place: int) -> Remediation:
    """The incident's remediation that people call R1. Raises RuleViolation when there is none."""
    listed = await front.services.store.find_remediations(number)
    found = next((remediation for remediation in listed if remediation.number == place), None)
    if found is None:
        raise RuleViolation(f"There is no R{place} here. Nothing was changed.")
    return found


async def _approve_alone(
    front: RequestContext, asked: SlashCommandRequest, number: int, place: int, reason: str
) -> CommandResult:
    """Who types is looked up anew, and who may."""
    found = await _find(front, number, place)
    facts, may = await read_facts(front, asked.request.actor, found.kind, found.asked_by)
    return await remediation_break_glass.approve_alone(
        front.services, asked.request, found.id, facts, (may.people, may.words), reason
    )


async def _list_all_approvers(front: RequestContext) -> ApproverList:
    """Whoever may approve anything. Raises RuleViolation when Slack does not tell."""
    book = front.services.book.approvers
    names = dict.fromkeys(name for kind in EXECUTABLE for name in book.of(kind.value))
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT_S):
            return await list_approvers(front.services, front.chat, names)
    except (SlackCallError, TimeoutError):
        raise RuleViolation(
            "Slack does not say right now who may approve. Nothing was changed. Try again in a moment."
        ) from None


async def propose(front: RequestContext, click: ActionRequest) -> CommandResult:
    """The button beside what the runbook or a finding suggests."""
    number, line, kind, file = click.split_value(4, numbers=2)
    view = await front.load_open_view(int(number), click.request.actor)
    offers = _list_offers(view)
    offer = next(
        (offer for offer in offers if (offer.line, offer.kind.value, offer.file) == (int(line), kind, file)),
        None,
    )
    if offer is None:
        raise RuleViolation(
            "This is not proposed any more: the runbook or what was found is another one by now. See `/incident fix`. "
            "Nothing was proposed."
        )
    return await _request(front, click, int(number), offer)


async def approve(front: RequestContext, click: ActionRequest) -> CommandResult:
    """Who clicks is looked up anew, and who may."""
    id = int(click.split_value(1)[0])
    found = await find_for_request(front.services, click.request, id)
    facts, listed = await read_facts(
        front, click.request.actor, found.kind, found.asked_by, found.first_approver
    )
    return await remediation_decision.approve(front.services, click.request, id, facts, listed)


async def reject(front: RequestContext, click: ActionRequest) -> CommandResult:
    id = int(click.split_value(1)[0])
    found = await find_for_request(front.services, click.request, id)
    facts, listed = await read_facts(front, click.request.actor, found.kind, found.asked_by)
    return await remediation_decision.reject(front.services, click.request, id, facts, listed.words)


DECISIONS = frozenset({approve, reject})
"""What looks up by itself, anew, who clicks: whoever has no say is told there who has."""


def _by_id(
    change: Callable[..., Awaitable[CommandResult]],
) -> Callable[[RequestContext, ActionRequest], Awaitable[CommandResult]]:
    """A button that needs nothing but the remediation's id."""

    async def row(front: RequestContext, click: ActionRequest) -> CommandResult:
        return await change(front.services, click.request, int(click.split_value(1)[0]))

    return row


ROUTES = {
    action_ids.PROPOSE_REMEDIATION: propose,
    action_ids.APPROVE_REMEDIATION: approve,
    action_ids.REJECT_REMEDIATION: reject,
    action_ids.WITHDRAW_REMEDIATION: _by_id(remediation_decision.withdraw),
    action_ids.RAN_REMEDIATION: _by_id(remediation_decision.report_ran),
    action_ids.CHECK_REMEDIATION: _by_id(remediation_decision.confirm_checked),
    action_ids.ASK_REMEDIATION_AGAIN: _by_id(remediation_request.ask_again),
    action_ids.UNDO_REMEDIATION: _by_id(remediation_request.undo),
}
"""What each button does."""
