"""The nouns of an incident: frozen values and the pure rules about them. No I/O, no Slack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.calls import Ladder, Page, Way
from bot.evidence import Result


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


class EntryKind(StrEnum):
    """What a timeline entry tells, in the past tense."""

    DECLARED = "declared"
    PAGED = "paged"
    PAGE_FAILED = "page_failed"
    ACKNOWLEDGED = "acknowledged"
    JOINED = "joined"
    LEFT = "left"
    COMMANDER_CHANGED = "commander_changed"
    CHANNEL_OPENED = "channel_opened"
    CHANNEL_FAILED = "channel_failed"
    STATUS_CHANGED = "status_changed"
    UPDATE_POSTED = "update_posted"
    UPDATE_OVERDUE = "update_overdue"
    UPDATE_ASKED = "update_asked"
    REMINDER_SNOOZED = "reminder_snoozed"
    RESOLVED = "resolved"
    ITEM_TICKED = "item_ticked"
    ITEM_UNTICKED = "item_unticked"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    SEVERITY_CHANGED = "severity_changed"
    RENAMED = "renamed"
    ROLE_ASSIGNED = "role_assigned"
    COMMAND_OFFERED = "command_offered"
    NOTE_ADDED = "note_added"
    ANNOUNCEMENT_FAILED = "announcement_failed"
    CHANNEL_LOST = "channel_lost"
    CHANNEL_BACK = "channel_back"
    CHANNEL_RENAMED = "channel_renamed"
    SOURCE_EDITED = "source_edited"
    SOURCE_DELETED = "source_deleted"
    PAGE_REQUESTED = "page_requested"
    PAGE_ACCEPTED = "page_accepted"
    PAGE_DELIVERED = "page_delivered"
    PHONE_NAMED = "phone_named"
    ESCALATED = "escalated"
    ASKED_IF_STILL = "asked_if_still"
    STILL_ON_IT = "still_on_it"
    ON_CALL_FOUND = "on_call_found"
    ON_CALL_NOT_CALLED = "on_call_not_called"
    LOOKED = "looked"
    PLAYBOOK_CHOSEN = "playbook_chosen"


class Role(StrEnum):
    """Who does what beside the commander, as the field's incident response guides name it."""

    DEPUTY = "deputy"
    SCRIBE = "scribe"
    COMMUNICATIONS = "communications"
    OPERATIONS = "operations"


def aware(moment: datetime) -> datetime:
    """The same instant, refused when it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as it stands in the database.

    `number` is the N of INC-N. People are Slack user ids. `edition` names the runbook text that was in
    force when it was declared. `next_update_at` is the promise made to readers; `notice_at` is when the next
    reminder about that promise goes out, and `notice_stage` how many went out already (0 to 6). `resolutions`
    counts how often it was resolved (more than once after a reopening); `offered_to` was asked to take command.
    A `private` one is seen by its members only, for a `drill` nobody is called. `lost_channel` is the channel that
    cannot be used for now. `ladder` says whether people are being called, `rung` how many steps were climbed,
    `look_at` when it goes on.
    """

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
    ladder: Ladder = Ladder.NONE
    rung: int = 0
    look_at: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.declared_at, self.next_update_at, self.notice_at, self.resolved_at):
            if moment is not None:
                aware(moment)

    @property
    def reference(self) -> str:
        """The name people use: `INC-42`."""
        return f"INC-{self.number}"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened. `actor` is a Slack user id, empty when it was the bot itself."""

    at: datetime
    actor: str
    kind: EntryKind
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """One update that was promised and given. `text` is what changed, in its author's words."""

    id: int
    at: datetime
    author: str
    status: Status
    text: str
    next_update_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One line of the post-incident checklist, copied from the incident's runbook edition."""

    position: int
    window: timedelta
    text: str
    line: int
    due_at: datetime
    done_by: str | None = None
    done_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


@dataclass(frozen=True, slots=True)
class Post:
    """A message that Slack holds: the effect's key and where it stands."""

    key: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Measured:
    """How long it took from the declaration to the first acknowledgement and to the (last) resolution, by the timeline;
    None for what did not happen."""

    to_acknowledge: timedelta | None = None
    to_resolve: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a message about an incident may need, read in one go."""

    incident: Incident
    pages: tuple[Page, ...] = ()
    entries: tuple[TimelineEntry, ...] = ()
    updates: tuple[StatusUpdate, ...] = ()
    items: tuple[ChecklistItem, ...] = ()
    posts: Mapping[str, Post] = field(default_factory=dict)
    roles: Mapping[Role, str] = field(default_factory=dict)
    ways: tuple[Way, ...] = ()
    evidence: tuple[Result, ...] = ()

    def post(self, name: str) -> Post | None:
        """The delivered message of this incident by its short name, such as `alert`.

        Of what is posted at each resolution (`checklist`, `resolution`) it is the latest one; of what was posted
        again in a channel that came later (`alert`) it is that one.
        """
        key = f"{name}:{self.incident.number}"
        if (moved := self.posts.get(f"{key}:{self.incident.channel}")) is not None:
            return moved
        return self.posts.get(key) or self.posts.get(f"{key}:{self.incident.resolutions}")

    @property
    def calls(self) -> list[Page | Way]:
        """Who was called since it was declared, or reopened."""
        reopened = [entry.at for entry in self.entries if entry.kind is EntryKind.REOPENED]
        pages = [page for page in self.pages if not reopened or page.requested_at > reopened[-1]]
        return [*pages, *self.ways]

    @property
    def measured(self) -> Measured:
        """How long it took, by the timeline entries."""
        at: dict[EntryKind, list[datetime]] = {}
        for entry in self.entries:
            at.setdefault(entry.kind, []).append(entry.at)
        if EntryKind.DECLARED not in at:
            return Measured()
        begun = at[EntryKind.DECLARED][0]
        answered, resolved = at.get(EntryKind.ACKNOWLEDGED), at.get(EntryKind.RESOLVED)
        return Measured(answered[0] - begun if answered else None, resolved[-1] - begun if resolved else None)

    def copies(self, name: str) -> tuple[Post, ...]:
        """Every copy of a message that is posted again where the incident moves; none in a channel that was lost."""
        key = f"{name}:{self.incident.number}"
        found = [post for each, post in self.posts.items() if each == key or each.startswith(f"{key}:")]
        return tuple(post for post in found if post.channel != self.incident.lost_channel)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one request, kept with the request's key so that its repetition gets the same answer.

    `did` names what happened (`declared`, `refused`, ...), `facts` fills the words that are shown for it.
    """

    did: str
    incident: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


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
