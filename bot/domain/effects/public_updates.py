"""Effects that show drafts for customers and publish what was let out."""

from dataclasses import dataclass

from bot.domain.effects.base import AboutIncident

DRAFT = "public-draft:{incident}:{update}"


@dataclass(frozen=True, kw_only=True)
class PostPublicDraft(AboutIncident, key=DRAFT, lane="public-drafts:{incident}", after="alert:{incident}"):
    """Show a text for customers in the incident's channel, for somebody to decide on it. It waits for the evidence, and
    holds up nothing else that is said in the room."""

    update: int


@dataclass(frozen=True, kw_only=True)
class RefreshPublicDraft(
    AboutIncident,
    key="refresh-public-draft:{update}:{change}",
    lane="refresh-public-draft:{update}",
    after=DRAFT,
    coalesces=True,
):
    """Bring the message of a text for customers up to date."""

    update: int
    change: str


@dataclass(frozen=True, kw_only=True)
class PublishText(
    AboutIncident,
    key="public:{update}:{page}",
    lane="status-page:{page}",
    urgency=3,
    paging=True,
):
    """Publish a text at one status page. One after the other for each page; it never waits for Slack."""

    update: int
    page: str
