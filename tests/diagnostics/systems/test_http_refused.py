"""The process that sends requests looks at each again: what is not allowed never leaves it, whoever asked for it."""

import httpx
import pytest

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import HttpCall
from diagnostics.systems.http_endpoint import Http
from tests.diagnostics.asking import question, soon, web

HOST = "app.example"
AT = f"https://{HOST}"

REFUSED = (
    HttpCall("DELETE", f"{AT}/orders/1"),
    HttpCall("PUT", f"{AT}/health"),
    HttpCall("PATCH", f"{AT}/health"),
    HttpCall("PURGE", f"{AT}/"),
    HttpCall("delete", f"{AT}/orders/1"),
    HttpCall("POST", f"{AT}/deploy"),
    HttpCall("POST", f"{AT}/login", body="user=a"),
    HttpCall("POST", f"{AT}/graphql", body='{"query": "mutation { restart }"}'),
    HttpCall("POST", f"{AT}/health?action=restart"),
    HttpCall("GET", f"{AT}/admin/restart?confirm=yes"),
    HttpCall("GET", f"{AT}/cache/flush"),
    HttpCall("GET", f"{AT}/job/x/build?token=abc"),
    HttpCall("GET", f"{AT}/orders?do=delete"),
    HttpCall("GET", f"{AT}/orders?api_key=abcdef0123456789"),
    HttpCall("GET", f"{AT}/orders", (("X-HTTP-Method-Override", "DELETE"),)),
    HttpCall("POST", f"{AT}/health", (("x-method-override", "PUT"),)),
    HttpCall("GET", f"{AT}/%72estart"),
    HttpCall("HEAD", f"{AT}/cache/flush"),
)
SENT = (
    HttpCall("GET", f"{AT}/health"),
    HttpCall("HEAD", f"{AT}/"),
    HttpCall("OPTIONS", f"{AT}/orders"),
    HttpCall("POST", f"{AT}/health"),
    HttpCall("POST", f"{AT}/graphql", body='{"query": "{ orders { id } }"}'),
    HttpCall("POST", f"{AT}/logs/_search", body='{"query": {"match_all": {}}}'),
)


@pytest.mark.parametrize("call", REFUSED, ids=lambda call: f"{call.method} {call.url}")
async def test_what_is_not_allowed_is_not_sent(call: HttpCall) -> None:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    with pytest.raises(Inconclusive) as why:
        await Http(web(handle, HOST)).run(question(call), soon())
    assert sent == []
    assert (why.value.cause, why.value.next_look) == (UnknownCause.NOT_UNDERSTOOD, "Run it yourself.")
    assert why.value.said.startswith("It is not sent: ")


@pytest.mark.parametrize("call", SENT, ids=lambda call: f"{call.method} {call.url}")
async def test_what_reads_is_sent_once_as_it_is(call: HttpCall) -> None:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    await Http(web(handle, HOST)).run(question(call), soon())
    assert [(each.method, str(each.url)) for each in sent] == [(call.method, call.url)]
