"""What those read who follow an incident without joining it: one direct message for each piece of news."""

from collections.abc import Callable, Mapping, Sequence

from bot.domain.incident import StatusUpdate
from bot.ports import Block, SlackPayload
from bot.text.truncation import join_points
from templates.blocks import (
    build_context,
    build_lines,
    build_message,
    build_quote,
    build_rich_text,
    build_section,
)
from templates.change_sentences import describe_impact, describe_severity_change
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, Code, Line, Timestamp, UserMention
from templates.update_messages import impact_news

Detail = Mapping[str, str]


def render_update(view: IncidentViewModel, posted: StatusUpdate) -> SlackPayload:
    """A status update, in its author's words."""
    said: Line = ("What changed, by ", UserMention(posted.author), f" · {posted.status}:")
    following: Line = ("No fixed time for the next update.",)
    if posted.next_update_at is not None:
        following = ("Next update: ", Timestamp(posted.next_update_at))
    last = [*impact_news(view, posted), following]
    body = build_rich_text(
        "follow-body", build_section([_head(view), said]), build_quote(posted.text), build_section(last)
    )
    return build_message((_head(view), said, (posted.text,), *last), body, _stop(view))


def render_severity(view: IncidentViewModel, detail: Detail) -> SlackPayload:
    """It is worse, or milder."""
    line = describe_severity_change(detail)
    return build_message((_head(view), line), build_lines("follow-body", _head(view), line), _stop(view))


def impact(view: IncidentViewModel, detail: Detail) -> SlackPayload:
    """What it does to people is known, or known better."""
    line: Line = (UserMention(detail["actor"]), " ", *describe_impact(detail), ".")
    return build_message((_head(view), line), build_lines("follow-body", _head(view), line), _stop(view))


def render_resolution(view: IncidentViewModel, detail: Detail) -> SlackPayload:
    """It is over: what was done."""
    incident = view.incident
    took = f" after {view.took}" if view.took else ""
    body: list[Line] = [(Bold(f"✅ Resolved{took}"), ", by ", UserMention(detail["by"]))]
    body += [(Bold("Impact: "), incident.impact)] if incident.impact else []
    body += [(Bold("Done: "), join_points(incident.resolution))] if incident.resolution else []
    body += [(Bold("Cause: "), join_points(incident.root_cause))] if incident.root_cause else []
    return _last(view, body)


def render_cancellation(view: IncidentViewModel, detail: Detail) -> SlackPayload:
    """It was nothing."""
    why = f": {detail['reason']}" if detail["reason"] else ""
    return _last(view, [(Bold("False alarm"), ", cancelled by ", UserMention(detail["by"]), why)])


def render_merge(view: IncidentViewModel, detail: Detail) -> SlackPayload:
    """It goes on as a part of another one."""
    reason = detail["reason"]
    body: list[Line] = [(Bold(f"{reason[:1].upper()}{reason[1:]}"), ", by ", UserMention(detail["by"]))]
    return _last(view, body, view.situation.merged.into if view.situation.merged else None)


def _last(view: IncidentViewModel, body: Sequence[Line], instead: int | None = None) -> SlackPayload:
    """The last message; `instead` is the incident where it goes on."""
    end: Line = ("This is your last message about it.",)
    if instead is not None:
        end = (
            "This is your last message about it. To keep following: ",
            Code(f"/incident follow INC-{instead}"),
        )
    head = _head(view)
    return build_message(
        (head, *body, end), build_lines("follow-body", head, *body), build_context("follow-end", end)
    )


def _head(view: IncidentViewModel) -> Line:
    return (Bold(view.headline), f" ({view.incident.reference})", *view.where)


def _stop(view: IncidentViewModel) -> Block:
    return build_context(
        "follow-stop",
        ("You're following it. To stop: ", Code(f"/incident unfollow {view.incident.reference}")),
    )


NEWS: dict[str, Callable[[IncidentViewModel, Detail], SlackPayload]] = {
    "severity": render_severity,
    "impact": impact,
    "resolved": render_resolution,
    "cancelled": render_cancellation,
    "merged": render_merge,
}
"""What is told beside updates, by its name."""


def _describe_following(facts: Detail, reference: str) -> list[Line]:
    told = "You get updates, changes of severity or impact, and the end by direct message."
    if facts["inside"]:
        told = "You're in its channel, so you read its updates there. "
        told += "If you leave it, you get them by direct message."
        if facts.get("guest"):
            told = "You're in its channel, so you read its updates there. Guests get none outside it."
    return [
        (Bold(f"You follow {reference}: {facts['title']}."),),
        (f"{told} To stop: ", Code(f"/incident unfollow {reference}")),
    ]


OUTCOMES: dict[str, Callable[[Detail, str], list[Line]]] = {
    "followed": _describe_following,
    "followed_already": lambda facts, reference: [
        (f"You already follow {reference}. To stop: ", Code(f"/incident unfollow {reference}"))
    ],
    "unfollowed": lambda facts, reference: [(f"You no longer follow {reference}.",)],
    "not_followed": lambda facts, reference: [(f"You aren't following {reference}. Nothing was changed.",)],
}
"""What the person who asked is told for each outcome."""
