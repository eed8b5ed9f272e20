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


@dataclass(frozen=True, kw_only=True)
class UploadReview(
    AboutIncident,
    key="upload-review:{incident}:{change}",
    lane="upload-review:{incident}",
    after="review:{incident}",
    coalesces=True,
):
    """Bring the review as it reads now to Slack, unseen, for `person`, who asked for it."""

    change: str
    person: str


@dataclass(frozen=True, kw_only=True)
class ShareReview(AboutIncident, key="share-review:{incident}:{file}", lane="share-review:{incident}"):
    """Show that file below the review's message."""

    file: str
    person: str


@dataclass(frozen=True, kw_only=True)
class RemoveReview(AboutIncident, key="remove-review:{incident}:{file}"):
    """Take an earlier file of the review away."""

    file: str
