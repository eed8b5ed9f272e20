"""What people may write into the banner of the team's apps, which everybody outside sees. Pure."""

import re

from bot.domain.public_wording import ConcernKind, WordConcern, WordingFacts, find_concerns

MAX_BANNER_LENGTH = 200
"""A banner that is longer is cut off on a phone."""

MARKUP = re.compile(r"[<>`{}\[\]\\]|\*\w|_\w[^_]*_|[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
HOLDING = frozenset({ConcernKind.SECRET, ConcernKind.PERSON, ConcernKind.MAIL, ConcernKind.HOST})


def explain_unfit(text: str) -> str:
    """Why these words cannot stand in a banner, in a sentence; empty when they can."""
    if not any(letter.isalnum() for letter in text):
        return "Say what the banner says: `/incident fix banner WORDS`."
    if len(text) > MAX_BANNER_LENGTH:
        return f"A banner has {MAX_BANNER_LENGTH} letters at most, this one has {len(text)}: phones cut off the rest."
    if held := next((concern for concern in _find(text) if concern.kind in HOLDING), None):
        return f"“{held.words}” {held.why}: everybody outside would read it."
    found = MARKUP.search(text)
    if found is None:
        return ""
    return f"A banner is plain words: apps show “{found[0].strip() or 'a control letter'}” as it stands, or worse."


def list_doubts(text: str) -> tuple[str, ...]:
    """What is not said to customers as a rule, each a sentence."""
    return tuple(f"“{concern.words}” {concern.why}." for concern in _find(text) if concern.kind in DOUBTFUL)


DOUBTFUL = frozenset({ConcernKind.TICKET, ConcernKind.VENDOR, ConcernKind.INTERNAL})


def _find(text: str) -> tuple[WordConcern, ...]:
    return find_concerns(text, WordingFacts())
