"""GitHub's meaning of a status: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.

Its second kind of limit comes as 403 too, and may have no header that says so.
"""

from datetime import UTC, datetime
from typing import NoReturn

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.http_response import HttpResponse
from diagnostics.clients.response_parsing import clean_line


def refuse(answer: HttpResponse, what: str) -> NoReturn:
    """Raises Inconclusive in GitHub's own meaning of the status."""
    repository = "/".join(what.split("/")[:2])
    if answer.status == 401:
        raise Inconclusive(
            UnknownCause.FORBIDDEN,
            "GitHub refuses GITHUB_TOKEN (401).",
            "Make a new token: it has expired or was revoked.",
        )
    if answer.status == 404:
        said = f"GitHub shows no {repository}: it is not there, or GITHUB_TOKEN has no right to see it."
        raise Inconclusive(
            UnknownCause.NOT_FOUND, said, "Check GITHUB_REPOSITORY and what the token may read."
        )
    if answer.status == 409:
        raise Inconclusive(UnknownCause.NO_DATA, f"{repository} is empty.")
    if (
        answer.headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in answer.headers
        or answer.status == 429
        or "rate limit" in answer.text()
    ):
        reset = answer.headers.get("x-ratelimit-reset", "")
        again = f" until {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC" if reset.isdigit() else ""
        raise Inconclusive(
            UnknownCause.THROTTLED, f"GitHub's limit of requests for this token is used up{again}."
        )
    needed = (
        clean_line(answer.headers.get("x-accepted-github-permissions", ""))
        or "contents=read; deployments=read"
    )
    said = f"GITHUB_TOKEN may not read this of {repository} (403)."
    raise Inconclusive(UnknownCause.FORBIDDEN, said, f"Give the token: {needed}.")
