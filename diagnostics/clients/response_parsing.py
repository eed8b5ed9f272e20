"""Parses vendors' responses: instants, first lines, and shapes that are not as documented."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bot.domain.finding import Inconclusive, UnknownCause
from bot.text.redaction import redact

T = TypeVar("T")

LONGEST, READ = 90, 2_000
"""Characters of a line that are shown, and that are looked at."""

MAX_ITEMS = 1_000


def clean_line(text: object) -> str:
    """The first line of somebody's words, redacted, cut, and without what steers a screen or turns the text round."""
    first = " ".join(redact(str(text or "")[:READ]).strip().partition("\n")[0].split())
    first = "".join(letter for letter in first if letter.isprintable())
    return first if len(first) <= LONGEST else first[: LONGEST - 1] + "…"


def parse_instant(text: object) -> datetime:
    """An instant as vendors write it: `2026-05-01T10:00:00Z`. Raises ValueError for what is none or has no zone."""
    at = datetime.fromisoformat(str(text))
    if at.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return at.astimezone(UTC)


def format_span(span: timedelta) -> str:
    """A span in words, backwards or forwards: `6 min`, `5 hours`, `4 days`."""
    minutes = round(abs(span.total_seconds()) / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{round(minutes / 60)} hours" if minutes < 2880 else f"{round(minutes / 1440)} days"


def read_items(told: Any) -> list[Any]:
    """A list that was answered, a thousand of it: nobody is asked for more, and reading more holds up everybody else.
    Raises TypeError for anything else, which could pass for an empty one."""
    return read_list(told)[:MAX_ITEMS]


def read_list(told: Any) -> list[Any]:
    """The whole of a list that was answered. Raises TypeError for anything else."""
    if not isinstance(told, list):
        raise TypeError(type(told).__name__)
    return told


@contextmanager
def guard_parsing(url: str) -> Iterator[None]:
    """Around the reading of an answer: what is not shaped as documented becomes Inconclusive and no fault of ours."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        host = urlsplit(url).hostname or "The site"
        said = f"{host} answered in a shape that I do not know ({type(error).__name__})."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Open the address in a browser.") from error


async def catch_inconclusive(asked: Awaitable[T]) -> T | Inconclusive:
    """The answer, or why there is none: for what is asked beside others and may be missing."""
    try:
        return await asked
    except Inconclusive as why:
        return why
