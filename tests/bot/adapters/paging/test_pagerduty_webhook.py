"""PagerDuty's webhooks: only what is signed counts, once, and only while it is fresh."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.adapters.paging.pagerduty_webhook import HEADER, parse_webhook, verify_signature
from bot.adapters.webhook_signature import InvalidSignature, InvalidWebhook, split_secrets
from bot.domain.page_provider import ProviderEvent, ProviderEventKind
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.pagerduty.schemas import PagerDutyIncident

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
INCIDENT = PagerDutyIncident(
    "Q1", 7, "tocsin:42:PCTO001", "PSRV001", "API is down", "acknowledged", "PCTO001"
)


def test_one_fitting_signature_is_enough_while_a_secret_is_changed() -> None:
    duty, body = PagerDutyStandIn(), b'{"event": "\xc3\xa4"}'
    duty.webhook_secrets = ["new", "old"]
    for ours in ("old", "new", " old , newest"):
        verify_signature(body, duty.signature(body), split_secrets(ours))
    with pytest.raises(InvalidSignature):
        verify_signature(body, duty.signature(body), split_secrets("other"))


@pytest.mark.parametrize(
    "signatures", ["", "v1=", "v1=00", "v0={good}", "{good}", "sha256={good}", "v1=é", ",,"]
)
def test_a_forged_signature_is_refused(signatures: str) -> None:
    duty, body = PagerDutyStandIn(), b"{}"
    good = duty.signature(body).removeprefix("v1=")
    with pytest.raises(InvalidSignature):
        verify_signature(body, signatures.replace("{good}", good), duty.webhook_secrets)
    with pytest.raises(InvalidSignature):
        verify_signature(body + b" ", f"v1={good}", duty.webhook_secrets)
    with pytest.raises(InvalidSignature):
        verify_signature(body, f"v1={good}", ())


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("incident.acknowledged", ProviderEventKind.ACKNOWLEDGED),
        ("incident.resolved", ProviderEventKind.RESOLVED),
        ("incident.annotated", ProviderEventKind.OTHER),
    ],
)
def test_the_news_says_what_who_and_which_page(kind: str, what: ProviderEventKind) -> None:
    news = PagerDutyStandIn().build_news(INCIDENT, "PCTO001", kind, NOW)
    assert parse_webhook(json.dumps(news).encode(), NOW) == ProviderEvent(
        news["event"]["id"], what, "tocsin:42:PCTO001", "Q1", "PCTO001", "Bruno", NOW
    )


def test_what_a_service_did_has_no_person() -> None:
    news = PagerDutyStandIn().build_news(INCIDENT, at=NOW)
    news["event"]["agent"] = {"type": "service_reference", "id": "PSRV001", "summary": "API"}
    told = parse_webhook(json.dumps(news).encode(), NOW)
    assert told is not None
    assert (told.person, told.who) == ("", "")


def test_news_that_is_no_incidents_is_left_alone() -> None:
    news = PagerDutyStandIn().build_news(INCIDENT, at=NOW)
    news["event"] |= {"event_type": "pagey.ping", "resource_type": "pagey", "data": {"message": "Hello!"}}
    assert parse_webhook(json.dumps(news).encode(), NOW) is None


@pytest.mark.parametrize(
    ("age", "why"), [(timedelta(minutes=61), "too old"), (-timedelta(minutes=6), "from the future")]
)
def test_old_news_and_news_from_the_future_are_refused(age: timedelta, why: str) -> None:
    body = json.dumps(PagerDutyStandIn().build_news(INCIDENT, at=NOW - age)).encode()
    with pytest.raises(InvalidWebhook, match=why):
        parse_webhook(body, NOW)


def test_pagerdutys_own_repetitions_are_fresh_enough_and_have_the_same_id() -> None:
    body = json.dumps(PagerDutyStandIn().build_news(INCIDENT, at=NOW)).encode()
    first, last = parse_webhook(body, NOW), parse_webhook(body, NOW + timedelta(minutes=25))
    assert first is not None
    assert first == last


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"event": []}',
        b'{"event": {"id": "1", "event_type": "incident.resolved", "occurred_at": "yesterday"}}',
        b'{"event": {"id": "1", "event_type": "incident.resolved", "occurred_at": "2026-11-23T12:00:00"}}',
        b'{"event": {"id": 1, "event_type": "incident.resolved", "occurred_at": "2026-11-23T12:00:00Z"}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_event_is_not_understood(body: bytes) -> None:
    with pytest.raises(InvalidWebhook):
        parse_webhook(body, NOW)


async def test_an_answer_on_the_phone_arrives_signed(duty: PagerDutyStandIn) -> None:
    heard: list[ProviderEvent | None] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        verify_signature(body, request.headers[HEADER], duty.webhook_secrets)
        heard.append(parse_webhook(body, datetime.now(UTC)))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/webhooks/pagerduty", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    duty.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/pagerduty"
    duty.incidents.append(PagerDutyIncident("Q1", 7, "key", "PSRV001", "API is down"))
    assert await duty.answer_phone("key", "PCTO001") == 202
    await runner.cleanup()
    [news] = heard
    assert news is not None
    assert (news.what, news.key, news.who) == (ProviderEventKind.ACKNOWLEDGED, "key", "Bruno")
