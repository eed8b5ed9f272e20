"""Steps that a person runs, and the question before one that is noticed elsewhere is sent."""

from collections.abc import Callable, Mapping

from slackblocks import ConfirmationDialogue, PlainText

from bot.domain.incident import CommandResult
from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
)
from templates.escaping import cut
from templates.playbook import split_command
from templates.spans import Bold, Code, Line

LONGEST_TITLE, LONGEST_QUESTION = 120, 300


def build_confirmation(sent: str) -> ConfirmationDialogue | None:
    """The question before a click counts, with what would be sent; None where nothing is asked."""
    if not sent:
        return None
    told = PlainText(cut(sent, LONGEST_QUESTION))
    return ConfirmationDialogue(PlainText("Send this?"), told, PlainText("Send it"), PlainText("Not now"))


def render_manual_step(outcome: CommandResult) -> SlackPayload:
    """What somebody asked to run, and runs themselves: its command to copy, and where to write down what was done."""
    facts = outcome.facts
    title = facts["title"][:LONGEST_TITLE]
    first: Line = (
        Bold(f"Run it yourself: {title}."),
        f" {facts['why'][:1].upper()}{facts['why'][1:].rstrip('.')}. Nothing was run.",
    )
    last: Line = ("Note what you did: ", Code(f"/incident note {title}: done"))
    shown = list(split_command(facts["command"]))
    parts = [build_rich_text("by-hand-command", *map(build_preformatted, shown))] if shown else []
    return build_message(
        [first, *((each,) for each in shown), last],
        build_lines("by-hand", first),
        *parts,
        build_lines("by-hand-note", last),
    )


def render_send_question(outcome: CommandResult) -> SlackPayload:
    """What a typed title would send, with the button that sends it."""
    facts = outcome.facts
    first: Line = (
        Bold(f"{facts['title'][:LONGEST_TITLE]} sends a request to the other system."),
        " This is what it sends. Nothing was run.",
    )
    sent = facts["sent"]
    run = build_button(
        f"Run {facts['title']}",
        f"{action_ids.RUN_STEP}:typed",
        action_ids.join_value(outcome.incident, facts["line"], facts["file"]),
        confirm=build_confirmation(sent),
    )
    shown = list(split_command(sent))
    return build_message(
        [first, *((each,) for each in shown)],
        build_lines("before-sending", first),
        build_rich_text("before-sending-what", *map(build_preformatted, shown)),
        build_button_row("before-sending-buttons", run),
    )


OUTCOMES: Mapping[str, Callable[[CommandResult], SlackPayload]] = {
    "by_hand": render_manual_step,
    "asked_before": render_send_question,
}
