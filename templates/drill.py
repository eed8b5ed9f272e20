"""A drill says in each of its messages that it is one."""

from bot.ports import SlackPayload
from templates.block_limits import truncate_blocks
from templates.blocks import build_context
from templates.escaping import truncate_mrkdwn
from templates.incident_view import IncidentViewModel
from templates.spans import Bold

MARK = "DRILL"
DRILL_NOTE = " · a rehearsal, nobody is paged for it"


def mark_drill(view: IncidentViewModel, message: SlackPayload) -> SlackPayload:
    """The message of a drill with its mark on top; that of a real incident as it is."""
    if not view.incident.drill:
        return message
    mark = build_context("drill", (Bold(MARK), DRILL_NOTE))
    return SlackPayload(truncate_mrkdwn(f"{MARK}: {message.text}"), truncate_blocks((mark, *message.blocks)))
