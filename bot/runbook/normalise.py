"""Words of a sentence in a form that can be compared."""

import re
from functools import lru_cache

FILLERS = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be been by can cannot do does for from get getting got had has have i in is
        it its my no of on or our people some something that the their there they this to us
        very was we were with you your all everything currently too also still again""",
    )
)


def stem_word(word: str) -> str:
    """A word without its ending: `payments`, `payment`; `failing`, `failed`, `fails`."""
    for ending in ("ingly", "ing", "edly", "ed", "ies", "es", "s", "ly"):
        rest = word.removesuffix(ending)
        if (
            rest != word
            and len(rest) >= 3
            and not (ending in {"s", "es"} and word.endswith(("ss", "us", "is")))
        ):
            word = rest
            break
    if len(word) > 3 and word[-1] in "ey":
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word


SYNONYMS = {
    "database": "db postgres postgresql rds mysql",
    "payment": "checkout payout",
    "mobile": "android ios iphone",
    "unavailable": "outage unreachable offline",
    "failing": "broken broke failure",
    "slow": "latency sluggish lag laggy slowness",
}
SAME = {stem_word(other): stem_word(word) for word, others in SYNONYMS.items() for other in others.split()}
"""Stems that mean the same to somebody who types in a hurry."""


@lru_cache(maxsize=2048)  # most of what is compared is the runbook's own words, the same each time
def extract_keywords(text: str) -> tuple[str, ...]:
    """The stems of a sentence without fillers, in its order, synonyms brought together."""
    stems = (stem_word(word) for word in re.findall(r"[^\W_]+", text.casefold()) if word not in FILLERS)
    return tuple(SAME.get(stem, stem) for stem in stems)
