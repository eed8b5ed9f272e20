"""Slack: token, scopes, who reads the incidents channel, the people of the contacts file, clocks, and what arrives."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import httpx

from bot.adapters.slack import SlackGateway, SocketModeConnector, list_required_scopes
from bot.cli.audience_check import find_audience_problem
from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.contacts import Handle, HandleKind
from bot.errors import SlackCallError, SlackRejected
from bot.ports import SlackChannel, SlackPayload
from bot.ports.messages import SlackPerson
from bot.settings import Settings
from handlers.transport.receipt_counter import EVENT, REQUEST
from templates.paging_sentences import format_channel

MAX_CLOCK_SKEW_S = 60.0
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
COPY_AGAIN = "Copy the Bot User OAuth Token again from your Slack app, OAuth & Permissions."
SWITCH_ON_SOCKETS = (
    "Switch Socket Mode on in your Slack app, and make a token with connections:write under Basic Information,"
    " App-Level Tokens."
)
AWAY = "Look at the network and at SLACK_API_URL, then ask again."
RETRY = (
    "In your Slack app choose Event Subscriptions, Retry, until it says Verified, and see that the manifest's events"
    " are listed there and that SLACK_SIGNING_SECRET is this app's."
)
SLACK_FIRST = "Mend what is said of Slack first."
LISTEN = (
    "In your Slack app see that Socket Mode is switched on, and that Event Subscriptions is on and lists the"
    " manifest's events."
)


async def check_slack(patient: Patient) -> AsyncIterator[CheckLine]:
    """Token, scopes, the people of the incidents channel."""
    settings = patient.settings
    try:
        identity = await patient.chat.identity()
    except SlackCallError as error:
        yield CheckLine(
            "Slack", Level.RED, str(error), COPY_AGAIN if isinstance(error, SlackRejected) else AWAY
        )
        return
    yield CheckLine("Slack", Level.GREEN, f"the token is taken by {identity.url or 'the workspace'}")
    if missing := sorted(list_required_scopes() - identity.scopes):
        mend = "Paste the manifest again under App Manifest, and reinstall the app."
        yield CheckLine("Slack", Level.RED, f"the app lacks the scopes {', '.join(missing)}", mend)
    else:
        yield CheckLine("Slack", Level.GREEN, "the app has every scope of the manifest")
    channel, token = patient.channel_name, settings.slack_bot_token.get_secret_value()
    if said := await find_audience_problem(token, settings.slack_api_url, channel):
        mend = "Invite the people who answer incidents."
        yield CheckLine("Slack", Level.YELLOW, said.removesuffix("."), mend)
    else:
        yield CheckLine("Slack", Level.GREEN, f"people are in {channel}")


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
        channel = await _find_channel(chat, name)
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
    except SlackCallError as error:
        return CheckLine("Slack", Level.YELLOW, f"events could not be tried: {error}", AWAY)
    mend = RETRY if patient.settings.slack_app_token is None else LISTEN
    if several:
        text = (
            f"none of {tries} messages that were posted came back to this one of {before.replicas} replicas"
        )
        return CheckLine("Slack", Level.RED, text, f"Ask beside the others; where none hears any: {mend}")
    return CheckLine("Slack", Level.RED, "a message that was posted did not come back as an event", mend)


async def _find_channel(chat: SlackGateway, name: str) -> SlackChannel | None:
    """The channel of this name, or of this id."""
    return await (chat.channel(name) if format_channel(name) == name else chat.find_channel(name))


async def _wait_for_event(settings: Settings, before: float, within: float) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + within
    while loop.time() < until:
        now = await _count_received(settings)
        if now is not None and now.counts[EVENT] > before:
            return True
        await asyncio.sleep(LOOK_EVERY_S)
    return False


async def check_people(patient: Patient) -> AsyncIterator[CheckLine]:
    """Whether the people of the contacts file are in Slack, active, and in the incidents channel."""
    try:
        await patient.chat.identity()
    except SlackCallError as error:
        yield CheckLine("People", Level.UNTRIED, f"who is in Slack: {error}", SLACK_FIRST)
        return
    members = await _list_members(patient)
    for name, handles in patient.book.handles.items():
        for handle in handles:
            if handle.kind in FINDERS:
                yield await _check_person(patient.chat, name, handle, members)


FINDERS: dict[HandleKind, Callable[[SlackGateway, str], Awaitable[SlackPerson | Sequence[str]]]] = {
    HandleKind.SLACK_USER: lambda chat, id: chat.person(id),
    HandleKind.SLACK_EMAIL: lambda chat, email: chat.find_person_by_email(email),
    HandleKind.SLACK_GROUP: lambda chat, id: chat.list_usergroup_members(id),
}
"""Who stands behind a handle of Slack's."""


async def _check_person(
    chat: SlackGateway, name: str, handle: Handle, members: Collection[str] | None
) -> CheckLine:
    who, mend = f"{name} ({handle.shown})", "Set the handle right in the contacts file."
    try:
        found = await FINDERS[handle.kind](chat, handle.value)
    except SlackCallError as error:
        if not isinstance(error, SlackRejected):
            mend = AWAY
        elif error.needed:
            mend = SLACK_FIRST
        return CheckLine("People", Level.RED, f"{who}: {error}", mend)
    if isinstance(found, SlackPerson) and found.deactivated:
        return CheckLine("People", Level.RED, f"{who} is deactivated", mend)
    if not found:
        return CheckLine(
            "People", Level.RED, f"{who} is a user group without members", "Add its members in Slack."
        )
    ids = [found.id] if isinstance(found, SlackPerson) else list(found)
    outside = [] if members is None else [id for id in ids if id not in members]
    if not outside:
        return CheckLine("People", Level.GREEN, f"{who} is in Slack")
    whom = (
        f", and {len(outside)} of its {len(ids)} people are"
        if handle.kind is HandleKind.SLACK_GROUP
        else ", and"
    )
    text = f"{who} is in Slack{whom} not in the incidents channel"
    return CheckLine("People", Level.YELLOW, text, "Invite them to it.")


async def _list_members(patient: Patient) -> Collection[str] | None:
    """The user ids of the incidents channel; None while there is none, or nobody says so."""
    try:
        channel = await _find_channel(patient.chat, patient.channel_name)
        return frozenset(await patient.chat.channel_members(channel.id)) if channel else None
    except SlackCallError:
        return None  # `check_slack` says what is wrong with the channel


async def check_clock(patient: Patient) -> AsyncIterator[CheckLine]:
    """This machine's clock beside Slack's."""
    if not patient.chat.clock.is_known:
        text = "how far this machine's clock is from Slack's: Slack has not answered"
        yield CheckLine("Clock", Level.UNTRIED, text, SLACK_FIRST)
        return
    ahead = patient.chat.clock.ahead
    text = f"this machine's clock is {abs(ahead):.0f} s apart from Slack's"
    yield judge("Clock", text, "Set it right (NTP)." if abs(ahead) > MAX_CLOCK_SKEW_S else "")
