"""Everything that can be told to be wrong before anything is started, told at once."""

import logging
import re
from pathlib import Path

from bot.adapters.database_startup import explain_no_private_database, list_address_problems
from bot.contacts import read_contacts_file
from bot.errors import SettingsProblem
from bot.runbook import UndecodableFile, decode_text
from bot.settings import ROOT, Settings, find_monitored_value, read_settings
from bot.workers.runbook_watcher import describe_unreadable

log = logging.getLogger(__name__)

SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
"""What Slack's signing secrets look like; others are used all the same."""


def load_settings() -> Settings:
    """The settings. Raises SettingsProblem with a sentence for each that is missing or wrong, for each fault of the
    contacts file, for an address of the database that cannot be parsed, and, beside those, for a runbook that cannot be
    read: alone it is no reason to stop, since the database may hold the last good one."""
    problems: list[str] = []
    try:
        settings = read_settings()
    except SettingsProblem as problem:
        problems += problem.problems
    try:
        read_contacts_file(_path("TOCSIN_CONTACTS"))
    except SettingsProblem as problem:
        problems += problem.problems
    addresses = ("TOCSIN_DATABASE_URL", "TOCSIN_DATABASE_DIRECT_URL")
    problems += list_address_problems({name: find_monitored_value(name) for name in addresses})
    if find_monitored_value("TOCSIN_DATABASE_URL") is None and (private := explain_no_private_database()):
        problems.append(private)
    if problems:
        raise SettingsProblem([*problems, *_runbook()])
    for suspicion in list_suspicions(settings):
        log.warning("%s", suspicion)
    return settings


def _path(name: str) -> Path | None:
    value = find_monitored_value(name)
    return Path(value) if value else None


def _runbook() -> list[str]:
    path = _path("TOCSIN_RUNBOOK") or ROOT / "templates" / "runbook.md"
    try:
        decode_text(path.read_bytes())
    except (OSError, UndecodableFile) as error:
        return [describe_unreadable(path, error)]
    return []


def list_suspicions(settings: Settings) -> list[str]:
    """What is understood, and looks like a mistake all the same."""
    found = []
    secret = settings.slack_signing_secret
    if secret is not None and not SIGNING_SECRET.fullmatch(secret.get_secret_value()):
        found.append(
            "SLACK_SIGNING_SECRET does not look like one (32 digits and letters a to f): if every request of Slack's"
            " is refused, copy it again from your Slack app, Basic Information"
        )
    missing = [name for name in ("PAGERDUTY_FROM", "PAGERDUTY_SERVICE") if not settings.has(name)]
    if settings.pagerduty_api_key is not None and missing:
        found.append(
            f"PAGERDUTY_API_KEY is set without {' and '.join(missing)}: on-call schedules are read, but no user and no"
            " escalation policy is paged"
        )
    return found
