"""What the crowd asked for, and what it was told: all that the checker knows besides what Slack shows."""

import re
from dataclasses import dataclass, replace
from typing import Literal

What = Literal["declare", "update", "status", "severity", "lead", "note", "resolve", "tick"]
Verdict = Literal["accepted", "refused", "in doubt"]


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request. `incident` is 0 where none was named; `words` are unique among all requests of a kind that shows
    words; `answer` is what came back, as a person reads it.
    """

    who: str
    what: What
    incident: int
    words: str
    verdict: Verdict
    answer: str = ""

    def mark_uncertain(self) -> "RequestRecord":
        """The same after a restore of an older state: it may be there or not, and never twice."""
        return replace(self, verdict="in doubt") if self.verdict == "accepted" else self


@dataclass(frozen=True, slots=True)
class SlackState:
    """What stands in Slack when all is quiet: conversations by name, each message as plain text, oldest first."""

    rooms: dict[str, list[str]]
    pinned: dict[str, list[str]]
    announced: list[str]
    direct: dict[str, list[str]]


WORDS_BEFORE = {
    "set the status to": "changed status: ",
    "changed the severity from": "changed severity: ",
    "commands now.": "is now incident commander.",
    "commands already": "is already incident commander",
    "you are called for INC-": "you're being paged for INC-",
    "Not called, reach them yourself": "Not reachable from here; contact them yourself",
    "What was not asked, to run by hand": "Skipped checks, to run yourself",
    "asks you to command": "asks you to take command",
    "My database was put back from a backup": "My database was restored from a backup",
    "Not rung at once": "On hold until they acknowledge another page",
    "not rung at once": "page on hold",
    "Also called: ": "Also paged: ",
    "Now called: ": "Now paged: ",
    "Called: ": "Paged: ",
    "Look whether it is there": "Check whether it was saved",
    "a fault of mine": "went wrong on my side",
}
"""What the version before says, in the words of this one: both run side by side, and one checker reads both."""


def translate_before(text: str) -> str:
    """A message or an answer in the words of this version, whichever version said it."""
    text = re.sub(
        r"The (status|severity) is (\w+) now", lambda match: f"{match[1].title()} is now {match[2]}", text
    )
    for before, now in WORDS_BEFORE.items():
        text = text.replace(before, now)
    return text
