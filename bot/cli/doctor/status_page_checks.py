"""Whether customers could be told: each status page looked at, nothing published."""

from collections.abc import AsyncIterator

from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.cli.page_examination import examine_pages
from bot.settings.status_page_settings import SERVE

SECTION = "Status page"
NOT_THERE = "a page must not live on the thing that is down: serve is for small teams and the demo"


async def check_status_pages(patient: Patient) -> AsyncIterator[CheckLine]:
    """One line where there is none, else one for each page."""
    found = await examine_pages(patient.settings)
    if not found:
        yield CheckLine(SECTION, Level.GREEN, "none: customers are told by other means")
    for page in found:
        mend = "Set it right, or unset it." if page.why else ""
        yield judge(SECTION, page.why or f"{page.title} can be published", mend)
    if patient.settings.status_page == SERVE:
        mend = "Set TOCSIN_STATUS_PAGE to a folder or a bucket elsewhere."
        yield CheckLine(SECTION, Level.YELLOW, NOT_THERE, mend)
