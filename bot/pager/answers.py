"""What PagerDuty's answers mean, with a sentence for the room."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.paging import PageAnswer, PageOutcome

if TYPE_CHECKING:
    from bot.pager.wire import Unsuccessful

AGAIN = timedelta(seconds=30)
"""PagerDuty's own advice between attempts after a limit that names no time."""

SOON = timedelta(seconds=5)


def told(answer: "Unsuccessful", secrets: tuple[str, ...]) -> PageAnswer:
    """What an HTTP answer that is no success means."""
    status = answer.status
    if status == 429:
        return limited("PagerDuty has had too many calls (429).", answer.wait or AGAIN)
    if 300 <= status < 400:
        said = f"PagerDuty answered with a redirect ({status}), which is not followed."
        return refused(f"{said} Look at its address in the settings.")
    if status >= 500 or status == 408:
        return unknown(f"PagerDuty failed ({status})")
    reason = _reason(answer.body)
    for secret in secrets:
        reason = reason.replace(secret, "…")
    return refused(f"PagerDuty refused ({status}{': ' if reason else ''}{reason}).")


def accepted(reference: str) -> PageAnswer:
    return PageAnswer(PageOutcome.ACCEPTED, "PagerDuty has accepted the page.", reference)


def refused(sentence: str, again_after: timedelta | None = None) -> PageAnswer:
    return PageAnswer(PageOutcome.REFUSED, sentence, again_after=again_after)


def limited(sentence: str, again_after: timedelta) -> PageAnswer:
    return PageAnswer(PageOutcome.REFUSED, sentence, again_after=again_after, limited=True)


def unknown(what: str) -> PageAnswer:
    return PageAnswer(PageOutcome.UNKNOWN, f"{what}: the page may have gone out or not.")


def _reason(body: str) -> str:
    """The first of PagerDuty's reasons, on one line: `{"errors": [...]}` (Events) or `{"error": {"errors": [...]}}`."""
    try:
        said = mapping(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    inner = mapping(said.get("error")) or said
    errors = inner.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else inner.get("message", "")
    return re.sub(r"\s+", " ", first if isinstance(first, str) else "").strip(" .")[:160]


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, and an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}
