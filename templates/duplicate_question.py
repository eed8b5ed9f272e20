"""The question before the same words become a second incident, for the eyes of who typed them."""

from slackblocks import Button

from bot.domain.results import DeclaredBeforeResult
from bot.ports import Block, SlackPayload
from bot.text.durations import format_duration
from templates import action_ids
from templates.blocks import build_button, build_button_row
from templates.spans import Bold, Line


def render_question(result: DeclaredBeforeResult, reference: str) -> list[Line]:
    """What was declared a moment ago, and that nothing was declared now."""
    ago = format_duration(float(result.seconds))
    return [
        (Bold(f"{reference} was declared by you {ago} ago: {result.severity} {result.title}"),),
        ("I declared nothing. Is this another incident?",),
    ]


def build_question_buttons(result: DeclaredBeforeResult) -> Block:
    """Check that one, or declare another."""
    number, key = result.incident, result.key
    look = build_button(
        f"Open INC-{number}", action_ids.OPEN_DECLARED, action_ids.join_value(number, key), primary=True
    )
    return build_button_row("repeat-buttons", look, _another(key))


def render_existing(card: SlackPayload, key: str) -> SlackPayload:
    """How the one of a moment ago stands; who sees that theirs is another one still declares it."""
    return SlackPayload(card.text, (*card.blocks, build_button_row("repeat-buttons", _another(key))))


def _another(key: str) -> Button:
    return build_button("Declare another", action_ids.DECLARE_ANOTHER, key)
