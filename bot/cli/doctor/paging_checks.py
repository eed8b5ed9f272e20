"""PagerDuty, the settings behind the contacts' ways, and who is on call by calendars and schedules."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from bot.adapters.paging import PagingGateway, build_account
from bot.adapters.paging.on_call import OnCallGateway
from bot.adapters.paging.pagerduty_directory import DirectoryAnswer, DirectoryKind
from bot.cli.doctor.lines import CheckLine, Level, Patient
from bot.contacts import HandleKind, OnCallSourceKind

PEOPLE = {
    HandleKind.PAGERDUTY_USER: DirectoryKind.USER,
    HandleKind.PAGERDUTY_POLICY: DirectoryKind.POLICY,
    HandleKind.PAGERDUTY_SERVICE: DirectoryKind.SERVICE,
}
"""What of PagerDuty's stands behind a handle."""

WRITES = "whether PagerDuty takes a page"
TRY_PAGE = "Send a test page: `tocsin doctor --page NAME`."


async def check_pagerduty(patient: Patient) -> AsyncIterator[CheckLine]:
    """The key, the sender, the service and everybody whom a handle names, asked once each; nothing is created."""
    settings = patient.settings
    handles = [
        (name, handle)
        for name, own in patient.book.handles.items()
        for handle in own
        if handle.kind in PEOPLE
    ]
    if settings.pagerduty_api_key is None:
        if handles:
            yield CheckLine(
                "PagerDuty", Level.UNTRIED, f"{WRITES}: there is no API key to look with", TRY_PAGE
            )
        return
    async with PagingGateway(build_account(settings)) as pagers:
        asked: list[tuple[str, DirectoryKind, str]] = []
        if settings.pagerduty_from:
            asked.append(("PAGERDUTY_FROM", DirectoryKind.SENDER, settings.pagerduty_from))
        if settings.pagerduty_service:
            asked.append(("PAGERDUTY_SERVICE", DirectoryKind.SERVICE, settings.pagerduty_service))
        asked += [
            (f"{name} ({handle.shown})", PEOPLE[handle.kind], handle.value)
            for name, handle in handles
            if not handle.secret and not handle.setting
        ]
        for what, kind, value in asked:
            yield _describe_answer(what, kind, await pagers.look_up(kind, value))
    yield CheckLine("PagerDuty", Level.UNTRIED, f"{WRITES}: only a page shows that", TRY_PAGE)


def _describe_answer(what: str, kind: DirectoryKind, answer: DirectoryAnswer) -> CheckLine:
    if answer.problem:
        mend = f"Set {what} right." if what.isupper() else "Set the handle right in the contacts file."
        return CheckLine("PagerDuty", Level.RED, f"{what}: {answer.problem}", mend)
    if kind is DirectoryKind.SENDER and "read_only" in answer.role:
        text = f"{what} is {answer.name}, who may only read at PagerDuty"
        return CheckLine("PagerDuty", Level.RED, text, "Name a user who may create incidents.")
    if answer.status == "disabled":
        text = f"{what} is {answer.name}, which is disabled"
        return CheckLine("PagerDuty", Level.RED, text, "Enable it at PagerDuty.")
    return CheckLine("PagerDuty", Level.GREEN, f"{what} is {answer.name}")


async def check_calendars(patient: Patient) -> AsyncIterator[CheckLine]:
    """Who is on call now by each schedule and calendar of the contacts file."""
    async with PagingGateway(build_account(patient.settings)) as pagers:
        on_call = OnCallGateway(patient.book, pagers)
        for name, sources in patient.book.on_call.items():
            for source in sources:
                if source.kind is OnCallSourceKind.GROUP:
                    continue
                found = await on_call.on_call(source, datetime.now(UTC))
                who = ", ".join(person.name for person in found.people)
                if found.problem:
                    mend = "Mend the source, or give the name ways of its own (docs/PAGING.md)."
                    level = Level.YELLOW if who else Level.RED
                    yield CheckLine("On call", level, f"{name}: {found.problem}", mend)
                else:
                    yield CheckLine("On call", Level.GREEN, f"{name} is {who} by the {source.kind}")
