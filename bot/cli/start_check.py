"""Everything that can be told to be wrong before anything is started, told at once."""

import logging
import re
from pathlib import Path

from bot.adapters.database_startup import WRITE, explain_no_private_database, list_address_problems
from bot.contacts import read_contacts_file
from bot.errors import SettingsProblem
from bot.runbook import UndecodableFile, decode_text
from bot.settings import ROOT, Settings, read_settings
from bot.settings.setting_lookup import find_monitored_value, read_secret
from bot.workers.runbook_watcher import describe_unreadable

log = logging.getLogger(__name__)

SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
"""What Slack's signing secrets look like; others are used all the same."""

WEB_ADDRESSES = (
    "heartbeat_url",
    "health_url",
    "sentry_url",
    "github_api_url",
    "prometheus_url",
    "grafana_url",
)
"""Fields of Settings that are addresses of others than Slack."""

WEB_ADDRESS = re.compile(r"https?://[^/\s]")


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
    if (settings.statuspage_api_key is None) != (not settings.statuspage_page_id):
        found.append(
            "STATUSPAGE_API_KEY and STATUSPAGE_PAGE_ID need each other: nothing is published there with one alone"
        )
    if (settings.incident_io_api_key is None) != (not settings.incident_io_page_id):
        found.append(
            "INCIDENT_IO_API_KEY and INCIDENT_IO_STATUS_PAGE_ID need each other: nothing is published there with one"
            " alone"
        )
    is_placed = bool(settings.review_repository or settings.runbook_repository)
    if is_placed != (settings.review_token is not None):
        found.append(
            "TOCSIN_REVIEW_TOKEN and TOCSIN_REVIEW_REPOSITORY or TOCSIN_RUNBOOK_REPOSITORY need each other:"
            " nothing is proposed at a code host with one alone"
        )
    return [*found, *_list_misspelt_addresses(settings)]


def _list_misspelt_addresses(settings: Settings) -> list[str]:
    """Of what is asked beside Slack: nothing would answer there, and that is no reason not to start."""
    found = []
    for field in WEB_ADDRESSES:
        value = str(getattr(settings, field))
        if value and not WEB_ADDRESS.match(value):
            found.append(f"{_name(field)} is no address: write https://HOST")
    database = read_secret(settings.monitored_database_url) or ""
    if "://" in database and not database.startswith(("postgresql://", "postgres://")):
        name = _name("monitored_database_url")
        found.append(f"{name} is an address of another kind of database. {WRITE.rstrip('.')}")
    return found


def _name(field: str) -> str:
    return str(Settings.model_fields[field].alias)
