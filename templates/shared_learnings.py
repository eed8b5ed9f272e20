"""What was learned, for other channels: the form with its draft, and the message."""

import re
from collections.abc import Sequence
from datetime import UTC

from slackblocks import ChannelMultiSelectMenu, InputBlock, PlainText

from bot.domain.action_item import ActionItem, ActionState
from bot.domain.review import ReviewAnswer
from bot.domain.timeline_details import LearningsSharedDetail
from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import build_lines, build_message, build_quote, build_rich_text
from templates.escaping import cut
from templates.form_fields import TEXT_LENGTH, build_text_field
from templates.incident_view import IncidentViewModel
from templates.item_owners import format_day
from templates.modals import Modal, build_form
from templates.spans import Bold, ChannelMention, Line, UserMention

CHANNEL_ID = re.compile(r"[CG][A-Z0-9]+")
DRAFTED = {
    "summary": "What happened",
    "cause": "Why",
    "went_well": "What went well",
    "went_badly": "What went badly",
}
"""The answers of the review that the draft has, with its words for them."""


def build_learnings_form(
    view: IncidentViewModel, answers: Sequence[ReviewAnswer], actions: Sequence[ActionItem]
) -> Modal:
    """The channels and the words; nothing goes out before somebody sends it."""
    menu = ChannelMultiSelectMenu(action_ids.CHANNELS, placeholder=PlainText("Public channels"))
    channels = InputBlock(PlainText("Where"), menu, block_id=action_ids.CHANNELS)._resolve()
    text = build_text_field(
        action_ids.LEARNINGS,
        "What was learned",
        "What others should know",
        longest=TEXT_LENGTH,
        initial=draft_learnings(view, answers, actions),
        multiline=True,
    )
    carried = {"incident": view.incident.number}
    return build_form(action_ids.LEARNINGS_FORM, "Share learnings", "Share", [channels, text], carried)


def draft_learnings(
    view: IncidentViewModel, answers: Sequence[ReviewAnswer], actions: Sequence[ActionItem]
) -> str:
    """From what people wrote, never a guess: the answers of the review, else the words of the resolution."""
    incident = view.incident
    said = {name: [answer.text for answer in answers if answer.question == name] for name in DRAFTED}
    said["summary"] = said["summary"] or [incident.resolution]
    said["cause"] = said["cause"] or [incident.root_cause]
    lines = [
        f"{label}: {' '.join(' '.join(texts).split())}"
        for name, label in DRAFTED.items()
        if any(texts := said[name])
    ]
    todo = [item for item in actions if item.state is not ActionState.DROPPED]
    if todo:
        lines.append("What we do:")
        lines += [f"- {item.text}{_describe(item)}" for item in todo]
    return cut("\n".join(lines), TEXT_LENGTH)


def _describe(item: ActionItem) -> str:
    if not item.is_open:
        return " (done)"
    return f" (due {format_day(item.due_on)})" if item.due_on else ""


def render_learnings(view: IncidentViewModel, person: str, detail: LearningsSharedDetail) -> SlackPayload:
    """The message in another channel: of which incident, who shares it, their words."""
    incident = view.incident
    day = format_day(incident.declared_at.astimezone(UTC).date())
    head: Line = (
        Bold(f"Learned from {incident.reference}: {incident.title}"),
        f" ({incident.severity}, {day})",
    )
    by: Line = ("shared by ", UserMention(person))
    blocks = (
        build_lines("learnings-head", head),
        build_rich_text("learnings", build_quote(detail.text)),
        build_lines("learnings-by", by),
    )
    return build_message([head, (detail.text,), by], *blocks)


def describe_sharing(channels: Sequence[str]) -> Line:
    """`#general, #engineering`; what is no id stays text."""
    line: list[ChannelMention | str] = []
    for channel in channels:
        named = ChannelMention(channel) if CHANNEL_ID.fullmatch(channel) else channel
        line += [", " if line else "", named]
    return tuple(line)
