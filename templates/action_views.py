"""Action items: the message in the channel, the list, the reminders, and the sentences about them."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from bot.domain.action_item import ActionItem, ActionState
from bot.domain.results import (
    ActionAddedResult,
    ActionEndedAlreadyResult,
    ActionEndedResult,
    ActionOpenAlreadyResult,
    ActionReopenedResult,
    ActionResult,
    NoActionsResult,
)
from bot.domain.results.action_results import LearningsSharedResult
from bot.domain.timeline_details import (
    ActionAddedDetail,
    ActionDetail,
    ActionEndedDetail,
    ActionReopenedDetail,
    LearningsSharedDetail,
    NoActionsDetail,
    TicketCreatedDetail,
    TicketGoneDetail,
    TicketStateDetail,
)
from bot.ports import Block, SlackPayload
from bot.ports.action_repository import ListedAction
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message, count_fitting
from templates.incident_view import IncidentViewModel
from templates.item_owners import format_day
from templates.shared_learnings import describe_sharing
from templates.spans import Bold, ChannelMention, Code, Line, UserMention, WebLink

MAX_LISTED = 50
"""Action items that the list shows."""

BOXES = {ActionState.OPEN: "☐", ActionState.DONE: "☑", ActionState.DROPPED: "☒"}
ENDINGS = {ActionState.DONE: "done", ActionState.DROPPED: "not to be done"}


def render_action(item: ActionItem) -> SlackPayload:
    """Its message in the channel: what, whose, until when, and the button for what comes next."""
    line: Line = (f"{BOXES[item.state]} ", Bold(f"{item.reference} {item.text}"))
    body: list[Line] = [line, _describe_standing(item), *_describe_ticket(item)]
    return build_message(body, build_lines("action", *body), _build_buttons(item))


def _describe_standing(item: ActionItem) -> Line:
    if not item.is_open:
        by: Line = (", says ", UserMention(item.ended_by)) if item.ended_by else ()
        return (ENDINGS[item.state].capitalize(), *by)
    owner: Line = ("owner ", UserMention(item.owner)) if item.owner else ("no owner yet",)
    due = f", due {format_weekday(item.due_on)}" if item.due_on else ", no day"
    return (f"Action item ({item.purpose}) · ", *owner, due)


def _describe_ticket(item: ActionItem) -> list[Line]:
    """Where it is at the tracker, or why it is not."""
    if item.is_ticket_gone:
        return [(f"At the tracker {item.ticket} was deleted or moved away; here it stays.",)]
    there: list[Line] = [(build_ticket_link(item), " at the tracker")] if item.ticket else []
    problem: list[Line] = [(f"The tracker: {item.ticket_problem}",)] if item.ticket_problem else []
    return [*there, *problem]


def build_ticket_link(item: ActionItem) -> WebLink | str:
    """What the item is called at the tracker, with the way there."""
    return WebLink(item.ticket_url, item.ticket) if item.ticket_url else item.ticket


def _build_buttons(item: ActionItem) -> Block:
    value = action_ids.join_value(item.incident, item.number)
    if not item.is_open:
        return build_button_row("action-buttons", build_button("Open again", action_ids.REOPEN_ACTION, value))
    return build_button_row(
        "action-buttons",
        build_button("Done", action_ids.END_ACTION, value),
        build_button("Not to be done", action_ids.DROP_ACTION, value),
    )


def format_weekday(day: date) -> str:
    """A day that somebody has to keep: `Fri 4 Dec 2026`."""
    return f"{day:%a} {format_day(day)}"


def render_open_actions(listed: Sequence[ListedAction], today: date, left_out: bool = False) -> SlackPayload:
    """What is open across incidents, late ones in front."""
    if not listed:
        return _say([("No action item is open. Add one: ", Code("/incident action @dana by friday WORDS"))])
    late = sum(_is_late(one.item, today) for one in listed)
    count = f"{len(listed)}{' or more' if left_out else ''} open action item{'s' if len(listed) > 1 else ''}"
    head: Line = (Bold(f"{count}, {late} overdue." if late else f"{count}."),)
    rows = [_render_row(one, today) for one in listed]
    shown = rows[: count_fitting([row] for row in rows)]
    rest: list[Line] = [(f"… and {len(rows) - len(shown)} more.",)] if len(shown) < len(rows) else []
    end: Line = ("Done with one? ", Code("/incident action INC-42 done A2"))
    return _say([head, *shown, *rest, end])


def _render_row(one: ListedAction, today: date) -> Line:
    item = one.item
    late = " (overdue)" if _is_late(item, today) else ""
    due = f" · due {format_weekday(item.due_on)}{late}" if item.due_on else ""
    owner: Line = (" · ", UserMention(item.owner)) if item.owner else (" · no owner",)
    channel: Line = (" ", ChannelMention(one.channel)) if one.channel else ()
    ticket: Line = (" · ", build_ticket_link(item)) if item.ticket else ()
    return (Bold(f"INC-{item.incident} {item.reference}"), f" {item.text}", *owner, due, *ticket, *channel)


def _is_late(item: ActionItem, today: date) -> bool:
    return item.due_on is not None and item.due_on < today


def render_reminder(
    view: IncidentViewModel, item: ActionItem, person: str, today: date, gone: bool = False
) -> SlackPayload:
    """The direct message about one: that it is theirs or due; for the commander also whose it is. `gone` says that its
    owner has left the workspace."""
    first: Line = (_describe_due(item, today), Bold(f"{item.reference} {item.text}"))
    body: list[Line] = [first]
    if gone and item.owner:
        body.append(("Its owner ", UserMention(item.owner), " has left this workspace: who does it now?"))
    elif person != item.owner:
        body.append(("Its owner is ", UserMention(item.owner)) if item.owner else ("It has no owner.",))
    body.append((view.headline, *view.where))
    return build_message(body, build_lines("action", *body), _build_buttons(item))


def _describe_due(item: ActionItem, today: date) -> str:
    if item.due_on is None:
        return "An action item is yours: "
    days = (item.due_on - today).days
    if days < 0:
        return f"Overdue since {format_weekday(item.due_on)}: "
    when = {0: "today", 1: "tomorrow"}.get(days, f"{format_weekday(item.due_on)}")
    return f"Action item due {when}: "


def describe_action(detail: ActionDetail) -> Line:
    """The timeline's words."""
    match detail:
        case ActionAddedDetail():
            owner: Line = (", owner ", UserMention(detail.owner)) if detail.owner else ()
            return (f"added action item A{detail.action}: {detail.text}", *owner, _describe_day(detail.due))
        case ActionEndedDetail():
            return (f"said that A{detail.action} is {_describe_state(detail.state)}: {detail.text}",)
        case ActionReopenedDetail():
            return (f"opened A{detail.action} again: {detail.text}",)
        case NoActionsDetail():
            return (f"said why there is no action item: {detail.reason}",)
        case LearningsSharedDetail():
            return ("shared what was learned in ", *describe_sharing(detail.channels))
        case TicketCreatedDetail():
            named = WebLink(detail.url, detail.name) if detail.url else detail.name
            return (f"made the ticket of A{detail.action} at {detail.tracker}: ", named)
        case TicketStateDetail():
            here = _describe_state(detail.was)
            there = _describe_state(detail.state)
            return (
                f"read at {detail.tracker} that A{detail.action} is {there} (here: {here}): {detail.text}",
            )
        case TicketGoneDetail():
            return (
                f"found {detail.name} of A{detail.action} deleted or moved away at {detail.tracker}; here it stays",
            )
        case _:
            assert_never(detail)


def describe_action_result(result: ActionResult, reference: str) -> list[Line]:
    """The answer to who asked; the channel shows the item itself."""
    match result:
        case ActionAddedResult():
            owner: Line = (", owner ", UserMention(result.owner)) if result.owner else (", no owner yet",)
            name = Bold(f"{reference} A{result.action}")
            return [("Added ", name, f": {result.text}", *owner, _describe_day(result.due))]
        case ActionEndedResult():
            return [(Bold(f"{reference} A{result.action}"), f" is {_describe_state(result.state)}.")]
        case ActionEndedAlreadyResult():
            return [(f"A{result.action} is {_describe_state(result.state)} already. Nothing was changed.",)]
        case ActionReopenedResult():
            return [(Bold(f"{reference} A{result.action}"), f" is open again: {result.text}")]
        case ActionOpenAlreadyResult():
            return [(f"A{result.action} is open. Nothing was changed.",)]
        case LearningsSharedResult():
            return [
                ("Shared in ", *describe_sharing(result.channels), f" what was learned from {reference}.")
            ]
        case NoActionsResult():
            return [(f"Kept: {reference} has no action item, because: {result.reason}",)]
        case _:
            assert_never(result)


def _describe_state(state: str) -> str:
    return ENDINGS[ActionState(state)] if state in ENDINGS else state


def _describe_day(due: str) -> str:
    """`, due Fri 4 Dec 2026`; a newer version may write the day in another way."""
    try:
        return f", due {format_weekday(date.fromisoformat(due))}" if due else ""
    except ValueError:
        return f", due {due}"


def _say(body: list[Line]) -> SlackPayload:
    return build_message(body, build_lines("actions", *body))
