"""Whether two spellings of a contact's name mean the same contact."""

import re
import unicodedata

UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
DASHES = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
"""Signs that look like a hyphen, as word processors and wikis write one."""


def tidy_name(name: str) -> str:
    """The name as it is shown: without unseen letters and spaces around it, with one space and one kind of hyphen."""
    plain = unicodedata.normalize("NFKC", DASHES.sub("-", UNSEEN.sub("", name)))
    return " ".join(plain.split())


def build_name_key(name: str) -> str:
    """The same for all ways to write one name: capitals, spaces and hyphens make no other contact of it."""
    return tidy_name(name).casefold()
