"""What somebody is told whose request came too late to be carried out."""

from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.escaping import flatten_text
from templates.spans import Bold, Code, Line

MAX_WORDS_LENGTH = 300
"""Characters of what was typed: enough to know it again."""


def render_too_late(words: str, is_typed: bool, key: str) -> SlackPayload:
    """What was not done and why, with a button that does it now, once. `words` are the command as typed (`is_typed`) or
    the name of a button or form; without a `key` it could not be kept."""
    shown = flatten_text(words, MAX_WORDS_LENGTH)
    body: list[Line] = [
        (Bold("Not done: "), Code(shown) if is_typed else f"“{shown}”"),
        ("It reached me too late: Slack had already told you that it failed.",),
    ]
    if not key:
        return build_message(body, build_lines("late", *body, ("Please try again.",)))
    do_it = build_button("Do it now", action_ids.DO_IT_NOW, key, primary=True)
    return build_message(body, build_lines("late", *body), build_button_row("late-buttons", do_it))
