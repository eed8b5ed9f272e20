"""Maps PagerDuty's answers to outcomes, with a sentence for the channel."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.page_provider import PageOutcome, PageResponse

if TYPE_CHECKING:
    from bot.adapters.paging.pagerduty_http import PagerDutyHttpError

AGAIN = timedelta(seconds=30)
"""PagerDuty's own advice between attempts after a limit that names no time."""

SOON = timedelta(seconds=5)


def interpret_failure(answer: "PagerDutyHttpError", secrets: tuple[str, ...]) -> PageResponse:
    """What an HTTP answer that is no success means."""
    status = answer.status
    if status == 429:
        return build_rate_limited("PagerDuty has had too many calls (429).", answer.wait or AGAIN)
    if 300 <= status < 400:
        said = f"PagerDuty answered with a redirect ({status}), which is not followed."
        return build_refused(f"{said} Check its address in the settings.")
    if status >= 500 or status == 408:
        return build_unknown(f"PagerDuty failed ({status})")
    reason = _reason(answer.body)
    for secret in secrets:
        reason = reason.replace(secret, "…")
    return build_refused(f"PagerDuty refused ({status}{': ' if reason else ''}{reason}).")


def build_accepted(reference: str) -> PageResponse:
    return PageResponse(PageOutcome.ACCEPTED, "PagerDuty has accepted the page.", reference)


def build_refused(sentence: str, again_after: timedelta | None = None) -> PageResponse:
    return PageResponse(PageOutcome.REFUSED, sentence, again_after=again_after)


def build_rate_limited(sentence: str, again_after: timedelta) -> PageResponse:
    return PageResponse(PageOutcome.REFUSED, sentence, again_after=again_after, limited=True)


def build_unknown(what: str) -> PageResponse:
    return PageResponse(PageOutcome.UNKNOWN, f"{what}: the page may have gone out or not.")


def _reason(body: str) -> str:
    """The first of PagerDuty's reasons, on one line: `{"errors": [...]}` (Events) or `{"error": {"errors": [...]}}`."""
    try:
        said = read_mapping(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    inner = read_mapping(said.get("error")) or said
    errors = inner.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else inner.get("message", "")
    return re.sub(r"\s+", " ", first if isinstance(first, str) else "").strip(" .")[:160]


def read_mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, and an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}
