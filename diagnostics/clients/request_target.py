"""The target of a request: a URL taken apart, and the address that is connected to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.network import format_host


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """What is called, with what makes it the same request as by its name."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


class NoConnectionError(Inconclusive):
    """Nothing was sent, so another address may be tried, also for a POST."""


def split_url(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "The address cannot be read.") from None


def join_url(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        said = f"{format_host(url)} sends to an address that cannot be read."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said) from None
