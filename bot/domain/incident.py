"""The incident: frozen values and the pure rules about them. No I/O, no Slack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.checklist import ChecklistItem
from bot.domain.diagnostic_run import StepResult
from bot.domain.meeting import Meeting
from bot.domain.page_attempts import EscalationState, JoinedPage, PageAttempt, SlackPage
from bot.domain.proposal import ReviewProposal
from bot.domain.public_standing import PublicStanding
from bot.domain.timeline_details import EntryKind as EntryKind
from bot.domain.timeline_details import TimelineDetail, TimesCorrectedDetail
from bot.domain.timeline_proof import TimelineHead


class Status(StrEnum):
    """Where an incident stands. The order is the order of its life."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """True while people still work on the outage itself."""
        return self in OPEN


OPEN = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)


class IncidentRole(StrEnum):
    """Who does what beside the commander, as the field's incident response guides name it."""

    DEPUTY = "deputy"
    SCRIBE = "scribe"
    COMMUNICATIONS = "communications"
    OPERATIONS = "operations"


def describe_role_holder(role: str) -> str:
    """What somebody is who has a role: `scribe`, `communications lead`."""
    return f"{role} lead" if role in (IncidentRole.COMMUNICATIONS, IncidentRole.OPERATIONS) else role


def ensure_aware(moment: datetime) -> datetime:
    """The same instant, refused when it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as it stands in the database.

    `number` is the N of INC-N. People are Slack user ids. `edition` names the runbook text that was in force when it
    was declared. `next_update_at` is the promise made to readers; `notice_at` is when the next reminder about it goes
    out, `notice_stage` how many did (0 to 6). `resolutions` counts how often it was resolved (more after a reopening);
    `offered_to` was asked to take command. A `private` one is seen by its members only, for a `drill` nobody is called.
    `lost_channel` cannot be used for now. `ladder` says whether people are being called, `rung` how many steps were
    climbed, `look_at` when it goes on."""

    number: int
    title: str
    severity: str
    status: Status
    commander: str
    declared_by: str
    declared_at: datetime
    edition: str
    playbook: str | None = None
    impact: str = ""
    affected_users: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    cadence: timedelta | None = None
    next_update_at: datetime | None = None
    notice_at: datetime | None = None
    notice_stage: int = 0
    snoozed: bool = False
    channel: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    root_cause: str = ""
    resolution: str = ""
    postmortem_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    close_reason: str = ""
    resolutions: int = 0
    offered_to: str | None = None
    private: bool = False
    drill: bool = False
    lost_channel: str | None = None
    ladder: EscalationState = EscalationState.NONE
    rung: int = 0
    look_at: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.declared_at, self.next_update_at, self.notice_at, self.resolved_at):
            if moment is not None:
                ensure_aware(moment)

    @property
    def reference(self) -> str:
        """The name people use: `INC-42`."""
        return f"INC-{self.number}"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened. `actor` is a Slack user id, empty when it was the bot itself."""

    at: datetime
    actor: str
    detail: TimelineDetail

    @property
    def kind(self) -> EntryKind:
        """What it tells, in the past tense."""
        return self.detail.kind


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """One update that was promised and given. `text` is what changed, in its author's words."""

    id: int
    at: datetime
    author: str
    status: Status
    text: str
    next_update_at: datetime | None


AGAIN = ":again"
"""What the key of a message ends with that was posted in place of one that somebody deleted."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message that Slack holds: the effect's key, where it stands, and the mark that it carries."""

    key: str
    channel: str
    ts: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class IncidentDurations:
    """How long it took from the declaration to the first acknowledgement and to the (last) resolution, by the timeline;
    None for what did not happen."""

    to_acknowledge: timedelta | None = None
    to_resolve: timedelta | None = None


@dataclass(frozen=True, slots=True)
class MergeTarget:
    """Into which incident one was merged, and the id of that one's channel while it has one."""

    into: int
    channel: str | None = None

    @property
    def words(self) -> str:
        """How the one stands that was merged."""
        return f"merged into INC-{self.into}"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a message about an incident may need, read in one go."""

    incident: Incident
    pages: tuple[SlackPage, ...] = ()
    entries: tuple[TimelineEntry, ...] = ()
    updates: tuple[StatusUpdate, ...] = ()
    items: tuple[ChecklistItem, ...] = ()
    posts: Mapping[str, PostedMessage] = field(default_factory=dict)
    roles: Mapping[IncidentRole, str] = field(default_factory=dict)
    ways: tuple[PageAttempt, ...] = ()
    evidence: tuple[StepResult, ...] = ()
    joined: tuple[JoinedPage, ...] = ()
    merged: MergeTarget | None = None
    head: TimelineHead | None = None
    public: PublicStanding | None = None
    proposal: ReviewProposal | None = None
    meeting: Meeting | None = None

    @property
    def standing(self) -> str:
        """How it stands, in a word; one that was merged says into which."""
        merged = None if self.incident.status.is_open else self.merged
        return merged.words if merged else str(self.incident.status)

    def post(self, name: str) -> PostedMessage | None:
        """The delivered message of this incident by its short name, such as `alert`.

        Of what is posted at each resolution (`checklist`, `resolution`) it is the latest one; of what was posted
        again in a channel that came later (`alert`), or since somebody deleted it, it is that one."""
        key = f"{name}:{self.incident.number}"
        for effect_key in (f"{key}:{self.incident.channel}", key, f"{key}:{self.incident.resolutions}"):
            if (post := self.posts.get(f"{effect_key}{AGAIN}") or self.posts.get(effect_key)) is not None:
                return post
        return None

    @property
    def people(self) -> list[str]:
        """Who works on it, by what was done: the commander, who has a role, who acknowledged or joined."""
        came = [entry for entry in self.entries if entry.kind in (EntryKind.ACKNOWLEDGED, EntryKind.JOINED)]
        named = [
            self.incident.commander,
            *self.roles.values(),
            *(entry.actor for entry in came if entry.actor),
        ]
        return list(dict.fromkeys(named))

    def has_inside(self, person: str) -> bool:
        """Whether somebody is in the incident's channel, by who came and went."""
        moves = (EntryKind.JOINED, EntryKind.LEFT)
        own = [entry.kind for entry in self.entries if entry.actor == person and entry.kind in moves]
        return own[-1:] == [EntryKind.JOINED]

    @property
    def calls(self) -> list[SlackPage | PageAttempt]:
        """Who was called since it was declared, or reopened."""
        reopened = [entry.at for entry in self.entries if entry.kind is EntryKind.REOPENED]
        pages = [page for page in self.pages if not reopened or page.requested_at > reopened[-1]]
        return [*pages, *self.ways]

    @property
    def measured(self) -> IncidentDurations:
        """How long it took, by the timeline entries."""
        at: dict[EntryKind, list[datetime]] = {}
        for entry in self.entries:
            at.setdefault(entry.kind, []).append(entry.at)
        if EntryKind.DECLARED not in at:
            return IncidentDurations()
        begun = at[EntryKind.DECLARED][0]
        answered, resolved = at.get(EntryKind.ACKNOWLEDGED), at.get(EntryKind.RESOLVED)
        return IncidentDurations(
            answered[0] - begun if answered else None, resolved[-1] - begun if resolved else None
        )

    @property
    def began_at(self) -> datetime | None:
        """When it began, as somebody said last that it was earlier than its declaration; None where nobody did."""
        details = [entry.detail for entry in self.entries]
        return next(
            (each.began for each in reversed(details) if isinstance(each, TimesCorrectedDetail)), None
        )

    def copies(self, name: str) -> tuple[PostedMessage, ...]:
        """Every copy of a message that is posted again where the incident moves; none in a channel that was lost, and
        none in whose place another one was posted."""
        key = f"{name}:{self.incident.number}"
        found = [
            post
            for effect_key, post in self.posts.items()
            if effect_key == key or effect_key.startswith(f"{key}:")
        ]
        there = [post for post in found if f"{post.key}{AGAIN}" not in self.posts]
        return tuple(post for post in there if post.channel != self.incident.lost_channel)


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What is known at the moment of declaring. `edition` and `cadence` come from the runbook in force."""

    title: str
    severity: str
    commander: str
    edition: str
    cadence: timedelta | None
    playbook: str | None = None
    impact: str = ""
    affected_users: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    drill: bool = False
