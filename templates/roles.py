"""The offer of command."""

from bot.domain.effects import SettleOffer
from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, Line, UserMention
from templates.timeline import render_latest_update, render_open_items


def render_offer(view: IncidentViewModel, person: str, by: str, words: str = "") -> SlackPayload:
    """Ask somebody to take command; until they accept, the commander stays.

    `words` are those of a handover. Where things stand is said in any case: it is what an answer depends on.
    """
    asked: Line = (
        UserMention(person),
        ", ",
        UserMention(by),
        f" asks you to take command of {view.incident.reference}.",
    )
    stays: Line = (UserMention(view.incident.commander), " stays commander until you accept.")
    accept = build_button(
        "Accept command", action_ids.ACCEPT_COMMAND, action_ids.join_value(view.incident.number), primary=True
    )
    body: list[Line] = [asked]
    if words:
        body.append((Bold("Handover: "), words))
    body += [*render_latest_update(view), render_open_items(view), stays]
    head: Line = (Bold(view.headline), f" · {view.incident.status}")
    return build_message(
        [asked, head], build_lines("offer-body", head, *body), build_button_row("offer-buttons", accept)
    )


def render_settled_offer(view: IncidentViewModel, offer: SettleOffer) -> SlackPayload:
    """The same once it is not open any more: who was asked, the words of a handover, and how it ended."""
    incident = view.incident
    asked: Line = (
        (
            UserMention(offer.by),
            " asked ",
            UserMention(offer.person),
            f" to take command of {incident.reference}.",
        )
        if offer.by
        else (UserMention(offer.person), f" was asked to take command of {incident.reference}.")
    )
    words: list[Line] = [(Bold("Handover: ") if offer.by else "Why: ", offer.words)] if offer.words else []
    body: list[Line] = [asked, *words, _describe_end(view, offer)]
    return build_message(body, build_lines("offer-body", *body))


def _describe_end(view: IncidentViewModel, offer: SettleOffer) -> Line:
    incident = view.incident
    if incident.commander == offer.person:
        return (UserMention(offer.person), " accepted.")
    if not incident.status.is_open:
        return (f"Not accepted: {incident.reference} is {view.standing}.",)
    return ("No longer offered: ", UserMention(incident.commander), " is incident commander.")
