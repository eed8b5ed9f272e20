"""What an answer of a provider means, whichever provider it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.adapters.provider_api import ApiRules, ProviderApi, explain
from bot.ports import MAY_SEND


class Refused(Exception):
    pass


class Busy(Exception):
    def __init__(self, why: str, delay: timedelta = timedelta(seconds=5)) -> None:
        self.delay = delay
        super().__init__(why)


class Lost(Exception):
    pass


RULES = ApiRules(
    refused=Refused,
    busy=Busy,
    lost=Lost,
    refusals={401: "{name} does not take the key (HTTP 401): check it."},
    returned=frozenset({404}),
    timeout_s=0.2,
    max_body=50,
    max_wait=timedelta(minutes=5),
)

Answer = Callable[[httpx.Request], httpx.Response]


class Transport(httpx.AsyncBaseTransport):
    """Answers as it is told; keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, list[httpx.Request]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)


def give(status: int, headers: dict[str, str] | None = None, **body: Any) -> Answer:
    return lambda request: httpx.Response(status, headers=headers, **body)


def fail(error: type[httpx.HTTPError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("no")

    return answer


def api(answer: Answer, **more: Any) -> ProviderApi:
    return ProviderApi("Acme", "https://acme.example", {"X-Key": "k"}, RULES, Transport(answer), **more)


@pytest.mark.parametrize(
    ("answer", "method", "raised", "words"),
    [
        (give(429), "POST", Busy, "Acme asks to wait (HTTP 429)."),
        (give(420), "GET", Busy, "Acme asks to wait (HTTP 420)."),
        (give(403, {"retry-after": "7"}), "POST", Busy, "Acme asks to wait (HTTP 403)."),
        (give(403, {"x-ratelimit-remaining": "0"}), "GET", Busy, "Acme asks to wait (HTTP 403)."),
        (give(403, json={"message": "Not\nyours"}), "GET", Refused, "Acme says no (HTTP 403: Not yours)."),
        (give(401), "GET", Refused, "Acme does not take the key (HTTP 401): check it."),
        (give(302, {"location": "https://evil.example"}), "GET", Refused, "Acme says no (HTTP 302)."),
        (give(500), "GET", Busy, "Acme failed (HTTP 500)."),
        (give(502), "POST", Lost, "Acme failed (HTTP 502)."),
        (give(200, text="x" * 51), "GET", Refused, "Acme's answer is too long."),
        (give(201, text="x" * 51), "POST", Lost, "Acme's answer is too long."),
        (fail(httpx.ConnectError), "POST", Busy, "Acme cannot be reached."),
        (fail(httpx.ReadTimeout), "GET", Busy, "Acme did not answer (ReadTimeout)."),
        (fail(httpx.RemoteProtocolError), "PATCH", Lost, "Acme did not answer (RemoteProtocolError)."),
    ],
)
async def test_a_failure_says_whether_something_may_have_been_done(
    answer: Answer, method: str, raised: type[Exception], words: str
) -> None:
    with pytest.raises(raised) as refusal:
        await api(answer).ask(method, "/x")
    assert str(refusal.value) == words


@pytest.mark.parametrize(
    ("said", "wait"),
    [("30", 30), ("0", 1), ("9999", 300), ("123456", 60), ("soon", 60), ("", 60)],
)
async def test_how_long_to_wait_is_bounded_and_never_nothing(said: str, wait: int) -> None:
    with pytest.raises(Busy) as busy:
        await api(give(429, {"retry-after": said})).ask("GET", "/x")
    assert busy.value.delay == timedelta(seconds=wait)


async def test_a_post_that_only_reads_is_tried_again_whatever_became_of_it() -> None:
    with pytest.raises(Busy):
        await api(give(500)).ask("POST", "/search", {}, reads=True)


async def test_what_is_not_there_is_an_answer() -> None:
    answer = await api(give(404, json={"message": "Not Found"})).ask("GET", "/x")
    assert (answer.status, answer.is_gone, answer.words) == (404, True, "Not Found")


async def test_what_another_replica_may_have_taken_over_is_not_sent() -> None:
    transport = Transport(give(200))
    provider = ProviderApi("Acme", "https://acme.example", {}, RULES, transport)
    token = MAY_SEND.set(lambda: False)
    try:
        with pytest.raises(Busy, match="not asked in time"):
            await provider.ask("POST", "/x")
    finally:
        MAY_SEND.reset(token)
    assert transport.asked == []


async def test_what_keeps_a_call_back_does_so_before_it_is_sent() -> None:
    def refuse() -> None:
        raise Busy("Too many.")

    provider = api(give(200), start=refuse)
    with pytest.raises(Busy, match="Too many"):
        await provider.ask("GET", "/x")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"message": "Validation Failed", "errors": [{"code": "x"}, {"message": "taken"}]},
            "Validation Failed; taken",
        ),
        ({"errorMessages": ["a", "b"], "errors": {}}, "a; b"),
        ({"errorMessages": [], "errors": {"summary": "is required"}}, "summary: is required"),
        ({"message": {"base": ["is closed"]}}, "base: ['is closed']"),
        ({"error": "x" * 300}, "x" * 200),
        (["no words"], ""),
        (None, ""),
    ],
)
def test_a_provider_s_own_words_are_one_short_line(said: Any, words: str) -> None:
    assert explain(said) == words
