"""Whatever a vendor answers: a cause, and never that all is well, a fault of ours, or the key."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Call, GitCall, VendorCall
from diagnostics.clients import google
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.response_parsing import catch_inconclusive
from diagnostics.systems import crashlytics, github, google_play, sentry
from diagnostics.systems.gitlab import GitLab
from tests.diagnostics.vendor import Prepared, Reply, question, site, soon

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
KEY = "canary-key-that-nobody-may-see"
APPS = ["1:77:android:abc"]
Look = Callable[[CheckRequest, float], Awaitable[Finding]]
READERS: dict[str, tuple[Callable[[HttpClient], Look], Call]] = {
    "github": (lambda client: github.GitHub(client, KEY, "acme/shop").run, GitCall("commits", {})),
    "github releases": (lambda client: github.GitHub(client, KEY, "acme/shop").run, GitCall("releases", {})),
    "gitlab": (lambda client: GitLab(client, KEY, "acme/shop").run, GitCall("commits", {})),
    "sentry": (lambda client: sentry.Sentry(client, KEY, "acme").run, VendorCall("sentry.issues")),
    "play": (
        lambda client: google_play.GooglePlay(google.GoogleClient(client, KEY), "com.acme").run,
        VendorCall("play.crashes"),
    ),
    "crashlytics": (
        lambda client: crashlytics.Crashlytics(google.GoogleClient(client, KEY), APPS).run,
        VendorCall("crashlytics.crashes"),
    ),
}
BASES = (github.API, "https://gitlab.com", sentry.API, google.PLAY, crashlytics.API)
ODD: list[tuple[str, Reply]] = [
    ("an object without anything", {}),
    ("numbers", [1, 2]),
    ("texts", ["a"]),
    ("nothings", [None]),
    ("lists", [[[]]]),
    ("empty objects", [{}]),
    (
        "objects of nothings",
        [dict.fromkeys(("sha", "id", "commit", "title", "count", "tag_name", "created_at"))],
    ),
    ("JSON that is only a number", web.Response(text="7", content_type="application/json")),
    ("JSON null", web.Response(text="null", content_type="application/json")),
    ("broken JSON", web.Response(text='[{"sha": ', content_type="application/json")),
    ("a page", web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")),
    ("nothing at all", web.Response(text="")),
    ("bytes", web.Response(body=bytes(range(256)))),
    ("deep JSON", web.Response(text="[" * 100_000, content_type="application/json")),
    ("a page as error", web.Response(status=403, text="<html>", content_type="text/html")),
    (
        "an error echoing the key",
        web.Response(status=400, text=f'{{"detail": "token={KEY}", "message": "token={KEY}"}}'),
    ),
    (
        "a redirect to nowhere",
        web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/"}),
    ),
    ("a teapot", web.Response(status=418, text="{}")),
    ("an outage", web.Response(status=500, text="oops")),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("what", "reply"), ODD, ids=[each[0] for each in ODD])
async def test_an_odd_answer_has_a_cause_and_is_never_ok(reader: str, what: str, reply: Any) -> None:
    make, call = READERS[reader]
    async with site(BASES, Prepared({"": reply}).routes) as client:
        found = await catch_inconclusive(
            make(client)(question(call, NOW, NOW - timedelta(minutes=10)), soon())
        )
    if isinstance(found, Inconclusive):
        assert found.cause is not UnknownCause.NO_RULE and KEY not in f"{found.said}{found.next_look}"
    else:
        assert (found.verdict, KEY in str(found)) == ("unknown", False)
