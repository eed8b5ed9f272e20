"""What in a text names somebody by itself, and the small words around people. Pure."""

import re
from dataclasses import dataclass

from handlers.slack.people.directory import Addressee, AddresseeKind, fold_name

TOKEN = re.compile(
    r"""[*_~`"'“”„‘«(\[{]*<(?:[@!#]|mailto:|https?:)[^<>]*>(?:['’]s\b|[*_~`"“”’»)\]}.:!?…]*)"""
    r"""|(?:&[lg]t;|[^\s<>,;/+&])+|[,;/+&]|[<>]\S*"""
)
POSSESSIVE = re.compile(r">['’]s$")
PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
GROUP = re.compile(r"<!subteam\^([A-Z0-9]+)(?:\|@?([^>]*))?>")
EVERYONE = re.compile(r"<!(?:channel|here|everyone)(?:\|[^>]*)?>")
EMAIL = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>|([\w.%'-]+@[\w-]+(?:\.[\w-]+)+)")


COMMAS = frozenset({",", ";", "/"})
JOINTS = frozenset({"and", "or", "&", "+", "plus"})
LEADING = frozenset({"to", "for", "with"})
"""Words in front of a person: `handover to @dana`."""

ARTICLES = frozenset({"the", "our"})
"""In front of somebody who is all that was typed: `page the on-call`."""

ARROWS = LEADING | {"->", "=>", "→"}
"""What points at a person behind the words."""

SURNAME = re.compile(r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ'’-]+")
MAX_WORDS_LEFT = 2
"""So many words behind “and” are taken for a name that nobody has, more of them for a sentence."""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of what was typed, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return fold_name(self.text)

    @property
    def is_comma(self) -> bool:
        return self.text in COMMAS

    @property
    def is_joint(self) -> bool:
        return self.text.casefold() in JOINTS


def parse_mention(text: str) -> Addressee | None:
    """Who is meant by something that names somebody for itself."""
    if POSSESSIVE.search(text):
        return None
    if found := PERSON.search(text):
        return Addressee(AddresseeKind.PERSON, found[1], found[2] or "")
    if found := GROUP.search(text):
        return Addressee(AddresseeKind.GROUP, found[1], found[2] or "")
    if EVERYONE.search(text):
        return Addressee(AddresseeKind.EVERYONE, "")
    if found := EMAIL.search(text):
        return Addressee(AddresseeKind.EMAIL, (found[1] or found[2]).strip())
    return None
