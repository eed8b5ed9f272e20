"""Whether what happens in Slack reaches the bot on this machine: what is posted has to come back as an event."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx

from bot.adapters.slack import SocketModeConnector
from bot.cli.doctor.lines import CheckLine, Level, Patient
from bot.cli.doctor.slack_checks import AWAY, SLACK_FIRST, explain_refusal, find_channel
from bot.errors import SlackCallError, SlackRejected
from bot.ports import SlackPayload
from bot.settings import Settings
from handlers.transport.receipt_counter import EVENT, REQUEST
from handlers.transport.slack_signature import MAX_REQUEST_AGE_S

ASK_BOT_S = 2.0
"""Seconds that a bot on this machine may take to say how much has arrived."""

ARRIVES_WITHIN_S, LOOK_EVERY_S = 6.0, 0.2
"""Seconds until what was posted comes back as an event, and between two looks."""

TRIES_A_REPLICA, MOST_TRIES, EACH_WITHIN_S = 3, 9, 2.0
"""Slack hands each event to one replica alone: so many messages are posted for each of several, as many at most, and
each may take so many seconds."""

REPLICAS = re.compile(r"^tocsin_replicas (\S+)$", re.MULTILINE)
RECEIVED = re.compile(r'^tocsin_received_total\{kind="(\w+)"\} (\S+)$', re.MULTILINE)
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
TRIAL = "Tocsin's doctor tries whether events arrive. This message goes away by itself."
SWITCH_ON_SOCKETS = (
    "Switch Socket Mode on in your Slack app, and make a token with connections:write under Basic Information,"
    " App-Level Tokens."
)
RETRY = (
    "In your Slack app choose Event Subscriptions, Retry, until it says Verified, and see that the manifest's events"
    " are listed there and that SLACK_SIGNING_SECRET is this app's."
)
LISTEN = (
    "In your Slack app see that Socket Mode is switched on, and that Event Subscriptions is on and lists the"
    " manifest's events, and that SLACK_APP_TOKEN is this app's."
)
CLOCK_FIRST = "Set this machine's clock right first (NTP): Slack's requests seem to be old ones."
HISTORY = "channels:history"
"""The scope without which Slack tells of no message in a channel."""


async def check_delivery(patient: Patient) -> AsyncIterator[CheckLine]:
    """Whether what happens in Slack reaches the bot on this machine."""
    if patient.settings.slack_app_token is not None:
        yield await _check_app_token(patient.settings)
    arrived = await _count_received(patient.settings)
    if arrived is None:
        host, port = patient.settings.address
        text = f"whether events and requests reach the bot: none runs at {host}:{port}"
        yield CheckLine("Slack", Level.UNTRIED, text, "Start it, then run doctor again beside it.")
        return
    yield await _try_events(patient, arrived)
    if arrived.counts[REQUEST]:
        yield CheckLine("Slack", Level.GREEN, "commands and clicks have reached the bot since its start")
    else:
        text = "whether commands and clicks reach the bot: none has come since its start"
        yield CheckLine("Slack", Level.UNTRIED, text, "Type `/incident help` in Slack.")


async def _check_app_token(settings: Settings) -> CheckLine:
    assert settings.slack_app_token is not None
    token = settings.slack_app_token.get_secret_value()
    async with SocketModeConnector(token, settings.slack_api_url) as links:
        try:
            await links.prefetch_address()
        except SlackCallError as error:
            mend = SWITCH_ON_SOCKETS if isinstance(error, SlackRejected) else AWAY
            return CheckLine("Slack", Level.RED, f"Socket Mode: {error}", mend)
    return CheckLine("Slack", Level.GREEN, "the app-level token of Socket Mode is taken")


@dataclass(frozen=True, slots=True)
class Receipts:
    """What the bot on this machine got from Slack since its start, by kind, and how many replicas there are."""

    counts: Mapping[str, float]
    replicas: int


async def _count_received(settings: Settings) -> Receipts | None:
    """None when no bot answers on this machine."""
    host, port = settings.address
    place = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    try:
        async with httpx.AsyncClient(timeout=ASK_BOT_S, trust_env=False) as client:
            answer = await client.get(f"http://{place}:{port}/metrics")
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    counts = {kind: float(number) for kind, number in RECEIVED.findall(answer.text)}
    seen = REPLICAS.search(answer.text)  # missing while the database is away
    return Receipts(counts, int(float(seen[1])) if seen else 1) if {EVENT, REQUEST} <= set(counts) else None


async def _try_events(patient: Patient, before: Receipts) -> CheckLine:
    """Post in the incidents channel, take it away again, and see whether the bot heard of anything."""
    chat, name, several = patient.chat, patient.channel_name, before.replicas > 1
    tries = min(TRIES_A_REPLICA * before.replicas, MOST_TRIES) if several else 1
    within = EACH_WITHIN_S if several else ARRIVES_WITHIN_S
    try:
        channel = await find_channel(chat, name)
        if channel is None:
            text = f"whether events reach the bot: there is no channel {name} yet"
            return CheckLine("Slack", Level.UNTRIED, text, "Ask again in a moment.")
        for _ in range(tries):
            posted = await chat.post(channel.id, SlackPayload(TRIAL), f"doctor:{uuid.uuid4().hex}")
            try:
                heard = await _wait_for_event(patient.settings, before.counts[EVENT], within)
            finally:
                await chat.delete(posted)
            if heard:
                text = "a message that was posted came back to the bot as an event"
                return CheckLine("Slack", Level.GREEN, text)
        mend = await _explain_silence(patient)
    except SlackCallError as error:
        text = f"events could not be tried: {error}"
        return CheckLine("Slack", Level.YELLOW, text, explain_refusal(error, SLACK_FIRST))
    if several:
        text = (
            f"none of {tries} messages that were posted came back to this one of {before.replicas} replicas"
        )
        return CheckLine("Slack", Level.RED, text, f"Ask beside the others; where none hears any: {mend}")
    return CheckLine("Slack", Level.RED, "a message that was posted did not come back as an event", mend)


async def _explain_silence(patient: Patient) -> str:
    """What mends it when no event comes."""
    if HISTORY not in (await patient.chat.identity()).scopes:
        return SLACK_FIRST
    if patient.settings.slack_app_token is not None:
        return LISTEN
    return CLOCK_FIRST if abs(patient.chat.clock.ahead) > MAX_REQUEST_AGE_S else RETRY


async def _wait_for_event(settings: Settings, before: float, within: float) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + within
    while loop.time() < until:
        now = await _count_received(settings)
        if now is not None and now.counts[EVENT] > before:
            return True
        await asyncio.sleep(LOOK_EVERY_S)
    return False
