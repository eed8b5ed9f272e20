"""The pieces of a line: literal text, emphasis, mentions, links and instants, and each as mrkdwn."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib import parse

from templates.escaping import escape_mrkdwn, isolate_bidi


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class UserMention:
    id: str


@dataclass(frozen=True, slots=True)
class ChannelMention:
    id: str


@dataclass(frozen=True, slots=True)
class EveryoneMention:
    """Calls the whole channel."""


@dataclass(frozen=True, slots=True)
class WebLink:
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An instant, shown in the reader's own zone; `form` in the words of Slack's date tokens."""

    at: datetime
    form: str = "{time}"

    @property
    def utc(self) -> str:
        """For where no zone is known: `14:05 UTC`, with the date when the form has one."""
        shape = "%H:%M UTC" if self.form == "{time}" else "%Y-%m-%d %H:%M UTC"
        return self.at.astimezone(UTC).strftime(shape)


DATE_FORMAT = "{date_short_pretty} {time}"
"""The form of an instant with its day, for the beginning of a line: there Slack writes “Today”."""
INLINE_DATE_FORMAT = f"\u200b{DATE_FORMAT}"
"""The same within a line: behind a space without width Slack leaves “today” small."""
CLOSING_DATE_FORMAT = "\u200b{date_short_pretty} at {time}"
"""The same at the end of a sentence: `today at 14:05`."""

Span = str | Bold | Code | UserMention | ChannelMention | EveryoneMention | WebLink | Timestamp
Line = tuple[Span, ...]


CODE = re.compile(r"`([^`\n]+)`")
"""What a sentence of ours shows as code: a line to type."""


def split_code(sentence: str) -> Line:
    """A sentence of ours with the lines to type as code, which Slack draws; the backticks themselves are not shown."""
    parts = CODE.split(sentence)
    return tuple(Code(part) if place % 2 else part for place, part in enumerate(parts) if part)


ENDING = re.compile(r"[\s<>|]")
"""What ends an address in mrkdwn: behind it a mention could stand."""


def _encode(found: re.Match[str]) -> str:
    return parse.quote(found[0], safe="")


@lru_cache(maxsize=512)
def format_span(span: Span) -> str:
    """One span as mrkdwn, for the plain `text` of a message and for context lines of our own words. Kept for a while:
    a message measures its lines, measures what fits, and then says them."""
    match span:
        case str():
            return escape_mrkdwn(isolate_bidi(span))
        case Bold(text) | Code(text):
            return escape_mrkdwn(isolate_bidi(text))
        case UserMention(id):
            return f"<@{id}>"
        case ChannelMention(id):
            return f"<#{id}>"
        case EveryoneMention():
            return "<!channel>"
        case WebLink(url, text):
            return f"<{ENDING.sub(_encode, url)}|{escape_mrkdwn(text)}>"
        case Timestamp(at, form):
            return f"<!date^{int(at.timestamp())}^{form}|{span.utc}>"
