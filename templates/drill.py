"""A drill says in each of its messages that it is one."""

from bot.ports import Message
from templates.kit import Bold, bounded, context
from templates.letters import shortened
from templates.view import View

MARK = "DRILL"
SAID = " · a rehearsal, nobody is called for it"


def marked(view: View, message: Message) -> Message:
    """The message of a drill with its mark on top; that of a real incident as it is."""
    if not view.incident.drill:
        return message
    mark = context("drill", (Bold(MARK), SAID))
    return Message(shortened(f"{MARK}: {message.text}"), bounded((mark, *message.blocks)))
