"""Whether action items could go to the tracker: looked at, nothing created; and whether its webhook comes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from bot.adapters.database import PostgresStore
from bot.adapters.database_startup import open_database_address
from bot.adapters.trackers import open_tracker
from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.errors import TocsinError
from bot.ports.tracker import TrackerAnswerLost, TrackerBusy
from bot.settings import Settings
from bot.settings.setting_lookup import read_secret
from bot.settings.tracker_settings import parse_tracker
from templates.findings_summary import format_ago

SECTION = "Tracker"


async def check_tracker(patient: Patient) -> AsyncIterator[CheckLine]:
    """A line for what goes there, and one for what comes back."""
    settings = patient.settings
    if not settings.tracker:
        yield CheckLine(SECTION, Level.GREEN, "none: action items stay in Slack")
        return
    tracker = open_tracker(settings)
    if tracker is None:
        mend = "Set TOCSIN_TRACKER_TOKEN to a token that may create and edit issues there."
        yield CheckLine(SECTION, Level.RED, f"{settings.tracker} has no token", mend)
        return
    try:
        why = await tracker.examine()
    except (TrackerBusy, TrackerAnswerLost) as away:
        why = str(away)
    finally:
        await tracker.aclose()
    mend = "Set TOCSIN_TRACKER and TOCSIN_TRACKER_TOKEN right, or unset them." if why else ""
    yield judge(SECTION, why or f"action items go to {tracker.name}", mend)
    yield await _check_webhook(settings)


async def _check_webhook(settings: Settings) -> CheckLine:
    path = f"/webhooks/{parse_tracker(settings.tracker).kind}"
    if not settings.tracker_webhook_secret:
        text = f"no webhook (TOCSIN_TRACKER_WEBHOOK_SECRET, {path}): states are asked for every few minutes"
        return CheckLine(SECTION, Level.GREEN, text)
    try:
        async with (
            open_database_address(settings, beside=True) as address,
            PostgresStore(address, direct=read_secret(settings.database_direct_url)) as store,
        ):
            seen = await store.find_webhook_time(settings.tracker)
    except TocsinError as error:
        return CheckLine(
            SECTION, Level.UNTRIED, f"whether its webhook comes: {error}", "Mend the database first."
        )
    if seen is None:
        text = f"its webhook has not come to {path} yet: until then states are asked for every few minutes"
        mend = "Add it at the tracker with the same secret, as docs/AFTER.md says, and let it send a test."
        return CheckLine(SECTION, Level.YELLOW, text, mend)
    return CheckLine(SECTION, Level.GREEN, f"its webhook came last {format_ago(datetime.now(UTC) - seen)}")
