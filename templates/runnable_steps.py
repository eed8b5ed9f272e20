"""Steps that a person runs, and the question before one that is noticed elsewhere is sent."""

from typing import assert_never

from slackblocks import ConfirmationDialogue, PlainText

from bot.domain.results import ManualStepResult, SendQuestionResult, StepNotRunResult
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


def render_manual_step(result: ManualStepResult) -> SlackPayload:
    """What somebody asked to run, and runs themselves: its command to copy, and where to write down what was done."""
    title = result.title[:LONGEST_TITLE]
    first: Line = (
        Bold(f"Run it yourself: {title}."),
        f" {result.why[:1].upper()}{result.why[1:].rstrip('.')}. Nothing was run.",
    )
    last: Line = ("Note what you did: ", Code(f"/incident note {title}: done"))
    shown = list(split_command(result.command))
    parts = [build_rich_text("by-hand-command", *map(build_preformatted, shown))] if shown else []
    return build_message(
        [first, *((part,) for part in shown), last],
        build_lines("by-hand", first),
        *parts,
        build_lines("by-hand-note", last),
    )


def render_send_question(result: SendQuestionResult) -> SlackPayload:
    """What a typed title would send, with the button that sends it."""
    first: Line = (
        Bold(f"{result.title[:LONGEST_TITLE]} sends a request to the other system."),
        " This is what it sends. Nothing was run.",
    )
    sent = result.sent
    run = build_button(
        f"Run {result.title}",
        f"{action_ids.RUN_STEP}:typed",
        action_ids.join_value(result.incident, result.line, result.file),
        confirm=build_confirmation(sent),
    )
    shown = list(split_command(sent))
    return build_message(
        [first, *((part,) for part in shown)],
        build_lines("before-sending", first),
        build_rich_text("before-sending-what", *map(build_preformatted, shown)),
        build_button_row("before-sending-buttons", run),
    )


def render_step_not_run(result: StepNotRunResult) -> SlackPayload:
    """What is said in place of running a step."""
    match result:
        case ManualStepResult():
            return render_manual_step(result)
        case SendQuestionResult():
            return render_send_question(result)
        case _:
            assert_never(result)
