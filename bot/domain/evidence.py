"""The table behind a headline, of a finding and of what the database keeps of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """Rows of texts under their heads. `left_out` counts the rows that are not shown."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0
