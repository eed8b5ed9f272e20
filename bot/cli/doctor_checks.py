"""What must be right before the first incident, each line with what mends it."""

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.adapters.database import PostgresStore, SchemaProblem, migrate
from bot.adapters.database_startup import open_database_address
from bot.adapters.runbook_files import load_runbook_files
from bot.adapters.slack import SlackGateway, list_required_scopes
from bot.cli.audience_check import find_audience_problem
from bot.cli.start_check import load_settings
from bot.contacts import HandleKind, read_contacts_file
from bot.errors import DatabaseUnavailable, SettingsProblem, SlackCallError, SlackRejected
from bot.runbook import Runbook, check_reach, parse_runbook
from bot.settings import DEFAULT_CHANNEL, Settings, list_open_secrets, read_secret

MAX_CLOCK_SKEW_S = 60.0
MIN_FREE_BYTES = 500_000_000
GB = 1_000_000_000


class Level(StrEnum):
    """How a line is: right, to be looked at, or in the way of an incident."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


MARKS = {Level.GREEN: "✔", Level.YELLOW: "▲", Level.RED: "✘"}
"""Other shapes, not colours alone."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What was found under a section, and what mends it in one sentence, empty where nothing is to be mended."""

    section: str
    level: Level
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined."""

    settings: Settings
    runbook: Runbook
    chat: SlackGateway


Check = Callable[[Patient], AsyncIterator[CheckLine]]


async def examine() -> list[CheckLine]:
    """All lines, by section. Where the settings are wrong there are no others: nothing else can be asked."""
    try:
        settings = load_settings()
    except SettingsProblem as problem:
        return [CheckLine("Settings", Level.RED, sentence) for sentence in problem.problems]
    lines = [CheckLine("Settings", Level.GREEN, "all that are needed are set, and well formed")]
    if names := list_open_secrets():
        open_files = ", ".join(names)
        mend = "Make them readable for Tocsin's user only (chmod 600)."
        lines.append(CheckLine("Settings", Level.YELLOW, f"everybody here may read {open_files}", mend))
    async with AsyncExitStack() as stack:
        token = settings.slack_bot_token.get_secret_value()
        chat = await stack.enter_async_context(SlackGateway(token, settings.slack_api_url))
        shelf = load_runbook_files(settings.runbook)
        patient = Patient(settings, parse_runbook(shelf.text, shelf.problems), chat)
        for check in CHECKS:
            lines += [line async for line in check(patient)]
    return lines


async def check_slack(patient: Patient) -> AsyncIterator[CheckLine]:
    """Token, scopes, the people of the incidents channel."""
    settings = patient.settings
    try:
        identity = await patient.chat.identity()
    except SlackCallError as error:
        where = "Copy the Bot User OAuth Token again from your Slack app, OAuth & Permissions."
        away = "Look at the network and at SLACK_API_URL, then ask again."
        yield CheckLine("Slack", Level.RED, str(error), where if isinstance(error, SlackRejected) else away)
        return
    yield CheckLine("Slack", Level.GREEN, f"the token is taken by {identity.url or 'the workspace'}")
    if missing := sorted(list_required_scopes() - identity.scopes):
        mend = "Paste the manifest again under App Manifest, and reinstall the app."
        yield CheckLine("Slack", Level.RED, f"the app lacks the scopes {', '.join(missing)}", mend)
    else:
        yield CheckLine("Slack", Level.GREEN, "the app has every scope of the manifest")
    channel = settings.channel or patient.runbook.war_room or DEFAULT_CHANNEL
    token = settings.slack_bot_token.get_secret_value()
    if said := await find_audience_problem(token, settings.slack_api_url, channel):
        yield CheckLine("Slack", Level.YELLOW, said, "Invite the people who answer incidents.")
    else:
        yield CheckLine("Slack", Level.GREEN, f"people are in {channel}")


async def check_people(patient: Patient) -> AsyncIterator[CheckLine]:
    """Whether the people of the contacts file are in Slack, and active."""
    finders: dict[HandleKind, Callable[[str], Awaitable[object]]] = {
        HandleKind.SLACK_USER: patient.chat.person,
        HandleKind.SLACK_EMAIL: patient.chat.find_person_by_email,
        HandleKind.SLACK_GROUP: patient.chat.list_usergroup_members,
    }
    mend = "Set the handle right in the contacts file."
    for name, handles in read_contacts_file(patient.settings.contacts).handles.items():
        for handle in handles:
            if handle.kind not in finders:
                continue
            try:
                found = await finders[handle.kind](handle.value)
            except SlackCallError as error:
                yield CheckLine("People", Level.RED, f"{name} ({handle.shown}): {error}", mend)
                continue
            if getattr(found, "deactivated", False):
                yield CheckLine("People", Level.RED, f"{name} ({handle.shown}) is deactivated", mend)
            else:
                yield CheckLine("People", Level.GREEN, f"{name} ({handle.shown}) is in Slack")


async def check_clock(patient: Patient) -> AsyncIterator[CheckLine]:
    """This machine's clock beside Slack's."""
    ahead = patient.chat.clock.ahead
    off = abs(ahead) > MAX_CLOCK_SKEW_S
    text = f"this machine's clock is {abs(ahead):.0f} s apart from Slack's"
    yield CheckLine("Clock", Level.RED if off else Level.GREEN, text, "Set it right (NTP)." if off else "")


async def check_database(patient: Patient) -> AsyncIterator[CheckLine]:
    """That it is reached, may be changed, and keeps one session for a replica."""
    try:
        async with open_database_address(patient.settings, beside=True) as address:
            await migrate(address)
            direct = read_secret(patient.settings.database_direct_url)
            async with PostgresStore(address, direct=direct) as store:
                if why := await store.trouble():
                    yield CheckLine("Database", Level.RED, f"it {why}", "See docs/OPERATING.md, database.")
                else:
                    yield CheckLine(
                        "Database", Level.GREEN, "reached, up to date, takes changes, one session"
                    )
    except (DatabaseUnavailable, SchemaProblem, SettingsProblem) as error:
        yield CheckLine("Database", Level.RED, str(error), "See docs/PRODUCTION.md, the database.")


async def check_runbook(patient: Patient) -> AsyncIterator[CheckLine]:
    """Who is called for each severity, and by which ways."""
    book = read_contacts_file(patient.settings.contacts)
    for reach in check_reach(patient.runbook, book, patient.settings.has):
        called = ", ".join(f"{name} ({how})" for name, how in reach.reached)
        everyone = "everyone in the incidents channel" if reach.everyone else ""
        text = f"{reach.severity} calls {', '.join(filter(None, (called, everyone))) or 'nobody'}"
        missed = "; ".join(f"{name}: {why}" for name, why in reach.unreached)
        if missed:
            text, mend = f"{text}; not {missed}", "Give each a way in the contacts file (docs/PAGING.md)."
            yield CheckLine("Runbook", Level.YELLOW, text, mend)
        else:
            yield CheckLine("Runbook", Level.GREEN, text)


async def check_disk(patient: Patient) -> AsyncIterator[CheckLine]:
    """Room where the private database or what was understood of the runbook is kept."""
    folder = patient.settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    full = free < MIN_FREE_BYTES
    text = f"{free / GB:.1f} GB are free at {folder}"
    yield CheckLine("Disk", Level.RED if full else Level.GREEN, text, "Make room there." if full else "")


CHECKS: tuple[Check, ...] = (
    check_slack,
    check_people,
    check_clock,
    check_database,
    check_runbook,
    check_disk,
)
"""In the order of the page."""


def format_lines(lines: list[CheckLine]) -> str:
    """One line each, the mend behind an arrow."""
    width = max(len(line.section) for line in lines)
    texts = [
        f"{MARKS[line.level]} {line.section:{width}}  {line.text}" + (f" → {line.mend}" if line.mend else "")
        for line in lines
    ]
    return "\n".join([*texts, "", f"Not tried: {NOT_TRIED}"])


NOT_TRIED = (
    "whether Slack's requests and events reach the bot (type `/incident help` in Slack, then look for Verified under"
    " Event Subscriptions), and the keys of the monitored systems (`/incident run` in an incident)."
)


def format_json(lines: list[CheckLine]) -> str:
    """The same for programs."""
    return json.dumps({"lines": [asdict(line) for line in lines], "not_tried": NOT_TRIED}, ensure_ascii=False)
