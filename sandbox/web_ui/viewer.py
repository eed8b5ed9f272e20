"""Who reads a page, and how people, channels, links and times look to them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup

from sandbox.slack.mrkdwn_text import format_date_token
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import User
from sandbox.web_ui.links import build_conversation_url
from sandbox.web_ui.visibility import VisibleWorkspace

SCHEMES = frozenset({"http", "https", "mailto", "tel", "slack"})
"""What a link may lead to; everything else, such as `javascript:`, stays text."""
WEB = frozenset({"http", "https"})
AGO = "{ago}"


def is_allowed_url(url: str, schemes: frozenset[str] = SCHEMES) -> bool:
    """Whether this is an address with one of these schemes; what cannot be read as one is none."""
    try:
        return urlsplit(url).scheme.lower() in schemes
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class ReaderContext:
    """The workspace as one person reads it."""

    workspace: Workspace
    reader: User

    @property
    def zone(self) -> tzinfo:
        return UTC if self.reader.tz == "UTC" else ZoneInfo(self.reader.tz)

    @property
    def today(self) -> date:
        """The reader's day."""
        return datetime.fromtimestamp(self.workspace.clocks.now(), self.zone).date()

    def person(self, id: str, label: str = "") -> Markup:
        """A mention of a person, loud for whom it calls."""
        user = self.workspace.users.get(id)
        mine = " me" if id == self.reader.id else ""
        return Markup('<span class="mention{}">@{}</span>').format(mine, user.name if user else label or id)

    def channel(self, id: str, label: str = "") -> Markup:
        """A mention of a channel: a way there for who can see it."""
        found = self.workspace.channels.get(id)
        if found is None:
            return Markup('<span class="mention">#{}</span>').format(label or id)
        if VisibleWorkspace(self.workspace, self.reader).channel(id) is None:
            return Markup('<span class="mention">🔒 private channel</span>')
        return Markup('<a class="mention" href="{}">#{}</a>').format(
            build_conversation_url(self.reader, id), found.name
        )

    def group(self, id: str, label: str = "") -> Markup:
        """A mention of a user group."""
        group = self.workspace.usergroups.get(id)
        mine = " me" if group is not None and self.reader.id in group.members else ""
        name = f"@{group.handle}" if group is not None else label or f"@{id}"
        return Markup('<span class="mention{}">{}</span>').format(mine, name)

    def everyone(self, range: str) -> Markup:
        """`@channel`, `@here` or `@everyone`."""
        return Markup('<span class="mention me">@{}</span>').format(range)

    def link(self, url: str, words: str = "") -> Markup:
        """A link; one to a message of this workspace leads to its conversation in this page."""
        if not is_allowed_url(url):
            return Markup("{}").format(f"{words} ({url})" if words and words != url else url)
        inside = self._inside(url)
        if inside:
            return Markup('<a href="{}">{}</a>').format(inside, words or url)
        shown = words or url.removeprefix("mailto:")
        return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(url, shown)

    def _inside(self, url: str) -> str:
        path = url.removeprefix(f"{self.workspace.url.rstrip('/')}/archives/")
        channel = path.partition("/")[0]
        found = path != url and VisibleWorkspace(self.workspace, self.reader).channel(channel)
        return build_conversation_url(self.reader, channel) if found else ""

    def moment(self, seconds: str, form: str, fallback: str = "", url: str = "") -> Markup:
        """An instant in the reader's zone; `{ago}` is kept up to date by the page."""
        try:
            at = datetime.fromtimestamp(int(seconds), UTC)
            here = at.astimezone(self.zone)
        except (ValueError, OverflowError, OSError):
            return Markup("{}").format(fallback or form)
        around = (
            Markup("{}").format(format_date_token(here, part, self.today))
            for part in (form or "{date} {time}").split(AGO)
        )
        words = Markup("<span data-ago>{}</span>").format(format_date_token(here, AGO)).join(around)
        title = f"{here:%A, %B %d, %Y, %H:%M:%S %Z}"
        shown = Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), title, words)
        if is_allowed_url(url):
            return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(url, shown)
        return shown

    def clock(self, ts: str) -> Markup:
        """When a message was written, by its ts."""
        return self.moment(ts.partition(".")[0], "{time}")
