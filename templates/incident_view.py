"""What every message about an incident is drawn from, and the words derived from it."""

import posixpath
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit, urlunsplit

from bot.domain.incident import EntryKind, Incident, PostedMessage, Situation, Status
from bot.domain.page_attempts import is_paged_as
from bot.domain.playbook import Playbook
from bot.domain.timeline_details import DeclaredDetail, PageRequestedDetail
from bot.runbook import Runbook, Severity, format_place
from bot.text.durations import format_duration
from templates.spans import INLINE_DATE_FORMAT, ChannelMention, Span, Timestamp, WebLink

UNKNOWN = "not known yet"
IN_THE_THREAD = "the thread of its announcement"


@dataclass(frozen=True, slots=True)
class IncidentViewModel:
    """One incident as it stands, with the runbook edition it was declared with. `incidents_channel` is an id,
    `call_url` the setting's address of the call; `publishes` says whether customers may be told of it, `learns` whether
    something of it may go into the runbook."""

    situation: Situation
    runbook: Runbook
    incidents_channel: str | None = None
    workspace_url: str = ""
    runbook_url: str = ""
    call_url: str = ""
    now: datetime | None = None
    publishes: bool = False
    learns: bool = False

    @property
    def incident(self) -> Incident:
        return self.situation.incident

    @property
    def publishes_end(self) -> bool:
        """Whether customers wait to hear that it is over."""
        standing = self.situation.public
        return self.publishes and standing is not None and standing.ended_at is None

    @property
    def standing(self) -> str:
        """How it stands, in a word: `monitoring`, `merged into INC-7`."""
        return self.situation.standing

    @property
    def severity(self) -> Severity | None:
        return self.runbook.severity(self.incident.severity)

    @property
    def playbook(self) -> Playbook | None:
        return self.runbook.playbook(self.incident.playbook) if self.incident.playbook else None

    @property
    def headline(self) -> str:
        """What and how bad: `P0: API is down`."""
        return f"{self.incident.severity}: {self.incident.title}"

    @property
    def room(self) -> Span:
        """The incident's channel, or words while it has none."""
        if self.incident.channel:
            return ChannelMention(self.incident.channel)
        if not self._has_no_channel:
            return "being opened…"
        if self.incident.private:
            return "direct messages with the commander"
        announcement = self.situation.post("announcement")
        return self.build_post_link(announcement, IN_THE_THREAD) if announcement else IN_THE_THREAD

    @property
    def merged(self) -> tuple[Span, ...]:
        """Where the incident is worked on that this one was merged into; nothing where it was not."""
        merged = None if self.incident.status.is_open else self.situation.merged
        return (" in ", ChannelMention(merged.channel)) if merged and merged.channel else ()

    @property
    def call(self) -> str:
        """The address of the call that people join: the setting's, else the runbook's; empty where none is named."""
        return self.call_url or (self.runbook.call.url if self.runbook.call else "")

    @property
    def joined(self) -> tuple[Span, ...]:
        """The end of a message's first line while people work on it: where they talk."""
        return (
            (" · ", WebLink(self.call, "Join the call")) if self.call and self.incident.status.is_open else ()
        )

    @property
    def ask_to_acknowledge(self) -> str:
        """`Please acknowledge within 5 min`; the runbook's own words where they give no figure, empty without any."""
        severity = self.severity
        if severity is None:
            return ""
        if severity.response is not None:
            return f"Please acknowledge within {format_duration(severity.response.total_seconds())}"
        return f"Response time: {severity.response_text}" if severity.response_text else ""

    @property
    def answered_within(self) -> str:
        """The response time as a figure: `under 5 min`; empty where no clock runs."""
        response = self.severity.response if self.severity else None
        return f"under {format_duration(response.total_seconds())}" if response else ""

    @property
    def where(self) -> tuple[Span, ...]:
        """The end of a sentence that says where the incident is worked on."""
        if self.incident.channel or self._has_no_channel:
            return (" in ", self.room)
        return (", its channel is being opened",)

    @property
    def _has_no_channel(self) -> bool:
        """Whether Slack refused the channel for good, or it was lost."""
        return any(
            entry.kind in (EntryKind.CHANNEL_FAILED, EntryKind.CHANNEL_LOST)
            for entry in self.situation.entries
        )

    @property
    def took(self) -> str:
        """How long the incident lasted, once it is resolved."""
        if (ended := self.incident.resolved_at) is None:
            return ""
        by_timeline = self.situation.measured.to_resolve
        return format_duration((by_timeline or ended - self.incident.declared_at).total_seconds())

    @property
    def ended(self) -> tuple[Span, ...]:
        """That it is over, how and since when, as a sentence; the first span is what happened."""
        cancelled = self.incident.status is Status.CANCELLED
        over = f"{self.incident.reference} was {self.standing if cancelled else 'resolved'}"
        at = self.incident.resolved_at
        return (over, " at ", self.format_time(at), ".") if at else (over, ".")

    def format_time(self, at: datetime) -> Timestamp:
        """An instant, with its day where that is another one than that of the declaration."""
        same_day = at.astimezone(UTC).date() == self.incident.declared_at.astimezone(UTC).date()
        return Timestamp(at) if same_day else Timestamp(at, INLINE_DATE_FORMAT)

    @property
    def to_acknowledge(self) -> str:
        """How long the first acknowledgement took; empty while there is none."""
        took = self.situation.measured.to_acknowledge
        return format_duration(took.total_seconds()) if took is not None else ""

    def find_manual_page(self, contact: str, person: str = "") -> tuple[str, str]:
        """Who called this contact or person by hand last, and the words for them; both empty where nobody did."""
        for entry in reversed(self.situation.entries):
            if not isinstance(entry.detail, PageRequestedDetail):
                continue
            names, people = entry.detail.to.split(", "), entry.detail.people
            if (person and person in people) or any(is_paged_as(contact, name) for name in names):
                return entry.actor, entry.detail.text
        return "", ""

    @property
    def everyone(self) -> str:
        """Why the whole incidents channel is called; empty when it is not."""
        details = (entry.detail for entry in self.situation.entries)
        return next((detail.everyone for detail in details if isinstance(detail, DeclaredDetail)), "")

    def describe_reach(self, contact: str) -> str:
        """What the runbook says about reaching a contact, as the end of a sentence; empty when it says nothing."""
        text = self._find_reach(contact)
        return f"the runbook {'only ' if has_unfilled_gap(text) else ''}says {text}" if text else ""

    def describe_phone(self, contact: str) -> str:
        """The same where somebody filled it in: a number, a portal, a desk."""
        text = self._find_reach(contact)
        return "" if has_unfilled_gap(text) else text

    def _find_reach(self, contact: str) -> str:
        known = (
            known_contact
            for known_contact in self.runbook.contacts
            if known_contact.name.casefold() == contact.casefold()
        )
        found = next(known, None)
        if found is None or any(handle.startswith("tel:") for handle in found.handles):
            return ""  # the number is named by itself, and never where strangers read
        return found.text.strip()

    def build_level_link(self, line: int) -> Span:
        """A link to the line of the runbook's escalation, where its address is known; else the line in words."""
        file = next((level.file for level in self.runbook.escalation if level.line == line), "")
        return build_line_link(self.runbook_url, line, file)

    def build_post_link(self, post: PostedMessage, words: str) -> Span:
        """A link to a message in Slack."""
        if not self.workspace_url:
            return words
        return WebLink(
            f"{self.workspace_url.rstrip('/')}/archives/{post.channel}/p{post.ts.replace('.', '')}", words
        )


def has_unfilled_gap(text: str) -> bool:
    """Whether the runbook has a gap (`[Phone]`, `1-800-XXX-XXXX`) where a way to reach somebody should stand."""
    return re.fullmatch(r"\[[^\]]*\]", text.strip()) is not None or "XXX" in text.upper()


def build_line_link(runbook_url: str, line: int, file: str = "") -> Span:
    """A link to a line of the runbook at this address, or of the `file` beside it; without one the line in words."""
    words = format_place(line, file)
    if not runbook_url.startswith(("https://", "http://")):
        return words
    page = runbook_url.partition("#")[0]
    if file:
        address = urlsplit(page)
        path = posixpath.join(posixpath.dirname(address.path) or "/", quote(file))
        page = urlunsplit(address._replace(path=path))
    # GitHub shows Markdown drawn, where a line has no address, unless it is asked for the plain text.
    plain = "?plain=1" if "//github.com/" in page and "?" not in page else ""
    return WebLink(f"{page}{plain}#L{line}", words)
