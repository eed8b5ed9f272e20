"""What those read who follow an incident without joining it: one direct message for each piece of news."""

from collections.abc import Sequence
from typing import assert_never

from bot.domain.incident import StatusUpdate
from bot.domain.notices import CancelledNews, ImpactNews, MergedNews, ResolvedNews, SeverityNews
from bot.domain.results import (
    FollowedAlreadyResult,
    FollowedResult,
    FollowerResult,
    NotFollowedResult,
    UnfollowedResult,
)
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

LineNews = SeverityNews | ImpactNews | ResolvedNews | CancelledNews | MergedNews
"""What is told beside updates."""


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


def render_news(view: IncidentViewModel, news: LineNews) -> SlackPayload:
    """What is told beside updates."""
    match news:
        case SeverityNews():
            return _render_line(view, describe_severity_change(news.actor, news))
        case ImpactNews():
            return _render_line(view, (UserMention(news.actor), " ", *describe_impact(news), "."))
        case ResolvedNews():
            return _render_resolution(view, news)
        case CancelledNews():
            why = f": {news.reason}" if news.reason else ""
            return _last(view, [(Bold("False alarm"), ", cancelled by ", UserMention(news.by), why)])
        case MergedNews():
            reason = Bold(f"{news.reason[:1].upper()}{news.reason[1:]}")
            into = view.situation.merged.into if view.situation.merged else None
            return _last(view, [(reason, ", by ", UserMention(news.by))], into)
        case _:
            assert_never(news)


def _render_line(view: IncidentViewModel, line: Line) -> SlackPayload:
    return build_message((_head(view), line), build_lines("follow-body", _head(view), line), _stop(view))


def _render_resolution(view: IncidentViewModel, news: ResolvedNews) -> SlackPayload:
    """It is over: what was done."""
    incident = view.incident
    took = f" after {view.took}" if view.took else ""
    body: list[Line] = [(Bold(f"✅ Resolved{took}"), ", by ", UserMention(news.by))]
    body += [(Bold("Impact: "), incident.impact)] if incident.impact else []
    body += [(Bold("Done: "), join_points(incident.resolution))] if incident.resolution else []
    body += [(Bold("Cause: "), join_points(incident.root_cause))] if incident.root_cause else []
    return _last(view, body)


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


def describe_follower(result: FollowerResult, reference: str) -> list[Line]:
    """What who follows an incident, or no longer does, is told."""
    stop = Code(f"/incident unfollow {reference}")
    match result:
        case FollowedResult():
            told = _describe_news_place(result)
            return [(Bold(f"You follow {reference}: {result.title}."),), (f"{told} To stop: ", stop)]
        case FollowedAlreadyResult():
            return [(f"You already follow {reference}. To stop: ", stop)]
        case UnfollowedResult():
            return [(f"You no longer follow {reference}.",)]
        case NotFollowedResult():
            return [(f"You aren't following {reference}. Nothing was changed.",)]
        case _:
            assert_never(result)


def _describe_news_place(result: FollowedResult) -> str:
    """Where they read what happens: in the channel while they are in it; guests get none outside it."""
    if not result.inside:
        return "You get updates, changes of severity or impact, and the end by direct message."
    if result.guest:
        return "You're in its channel, so you read its updates there. Guests get none outside it."
    there = "You're in its channel, so you read its updates there."
    return f"{there} If you leave it, you get them by direct message."
