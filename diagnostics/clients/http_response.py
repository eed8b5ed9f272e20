"""An HTTP response: its text, its JSON, and what its status means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.network import format_host


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back: `seconds` until the last byte, `url` the last address, as it is called outside."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float
    url: str

    def text(self) -> str:
        """The body as text, by its mark (UTF-16, UTF-8) or its declared character set; what is wrong becomes a mark."""
        for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
            if self.body.startswith(mark):
                return self.body.decode(name, "replace")
        declared = httpx.Headers(dict(self.headers)).get("content-type", "").partition("charset=")[2]
        try:
            return self.body.decode(declared.split(";")[0].strip('" ') or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises Inconclusive (not understood)."""
        try:
            return json.loads(self.text(), parse_constant=_no_number)
        except (ValueError, RecursionError):
            kind = "a web page" if self.body.lstrip()[:1] == b"<" else "no JSON"
            said = f"{format_host(self.url)} answered {self.status} with {kind}."
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Open the address in a browser.") from None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def check_response(answer: HttpResponse, permission: str = "", has_key: bool = True) -> HttpResponse:
    """The answer, unless it is an error. Raises Inconclusive: forbidden with `permission`, throttled, not found, ...;
    `has_key` when one was shown."""
    asked = format_host(answer.url)
    match answer.status:
        case 401 | 403:
            whom = "the key" if has_key else "us"
            raise Inconclusive(
                UnknownCause.FORBIDDEN, f"{asked} refuses {whom} ({answer.status}).", permission
            )
        case 404 | 410:
            raise Inconclusive(
                UnknownCause.NOT_FOUND,
                f"{asked} knows no such thing ({answer.status}).",
                "Check the names.",
            )
        case 429:
            raise Inconclusive(UnknownCause.THROTTLED, f"{asked} asks to wait (429).")
        case status if status >= 500:
            raise Inconclusive(UnknownCause.UNREACHABLE, f"{asked} returned {status}.")
        case status if status >= 300:
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"{asked} returned {status}.")
    return answer
