"""Which people typed words mean, and what else the words say. Pure.

Somebody is named in front of the words, or behind them by a mention. Who is only spoken of in between is not meant.
"""

from handlers.slack.people.directory import Directory, has_at
from handlers.slack.people.mention_text import ARTICLES
from handlers.slack.people.name_list import NameListReader
from handlers.slack.people.resolution import ResolvedPeople, UserGroup

__all__ = ["ResolvedPeople", "UserGroup", "parse_people"]


def parse_people(text: str, directory: Directory) -> ResolvedPeople:
    """Whom this text means, which is what Slack sends with `should_escape`."""
    text = text.replace("&amp;", "&")
    reader = NameListReader(text, directory)
    reader.read_front()
    if not reader.items and not reader.unclear and not any(map(has_at, reader.unknown)):
        behind = NameListReader(text, directory)
        behind.read_end()
        reader = behind if behind.items else reader
    if not reader.items and reader.tokens and reader.tokens[0].word in ARTICLES:
        without = NameListReader(text[reader.tokens[0].end :], directory)
        without.read_front()
        found = without.build_result()
        if (found.count or found.unclear) and not found.unknown and not found.leftover:
            return found
    return reader.build_result()
