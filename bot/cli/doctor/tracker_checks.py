"""Whether action items could go to the tracker: looked at, nothing created."""

from collections.abc import AsyncIterator

from bot.adapters.trackers import open_tracker
from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.ports.tracker import TrackerAnswerLost, TrackerBusy

SECTION = "Tracker"


async def check_tracker(patient: Patient) -> AsyncIterator[CheckLine]:
    """One line."""
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
