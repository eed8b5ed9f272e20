"""The card of a remediation: what would change, what it costs, what speaks for it and against it, and who decides."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from slackblocks import Button, ConfirmationDialogue, PlainText

from bot.domain.remediation import Remediation, RemediationState
from bot.ports import Block, SlackPayload
from bot.text.person_placeholders import MARKED, strip_marks
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
    select_fitting,
)
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.playbook import split_command
from templates.spans import CLOSING_DATE_FORMAT, Bold, Code, Line, Span, Timestamp, UserMention, split_code

MAX_TEXT_LENGTH, MAX_LISTED, MAX_QUESTION_LENGTH = 300, 8, 280
MAX_CARD_LENGTH, MAX_COMMAND_LENGTH = 6000, 4000

HEADS: Mapping[RemediationState, str] = {
    RemediationState.ASKED: "Being read",
    RemediationState.PROPOSED: "Proposed",
    RemediationState.APPROVED: "Approved, read once more before it begins",
    RemediationState.EXECUTING: "Under way",
    RemediationState.UNKNOWN: "Unknown whether it was done",
    RemediationState.DONE: "Done",
    RemediationState.FAILED: "Failed",
    RemediationState.REJECTED: "Rejected",
    RemediationState.EXPIRED: "Expired",
    RemediationState.VOID: "Void",
}


def split_mentions(text: str) -> Line:
    """A sentence of ours with the people in it as mentions, and what is to be typed as code."""
    parts: list[Span] = []
    end = 0
    for found in MARKED.finditer(text):
        parts += [*split_code(strip_marks(text[end : found.start()])), UserMention(found[1])]
        end = found.end()
    return (*parts, *split_code(strip_marks(text[end:])))


def format_approvers(names: Sequence[str], groups: Mapping[str, str]) -> Line:
    """Who may approve, as the contacts file names them; `groups` are what user groups are called, by id."""
    spans: list[Span] = []
    for place, name in enumerate(names[:MAX_LISTED]):
        spans.append(", " if place else "")
        handle = name.removeprefix("slack:")
        if re.fullmatch(r"[UW][A-Z0-9]+", handle):
            spans.append(UserMention(handle))
        elif re.fullmatch(r"S[A-Z0-9]+", handle) and handle != name:
            spans.append(f"the user group {groups.get(handle, handle)}")
        else:
            spans.append(handle)
    more = len(names) - MAX_LISTED
    return (*spans, f" and {more} more") if more > 0 else tuple(spans)


def render_card(
    view: IncidentViewModel,
    found: Remediation,
    approvers: Line,
    unready: str = "",
    alone_from: datetime | None = None,
) -> SlackPayload:
    """The card as the remediation stands. `unready` says why Tocsin does not carry it out itself, `alone_from` when
    one approver alone may have it done."""
    head: Line = (Bold(f"{found.reference}: {found.title}"), f" · {HEADS[found.state]}")
    alone = _describe_alone(found, alone_from)
    whole = [head, *_describe_state(found, approvers, unready), *alone, *_describe_plan(found)]
    body = select_fitting(whole, MAX_CARD_LENGTH)
    parts: list[Block] = [build_lines("remediation", *body)]
    command = cut(found.plan.command, MAX_COMMAND_LENGTH) if found.plan else ""
    if command:
        pieces = list(split_command(command))
        said = "The command for it:" if found.is_by_hand else "The same by hand, to run yourself:"
        said = f"To tell {found.call}:" if found.call else said
        parts.append(build_lines("remediation-said", (said,)))
        parts.append(build_rich_text("remediation-command", *map(build_preformatted, pieces)))
    if buttons := _buttons(found):
        parts.append(build_button_row("remediation-buttons", *buttons))
    return build_message([*body, *((piece,) for piece in split_command(command))], *parts)


def _describe_state(found: Remediation, approvers: Line, unready: str) -> list[Line]:
    """How it stands, and what is to be done by whom until when."""
    asked: Line = ("Requested by ", UserMention(found.asked_by))
    if found.reason:
        asked = (*asked, ": ", cut(found.reason, MAX_TEXT_LENGTH))
    lines: list[Line] = [asked, *_describe_approvals(found, approvers, unready)]
    if found.why:
        lines.append(split_mentions(found.why))
    if measure := found.receipt.get("measure", ""):
        before = f"{found.plan.measure} → " if found.plan and found.plan.measure else ""
        lines.append((f"Measured: {before}{measure}",))
    if found.checked_by:
        lines.append(("Checked by ", UserMention(found.checked_by)))
    if found.verdict:
        lines.append((Bold("Result: "), *split_mentions(found.verdict)))
    return lines


def _describe_approvals(found: Remediation, approvers: Line, unready: str) -> Iterator[Line]:
    """Whose approval is waited for and until when, and who gave theirs."""
    if found.state is RemediationState.PROPOSED and found.expires_at is not None:
        needs = "Needs a second approval by " if found.first_approver else "Needs approval by "
        others = (" from somebody other than the requester: ", *approvers, ".")
        is_by_hand = found.is_by_hand
        yield (
            _describe_by_hand(found, unready) if is_by_hand else (needs, Timestamp(found.expires_at), *others)
        )
    if found.first_approver:
        yield ("Approved by ", UserMention(found.first_approver), " as the first of two approvers.")
    if found.approved_by and not found.is_by_hand:
        at: Line = (", ", Timestamp(found.approved_at, CLOSING_DATE_FORMAT)) if found.approved_at else ()
        yield ("Approved by ", UserMention(found.approved_by), *at)


def _describe_by_hand(found: Remediation, unready: str) -> Line:
    if found.call:
        typed = Code(f"/incident fix called {found.reference} CASE")
        return (f"Call {found.call}, then click “I called”, or type ", typed, " with the number of the case.")
    why = unready or "This is done by a person."
    do = "Copy the command, run it" if found.plan and found.plan.command else "Do it"
    return (f"{why} {do}, then click “I ran it”.",)


def _describe_alone(found: Remediation, alone_from: datetime | None) -> list[Line]:
    """Break-glass: that it was done alone, or from when on it may be."""
    if found.alone:
        return [(Bold("Break-glass, approved by one person alone: "), cut(found.alone, MAX_TEXT_LENGTH))]
    if alone_from is None:
        return []
    return [
        (
            "Break-glass: every approver is paged. If none of them clicks, one alone may type ",
            Code(f"/incident fix alone {found.reference} REASON"),
            " after ",
            Timestamp(alone_from),
            ".",
        )
    ]


def render_approver_message(
    view: IncidentViewModel, found: Remediation, what: str, place: Line
) -> SlackPayload:
    """The direct message to an approver: their answer is wanted (`page`), or one acts alone; `place` is the card."""
    head: Line = (Bold(f"{view.incident.reference} {found.reference}: {found.title}"),)
    until: Line = (" by ", Timestamp(found.expires_at)) if found.expires_at else ()
    said: Line = ("Your approval is wanted", *until, ": look at the card.")
    if what != "page":
        said = (*_name_alone(found), cut(found.alone, MAX_TEXT_LENGTH))
    where: Line = (view.headline, " · ", *place)
    return build_message([head, said, where], build_lines("remediation-approver", head, said, where))


def render_break_glass(view: IncidentViewModel, found: Remediation) -> SlackPayload:
    """The line in the incidents channel that one approver alone has something carried out."""
    head: Line = (Bold(f"Break-glass in {view.incident.reference}: {found.title}"),)
    said: Line = (*_name_alone(found), cut(found.alone, MAX_TEXT_LENGTH))
    return build_message([head, said], build_lines("break-glass", head, said))


def _name_alone(found: Remediation) -> Line:
    return (
        UserMention(found.approved_by or found.asked_by),
        " has it carried out alone, no approver answered: ",
    )


def _describe_plan(found: Remediation) -> list[Line]:
    plan = found.plan
    if plan is None:
        return []
    lines: list[Line] = [
        (Bold(f"{change.name}: "), f"{_cut(change.now)} → {_cut(change.then)}")
        for change in plan.changes[:MAX_LISTED]
    ]
    lines += [(Bold("Careful: "), _cut(text)) for text in plan.red_lines[:MAX_LISTED]]
    if plan.strict:
        lines.append(
            (
                Bold("Strict: "),
                f"{plan.strict}, so two approvers agree. Who asks counts as one of them only if they are one.",
            )
        )
    labelled = (
        ("Meanwhile: ", plan.meanwhile),
        ("Affected: ", plan.affected),
        ("Undo: ", plan.undo),
    )
    lines += [(Bold(label), _cut(text)) for label, text in labelled if text]
    for label, texts in (
        ("Evidence for it: ", plan.supports),
        ("Evidence against it: ", plan.against),
        ("Not checked: ", plan.unchecked),
        ("", plan.details),
    ):
        lines += [(Bold(label), _cut(text)) if label else (_cut(text),) for text in texts[:MAX_LISTED]]
        if len(texts) > MAX_LISTED:
            lines.append((f"… and {len(texts) - MAX_LISTED} more",))
    return lines


def _cut(text: str) -> str:
    return cut(text, MAX_TEXT_LENGTH)


def build_question(found: Remediation) -> ConfirmationDialogue:
    """What Slack asks before an approval counts: the target and the change once more."""
    changes = "; ".join(
        f"{change.name}: {change.now} → {change.then}"
        for change in (found.plan.changes if found.plan else ())
    )
    target = found.plan.target if found.plan else ""
    told = cut(f"{found.title}. {changes}. Target: {target}", MAX_QUESTION_LENGTH)
    return ConfirmationDialogue(
        PlainText("Carry this out?"), PlainText(told), PlainText("Approve"), PlainText("Not now")
    )


def _button(label: str, action: str, primary: bool = False) -> Callable[[Remediation], Button]:
    return lambda found: build_button(label, action, action_ids.join_value(found.id), primary=primary)


def _approve(found: Remediation) -> Button:
    return build_button(
        "Approve",
        action_ids.APPROVE_REMEDIATION,
        action_ids.join_value(found.id),
        danger=True,
        confirm=build_question(found),
    )


REJECT = _button("Reject", action_ids.REJECT_REMEDIATION)
WITHDRAW = _button("Withdraw", action_ids.WITHDRAW_REMEDIATION)
RAN_IT = _button("I ran it", action_ids.RAN_REMEDIATION, primary=True)
CALLED = _button("I called", action_ids.RAN_REMEDIATION, primary=True)
CHECKED = _button("Checked", action_ids.CHECK_REMEDIATION)
ASK_AGAIN = _button("Ask again", action_ids.ASK_REMEDIATION_AGAIN)
UNDO = _button("Undo", action_ids.UNDO_REMEDIATION)


def _buttons(found: Remediation) -> list[Button]:
    return [build(found) for build in _select_buttons(found)]


def _select_buttons(found: Remediation) -> Sequence[Callable[[Remediation], Button]]:
    """What may be clicked in this state; who may is seen at the click."""
    match found.state:
        case RemediationState.PROPOSED:
            if found.is_by_hand:
                return (CALLED if found.call else RAN_IT, WITHDRAW)
            return (_approve, REJECT, WITHDRAW)
        case RemediationState.UNKNOWN:
            return (CHECKED,)
        case RemediationState.DONE if found.is_by_hand:
            return () if found.checked_by or found.call else (CHECKED,)
        case RemediationState.DONE:
            can_undo = found.plan is not None and bool(found.plan.reverse) and found.started_at is not None
            return (UNDO,) if can_undo else ()
        case RemediationState.EXPIRED | RemediationState.VOID | RemediationState.FAILED:
            return (ASK_AGAIN,)
        case _:
            return ()


def render_outcome_message(view: IncidentViewModel, found: Remediation) -> SlackPayload:
    """The direct message to who asked for it."""
    first: Line = (
        Bold(f"{view.incident.reference} {found.reference}: {found.title}"),
        f" · {HEADS[found.state]}",
    )
    said = split_mentions(found.verdict or found.why)
    where: Line = (view.headline, *view.where)
    return build_message([first, said, where], build_lines("remediation-told", first, said, where))
