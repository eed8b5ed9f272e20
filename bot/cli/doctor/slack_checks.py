"""Slack: token, scopes, who reads the incidents channel, the people of the contacts file, clocks, and what arrives."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import httpx

from bot.adapters.slack import SlackGateway, SocketModeConnector, list_required_scopes
from bot.cli.audience_check import find_audience_problem
from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.contacts import Handle, HandleKind
from bot.errors import SlackCallError, SlackRejected
from bot.ports import SlackChannel, SlackPayload
from bot.settings import Settings
from handlers.transport.receipt_counter import EVENT, REQUEST
from templates.paging_sentences import format_channel

MAX_CLOCK_SKEW_S = 60.0
ASK_BOT_S = 2.0
"""Seconds that a bot on this machine may take to say how much has arrived."""

ARRIVES_WITHIN_S, LOOK_EVERY_S = 6.0, 0.2
"""Seconds until what was posted comes back as an event, and between two looks."""

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
    " are listed there."
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
        yield CheckLine("Slack", Level.YELLOW, said, "Invite the people who answer incidents.")
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
    if arrived[REQUEST]:
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


async def _count_received(settings: Settings) -> dict[str, float] | None:
    """What the bot on this machine got from Slack since its start, by kind; None when none answers."""
    host, port = settings.address
    place = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    try:
        async with httpx.AsyncClient(timeout=ASK_BOT_S, trust_env=False) as client:
            answer = await client.get(f"http://{place}:{port}/metrics")
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    found = {kind: float(number) for kind, number in RECEIVED.findall(answer.text)}
    return found if {EVENT, REQUEST} <= set(found) else None


async def _try_events(patient: Patient, before: dict[str, float]) -> CheckLine:
    """Post in the incidents channel, take it away again, and see whether the bot heard of anything."""
    chat, name = patient.chat, patient.channel_name
    try:
        channel = await _find_channel(chat, name)
        if channel is None:
            text = f"whether events reach the bot: there is no channel {name} yet"
            return CheckLine("Slack", Level.UNTRIED, text, "Ask again in a moment.")
        posted = await chat.post(channel.id, SlackPayload(TRIAL), f"doctor:{uuid.uuid4().hex}")
        try:
            heard = await _wait_for_event(patient.settings, before[EVENT])
        finally:
            await chat.delete(posted)
    except SlackCallError as error:
        return CheckLine("Slack", Level.YELLOW, f"events could not be tried: {error}", AWAY)
    if heard:
        return CheckLine("Slack", Level.GREEN, "a message that was posted came back to the bot as an event")
    mend = RETRY if patient.settings.slack_app_token is None else LISTEN
    return CheckLine("Slack", Level.RED, "a message that was posted did not come back as an event", mend)


async def _find_channel(chat: SlackGateway, name: str) -> SlackChannel | None:
    """The channel of this name, or of this id."""
    return await (chat.channel(name) if format_channel(name) == name else chat.find_channel(name))


async def _wait_for_event(settings: Settings, before: float) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + ARRIVES_WITHIN_S
    while loop.time() < until:
        now = await _count_received(settings)
        if now is not None and now[EVENT] > before:
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


FINDERS: dict[HandleKind, Callable[[SlackGateway, str], Awaitable[object]]] = {
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
    if getattr(found, "deactivated", False):
        return CheckLine("People", Level.RED, f"{who} is deactivated", mend)
    if not found:
        return CheckLine(
            "People", Level.RED, f"{who} is a user group without members", "Add its members in Slack."
        )
    id = getattr(found, "id", None)
    if members is not None and id is not None and id not in members:
        text = f"{who} is in Slack, and not in the incidents channel"
        return CheckLine("People", Level.YELLOW, text, "Invite them to it.")
    return CheckLine("People", Level.GREEN, f"{who} is in Slack")


async def _list_members(patient: Patient) -> Collection[str] | None:
    """The user ids of the incidents channel; None while there is none, or nobody says so."""
    try:
        channel = await _find_channel(patient.chat, patient.channel_name)
        return frozenset(await patient.chat.channel_members(channel.id)) if channel else None
    except SlackCallError:
        return None  # `check_slack` says what is wrong with the channel


async def check_clock(patient: Patient) -> AsyncIterator[CheckLine]:
    """This machine's clock beside Slack's."""
    ahead = patient.chat.clock.ahead
    text = f"this machine's clock is {abs(ahead):.0f} s apart from Slack's"
    yield judge("Clock", text, "Set it right (NTP)." if abs(ahead) > MAX_CLOCK_SKEW_S else "")
