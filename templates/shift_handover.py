"""The end of a commander's shift: what is open, for the commander and for who is on call next."""

from datetime import UTC, datetime

from bot.domain.effects import TellOfShift
from bot.domain.incident import IncidentRole
from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.findings_summary import render_findings
from templates.incident_view import IncidentViewModel
from templates.spans import INLINE_DATE_FORMAT, Bold, Code, Line, Span, Timestamp, UserMention
from templates.timeline import render_latest_update, render_open_items


def render_for_commander(view: IncidentViewModel, effect: TellOfShift) -> SlackPayload:
    """Whom they can hand over to, and what is open."""
    reference = view.incident.reference
    head: Line = (Bold("Your shift ends at "), _ends(effect), f", and you're commander of {reference}.")
    if effect.next and view.incident.offered_to == effect.next:
        after: Line = (
            UserMention(effect.next),
            " is on call next. I told them and asked them to take command.",
        )
    elif effect.next:
        after = (UserMention(effect.next), " is on call next, and I told them.")
    else:
        who = (
            f"{effect.named} is on call next, but I can't reach them here."
            if effect.named
            else "Nobody is on call next."
        )
        after = (f"{who} Hand it over: ", Code(f"/incident handover {reference} @who"))
    body = [head, after, *_open(view)]
    return build_message(body, build_lines("shift-body", *body))


def render_for_next(view: IncidentViewModel, effect: TellOfShift) -> SlackPayload:
    """What they will meet, with the button that takes command while it is offered to them."""
    incident = view.incident
    commander: Line = (
        UserMention(incident.commander),
        f" is commander of {incident.reference} until you take command.",
    )
    if incident.commander == effect.person:
        commander = (f"You're commander of {incident.reference}.",)
    head: Line = (Bold("You are on call from "), _ends(effect), Bold(": an incident is open."))
    body = [head, *_open(view), commander]
    blocks = [build_lines("shift-body", *body)]
    if incident.offered_to == effect.person:
        take = build_button(
            "Take command", action_ids.ACCEPT_COMMAND, action_ids.join_value(incident.number), primary=True
        )
        blocks.append(build_button_row("shift-buttons", take))
    return build_message(body, *blocks)


def _ends(effect: TellOfShift) -> Span:
    return Timestamp(datetime.fromtimestamp(effect.ends, UTC))


def _open(view: IncidentViewModel) -> list[Line]:
    """How it stands, what is wrong, who does what, what is due."""
    incident = view.incident
    since: Line = (
        Bold(view.headline),
        f" · {incident.status} since ",
        Timestamp(incident.declared_at, INLINE_DATE_FORMAT),
    )
    given = [role for role in IncidentRole if role in view.situation.roles]
    roles: list[Span] = []
    for role in given:
        roles += [f"{' · ' if roles else 'Roles: '}{role}: ", UserMention(view.situation.roles[role])]
    missing = ", ".join(role for role in IncidentRole if role not in given)
    roles.append(f"{' · ' if roles else 'Roles: '}nobody yet: {missing}" if missing else "")
    return [
        (*since, *view.where, *view.joined),
        *render_findings(view),
        *render_latest_update(view),
        render_open_items(view),
        tuple(roles),
    ]
