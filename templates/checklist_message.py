"""The post-incident checklist: a button for each item, in the runbook's windows."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from slackblocks import Button

from bot.domain.action_item import ASKS_FOR_ACTIONS
from bot.domain.checklist import ChecklistItem
from bot.domain.incident import Status
from bot.ports import Block, SlackPayload
from bot.text.durations import format_duration
from bot.text.truncation import join_lines
from templates import action_ids
from templates.blocks import (
    MAX_BUTTON_LENGTH,
    build_button,
    build_button_row,
    build_header,
    build_lines,
    build_message,
    build_rich_text,
    build_section,
    keep_emoji_codes,
    select_fitting,
)
from templates.checklist_evidence import LEARNS, REVIEWS, SHARES, asks_for_meeting, describe_evidence
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.item_owners import build_owners_menu, format_owner
from templates.spans import INLINE_DATE_FORMAT, Bold, Line, Timestamp, UserMention

MAX_BUTTONS_IN_ROW = 5
"""Buttons in one row; many more when there are more items than rows."""

MOST_ROWS, FULL_ROW, MOST_ITEMS, MOST_WINDOWS = 30, 25, 250, 10
OPEN_BOX, DONE_BOX = " ☐", " ☑"
"""Behind an item's words in its button, so that it is read as a box to tick and not as a command."""

TEXT_OF_BUTTONS, TEXT_OF_LINES = 5000, 6000
"""Characters for all buttons and for all lines of a long checklist."""


def render_checklist(view: IncidentViewModel) -> SlackPayload:
    """All windows with their items: what is done, by whom, and what remains."""
    items = view.situation.items
    done = sum(item.is_done for item in items)
    head = f"Post-incident checklist: {done} of {len(items)} done"
    blocks: list[Block] = [build_header("checklist-head", head)]
    windows = list(dict.fromkeys(item.window for item in items))[:MOST_WINDOWS]
    in_a_row = MAX_BUTTONS_IN_ROW if len(items) <= MAX_BUTTONS_IN_ROW * MOST_ROWS // 2 else FULL_ROW
    for number, window in enumerate(windows):
        mine = [item for item in items[:MOST_ITEMS] if item.window == window]
        shown = select_fitting(_window(view, mine), TEXT_OF_LINES // len(windows))
        blocks.append(build_rich_text(f"window-{number}", build_section(shown)))
        blocks += _build_item_rows(view, number, mine, in_a_row)
    if view.incident.status is Status.CLOSED:
        blocks.append(build_lines("checklist-closed", _describe_closing(view)))
    else:
        blocks += _build_closing_rows(view, is_done=done == len(items))
    if len(items) > MOST_ITEMS:
        blocks.append(build_lines("checklist-more", (f"… and {len(items) - MOST_ITEMS} more items",)))
    return build_message([(f"{view.incident.reference}: {head}",), *_open_lines(items)], *blocks)


def _build_item_rows(
    view: IncidentViewModel, number: int, items: Sequence[ChecklistItem], in_a_row: int
) -> Iterator[Block]:
    """The buttons of a window's items; none once the incident is closed."""
    if view.incident.status is Status.CLOSED:
        return
    for row in range(0, len(items), in_a_row):
        some = items[row : row + in_a_row]
        drawn = build_button_row(f"items-{number}-{row}", *(_item_button(view, item) for item in some))
        yield _with_menu(view, drawn, some) if in_a_row == MAX_BUTTONS_IN_ROW else drawn


def _build_closing_rows(view: IncidentViewModel, is_done: bool) -> Iterator[Block]:
    """What can be done for the checklist as a whole."""
    value = action_ids.join_value(view.incident.number)
    if is_done:
        close = build_button("Close incident", action_ids.CLOSE, value, primary=True)
        yield build_button_row("checklist-close", close)
    buttons = [build_button(label, id, value) for label, id, is_asked in _list_offers(view) if is_asked]
    if buttons:
        yield build_button_row("checklist-actions", *buttons)


def _list_offers(view: IncidentViewModel) -> Iterator[tuple[str, str, bool]]:
    """What can be done from here: the label and the id of its button, and whether an item asks for it."""
    texts = [item.text for item in view.situation.items]
    yield "Add action item", action_ids.ADD_ACTION, any(map(ASKS_FOR_ACTIONS.search, texts))
    yield "Write the review", action_ids.WRITE_REVIEW, any(map(REVIEWS.search, texts))
    meets = any(map(asks_for_meeting, texts)) and not _has_meeting(view)
    yield "Arrange meeting…", action_ids.ARRANGE_MEETING, meets
    learns = view.learns and any(map(LEARNS.search, texts))
    yield "Improve the runbook", action_ids.IMPROVE_RUNBOOK, learns
    shares = not view.incident.private and any(map(SHARES.search, texts))
    yield "Share learnings…", action_ids.SHARE_LEARNINGS, shares


def _has_meeting(view: IncidentViewModel) -> bool:
    """Whether one is arranged: its own message has the buttons."""
    meeting = view.situation.meeting
    return meeting is not None and meeting.is_arranged


def _window(view: IncidentViewModel, items: Sequence[ChecklistItem]) -> list[Line]:
    due = Timestamp(items[0].due_at, INLINE_DATE_FORMAT)
    found: list[Line] = [(Bold(f"Within {_within(items[0].window)}"), ", until ", due)]
    for item in items:
        evidence = describe_evidence(view, item)
        if item.is_done and item.done_at is not None and item.done_by is not None:
            found.append(
                ("☑ ", item.text, " · done by ", UserMention(item.done_by), " at ", Timestamp(item.done_at))
            )
        elif evidence or format_owner(item) or view.incident.status is Status.CLOSED or _is_long(item):
            # The button alone says it otherwise: half as much to scroll on a phone.
            found.append(("☐ ", item.text, *format_owner(item), *evidence))
    return found


def _with_menu(view: IncidentViewModel, row: Block, items: Sequence[ChecklistItem]) -> Block:
    """The row with a small menu behind its items: the owner and the due date of each that is open."""
    left = [item for item in items if not item.is_done]
    if not left:
        return row
    menu = keep_emoji_codes(build_owners_menu(view.incident.number, left, _longest(view)))
    return {**row, "elements": [*row["elements"], menu]}


def _is_long(item: ChecklistItem) -> bool:
    return len(item.text) > MAX_BUTTON_LENGTH - len(OPEN_BOX)


def _longest(view: IncidentViewModel) -> int:
    """Characters of a label: each open item has two, its button's and its menu's."""
    return min(MAX_BUTTON_LENGTH, TEXT_OF_BUTTONS // (2 * min(len(view.situation.items), MOST_ITEMS)))


def _item_button(view: IncidentViewModel, item: ChecklistItem) -> Button:
    state = action_ids.OPEN if item.is_done else action_ids.DONE
    box = DONE_BOX if item.is_done else OPEN_BOX
    label = cut(join_lines(item.text), _longest(view) - len(box))
    value = action_ids.join_value(view.incident.number, item.position, state)
    return build_button(label + box, f"{action_ids.SET_ITEM}:{item.position}", value, primary=item.is_done)


def _describe_closing(view: IncidentViewModel) -> Line:
    incident = view.incident
    by: Line = (" by ", UserMention(incident.closed_by)) if incident.closed_by else ()
    return (Bold("Closed"), *by, f": {incident.close_reason}" if incident.close_reason else "")


def _open_lines(items: Sequence[ChecklistItem]) -> list[Line]:
    return [("☐ ", item.text) for item in items if not item.is_done]


def _within(window: timedelta) -> str:
    hours = int(window.total_seconds() // 3600)
    if hours and hours % 168 == 0:
        return "1 week" if hours == 168 else f"{hours // 168} weeks"
    return {1: "1 hour"}.get(hours, f"{hours} hours") if hours else format_duration(window.total_seconds())


def render_reminder(view: IncidentViewModel, within: int) -> SlackPayload:
    """The items still open at the end of a window, brought to the commander."""
    window = timedelta(seconds=within)
    left = [item for item in view.situation.items if item.window == window and not item.is_done]
    count = f"{len(left)} item is" if len(left) == 1 else f"{len(left)} items are"
    words = f" {count} still open after {_within(window)}:"
    body: list[Line] = [(UserMention(view.incident.commander), words), *_open_lines(left)]
    post = view.situation.post("checklist")
    if post is not None:
        body.append((view.build_post_link(post, "To the checklist"),))
    return build_message(body, build_lines("checklist-reminder", *body))
