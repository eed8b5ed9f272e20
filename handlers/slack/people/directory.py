"""Who can be meant by typed words: the contacts, the incident's roles, and the members of its channel. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bot.ports.messages import SlackPerson
from bot.runbook import match_contacts

AROUND = "*_~`\"'“”„‘’«»()[]{}:.!?…—–-"
"""What people and editors put around a name."""

PIECE = re.compile(r"[^\s,;/+&]+|[,;/+&]")
"""Names are compared piece by piece, and what stands between two names of a list is a piece of its own."""

MYSELF = ("me", "myself")


class AddresseeKind(StrEnum):
    """What somebody is called through."""

    PERSON = "person"
    CONTACT = "contact"
    GROUP = "group"
    EMAIL = "email"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Addressee:
    """One who is meant: a user id, a contact's name, a user group's id or an e-mail address; `shown` is how it was
    spelled."""

    kind: AddresseeKind
    value: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class AddresseeMatch:
    """The one who is meant by the first `pieces` of some words, or the names of `several` who could be. It `is_part` of
    a longer name, so that a further word could make it the name of somebody else."""

    pieces: int
    item: Addressee | None
    several: tuple[str, ...] = ()
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One spelling of somebody."""

    item: Addressee
    is_part: bool = False
    by_handle: bool = False


def fold_name(word: str) -> str:
    """A word as it is compared: without accents, capitals, letters that nobody sees, an @ in front and what stands
    around it, and with the apostrophe of keyboards."""
    letters = unicodedata.normalize("NFKD", word.replace("’", "'"))
    plain = "".join(
        letter
        for letter in letters
        if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return plain.casefold().strip(AROUND).lstrip("@").strip(AROUND)


def has_at(word: str) -> bool:
    """Whether a name was typed as a mention that Slack did not turn into one: `@dana`."""
    return re.match(rf"[{re.escape(AROUND)}]*[@＠][^\W\d_]", word) is not None


@dataclass(frozen=True)
class Directory:
    """`me` is who types, `roles` are user ids by the role's name, `members` those of the incident's channel."""

    me: str
    contacts: Sequence[str] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    members: Sequence[SlackPerson] = ()

    def match(self, words: Sequence[str], loosely: bool = True) -> AddresseeMatch | None:
        """Who is meant by the longest beginning of these words, `loosely` by a part of a contact's name, too; None when
        nobody is."""
        keys = [fold_name(word) for word in words[: self._longest]]
        for pieces in range(len(keys), 0, -1):
            found = self._entries.get(tuple(keys[:pieces]))
            if found:
                return self._chosen(pieces, found, has_at(words[0]))
        return self._loosely(words) if loosely else None

    def _chosen(self, pieces: int, found: Sequence[DirectoryEntry], as_mention: bool) -> AddresseeMatch:
        """Contacts come before people of the same name; a handle with an @ before other names."""
        contacts = [entry for entry in found if entry.item.kind is AddresseeKind.CONTACT]
        handles = [entry for entry in found if entry.by_handle] if as_mention else []
        left = contacts or handles or list(found)
        meant = list(dict.fromkeys(entry.item for entry in left))
        if len(meant) > 1:
            return AddresseeMatch(
                pieces, None, tuple(self.describe_addressee(addressee) for addressee in meant)
            )
        return AddresseeMatch(pieces, meant[0], is_part=all(entry.is_part for entry in left))

    def describe_addressee(self, item: Addressee) -> str:
        """How somebody is told apart from others: the full name and the handle."""
        person = next((member for member in self.members if member.id == item.value), None)
        if item.kind is AddresseeKind.CONTACT or person is None:
            return item.value
        handle = f" (@{person.handle})" if person.handle else ""
        return f"{person.real_name or person.name}{handle}"

    def _loosely(self, words: Sequence[str]) -> AddresseeMatch | None:
        """Everyone, or the contacts that one word fits: `devops`, `on call`."""
        if not words or not fold_name(words[0]):
            return None
        first = [fold_name(word) for word in words[:2]]
        pieces = 2 if first in (["on", "call"], ["all", "hands"]) else 1
        said = "-".join(first[:pieces]) if pieces == 2 else words[0].replace("＠", "@")
        match = match_contacts(said, list(self.contacts))
        if match.everyone:
            return AddresseeMatch(pieces, Addressee(AddresseeKind.EVERYONE, ""))
        if len(match.matched) > 1:
            return AddresseeMatch(pieces, None, match.matched)
        return (
            AddresseeMatch(pieces, Addressee(AddresseeKind.CONTACT, match.matched[0]), is_part=True)
            if match.matched
            else None
        )

    @cached_property
    def _entries(self) -> dict[tuple[str, ...], list[DirectoryEntry]]:
        found: dict[tuple[str, ...], list[DirectoryEntry]] = {}
        for spelling, entry in self._spellings():
            key = tuple(fold_name(piece) for piece in PIECE.findall(spelling))
            if key and all(key):
                found.setdefault(key, []).append(entry)
        return found

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._entries), default=1)

    def _spellings(self) -> Iterator[tuple[str, DirectoryEntry]]:
        for name in self.contacts:
            yield name, DirectoryEntry(Addressee(AddresseeKind.CONTACT, name))
            if "-" in name:
                yield from (
                    (name.replace("-", joint), DirectoryEntry(Addressee(AddresseeKind.CONTACT, name)))
                    for joint in (" ", "")
                )
        yield from ((word, DirectoryEntry(Addressee(AddresseeKind.PERSON, self.me))) for word in MYSELF)
        for role, person in self.roles.items():
            yield from (
                (name, DirectoryEntry(Addressee(AddresseeKind.PERSON, person)))
                for name in (role, f"the {role}")
            )
        for member in self.members:
            yield from ((name, entry) for name, entry in _of_member(member) if name)


def _of_member(member: SlackPerson) -> Iterable[tuple[str, DirectoryEntry]]:
    """Everything that somebody is called by."""
    item = Addressee(AddresseeKind.PERSON, member.id)
    yield member.handle, DirectoryEntry(item, is_part=True, by_handle=True)
    yield member.name, DirectoryEntry(item, is_part=" " not in member.name and " " in member.real_name)
    yield member.real_name, DirectoryEntry(item)
    for name in (member.real_name, member.name):
        first, _, more = name.partition(" ")
        if more and len(first) > 1:
            yield first, DirectoryEntry(item, is_part=True)
