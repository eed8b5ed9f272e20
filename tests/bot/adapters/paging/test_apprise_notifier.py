"""Apprise itself, against servers on this machine: a mail server and one that takes JSON."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from logging.handlers import BufferingHandler
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.contacts import Handle, HandleKind
from bot.domain.page_provider import PageOutcome, PageRequest
from tests.bot.adapters.paging.conftest import Opened
from tests.mailbox import Mailbox

CALL = PageRequest("key", "CTO", "P0 INC-42: API is down", "Everything fails.", "https://slack.example/c/1")
CTO = Handle(HandleKind.APPRISE, "CTO_WAY")


class Gateway:
    """Takes JSON messages and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 200
        self.release = asyncio.Event()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append(await request.json())
        if self.status == 0:
            await self.release.wait()
        headers = {"Location": "/elsewhere"} if self.status == 302 else {}
        return web.Response(status=self.status or 200, headers=headers)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    served = Gateway()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", served.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"json://user:topsecret@127.0.0.1:{runner.addresses[0][1]}/sms"
    yield served
    served.release.set()
    await runner.cleanup()


@pytest.fixture
def written() -> Iterator[BufferingHandler]:
    """What the bot's own log would write down."""
    handler = BufferingHandler(1000)
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def at(address: str) -> Any:
    return lambda name: SecretStr(address) if name == "CTO_WAY" else None


async def test_a_mail_arrives_with_the_incident_and_its_link(
    mailbox: tuple[Mailbox, str], opened: Opened
) -> None:
    box, address = mailbox
    answer = await opened(named=at(address)).page(CTO, CALL)
    assert answer.outcome is PageOutcome.ACCEPTED
    [mail] = box.mails
    assert mail["Subject"] == "P0 INC-42: API is down"
    assert mail["To"] == "bruno@team.example"
    body = mail.get_body()
    assert body is not None
    assert "Everything fails." in body.get_content()
    assert "https://slack.example/c/1" in body.get_content()


async def test_a_repeat_says_that_it_is_one(mailbox: tuple[Mailbox, str], opened: Opened) -> None:
    box, address = mailbox
    again = PageRequest(CALL.key, CALL.contact, CALL.summary, CALL.details, again=True)
    await opened(named=at(address)).page(CTO, again)
    assert box.mails[0]["Subject"] == "Again: P0 INC-42: API is down"
    body = box.mails[0].get_body()
    assert body is not None
    assert "it is the same page" in body.get_content()


async def test_a_mail_that_is_refused_does_not_count_as_sent(
    mailbox: tuple[Mailbox, str], opened: Opened
) -> None:
    box, address = mailbox
    box.refusal = "550 no such user"
    answer = await opened(named=at(address)).page(CTO, CALL)
    assert (answer.outcome, answer.moves_on) == (PageOutcome.UNKNOWN, True)
    assert box.mails == []


@pytest.mark.parametrize(
    ("status", "outcome", "sentence"),
    [
        (200, PageOutcome.ACCEPTED, "JSON has accepted the message."),
        (302, PageOutcome.REFUSED, "JSON refused (302)."),
        (400, PageOutcome.REFUSED, "JSON refused (400)."),
        (401, PageOutcome.REFUSED, "JSON refused (401)."),
        (403, PageOutcome.REFUSED, "JSON refused (403)."),
        (429, PageOutcome.REFUSED, "JSON has had too many messages (429)."),
        (500, PageOutcome.UNKNOWN, "JSON failed (500): the message may have gone out or not."),
    ],
)
async def test_every_answer_is_told_apart_and_asked_for_once_and_nothing_secret_is_said(
    gateway: Gateway,
    opened: Opened,
    caplog: pytest.LogCaptureFixture,
    written: BufferingHandler,
    status: int,
    outcome: PageOutcome,
    sentence: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.status = status
    answer = await opened(named=at(gateway.url)).page(CTO, CALL)
    assert (answer.outcome, answer.sentence) == (outcome, sentence)
    assert bool(answer.again_after) is (status == 429)
    assert len(gateway.taken) == 1
    assert "topsecret" not in caplog.text
    assert not any(each.name == "apprise" for each in written.buffer)


async def test_a_hang_is_left_in_time(gateway: Gateway, opened: Opened) -> None:
    gateway.status = 0
    answer = await opened(within=0.6, named=at(gateway.url)).page(CTO, CALL)
    gateway.release.set()
    assert answer.outcome is PageOutcome.UNKNOWN
    assert answer.sentence.startswith("CTO_WAY did not answer in time")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("", "CTO_WAY is not set, so nothing could be sent by it."),
        ("carrier-pigeon://x", "CTO_WAY does not hold an address that Apprise knows."),
        ("not an address", "CTO_WAY does not hold an address that Apprise knows."),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named(opened: Opened, setting: str, sentence: str) -> None:
    named = at(setting) if setting else lambda name: None
    answer = await opened(named=named).page(CTO, CALL)
    assert (answer.outcome, answer.sentence) == (PageOutcome.REFUSED, sentence)


async def test_a_phone_number_is_for_people(opened: Opened) -> None:
    answer = await opened().page(Handle(HandleKind.PHONE, "+15550100"), CALL)
    assert answer.sentence == "phone is for people, not for a provider."


async def test_what_went_out_through_apprise_has_no_end_there(opened: Opened) -> None:
    assert (await opened().resolve(CTO, "key")).outcome is PageOutcome.ACCEPTED
    assert (await opened().acknowledge(CTO, "key")).outcome is PageOutcome.ACCEPTED
