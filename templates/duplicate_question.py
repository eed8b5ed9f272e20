"""The question before the same words become a second incident, for the eyes of who typed them."""

from collections.abc import Mapping

from slackblocks import Button

from bot.domain.incident import CommandResult
from bot.ports import Block, SlackPayload
from templates import action_ids
from templates.blocks import build_button, build_button_row, format_duration
from templates.spans import Bold, Line

Facts = Mapping[str, str]


def render_question(facts: Facts, reference: str) -> list[Line]:
    """What was declared a moment ago, and that nothing was declared now."""
    ago = format_duration(float(facts["seconds"]))
    return [
        (Bold(f"{reference} was declared by you {ago} ago: {facts['severity']} {facts['title']}"),),
        ("I declared nothing. Is this another incident?",),
    ]


def build_question_buttons(outcome: CommandResult) -> Block:
    """Check that one, or declare another."""
    number, key = outcome.incident, outcome.facts["key"]
    look = build_button(
        f"Open INC-{number}", action_ids.OPEN_DECLARED, action_ids.join_value(number, key), primary=True
    )
    return build_button_row("repeat-buttons", look, _another(key))


def render_existing(card: SlackPayload, key: str) -> SlackPayload:
    """How the one of a moment ago stands; who sees that theirs is another one still declares it."""
    return SlackPayload(card.text, (*card.blocks, build_button_row("repeat-buttons", _another(key))))


def _another(key: str) -> Button:
    return build_button("Declare another", action_ids.DECLARE_ANOTHER, key)
