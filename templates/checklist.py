"""The post-incident checklist: a button for each item, in the runbook's windows."""

import re
from collections.abc import Sequence
from datetime import timedelta

from slackblocks import Button

from bot.incident import ChecklistItem, Status
from bot.ports import Block, Message
from templates import actions
from templates.kit import (
    DATED_WITHIN,
    LONGEST_BUTTON,
    Bold,
    Line,
    Person,
    When,
    button,
    buttons,
    fitting,
    header,
    lasted,
    lines,
    message,
    rich,
    section,
)
from templates.letters import cut
from templates.view import View

IN_A_ROW = 5
"""Buttons in one row; many more when there are more items than rows."""

MOST_ROWS, FULL_ROW, MOST_ITEMS, MOST_WINDOWS = 30, 25, 250, 10
TEXT_OF_BUTTONS, TEXT_OF_LINES = 5000, 6000
"""Characters for all buttons and for all lines of a long checklist."""


def checklist(view: View) -> Message:
    """All windows with their items: what is done, by whom, and what remains."""
    items = view.situation.items
    done = sum(item.is_done for item in items)
    head = f"Post-incident checklist: {done} of {len(items)} done"
    blocks: list[Block] = [header("checklist-head", head)]
    windows = list(dict.fromkeys(item.window for item in items))[:MOST_WINDOWS]
    in_a_row = IN_A_ROW if len(items) <= IN_A_ROW * MOST_ROWS // 2 else FULL_ROW
    for number, window in enumerate(windows):
        mine = [item for item in items[:MOST_ITEMS] if item.window == window]
        shown = fitting(_window(view, mine), TEXT_OF_LINES // len(windows))
        blocks.append(rich(f"window-{number}", section(shown)))
        if view.incident.status is not Status.CLOSED:
            for row in range(0, len(mine), in_a_row):
                some = mine[row : row + in_a_row]
                blocks.append(buttons(f"items-{number}-{row}", *(_item_button(view, item) for item in some)))
    if view.incident.status is Status.CLOSED:
        blocks.append(lines("checklist-closed", _closed(view)))
    elif done == len(items):
        close = button("Close incident", actions.CLOSE, actions.value(view.incident.number), primary=True)
        blocks.append(buttons("checklist-close", close))
    if len(items) > MOST_ITEMS:
        blocks.append(lines("checklist-more", (f"… and {len(items) - MOST_ITEMS} more items",)))
    return message([(f"{view.incident.reference}: {head}",), *_open_lines(items)], *blocks)


def _window(view: View, items: Sequence[ChecklistItem]) -> list[Line]:
    due = When(items[0].due_at, DATED_WITHIN)
    found: list[Line] = [(Bold(f"Within {_within(items[0].window)}"), ", until ", due)]
    for item in items:
        evidence = _evidence(view, item)
        if item.is_done and item.done_at is not None and item.done_by is not None:
            found.append(("☑ ", item.text, "  by ", Person(item.done_by), " at ", When(item.done_at)))
        elif evidence or view.incident.status is Status.CLOSED or len(item.text) > LONGEST_BUTTON:
            # The button alone says it otherwise: half as much to scroll on a phone.
            found.append(("☐ ", item.text, *evidence))
    return found


def _evidence(view: View, item: ChecklistItem) -> Line:
    """What the bot itself did towards the item: offered, never ticked by itself."""
    text = item.text.casefold()
    sent = view.situation.post("published-resolution") or view.situation.post("resolution")
    if re.search(r"\bsend\b.*\bresolution\b", text) and sent is not None:
        return ("  (I ", view.link_to(sent, "sent it"), ". Tick it when it reached everybody)")
    if re.search(r"\bdocument\b.*\btimeline\b", text) and view.situation.entries:
        return (f"  (I keep {len(view.situation.entries)} timeline entries)",)
    return ()


def _item_button(view: View, item: ChecklistItem) -> Button:
    state = actions.OPEN if item.is_done else actions.DONE
    mark = " ✓" if item.is_done else ""
    longest = min(LONGEST_BUTTON, TEXT_OF_BUTTONS // min(len(view.situation.items), MOST_ITEMS)) - 4
    label = cut(item.text, longest)
    value = actions.value(view.incident.number, item.position, state)
    return button(label + mark, f"{actions.SET_ITEM}:{item.position}", value, primary=item.is_done)


def _closed(view: View) -> Line:
    incident = view.incident
    by: Line = (" by ", Person(incident.closed_by)) if incident.closed_by else ()
    return (Bold("Closed"), *by, f": {incident.close_reason}" if incident.close_reason else "")


def _open_lines(items: Sequence[ChecklistItem]) -> list[Line]:
    return [("☐ ", item.text) for item in items if not item.is_done]


def _within(window: timedelta) -> str:
    hours = int(window.total_seconds() // 3600)
    if hours and hours % 168 == 0:
        return "1 week" if hours == 168 else f"{hours // 168} weeks"
    return {1: "1 hour"}.get(hours, f"{hours} hours") if hours else lasted(window.total_seconds())


def checklist_reminder(view: View, within: int) -> Message:
    """The items still open at the end of a window, brought to the commander."""
    window = timedelta(seconds=within)
    left = [item for item in view.situation.items if item.window == window and not item.is_done]
    count = f"{len(left)} item is" if len(left) == 1 else f"{len(left)} items are"
    words = f" {count} still open after {_within(window)}:"
    body: list[Line] = [(Person(view.incident.commander), words), *_open_lines(left)]
    post = view.situation.post("checklist")
    if post is not None:
        body.append((view.link_to(post, "To the checklist"),))
    return message(body, lines("checklist-reminder", *body))
