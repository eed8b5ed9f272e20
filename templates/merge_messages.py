"""Two incidents that are one: the question whether to merge them, and what is said of it."""

from datetime import datetime
from typing import assert_never

from bot.domain.incident import Incident
from bot.domain.notices import MergedInNotice, MergedNotice, MergeNotice, UnmergedNotice
from bot.domain.results import (
    CancelledAlreadyResult,
    CancelledResult,
    MergedAlreadyResult,
    MergedResult,
    OpenAlreadyResult,
    ReopenedResult,
    ReturnResult,
)
from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.spans import Bold, ChannelMention, Code, Line, UserMention


def confirm_merge(incident: Incident, other: Incident, person: str, asked_at: datetime) -> SlackPayload:
    """Whether `incident` is really to be closed into `other`: `person` is asked."""
    body: list[Line] = [
        (Bold(f"Merge {incident.reference}: {incident.title}"),),
        (Bold(f"into {other.reference}: {other.title}?"),),
        (
            f"Its people are invited to {other.reference}, its pages and reminders stop, and it gets no checklist. "
            "Both timelines say so.",
        ),
    ]
    at = int(asked_at.timestamp())
    row = build_button_row(
        "merge-buttons",
        build_button(
            f"Merge into {other.reference}",
            action_ids.MERGE,
            action_ids.join_value(incident.number, other.number, person, at),
            danger=True,
        ),
        build_button("Keep", action_ids.KEEP, action_ids.join_value(incident.number, person, at, "")),
    )
    return build_message(body, build_lines("answer", *body), row)


def _format_place(channel: str) -> Line:
    return (" in ", ChannelMention(channel)) if channel else ()


def describe_merge(notice: MergeNotice, reference: str) -> Line:
    """The line about a merge, in either of the two incidents, or about its end."""
    who = UserMention(notice.actor)
    match notice:
        case MergedNotice():
            into = Bold(f"Merged into {notice.into}: {notice.title}.")
            closed = f" closed {reference}; work continues"
            return (into, " ", who, closed, *_format_place(notice.channel), ".")
        case MergedInNotice():
            other = Bold(f"{notice.source}: {notice.title}")
            return (who, " merged ", other, f" into {reference}. Its people are invited here.")
        case UnmergedNotice():
            other = Bold(f"{notice.source}: {notice.title}")
            goes_on = f", so it is no longer part of {reference}. Work continues"
            stay = ". People invited here stay here."
            return (who, " reopened ", other, goes_on, *_format_place(notice.channel), stay)
        case _:
            assert_never(notice)


def describe_return(result: ReturnResult, reference: str) -> list[Line]:
    """What who cancelled, reopened or merged an incident is told."""
    match result:
        case CancelledResult():
            return [
                (f"{reference} is cancelled as a false alarm. Everybody is told; there is no checklist.",),
                ("Was it real after all? ", Code(f"/incident reopen {reference}")),
            ]
        case CancelledAlreadyResult():
            return [("It is already cancelled. Nothing was changed.",)]
        case ReopenedResult():
            into = f" It is no longer part of {result.into}." if result.into else ""
            return [(f"{reference} is open again.{into}",)]
        case OpenAlreadyResult():
            return [("It is already open. Nothing was changed.",)]
        case MergedResult():
            return [
                (
                    f"{reference} is merged into {result.into}. Continue there",
                    *_format_place(result.channel),
                    ".",
                ),
                ("Was it something else after all? ", Code(f"/incident reopen {reference}")),
            ]
        case MergedAlreadyResult():
            return [(f"{reference} is already merged into {result.into}. Nothing was changed.",)]
        case _:
            assert_never(result)
