"""The alert: in the incident's channel, in the incidents channel, and as the direct message of a page."""

from collections.abc import Sequence

from slackblocks import Button

from bot.policy import ONLY_A_PHONE
from bot.ports import Block, Message
from templates import actions, ladder
from templates.fill import filled, values_of
from templates.kit import (
    DATED_WITHIN,
    Bold,
    Everyone,
    Line,
    Person,
    Span,
    When,
    button,
    buttons,
    context,
    header,
    headline,
    lines,
    message,
)
from templates.letters import cut
from templates.rollup import card_lines
from templates.view import View


def alert(view: View) -> Message:
    """The runbook's alert with its buttons, for the incident's channel."""
    body = alert_lines(view)
    first, rest = body[0], body[1:]
    return message(
        (_headline(view), *body),
        headline("alert-head", first),
        lines("alert-body", _headline(view), *rest),
        context("alert-state", _state(view)),
        *_found(view),
        *_progress(view),
        *_alert_buttons(view),
    )


def announcement(view: View) -> Message:
    """The same alert for the incidents channel, which is called as a whole when the declaration says why."""
    body = alert_lines(view)
    why = view.everyone
    call: list[Line] = [(Everyone(), f" {why.capitalize()}: ", Bold(view.headline))] if why else []
    blocks = [
        headline("announcement-head", body[0]),
        lines("announcement-body", *(call or [_headline(view)]), *body[1:]),
        context("announcement-state", _state(view)),
    ]
    if view.incident.status.is_open:
        number = view.incident.number
        join = button("Join", actions.JOIN, actions.value(number))
        blocks.append(buttons("announcement-buttons", *_acknowledge(view), join))
    return message((*(call or [_headline(view)]), *body), *blocks)


def page(view: View, person: str) -> Message:
    """The direct message that calls one person."""
    incident = view.incident
    called = next((each for each in view.situation.pages if each.person == person), None)
    contact = called.contact if called else ""
    as_whom: Line = (" as ", Bold(contact)) if contact else ()
    verb = "are" if incident.status.is_open else "were"
    declared = When(incident.declared_at, DATED_WITHIN)
    body: list[Line] = [
        (Bold(view.headline),),
        (f"You {verb} called", *as_whom, f" for {incident.reference}."),
        ("Where: ", view.room),
        ("Declared: ", declared, " by ", Person(incident.declared_by)),
    ]
    by, words = view.told(contact, person)
    if words:
        body.append((Person(by), f": {_brief(words)}"))
    if incident.impact:
        body.append(("Impact: ", _brief(incident.impact)))
    if view.target and incident.status.is_open and not (called and called.acknowledged_at):
        body.append((f"Answer expected: {view.target}",))
    blocks = [header("page-head", f"🚨 {view.headline}"), lines("page-body", *body[1:])]
    if called and called.acknowledged_at:
        blocks.append(context("page-state", _state(view)))
    elif not incident.status.is_open:
        blocks.append(context("page-state", (f"{incident.reference} is {incident.status}.",)))
    else:
        blocks.append(buttons("page-buttons", _acknowledge_button(view)))
    return message(body, *blocks)


def mention(view: View, people: Sequence[str], missing: Sequence[tuple[str, str]]) -> Message:
    """Call the invited people by name, and name the contacts that could not be reached."""
    body: list[Line] = []
    if people:
        called: list[Span] = []
        for person in people[:MOST_MENTIONS]:
            called += [Person(person), " "]
        if len(people) > MOST_MENTIONS:
            called.append(f"and {len(people) - MOST_MENTIONS} more ")
        body.append((*called, f"you are called for {view.incident.reference}, ", Bold(view.headline)))
    if missing:
        body.append((Bold("Not called, reach them yourself:"),))
        body += [("• ", name, f": {_remedy(why)}", *_reach(view, name)) for name, why in missing]
    return message(body, lines("mention-body", *body))


MOST_MENTIONS = 50


def _remedy(why: str) -> str:
    if why == ONLY_A_PHONE:
        return "only a phone number, it is named here."
    if why == "no Slack handle":
        return "no Slack handle. Add one to the contacts file."
    if why == "no such contact":
        return "the runbook names them, but no contact has that name. Add one to the contacts file."
    return why


def _reach(view: View, contact: str) -> Line:
    how = view.reach(contact)
    return (f" {how[0].upper()}{how[1:]}",) if how else ()


def alert_lines(view: View) -> list[Line]:
    """The filled lines of the runbook's alert; a plain one where the runbook has none."""
    template = view.runbook.templates.get("alert")
    if template is None:
        return [(f"🚨 INCIDENT ALERT - {view.incident.severity}",), (f"Status: {view.incident.status}",)]
    values = {name: [_brief(span) for span in spans] for name, spans in values_of(view).items()}
    return filled(template, values)


def _brief(span: Span) -> Span:
    return cut(span, LONGEST_VALUE) if isinstance(span, str) else span


LONGEST_VALUE = 600
"""Characters of one value in an alert: it is read on a phone."""


def _headline(view: View) -> Line:
    return (Bold(view.headline), f" ({view.incident.reference})")


def _found(view: View) -> list[Block]:
    """What the diagnostics found so far, in a line."""
    body = card_lines(view)
    return [lines("alert-evidence", *body)] if body else []


def _progress(view: View) -> list[Block]:
    """How far people were called beside Slack."""
    body = ladder.progress(view) if view.incident.status.is_open else []
    return [lines("alert-ladder", *body)] if body else []


def _state(view: View) -> Line:
    incident = view.incident
    if not incident.status.is_open:
        answered = f" · acknowledged after {view.to_acknowledge}" if view.to_acknowledge else ""
        return (f"{incident.reference} · {incident.status} after {view.took}{answered}",)
    target = f" (target: {view.answered_within})" if view.answered_within else ""
    if incident.acknowledged_by:
        return (
            "Acknowledged by ",
            *ladder.named(incident.acknowledged_by),
            f" after {view.to_acknowledge}{target}",
        )
    return (f"{incident.reference} · not acknowledged yet{target}",)


def _acknowledge_button(view: View) -> Button:
    return button("Acknowledge", actions.ACKNOWLEDGE, actions.value(view.incident.number), primary=True)


def _acknowledge(view: View) -> list[Button]:
    return [] if view.incident.acknowledged_at else [_acknowledge_button(view)]


def _alert_buttons(view: View) -> list[Block]:
    if not view.incident.status.is_open:
        return []
    value = actions.value(view.incident.number)
    return [
        buttons(
            "alert-buttons",
            *_acknowledge(view),
            button("Post update", actions.POST_UPDATE, value),
            button("Resolve", actions.RESOLVE, value),
        )
    ]
