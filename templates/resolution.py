"""The resolution message."""

from bot.ports import Message
from templates.fill import filled, values_of
from templates.kit import Bold, Line, headline, lines, message
from templates.view import View


def resolution(view: View) -> Message:
    """The runbook's resolution message in the incident's channel."""
    return _resolution(view, [])


def published_resolution(view: View) -> Message:
    """The same in the incidents channel, where it must say which incident it is about."""
    return _resolution(view, [(Bold(view.headline), f" ({view.incident.reference})", *view.where)])


def _resolution(view: View, before: list[Line]) -> Message:
    template = view.runbook.templates.get("resolution")
    body = filled(template, values_of(view)) if template else [("✅ INCIDENT RESOLVED",)]
    return message(
        (*body[:1], *before, *body[1:]),
        headline("resolution-head", body[0]),
        lines("resolution-body", *before, *body[1:]),
    )
