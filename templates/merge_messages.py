"""Two incidents that are one: the question whether to merge them, and what is said of it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.incident import Incident
from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, ChannelMention, Code, Line, UserMention

Detail = Mapping[str, str]


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


def _where(detail: Detail) -> Line:
    return (" in ", ChannelMention(detail["channel"])) if detail["channel"] else ()


def _describe_merge(view: IncidentViewModel, detail: Detail) -> Line:
    into = f"Merged into {detail['into']}: {detail['title']}."
    return (
        Bold(into),
        " ",
        UserMention(detail["actor"]),
        f" closed {view.incident.reference}; work continues",
        *_where(detail),
        ".",
    )


def _describe_merge_in(view: IncidentViewModel, detail: Detail) -> Line:
    return (
        UserMention(detail["actor"]),
        " merged ",
        Bold(f"{detail['from']}: {detail['title']}"),
        f" into {view.incident.reference}. Its people are invited here.",
    )


def _describe_unmerge(view: IncidentViewModel, detail: Detail) -> Line:
    return (
        UserMention(detail["actor"]),
        " reopened ",
        Bold(f"{detail['from']}: {detail['title']}"),
        f", so it is no longer part of {view.incident.reference}. Work continues",
        *_where(detail),
        ". People invited here stay here.",
    )


SENTENCES: dict[str, Callable[[IncidentViewModel, Detail], Line]] = {
    "merged": _describe_merge,
    "merged_in": _describe_merge_in,
    "unmerged": _describe_unmerge,
}
"""The sentences by the name that an effect gives them."""


def _render_done(facts: Mapping[str, str], reference: str) -> list[Line]:
    return [
        (f"{reference} is merged into {facts['into']}. Continue there", *_where(facts), "."),
        ("Was it something else after all? ", Code(f"/incident reopen {reference}")),
    ]


OUTCOMES: dict[str, Callable[[Mapping[str, str], str], list[Line]]] = {
    "merged": _render_done,
    "merged_already": lambda facts, reference: [
        (f"{reference} is already merged into {facts['into']}. Nothing was changed.",)
    ],
}
"""What the person who asked is told for each outcome."""
