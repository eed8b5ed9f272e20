"""Whether approved remediations could be carried out: kinds, keys, approvers, and the stop."""

from collections.abc import AsyncIterator

from bot.adapters.database import PostgresStore, SchemaProblem
from bot.adapters.database_startup import open_database_address
from bot.adapters.remediation.task_runner import RemediationProcessClient
from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.domain.remediation import parse_enabled_kinds
from bot.errors import DatabaseUnavailable, SettingsProblem, TocsinError
from bot.settings.setting_lookup import read_secret

SECTION = "Remediations"
NAME_TWO = "Name two people under [approvers] in the contacts file (docs/REMEDIATION.md)."
SWITCH_ON = "Two approvers switch them on again: `/incident fix on`."


async def check_remediations(patient: Patient) -> AsyncIterator[CheckLine]:
    """One line where they are off, else one for each kind and one for the stop."""
    kinds = parse_enabled_kinds(patient.settings.remediations)[0]
    if not kinds:
        yield CheckLine(SECTION, Level.GREEN, "off: cards to copy from (TOCSIN_REMEDIATIONS is not set)")
        return
    executor = RemediationProcessClient(patient.settings)
    for kind in kinds:
        if why := executor.explain_unready(kind):
            yield CheckLine(SECTION, Level.RED, why, "Set it, or take the kind out of TOCSIN_REMEDIATIONS.")
            continue
        approvers = patient.book.approvers.of(kind.value)
        text = f"{kind.value} is approved by {', '.join(approvers) or 'nobody'}"
        yield judge(SECTION, text, "" if approvers else NAME_TWO)
    yield await _check_switch(patient)


async def _check_switch(patient: Patient) -> CheckLine:
    """Whether somebody switched all of them off."""
    settings = patient.settings
    try:
        async with (
            open_database_address(settings, beside=True) as address,
            PostgresStore(address, direct=read_secret(settings.database_direct_url)) as store,
        ):
            switch = await store.read_remediation_switch()
    except (DatabaseUnavailable, SchemaProblem, SettingsProblem, TocsinError) as error:
        return CheckLine(
            SECTION, Level.UNTRIED, f"whether they are switched off: {error}", "Mend the database."
        )
    if switch.is_on:
        return CheckLine(SECTION, Level.GREEN, "nobody has switched them off")
    return CheckLine(SECTION, Level.YELLOW, f"switched off: {switch.reason}", SWITCH_ON)
