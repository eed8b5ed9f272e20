"""The post-incident review in Slack: the form with its questions, and the message that says how far it is."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from slackblocks import InputBlock, PlainText, StaticSelectMenu

from bot.domain.incident import EntryKind
from bot.domain.results import ReviewAnsweredResult, ReviewResult
from bot.domain.results.meeting_results import (
    MeetingArrangedResult,
    MeetingCancelledAlreadyResult,
    MeetingCancelledResult,
)
from bot.domain.results.review_results import ReviewFileAskedResult, RunbookAskedResult, RunbookChosenResult
from bot.domain.review import (
    NO_FINDING,
    POINTER,
    QUESTIONS,
    ReviewAnswer,
    ReviewQuestion,
    build_finding_key,
    list_findings,
)
from bot.domain.timeline_details import ReviewAnsweredDetail, ReviewDetail, ReviewFiledDetail
from bot.domain.timeline_details.meeting_details import MeetingDetail
from bot.ports import Block, SlackPayload
from bot.text.truncation import join_points
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
    build_section,
)
from templates.escaping import cut, flatten_text
from templates.form_fields import build_option, build_text_field
from templates.incident_view import IncidentViewModel
from templates.meeting_messages import describe_meeting, describe_meeting_result
from templates.modals import Modal, build_form
from templates.proposal_sentences import describe_proposal, describe_proposal_entry
from templates.spans import Bold, Code, Line, Timestamp, UserMention

MAX_DOCUMENT_LENGTH = 11_000
"""Characters of the document in one message, below what all its blocks may have."""

MAX_FINDINGS = 90
"""Findings to choose from: a menu of Slack's has a hundred options."""

MAX_SHOWN_LENGTH = 120
"""Characters of an earlier answer that the form shows."""


def build_review_form(view: IncidentViewModel, answers: Sequence[ReviewAnswer]) -> Modal:
    """A field for each question, with what others wrote above it; whoever writes adds to that."""
    blocks: list[Block] = [build_lines("review-head", (view.headline,))]
    for question in QUESTIONS:
        given = [answer for answer in answers if answer.question == question.id]
        if given:
            blocks.append(build_lines(f"review-{question.id}", *map(_quote, given[-3:])))
        blocks.append(build_text_field(question.id, question.text, optional=True, multiline=True))
    blocks += _build_pointer(view, answers)
    title = f"Review of {view.incident.reference}"
    return build_form(action_ids.REVIEW_FORM, title, "Add", blocks, {"incident": view.incident.number})


def _build_pointer(view: IncidentViewModel, answers: Sequence[ReviewAnswer]) -> Iterator[Block]:
    """The choice of the finding that pointed at the cause; none where no check found anything."""
    found = list_findings(view.situation)[:MAX_FINDINGS]
    if not found:
        return
    said = [answer for answer in answers if answer.question == POINTER.id][-1:]
    for answer in said:
        yield build_lines("review-pointer", (UserMention(answer.person), f": {_describe_pointer(answer)}"))
    options = [build_option("None of them", NO_FINDING)]
    options += [build_option(f"{each.title}: {each.headline}", build_finding_key(each)) for each in found]
    menu = StaticSelectMenu(POINTER.id, options=options, placeholder=PlainText("Not known yet is fine"))
    yield InputBlock(PlainText(POINTER.text), menu, block_id=POINTER.id, optional=True)._resolve()


def _describe_pointer(answer: ReviewAnswer) -> str:
    said = "no finding pointed at the cause" if answer.text == NO_FINDING else answer.text
    return flatten_text(said, MAX_SHOWN_LENGTH)


def _quote(answer: ReviewAnswer) -> Line:
    return (UserMention(answer.person), f": {flatten_text(join_points(answer.text), MAX_SHOWN_LENGTH)}")


def render_review_state(view: IncidentViewModel, answers: Sequence[ReviewAnswer]) -> SlackPayload:
    """Which questions are answered, by whom, and which are not."""
    asked = {question.id for question in QUESTIONS}
    answered = {answer.question for answer in answers if answer.question in asked}
    head: Line = (
        Bold(f"Review of {view.incident.reference}: {len(answered)} of {len(QUESTIONS)} questions answered"),
    )
    rows = [_describe_question(question, answers) for question in QUESTIONS]
    if there := describe_proposal(view.situation.proposal):
        rows.append(there)
    elif filed := _describe_file(view):
        rows.append(filed)
    value = action_ids.join_value(view.incident.number)
    buttons = [
        build_button("Add to the review", action_ids.WRITE_REVIEW, value, primary=True),
        build_button("Show the review", action_ids.SHOW_REVIEW, value),
    ]
    if view.situation.proposal is None:  # where there is a pull request it is the one that is kept up to date
        buttons.append(build_button("Post as file", action_ids.POST_REVIEW, value))
    shown = build_lines("review", head, *rows)
    return build_message([head, *rows], shown, build_button_row("review-buttons", *buttons))


def _describe_file(view: IncidentViewModel) -> Line:
    """The file in the thread, as of when; empty where there is none."""
    filed = [entry for entry in view.situation.entries if entry.kind is EntryKind.REVIEW_FILED]
    return ("File in the thread below, as it read at ", Timestamp(filed[-1].at)) if filed else ()


def render_file_comment(view: IncidentViewModel) -> SlackPayload:
    """What stands above the file."""
    reference = view.incident.reference
    line = (
        f"The review of {reference} as it reads now. Post as file brings it anew and takes this one away.",
    )
    return build_message([line], build_lines("review-file", line))


def _describe_question(question: ReviewQuestion, answers: Sequence[ReviewAnswer]) -> Line:
    people = dict.fromkeys(answer.person for answer in answers if answer.question == question.id)
    if not people:
        return (f"☐ {question.text}",)
    named: list[UserMention | str] = []
    for person in people:
        named += [", " if named else "", UserMention(person)]
    return (f"☑ {question.text} ", *named)


def render_review_page(view: IncidentViewModel, document: str) -> SlackPayload:
    """The review as it reads now, for one person; what does not fit is in the export."""
    head: Line = (Bold(f"The review of {view.incident.reference} as it reads now"),)
    export: Line = ("All of it: ", Code(f"./tocsin export {view.incident.reference} --review"))
    shown = build_preformatted(cut(document, MAX_DOCUMENT_LENGTH))
    return build_message([head, export], build_rich_text("review", build_section([head, export]), shown))


def describe_review(detail: ReviewDetail) -> Line:
    """The timeline's words."""
    if isinstance(detail, ReviewAnsweredDetail):
        return (f"added to the review: {', '.join(detail.sections)}",)
    if isinstance(detail, ReviewFiledDetail):
        return ("posted the review as a file",)
    if isinstance(detail, MeetingDetail):
        return describe_meeting(detail)
    return describe_proposal_entry(detail)


def describe_review_result(result: ReviewResult, reference: str) -> list[Line]:
    """The answer to who wrote."""
    match result:
        case ReviewAnsweredResult():
            return [(f"Added to the review of {reference}: {', '.join(result.sections)}.",)]
        case ReviewFileAskedResult():
            return [(f"The review of {reference} comes as a file in the thread of its message.",)]
        case RunbookAskedResult():
            return [(f"I look at what the runbook could learn from {reference}. The channel gets it.",)]
        case RunbookChosenResult():
            count = "1 change" if result.count == 1 else f"{result.count} changes"
            return [(f"{count} of the runbook: a pull request is opened now. The channel gets the link.",)]
        case MeetingArrangedResult() | MeetingCancelledResult() | MeetingCancelledAlreadyResult():
            return describe_meeting_result(result, reference)
        case _:
            assert_never(result)
