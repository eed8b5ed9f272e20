"""People as Slack's texts mention them: `<@U0ANA>`, with a label or without."""

import re
from collections.abc import Iterable, Iterator

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
ID = re.compile(r"[UW][A-Z0-9]{4,30}")


def find_mentioned(texts: Iterable[str]) -> Iterator[str]:
    """The ids of the people whom these texts mention, or are."""
    for text in texts:
        if ID.fullmatch(text):
            yield text
        elif "<@" in text:
            yield from (found[1] for found in MENTION.finditer(text))
