"""Slack: token, scopes, who reads the incidents channel, the people of the contacts file, clocks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence

from bot.adapters.slack import SlackGateway, list_required_scopes
from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.contacts import Handle, HandleKind
from bot.errors import TOKEN_CODES, SlackCallError, SlackRejected
from bot.ports import BotIdentity, SlackChannel
from bot.ports.messages import SlackPerson
from handlers.outbox.audience import count_channel_members
from templates.paging_sentences import format_channel

MAX_CLOCK_SKEW_S = 60.0
COPY_AGAIN = "Copy the Bot User OAuth Token again from your Slack app, OAuth & Permissions."
INSTALL_AGAIN = (
    "Install the app in your workspace again, and copy its Bot User OAuth Token from OAuth & Permissions."
)
REVOKED = frozenset({"account_inactive", "token_revoked"})
"""Slack's words for a token that was right once: the app was taken out of the workspace, or it was revoked."""

AWAY = "Look at the network and at SLACK_API_URL, then ask again."
SLACK_FIRST = "Mend what is said of Slack first."
SET_CHANNEL = "Set TOCSIN_CHANNEL right, or invite Tocsin to that channel."


def explain_refusal(error: SlackCallError, refused: str) -> str:
    """What mends a call that Slack did not answer as it should; `refused` where it refused it for what was asked."""
    if not isinstance(error, SlackRejected):
        return AWAY
    return SLACK_FIRST if error.needed or error.code in TOKEN_CODES else refused


async def check_slack(patient: Patient) -> AsyncIterator[CheckLine]:
    """Token, scopes, the people of the incidents channel."""
    try:
        identity = await patient.chat.identity()
    except SlackRejected as error:
        mend = INSTALL_AGAIN if error.code in REVOKED else COPY_AGAIN
        yield CheckLine("Slack", Level.RED, f"SLACK_BOT_TOKEN: {error}", mend)
        return
    except SlackCallError as error:
        yield CheckLine("Slack", Level.RED, str(error), AWAY)
        return
    yield CheckLine("Slack", Level.GREEN, f"the token is taken by {identity.url or 'the workspace'}")
    if missing := sorted(list_required_scopes() - identity.scopes):
        mend = "Paste the manifest again under App Manifest, and reinstall the app."
        yield CheckLine("Slack", Level.RED, f"the app lacks the scopes {', '.join(missing)}", mend)
    else:
        yield CheckLine("Slack", Level.GREEN, "the app has every scope of the manifest")
    yield await _check_channel(patient, identity)


async def _check_channel(patient: Patient, identity: BotIdentity) -> CheckLine:
    """Whether people read what is announced."""
    room = format_channel(patient.channel_name)
    try:
        channel = await find_channel(patient.chat, patient.channel_name)
        if channel is None:
            text = f"{room} does not exist yet: it is made at the first start"
            mend = "Start Tocsin, then invite the people who answer incidents."
            return CheckLine("Slack", Level.YELLOW, text, mend)
        people = await count_channel_members(patient.chat, identity.user, channel.id)
    except SlackCallError as error:
        text = f"who is in {room} is not known: {error}"
        return CheckLine("Slack", Level.YELLOW, text, explain_refusal(error, SET_CHANNEL))
    mend = "" if people else "Invite the people who answer incidents."
    return judge("Slack", f"{'people are' if people else 'nobody is'} in {room}", mend, Level.YELLOW)


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
        return CheckLine("People", Level.RED, f"{who}: {error}", explain_refusal(error, mend))
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
        channel = await find_channel(patient.chat, patient.channel_name)
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


async def find_channel(chat: SlackGateway, name: str) -> SlackChannel | None:
    """The channel of this name, or of this id."""
    return await (chat.channel(name) if format_channel(name) == name else chat.find_channel(name))
