"""Proves that an incident's timeline is as it was written: the chain of its entries is reckoned anew, and held against
heads that have left the database."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

HEAD = re.compile(r"\bINC-(\d{1,15})/(\d{1,9}):([0-9a-f]{32,64})(?![0-9a-f])")
"""A head as `TimelineHead.text` writes it, whole or its first 32 digits, anywhere in a text."""

SHORT = 32
"""Hexadecimal digits of a head where people read it: to make another timeline with the same ones is out of reach."""


@dataclass(frozen=True, slots=True)
class TimelineHead:
    """The end of an incident's chain when it had `position` entries; `chain` is its SHA-256 in hexadecimal, or the
    beginning of it."""

    incident: int
    position: int
    chain: str

    @property
    def text(self) -> str:
        """`INC-42/14:3f9a…`, as it stands in logs and exports."""
        return f"INC-{self.incident}/{self.position}:{self.chain}"

    @property
    def short_text(self) -> str:
        """The same with the first 32 digits, for messages."""
        return f"INC-{self.incident}/{self.position}:{self.chain[:SHORT]}"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A timeline entry as the database keeps it. `said` is PostgreSQL's JSON text of actor, detail and newer; `micros`
    are the microseconds since 1970 of its instant. One from before the chain has no `position`; one of which a person's
    data was removed has a `removed_at` and no `salt`."""

    id: int
    at: datetime
    kind: str
    said: str
    micros: int
    position: int | None
    salt: bytes | None
    digest: bytes | None
    chain: bytes | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineProof:
    """What was found of one incident's timeline. `vouched` is the position of the newest head from outside that fits;
    after it nothing vouches but the database itself. `faults` say in sentences what is not as it was written."""

    incident: int
    chained: int
    unproven: int
    removed: int
    vouched: int
    faults: tuple[str, ...]
    head: TimelineHead | None

    @property
    def text(self) -> str:
        """One line for people."""
        said = [f"{self.chained} {'entry' if self.chained == 1 else 'entries'}"]
        if self.removed:
            said.append(f"{_count(self.removed)} removed on request")
        if self.unproven:
            said.append(f"{_count(self.unproven)} from before the chain, unproven")
        if self.chained and self.vouched < self.chained:
            after = f"after entry {self.vouched}" if self.vouched else "for it"
            said.append(f"nothing outside the database vouches {after}")
        verdict = "CHANGED" if self.faults else "as written"
        return "\n  ".join((f"INC-{self.incident}: {verdict}. {'; '.join(said)}.", *self.faults))


def _count(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"


def parse_heads(text: str) -> list[TimelineHead]:
    """Every head that stands in a text: a log, an export, a message that was copied."""
    return [TimelineHead(int(number), int(at), chain) for number, at, chain in HEAD.findall(text)]


def compute_digest(salt: bytes, said: str) -> bytes:
    """The salted SHA-256 of what an entry says."""
    return hashlib.sha256(salt + said.encode()).digest()


def compute_chain(
    before: bytes, incident: int, position: int, micros: int, kind: str, digest: bytes
) -> bytes:
    """The SHA-256 that an entry adds to the chain."""
    return hashlib.sha256(before + f"{incident}/{position}/{micros}/{kind}/".encode() + digest).digest()


def prove_timeline(
    incident: int,
    entries: Sequence[StoredEntry],
    kept: TimelineHead | None,
    outside: Iterable[TimelineHead] = (),
) -> TimelineProof:
    """Reckon the chain anew. `entries` in the order of their ids; `kept` is the end of the chain by the database's own
    note; `outside` are heads that left it, of any incident."""
    chained = sorted(
        (entry for entry in entries if entry.position is not None), key=lambda entry: entry.position or 0
    )
    head = _find_head(incident, chained)
    vouched, from_outside = _check_heads(incident, chained, outside)
    faults = [
        *_check_entries(incident, chained),
        *_check_end(head, kept),
        *_check_unproven(entries),
        *from_outside,
    ]
    return TimelineProof(
        incident=incident,
        chained=len(chained),
        unproven=sum(entry.position is None for entry in entries),
        removed=sum(entry.removed_at is not None for entry in entries),
        vouched=vouched,
        faults=tuple(faults),
        head=head,
    )


def _find_head(incident: int, chained: Sequence[StoredEntry]) -> TimelineHead | None:
    if not chained:
        return None
    return TimelineHead(incident, chained[-1].position or 0, (chained[-1].chain or b"").hex())


def _check_entries(incident: int, chained: Sequence[StoredEntry]) -> list[str]:
    faults, before, expected = [], b"", 1
    for entry in chained:
        position, digest = entry.position or 0, entry.digest or b""
        if position != expected:
            faults.append(_describe_gap(expected, position))
        elif compute_chain(before, incident, position, entry.micros, entry.kind, digest) != entry.chain:
            faults.append(
                f"{_name(entry)} does not follow from the entry before it: its time, kind or digest was changed."
            )
        if entry.salt is None and entry.removed_at is None:
            faults.append(f"{_name(entry)} has no salt, and nobody's request says why.")
        elif entry.salt is not None and compute_digest(entry.salt, entry.said) != digest:
            faults.append(f"{_name(entry)} does not say what was written.")
        before, expected = entry.chain or b"", position + 1
    return faults


def _describe_gap(expected: int, position: int) -> str:
    if position < expected:
        return f"Entry {position} is there twice."
    missing = (
        f"Entry {expected} is" if position == expected + 1 else f"Entries {expected} to {position - 1} are"
    )
    return f"{missing} missing."


def _name(entry: StoredEntry) -> str:
    return f"Entry {entry.position} ({entry.kind}, {entry.at:%Y-%m-%d %H:%M} UTC)"


def _check_end(head: TimelineHead | None, kept: TimelineHead | None) -> list[str]:
    """Whether the last entry is the one that the database noted last."""
    if head == kept:
        return []
    ends = f"ends at entry {head.position}" if head else "has no entry"
    if kept is None:
        return [f"The chain {ends}, and the note of its end is missing."]
    if head is None or head.position < kept.position:
        return [f"The chain {ends}, and {_count(kept.position)} were written."]
    return ["The note of the chain's end is another one."]


def _check_unproven(entries: Sequence[StoredEntry]) -> list[str]:
    """An entry outside the chain may stand before it only."""
    begun, faults = False, []
    for entry in entries:
        begun = begun or entry.position is not None
        if begun and entry.position is None:
            faults.append(
                f"An entry of {entry.at:%Y-%m-%d %H:%M} UTC ({entry.kind}) was put in past the chain."
            )
    return faults


def _check_heads(
    incident: int, chained: Sequence[StoredEntry], outside: Iterable[TimelineHead]
) -> tuple[int, list[str]]:
    """The newest position for which a head from outside vouches, and what those that do not fit say."""
    chains = {entry.position: (entry.chain or b"").hex() for entry in chained}
    given = sorted({head for head in outside if head.incident == incident}, key=lambda head: head.position)
    vouched = 0
    faults: list[str] = []
    for head in given:
        found = chains.get(head.position)
        if found is not None and found.startswith(head.chain):
            vouched = head.position if not faults else vouched
            continue
        since = f"after entry {vouched}" if vouched else "from the first entry on"
        why = "is not there any more" if found is None else "is not the one that it names"
        faults.append(
            f"A head that left the database ({head.short_text}) does not fit: entry {head.position} {why}."
            f" Something was changed {since}."
        )
    return vouched, faults
