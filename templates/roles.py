"""The offer of command."""

from bot.ports import Message
from templates import actions
from templates.kit import Bold, Line, Person, button, buttons, lines, message
from templates.view import View


def offer(view: View, person: str, by: str) -> Message:
    """Ask somebody to take command; until they accept, the commander stays."""
    asked: Line = (Person(person), ", ", Person(by), f" asks you to command {view.incident.reference}.")
    stays: Line = ("Until you accept, ", Person(view.incident.commander), " commands.")
    accept = button(
        "Accept command", actions.ACCEPT_COMMAND, actions.value(view.incident.number), primary=True
    )
    head: Line = (Bold(view.headline),)
    return message([asked, head], lines("offer-body", asked, stays), buttons("offer-buttons", accept))
