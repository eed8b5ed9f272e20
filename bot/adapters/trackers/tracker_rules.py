"""What a failure of a tracker means for an action item."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.adapters.provider_api import ApiAnswer, ApiRules
from bot.domain.tracker_ticket import Ticket
from bot.ports.tracker import TicketRefused, TrackerAnswerLost, TrackerBusy, TrackerRefused

MOVED = "{name} sends on to another address (HTTP %d): was it renamed or moved? Set TOCSIN_TRACKER right."
TRACKER_RULES = ApiRules(
    refused=TrackerRefused,
    busy=TrackerBusy,
    lost=TrackerAnswerLost,
    refusals={
        401: "{name} does not take the token (HTTP 401): set TOCSIN_TRACKER_TOKEN right.",
        403: "{name} does not let this token do that (HTTP 403): give it the right to create and edit issues.",
        **{status: MOVED % status for status in (301, 302, 303, 307, 308)},
    },
    returned=frozenset({404, 410}),
    timeout_s=4.0,  # the lease of an effect is longer
    max_body=5_000_000,
    max_wait=timedelta(minutes=15),
    unfit=TicketRefused,
)
NOT_SHAPED = (KeyError, TypeError, AttributeError)
"""What is raised where an answer is not built as the tracker's documentation says."""

MARKUP = re.compile(r"[\\`*_~|\[\]&]|^[ \t]*[/#+=-]", re.MULTILINE)
"""What Markdown reads as more than itself; a line of GitLab's that begins with `/` is a command to it."""

Json = Mapping[str, Any]


def escape_markdown(text: str) -> str:
    """Plain text as Markdown shows it: no link, picture, mention or command is made of it."""
    return MARKUP.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def parse_created(name: str, answer: ApiAnswer, build: Callable[[Json], Ticket]) -> Ticket:
    """The ticket that was made. An answer of something else, such as a proxy's page, says nothing of it: raises
    TrackerAnswerLost."""
    try:
        return build(answer.json)
    except NOT_SHAPED:
        raise TrackerAnswerLost(_describe_shape(name, answer)) from None


def parse_read(name: str, answer: ApiAnswer, build: Callable[[Json], Ticket]) -> Ticket:
    """The ticket that was read. Raises TrackerBusy for an answer of something else: it may be there the next time."""
    try:
        return build(answer.json)
    except NOT_SHAPED:
        raise TrackerBusy(_describe_shape(name, answer)) from None


def parse_list(name: str, answer: ApiAnswer, field: str = "") -> list[Json]:
    """The issues that were listed, in `field` where it is named. Raises TrackerBusy for an answer of something
    else, which does not mean that none is there."""
    listed = answer.json
    if field:
        listed = listed.get(field) if isinstance(listed, dict) else None
    if not isinstance(listed, list) or not all(isinstance(issue, dict) for issue in listed):
        raise TrackerBusy(_describe_shape(name, answer))
    return listed


def _describe_shape(name: str, answer: ApiAnswer) -> str:
    return f"{name}'s answer is not understood (HTTP {answer.status}): is a proxy in between?"
