"""What the person who asked is told, only for their eyes: what happened, or what was wrong and what to do."""

from bot.domain.results import (
    AcknowledgedResult,
    ClosedResult,
    CommanderChangedResult,
    CommandOfferedResult,
    CommandResult,
    DeclaredBeforeResult,
    DeclaredResult,
    EscalatedResult,
    ImpactChangedResult,
    PagedResult,
    PlaybookChosenResult,
    RenamedResult,
    ReopenedResult,
    RoleAssignedResult,
    SeverityChangedResult,
    StatusChangedResult,
    StepNotRunResult,
    StillOnItResult,
    UpdatedResult,
)
from bot.ports import Block, SlackPayload
from templates import action_ids, duplicate_question
from templates.alert import render_alert
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
    build_section,
)
from templates.checklist_message import render_checklist
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.result_sentences import describe_result
from templates.runnable_steps import render_step_not_run
from templates.spans import Bold, Code, Line, split_code

MAX_ECHO_LENGTH = 2800
"""Characters of somebody's words that an answer gives back."""


def render_reply(result: CommandResult) -> SlackPayload:
    """The words for what came of a request; nothing where the channel shows it anyway."""
    if isinstance(result, StepNotRunResult):
        return render_step_not_run(result)
    reference = "The incident" if result.incident is None else f"INC-{result.incident}"
    body = describe_result(result, reference)
    return (
        build_message(body, build_lines("answer", *body), *_build_buttons(result))
        if body
        else render_nothing()
    )


def _build_buttons(result: CommandResult) -> list[Block]:
    if isinstance(result, DeclaredBeforeResult):
        return [duplicate_question.build_question_buttons(result)]
    if isinstance(result, DeclaredResult) and result.similar:
        value = action_ids.join_value(result.similar)
        join = build_button(f"Join INC-{result.similar}", action_ids.JOIN, value, primary=True)
        return [build_button_row("answer-buttons", join)]
    return []


def is_said_in_room(result: CommandResult) -> bool:
    """Whether the incident's room is told the same, so that who is there reads it once. Not where the answer has more
    to say: what was cut, who of those that were typed is not paged, or of what it is no part any more."""
    match result:
        case AcknowledgedResult():
            return result.in_room
        case RenamedResult():
            return not result.cut
        case PagedResult():
            return not result.remarks
        case ReopenedResult():
            return not result.into
        case _:
            return isinstance(result, SAID_IN_ROOM)


SAID_IN_ROOM = (
    CommanderChangedResult,
    CommandOfferedResult,
    RoleAssignedResult,
    StatusChangedResult,
    SeverityChangedResult,
    ImpactChangedResult,
    UpdatedResult,
    EscalatedResult,
    StillOnItResult,
    ClosedResult,
    PlaybookChosenResult,
)
"""Results of which the room is always told the same. A cancellation is answered where it was asked for, with the way
back."""


def render_done() -> SlackPayload:
    """In place of a question, where the room is told what came of it."""
    return _build_message(("Done; see the incident's channel.",))


def render_nothing() -> SlackPayload:
    """No words: what was asked for shows itself."""
    return SlackPayload("")


def _build_message(*body: Line) -> SlackPayload:
    return build_message(body, build_lines("answer", *body))


def render_refusal(sentence: str, words: str = "") -> SlackPayload:
    """A rule says no, in its own sentence; `words` are what was typed, to be copied."""
    if not words:
        return _build_message(split_code(sentence))
    given = cut(words, MAX_ECHO_LENGTH)
    body: list[Line] = [split_code(sentence), ("Your words:",)]
    shown = build_rich_text("answer", build_section(body), build_preformatted(given))
    return build_message([*body, (given,)], shown)


def repeat_words(answer: SlackPayload, words: str) -> SlackPayload:
    """The answer to what was not done, and behind it what was typed, to be copied."""
    given = cut(words, MAX_ECHO_LENGTH)
    body: list[Line] = [("Your words:",)]
    shown = build_rich_text("words", build_section(body), build_preformatted(given))
    return SlackPayload(f"{answer.text}\n{build_message([*body, (given,)]).text}", (*answer.blocks, shown))


def prefix_incident(answer: SlackPayload, number: int, here: int) -> SlackPayload:
    """The answer to what was done to an incident, typed in the channel of another one (`here`), which is said first."""
    body: list[Line] = [(Bold(f"For INC-{number}; this is the channel of INC-{here}."),)]
    blocks = [build_lines("elsewhere", *body), *answer.blocks]
    return SlackPayload(
        "\n".join(text for text in (build_message(body).text, answer.text) if text), tuple(blocks)
    )


def render_unknown_word(word: str, near: str | None) -> SlackPayload:
    """A word that is not in the grammar."""
    if near is not None:
        return _build_message(
            (f"I don't know “{word}”. Did you mean ", Code(f"/incident {near}"), "? Nothing was changed.")
        )
    return _build_message((f"I don't know “{word}”. Type ", Code("/incident help"), ". Nothing was changed."))


def render_failure(error_id: str) -> SlackPayload:
    """A fault of ours."""
    return _build_message(
        (f"Something went wrong on my side (error {error_id} in the log).",), ("Please try again.",)
    )


def render_card(view: IncidentViewModel) -> SlackPayload:
    """How an incident stands."""
    drawn = render_alert(view)
    return SlackPayload(drawn.text, drawn.blocks)


def render_checklist_reply(view: IncidentViewModel) -> SlackPayload:
    """The checklist, for one person."""
    if not view.situation.items:
        return _build_message(
            (f"{view.incident.reference} has no checklist yet; it gets one when it is resolved.",)
        )
    return render_checklist(view)
