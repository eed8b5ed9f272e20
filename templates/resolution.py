"""The resolution message."""

from dataclasses import replace

from bot.ports import SlackPayload
from templates.blocks import build_context, build_headline, build_lines, build_message
from templates.incident_view import IncidentViewModel
from templates.runbook_template import build_values, fill_template
from templates.spans import Bold, Line


def render_resolution(view: IncidentViewModel) -> SlackPayload:
    """The runbook's resolution message in the incident's channel, and below it the head of the timeline: what is
    changed before it later, `tocsin verify` finds."""
    message = _resolution(view, [])
    if (head := view.situation.head) is None:
        return message
    told = build_context("timeline-head", (f"Timeline: {head.position} entries, {head.short_text}",))
    return replace(message, blocks=(*message.blocks, told))


def render_published(view: IncidentViewModel) -> SlackPayload:
    """The same in the incidents channel, where it must say which incident it is about."""
    return _resolution(view, [(Bold(view.headline), f" ({view.incident.reference})", *view.where)])


def _resolution(view: IncidentViewModel, before: list[Line]) -> SlackPayload:
    template = view.runbook.templates.get("resolution")
    values = build_values(view)
    said = {**values, "timestamp": values["ended"]}
    body = fill_template(template, said) if template else [("✅ INCIDENT RESOLVED",)]
    return build_message(
        (*body[:1], *before, *body[1:]),
        build_headline("resolution-head", body[0]),
        build_lines("resolution-body", *before, *body[1:]),
    )
