"""What every message about an incident is drawn from, and the words derived from it."""

import posixpath
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit, urlunsplit

from bot.calls import stands_for
from bot.incident import EntryKind, Incident, Post, Situation
from bot.runbook import Runbook, Severity, place
from bot.step import Playbook
from templates.kit import ChannelRef, Link, Span, lasted

UNKNOWN = "not known yet"
IN_THE_THREAD = "the thread of its announcement"


@dataclass(frozen=True, slots=True)
class View:
    """One incident as it stands, with the runbook edition it was declared with. `incidents_channel` is an id."""

    situation: Situation
    runbook: Runbook
    incidents_channel: str | None = None
    workspace_url: str = ""
    runbook_url: str = ""
    now: datetime | None = None

    @property
    def incident(self) -> Incident:
        return self.situation.incident

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
            return ChannelRef(self.incident.channel)
        if not self._has_no_channel:
            return "being opened…"
        if self.incident.private:
            return "direct messages with the commander"
        announcement = self.situation.post("announcement")
        return self.link_to(announcement, IN_THE_THREAD) if announcement else IN_THE_THREAD

    @property
    def target(self) -> str:
        """The response time as the runbook says it."""
        return self.severity.response_text if self.severity else ""

    @property
    def answered_within(self) -> str:
        """The response time as a figure: `under 5 min`; empty where no clock runs."""
        response = self.severity.response if self.severity else None
        return f"under {lasted(response.total_seconds())}" if response else ""

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
            each.kind in (EntryKind.CHANNEL_FAILED, EntryKind.CHANNEL_LOST) for each in self.situation.entries
        )

    @property
    def took(self) -> str:
        """How long the incident lasted, once it is resolved."""
        if (ended := self.incident.resolved_at) is None:
            return ""
        by_timeline = self.situation.measured.to_resolve
        return lasted((by_timeline or ended - self.incident.declared_at).total_seconds())

    @property
    def to_acknowledge(self) -> str:
        """How long the first acknowledgement took; empty while there is none."""
        took = self.situation.measured.to_acknowledge
        return lasted(took.total_seconds()) if took is not None else ""

    def told(self, contact: str, person: str = "") -> tuple[str, str]:
        """Who called this contact or person by hand last, and the words for them; both empty where nobody did."""
        for entry in reversed(self.situation.entries):
            if entry.kind is not EntryKind.PAGE_REQUESTED:
                continue
            names = entry.detail["to"].split(", ")
            if (person and entry.detail["person"] == person) or any(
                stands_for(contact, name) for name in names
            ):
                return entry.actor, entry.detail["text"]
        return "", ""

    @property
    def everyone(self) -> str:
        """Why the whole incidents channel is called; empty when it is not."""
        declared = (each for each in self.situation.entries if each.kind is EntryKind.DECLARED)
        return next((each.detail.get("everyone", "") for each in declared), "")

    def reach(self, contact: str) -> str:
        """What the runbook says about reaching a contact, as the end of a sentence; empty when it says nothing."""
        known = (each for each in self.runbook.contacts if each.name.casefold() == contact.casefold())
        found = next(known, None)
        text = found.text.strip() if found else ""
        if found and any(handle.startswith("tel:") for handle in found.handles):
            return ""  # the number is named by itself, and never where strangers read
        return f"the runbook {'only ' if never_filled(text) else ''}says {text}" if text else ""

    def at_rung(self, line: int) -> Span:
        """A link to the line of the runbook's escalation, where its address is known; else the line in words."""
        file = next((each.file for each in self.runbook.escalation if each.line == line), "")
        return at_line(self.runbook_url, line, file)

    def link_to(self, post: Post, words: str) -> Span:
        """A link to a message in Slack."""
        if not self.workspace_url:
            return words
        return Link(
            f"{self.workspace_url.rstrip('/')}/archives/{post.channel}/p{post.ts.replace('.', '')}", words
        )


def never_filled(text: str) -> bool:
    """Whether the runbook has a gap (`[Phone]`, `1-800-XXX-XXXX`) where a way to reach somebody should stand."""
    return re.fullmatch(r"\[[^\]]*\]", text.strip()) is not None or "XXX" in text.upper()


def at_line(runbook_url: str, line: int, file: str = "") -> Span:
    """A link to a line of the runbook at this address, or of the `file` beside it; without one the line in words."""
    words = place(line, file)
    if not runbook_url.startswith(("https://", "http://")):
        return words
    page = runbook_url.partition("#")[0]
    if file:
        address = urlsplit(page)
        path = posixpath.join(posixpath.dirname(address.path) or "/", quote(file))
        page = urlunsplit(address._replace(path=path))
    # GitHub shows Markdown drawn, where a line has no address, unless it is asked for the plain text.
    plain = "?plain=1" if "//github.com/" in page and "?" not in page else ""
    return Link(f"{page}{plain}#L{line}", words)
