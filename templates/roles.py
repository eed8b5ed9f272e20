"""The offer of command."""

from bot.ports import Message
from templates import actions
from templates.history import latest_update, open_ends
from templates.kit import Bold, Line, Person, button, buttons, lines, message
from templates.view import View


def offer(view: View, person: str, by: str, words: str = "") -> Message:
    """Ask somebody to take command; until they accept, the commander stays.

    `words` are those of a handover. Where things stand is said in any case: it is what an answer depends on.
    """
    asked: Line = (Person(person), ", ", Person(by), f" asks you to command {view.incident.reference}.")
    stays: Line = ("Until you accept, ", Person(view.incident.commander), " commands.")
    accept = button(
        "Accept command", actions.ACCEPT_COMMAND, actions.value(view.incident.number), primary=True
    )
    body: list[Line] = [asked]
    if words:
        body.append((Bold("Handover: "), words))
    body += [*latest_update(view), open_ends(view), stays]
    head: Line = (Bold(view.headline), f" · {view.incident.status}")
    return message([asked, head], lines("offer-body", head, *body), buttons("offer-buttons", accept))
