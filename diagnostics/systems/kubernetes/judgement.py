"""One judged object of Kubernetes, and how the judged ones of a kind become a sentence and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Verdict
from diagnostics.clients.response_parsing import format_span

ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)
SHOWN, NAMED = 15, 2
"""Rows of a table, and objects that a headline names."""

SUSPECT = timedelta(hours=1)
"""What changed so long before the incident or later may be its cause, and a restart since then is part of it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is judged: now, and when the incident began, None outside of one. Both are aware."""

    now: datetime
    began: datetime | None

    def is_recent(self, at: datetime | None) -> bool:
        """Whether it is of the incident or of the hour before, outside of one of the last hour."""
        return at is not None and at >= (self.began or self.now) - SUSPECT

    def age(self, at: datetime | None) -> str:
        """`6 min`; `unknown` where no instant is told."""
        return format_span(self.now - at) if at else "unknown"

    def relate(self, at: datetime) -> str:
        """`6 min before the incident began`, outside of one `6 min ago`."""
        if self.began is None:
            return f"{format_span(self.now - at)} ago"
        side = "before" if at < self.began else "after"
        return f"{format_span(self.began - at)} {side} the incident began"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One object: what is said of it without a full stop, its row, and what it points to."""

    verdict: Verdict
    name: str
    said: str
    row: tuple[str, ...]
    suspect: Suspect | None = None


@dataclass(frozen=True, slots=True)
class JudgedKind:
    """All judged objects of a kind. `noun` is its plural, `well` what is said when all are well."""

    noun: str
    heads: tuple[str, ...]
    judged: tuple[Judgement, ...]
    well: str = "are well"

    @property
    def verdict(self) -> Verdict:
        """The worst of them."""
        return min((judgement.verdict for judgement in self.judged), key=ORDER.index, default=Verdict.OK)

    @property
    def worst_first(self) -> Sequence[Judgement]:
        return sorted(self.judged, key=lambda judgement: ORDER.index(judgement.verdict))

    @property
    def ill(self) -> int:
        """How many are not well."""
        return sum(judgement.verdict is not Verdict.OK for judgement in self.judged)

    def headline(self) -> str:
        """One or two sentences: the worst ones by name, else that all are well."""
        if not self.judged:
            return f"No {self.noun} are there."
        if not self.ill:
            only = self.judged[0]
            if len(self.judged) == 1:
                return f"{only.name} {only.said}."
            return f"All {len(self.judged)} {self.noun} {self.well}."
        named = "; ".join(
            f"{judgement.name} {judgement.said}" for judgement in self.worst_first[: min(self.ill, NAMED)]
        )
        more = self.ill - NAMED
        rest = f" {more} more of {len(self.judged)} {self.noun} {'is' if more == 1 else 'are'} not well."
        return f"{named}.{rest if more > 0 else ''}"

    def table(self) -> EvidenceTable | None:
        """The worst first; None where there is nothing to show."""
        rows = tuple(judgement.row for judgement in self.worst_first)
        return EvidenceTable(self.heads, rows[:SHOWN], max(0, len(rows) - SHOWN)) if rows else None


def find_suspect(kinds: Sequence[JudgedKind]) -> Suspect | None:
    """What the worst of all points to, the first that points to anything."""
    judged = sorted(
        (judgement for kind in kinds for judgement in kind.judged),
        key=lambda judgement: ORDER.index(judgement.verdict),
    )
    return next(
        (
            judgement.suspect
            for judgement in judged
            if judgement.suspect and judgement.verdict is not Verdict.OK
        ),
        None,
    )
