"""What a failure of a code host means for a pull request."""

from datetime import timedelta

from bot.adapters.provider_api import ApiAnswer, ApiRules
from bot.ports.code_host import HostAnswerLost, HostBusy, HostRefused

HOST_RULES = ApiRules(
    refused=HostRefused,
    busy=HostBusy,
    lost=HostAnswerLost,
    refusals={401: "{name} does not take TOCSIN_REVIEW_TOKEN (HTTP 401): set a valid one."},
    returned=None,  # who asked says what it was that was refused
    timeout_s=3.0,  # the lease of an effect is longer, and what was not answered is looked for after longer
    max_body=20_000_000,
    max_wait=timedelta(minutes=10),
)
GRAPHQL_STATUS = 200
"""GraphQL's refusals come with it: it says nothing."""

RIGHTS = " TOCSIN_REVIEW_TOKEN needs to write contents and pull requests of that repository."


def build_refusal(title: str, what: str, answer: ApiAnswer) -> HostRefused:
    """What the host said to what was asked of it."""
    hint = RIGHTS if answer.status in (403, 404) else ""
    words = answer.words.rstrip(".")
    status = "" if words and answer.status == GRAPHQL_STATUS else f"HTTP {answer.status}"
    said = ": ".join(part for part in (status, words) if part)
    return HostRefused(f"{title} does not let me {what} ({said}).{hint}")
