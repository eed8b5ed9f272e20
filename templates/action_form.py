"""The form that adds an action item: what is to be done, by whom, until when, and what it is good for."""

from slackblocks import DatePicker, InputBlock, PlainText, StaticSelectMenu, UserSelectMenu

from bot.domain.action_item import MAX_TEXT_LENGTH, ActionKind
from templates import action_ids
from templates.blocks import build_lines
from templates.form_fields import build_option, build_text_field
from templates.incident_view import IncidentViewModel
from templates.modals import Modal, build_form

PURPOSES = {
    ActionKind.PREVENT: "Prevent: it cannot happen again",
    ActionKind.MITIGATE: "Mitigate: it hurts less or ends sooner",
    ActionKind.DETECT: "Detect: it is noticed sooner",
    ActionKind.PROCESS: "Process: people work together better",
}


def build_action_form(view: IncidentViewModel, words: str = "") -> Modal:
    """The form for one action item of the incident; `words` are those of the message that it comes from."""
    options = [build_option(label, kind) for kind, label in PURPOSES.items()]
    purpose = StaticSelectMenu(
        action_ids.PURPOSE,
        options=options,
        initial_option=options[0],
        placeholder=PlainText("What is it good for?"),
    )
    owner = UserSelectMenu(action_ids.OWNER, placeholder=PlainText("Nobody yet"))
    blocks = [
        build_lines("action-head", (view.headline,)),
        build_text_field(
            action_ids.ACTION_TEXT,
            "What is to be done?",
            "Add an index on orders(status)",
            longest=MAX_TEXT_LENGTH,
            initial=words,
        ),
        InputBlock(PlainText("Owner"), owner, block_id=action_ids.OWNER, optional=True)._resolve(),
        InputBlock(
            PlainText("Due"), DatePicker(action_ids.DUE), block_id=action_ids.DUE, optional=True
        )._resolve(),
        InputBlock(PlainText("Kind"), purpose, block_id=action_ids.PURPOSE)._resolve(),
    ]
    carried = {"incident": view.incident.number}
    return build_form(action_ids.ACTION_FORM, "Add an action item", "Add", blocks, carried)
