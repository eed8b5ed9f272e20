"""What the sections of a post-incident review are made of, and how times, people and links stand in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.domain.incident import Situation
from bot.domain.review import ReviewChart, ReviewRecords
from bot.text.redaction import redact
from templates import incident_export
from templates.incident_export import format_markdown_span
from templates.spans import ChannelMention, Code, Line, Span, Timestamp, UserMention, WebLink


@dataclass(frozen=True, slots=True)
class ReviewLayout:
    """How a review is written: `headings` are those of the runbook's own template, empty where it has none; times also
    in `zone`; messages are linked where the workspace's address is known; `pictures` is the folder of the charts as
    seen from the document, None where there are none beside it."""

    headings: Sequence[str] = ()
    zone: tzinfo | None = None
    workspace_url: str = ""
    pictures: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewContent:
    """What a review is made of. `names` are what people are called, by their Slack ids."""

    situation: Situation
    records: ReviewRecords
    names: Mapping[str, str] = field(default_factory=dict)
    layout: ReviewLayout = field(default_factory=ReviewLayout)

    def name(self, person: str) -> str:
        """What somebody is called."""
        return escape_markdown(self.names.get(person, person))

    def tell(self, at: datetime) -> str:
        """An instant in UTC, and in the team's own time where that is another."""
        return incident_export.format_instant(at, self.layout.zone)

    def link(self, *keys: str) -> str:
        """The way to the first of these messages that was posted, behind a space; empty where there is none."""
        post = next((post for key in keys if (post := self.situation.posts.get(key))), None)
        channel = self._build_address(post.channel) if post else ""
        if post is None or not channel:
            return ""
        address = f"{channel}/p{post.ts.replace('.', '')}"
        return f" {format_markdown_span(WebLink(address, '(message)'), self.names)}"

    def _build_address(self, channel: str) -> str:
        """Where a channel is in Slack; empty where the workspace's address is not known."""
        url = self.layout.workspace_url
        return f"{url.rstrip('/')}/archives/{channel}" if url.startswith("https://") else ""

    def draw(self, chart: ReviewChart) -> str:
        """A chart as a picture; its words where no pictures stand beside the document."""
        return incident_export.draw_chart(chart, self.layout.pictures)

    def format_line(self, line: Line) -> str:
        """A line of a message as one line of Markdown."""
        return " ".join("".join(self._format_span(span) for span in line).split())

    def _format_span(self, span: Span) -> str:
        match span:
            case str(text):
                return escape_markdown(text)
            case Code(text):
                return format_markdown_span(Code(redact(text)), self.names)
            case UserMention(id):
                return self.name(id)
            case Timestamp(at):
                return self.tell(at)
            case ChannelMention(id) if address := self._build_address(id):
                return format_markdown_span(WebLink(address, "a channel"), self.names)
            case _:
                return format_markdown_span(span, self.names)


def escape_markdown(text: str) -> str:
    """People's words as Markdown that shows them as they are, without secrets."""
    return incident_export.escape_markdown(redact(text))


def join_words(text: str) -> str:
    """The same in one line."""
    return escape_markdown(" ".join(text.split()))
