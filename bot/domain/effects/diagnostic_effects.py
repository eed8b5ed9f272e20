"""Effects that show what a playbook's steps found."""

from dataclasses import dataclass

from bot.domain.effects.base import AboutIncident

SHOWN = "evidence:{incident}:{look}"


@dataclass(frozen=True, kw_only=True)
class PostEvidence(AboutIncident, key=SHOWN, after="alert:{incident}", urgency=2):
    """Post the one message of a look: each step with what it found."""

    look: int


@dataclass(frozen=True, kw_only=True)
class RefreshEvidence(
    AboutIncident,
    key="refresh-evidence:{look}:{change}",
    lane="refresh-evidence:{look}",
    after=SHOWN,
    urgency=2,
    coalesces=True,
):
    """Bring the message of a look up to date; `change` counts."""

    look: int
    change: int


@dataclass(frozen=True, kw_only=True)
class RefreshOffers(
    AboutIncident,
    key="refresh-offers:{post}:{change}",
    lane="refresh-offers:{post}",
    after="{post}",
    urgency=7,
    coalesces=True,
):
    """Take the buttons that offer a change, or another playbook, off a message when the incident is over, or put them
    back; `post` is the key of a look's message or of a part of the playbook."""

    post: str
    change: str


@dataclass(frozen=True, kw_only=True)
class UploadChart(AboutIncident, key="chart:{look}:{place}", after=SHOWN, urgency=7):
    """Bring the picture of one step to Slack; its finding is posted with it then."""

    look: int
    place: int


@dataclass(frozen=True, kw_only=True)
class PostFinding(
    AboutIncident, key="finding:{look}:{place}", lane="findings:{look}", after=SHOWN, urgency=7
):
    """Post the evidence of one step in the thread of its look's message; `file` is the id of its picture in Slack."""

    look: int
    place: int
    file: str = ""
