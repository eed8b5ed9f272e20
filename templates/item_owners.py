"""Who does an item of the checklist, and until when: in its line, in the form, in the timeline, for the owner."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from slackblocks import DatePicker, InputBlock, OverflowMenu, PlainText, UserSelectMenu

from bot.domain.checklist import ChecklistItem
from bot.domain.timeline_details import ItemOwnedDetail
from bot.ports import Block, SlackPayload
from templates import action_ids
from templates.blocks import build_lines, build_message
from templates.escaping import flatten_text
from templates.form_fields import build_option
from templates.incident_view import IncidentViewModel
from templates.modals import Modal, build_form
from templates.spans import Bold, Line, UserMention

LABEL = "Owner and due date"
MAX_ITEMS_IN_MENU = 5
"""Choices that Slack lets an overflow menu have."""

MAX_CHOICE_LENGTH = 75


def build_owners_menu(number: int, items: Sequence[ChecklistItem], longest: int = MAX_CHOICE_LENGTH) -> Block:
    """The small menu beside at most five items: who does each of them, and until when."""
    choices = [
        build_option(
            flatten_text(f"{LABEL}: {item.text}", longest), action_ids.join_value(number, item.position)
        )
        for item in items
    ]
    return OverflowMenu(f"{action_ids.OWN_ITEM}:{items[0].position}", choices)._resolve()


def format_owner(item: ChecklistItem) -> Line:
    """` · owner @Ana, due 25 Nov 2026`, the end of an item's line; nothing where neither is set."""
    owner: Line = ("owner ", UserMention(item.owner)) if item.owner else ()
    due: Line = (f"{', ' if owner else ''}due {format_day(item.due_on)}",) if item.due_on else ()
    return ("  · ", *owner, *due) if owner or due else ()


def format_day(due_on: date) -> str:
    """A day as it is read everywhere: `25 Nov 2026`."""
    return f"{due_on.day} {due_on:%b %Y}"


def build_owner_form(view: IncidentViewModel, item: ChecklistItem) -> Modal:
    """The form for one item, with its owner and its day as they are."""
    owner = UserSelectMenu(action_ids.OWNER, initial_user=item.owner, placeholder=PlainText("Nobody"))
    due = DatePicker(action_ids.DUE, initial_date=item.due_on.isoformat() if item.due_on else None)
    blocks = [
        build_lines("own-item", (Bold(item.text),)),
        InputBlock(PlainText("Owner"), owner, block_id=action_ids.OWNER, optional=True)._resolve(),
        InputBlock(PlainText("Due"), due, block_id=action_ids.DUE, optional=True)._resolve(),
    ]
    carried: dict[str, Any] = {"incident": view.incident.number, "position": item.position}
    return build_form(action_ids.OWN_ITEM_FORM, LABEL, "Save", blocks, carried)


def render_owner_message(view: IncidentViewModel, item: ChecklistItem) -> SlackPayload:
    """The direct message to who owns an item now."""
    until = f", due {format_day(item.due_on)}" if item.due_on else ""
    first: Line = (
        f"You own an item of {view.incident.reference}'s checklist: ",
        Bold(item.text),
        f"{until}.",
    )
    post = view.situation.post("checklist")
    where: Line = (view.headline, *view.where)
    body: list[Line] = [
        first,
        (*where, ". ", view.build_post_link(post, "To the checklist")) if post else where,
    ]
    return build_message(body, build_lines("item-owner", *body))


def describe_owner_change(detail: ItemOwnedDetail) -> Line:
    """The entry: who does it now and until when; or that nobody does, and that no day is set any more."""
    owner: Line = (UserMention(detail.owner),) if detail.owner else ("nobody",)
    due = f", due {_day(detail.due)}" if detail.due else ""
    was: Line = ()
    if detail.owner_before not in ("", detail.owner):
        was = (" (was: ", UserMention(detail.owner_before), ")")
    day_was = f" (was: due {_day(detail.due_before)})" if detail.due_before not in ("", detail.due) else ""
    return ("set the owner of “", detail.text, "”: ", *owner, *was, due, day_was)


def _day(iso: str) -> str:
    try:
        return format_day(date.fromisoformat(iso))
    except ValueError:  # a newer version may write it in another way
        return iso
