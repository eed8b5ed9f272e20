"""What the crowd asked for, and what it was told: all that the checker knows besides what Slack shows."""

from dataclasses import dataclass
from typing import Literal

What = Literal["declare", "update", "status", "severity", "lead", "note", "resolve", "tick"]
Verdict = Literal["accepted", "refused", "in doubt"]


@dataclass(frozen=True, slots=True)
class Told:
    """One request. `incident` is 0 where none was named; `words` are unique among all requests of a kind that shows
    words; `answer` is what came back, as a person reads it.
    """

    who: str
    what: What
    incident: int
    words: str
    verdict: Verdict
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in Slack when all is quiet: conversations by name, each message as plain text, oldest first."""

    rooms: dict[str, list[str]]
    pinned: dict[str, list[str]]
    announced: list[str]
    direct: dict[str, list[str]]
