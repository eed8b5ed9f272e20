"""Who may open the page: the browser of this machine, at the page's own address, and no other page in it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
REFUSAL = "This page answers only to itself. Open its address directly, in a tab of this machine's browser."

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answered = TypeVar("Answered", bound=web.StreamResponse)


def guard_reads(handler: Handler) -> Handler:
    """For what only reads: the host must be ours, and no other site may have led here."""

    async def check(request: web.Request) -> web.StreamResponse:
        if not _at_home(request) or request.headers.get("Sec-Fetch-Site", "none") not in (
            "none",
            "same-origin",
        ):
            return _refuse()
        return await _answer_guarded(handler, request)

    return check


def guard_actions(handler: Handler) -> Handler:
    """For what acts, and for what is streamed: the browser must say that the page itself asks.

    A browser always names the asking origin in one of two headers, so a request with neither is refused.
    """

    async def check(request: web.Request) -> web.StreamResponse:
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        ours = f"http://{request.host}"
        told = site == "same-origin" or (site is None and origin == ours)
        if not _at_home(request) or not told or origin not in (None, ours):
            return _refuse()
        return await _answer_guarded(handler, request)

    return check


def _at_home(request: web.Request) -> bool:
    """Whether the host is a name of this machine with our port: other names may have been made to point here."""
    name, _, port = request.host.rpartition(":")
    listening = request.transport.get_extra_info("sockname") if request.transport else None
    return name in LOOPBACK and listening is not None and port == str(listening[1])


async def _answer_guarded(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return _with_headers(await handler(request))
    except web.HTTPException as answer:
        answer.headers.update(HEADERS)
        raise


def _refuse() -> web.Response:
    return _with_headers(web.Response(text=REFUSAL + "\n", status=403))


def _with_headers(answer: Answered) -> Answered:
    if not answer.prepared:
        answer.headers.update(HEADERS)
    return answer
