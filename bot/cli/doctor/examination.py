"""The whole examination: the settings first, then everything that they lead to."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

from bot.adapters.runbook_files import load_runbook_files
from bot.adapters.slack import SlackGateway
from bot.cli.doctor.database_checks import check_database
from bot.cli.doctor.delivery_checks import check_delivery
from bot.cli.doctor.lines import Check, CheckLine, Level, Patient, split_mend
from bot.cli.doctor.local_checks import examine_at_start
from bot.cli.doctor.mail_checks import check_mail
from bot.cli.doctor.paging_checks import check_calendars, check_pagerduty
from bot.cli.doctor.remediation_checks import check_remediations
from bot.cli.doctor.repository_checks import check_repositories
from bot.cli.doctor.slack_checks import check_clock, check_people, check_slack
from bot.cli.doctor.status_page_checks import check_status_pages
from bot.cli.doctor.system_checks import check_systems
from bot.cli.doctor.tracker_checks import check_tracker
from bot.cli.start_check import load_settings
from bot.contacts import read_contacts_file
from bot.errors import SettingsProblem, SlackCallError
from bot.runbook import UndecodableFile, parse_runbook
from bot.settings import Settings, read_store_settings
from bot.workers.runbook_watcher import describe_unreadable


async def _check_database(patient: Patient) -> AsyncIterator[CheckLine]:
    identity = None
    with suppress(SlackCallError):  # said by the line of the token
        identity = await patient.chat.identity()
    async for line in check_database(patient.settings, identity):
        yield line


CHECKS: tuple[Check, ...] = (
    check_slack,
    check_delivery,
    check_people,
    check_clock,
    _check_database,
    check_pagerduty,
    check_calendars,
    check_systems,
    check_remediations,
    check_status_pages,
    check_repositories,
    check_tracker,
    check_mail,
)
"""In the order of the page; what this machine can tell comes before."""


async def examine() -> list[CheckLine]:
    """All lines, by section. Where settings are wrong each is a line, and of the rest only the database is asked."""
    try:
        settings = load_settings()
        shelf = load_runbook_files(settings.runbook)
    except SettingsProblem as problem:
        wrong = [split_mend("Settings", sentence) for sentence in problem.problems]
        said = {line.text for line in wrong}
        return [*wrong, *(line for line in await _examine_database_alone() if line.text not in said)]
    except (OSError, UndecodableFile) as error:
        text = describe_unreadable(settings.runbook, error)
        return [CheckLine("Runbook", Level.RED, text), *await _examine_database_alone()]
    runbook, book = parse_runbook(shelf.text, shelf.problems), read_contacts_file(settings.contacts)
    lines = [CheckLine("Settings", Level.GREEN, "all that are needed are set, and well formed")]
    lines += examine_at_start(settings, runbook, book)
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(_open_slack(settings))
        patient = Patient(settings, runbook, book, chat)
        for check in CHECKS:
            lines += [line async for line in check(patient)]
    return lines


def _open_slack(settings: Settings) -> SlackGateway:
    return SlackGateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)


async def _examine_database_alone() -> list[CheckLine]:
    """What is to be said of the database while other settings are wrong; nothing where its own are."""
    try:
        settings = read_store_settings()
    except SettingsProblem:
        return []
    return [line async for line in check_database(settings)]
