"""Whether reviews and improvements of the runbook could be proposed at the code host; nothing is written."""

from collections.abc import AsyncIterator

from bot.adapters.repositories import open_repositories
from bot.cli.doctor.lines import CheckLine, Level, Patient
from bot.ports.code_host import CodeHost, HostAnswerLost, HostBusy, HostRefused

SECTION = "Reviews"
PUBLIC = "{} is public: nothing is proposed there, since anybody would read it"
MAKE_PRIVATE = "Make the repository private, or name another one."
GRANT = "Give TOCSIN_REVIEW_TOKEN the rights to write contents and pull requests of that repository."


async def check_repositories(patient: Patient) -> AsyncIterator[CheckLine]:
    """One line where there is none, else one for each repository."""
    settings = patient.settings
    if not settings.review_repository and not settings.runbook_repository:
        yield CheckLine(SECTION, Level.GREEN, "no repository: reviews stay in Slack and in the export")
    elif settings.review_token is None:
        text = "TOCSIN_REVIEW_TOKEN is not set: nothing is proposed at the code host"
        yield CheckLine(SECTION, Level.RED, text, "Set a token of its own that writes to that repository.")
    places = open_repositories(settings)
    try:
        if places.review is not None:
            yield await _examine(places.review.host, "reviews")
        if places.runbook is not None:
            yield await _examine(places.runbook.host, "improvements of the runbook")
    finally:
        await places.aclose()


async def _examine(host: CodeHost, what: str) -> CheckLine:
    try:
        facts = await host.describe()
    except (HostRefused, HostBusy, HostAnswerLost) as error:
        return CheckLine(SECTION, Level.RED, str(error).rstrip("."), GRANT)
    if facts.is_public:
        return CheckLine(SECTION, Level.RED, PUBLIC.format(host.repository), MAKE_PRIVATE)
    if not facts.may_write:
        text = f"TOCSIN_REVIEW_TOKEN may not write to {host.repository}"
        return CheckLine(SECTION, Level.RED, text, GRANT)
    return CheckLine(SECTION, Level.GREEN, f"{what} are pull requests at {host.title}, {host.repository}")
