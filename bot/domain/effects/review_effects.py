"""Effects of the post-incident review."""

from dataclasses import dataclass

from bot.domain.effects.base import OPENED, ROOM, AboutIncident


@dataclass(frozen=True, kw_only=True)
class PostReview(AboutIncident, key="review:{incident}", lane=ROOM, after=OPENED):
    """Post how far the review is, when the first answer is there."""


@dataclass(frozen=True, kw_only=True)
class OfferReview(AboutIncident, key="review-offer:{incident}:{count}", after=OPENED):
    """Offer the review some time after the `count`-th resolution, where nobody has begun it."""

    count: int


@dataclass(frozen=True, kw_only=True)
class RefreshReview(
    AboutIncident,
    key="refresh-review:{incident}:{change}",
    lane="refresh-review:{incident}",
    after="review:{incident}",
    coalesces=True,
):
    """Bring that message up to date."""

    change: str


@dataclass(frozen=True, kw_only=True)
class ProposeReview(
    AboutIncident,
    key="propose-review:{incident}:{change}",
    lane="propose-review:{incident}",
    urgency=6,
    paging=True,
    coalesces=True,
):
    """Bring the review into its pull request at the code host. It never waits for Slack."""

    change: str
