"""The grammar of `/incident`: typed words in, a parsed command out. Pure."""

import difflib
import re
from dataclasses import dataclass

from bot.slack import as_typed

WORDS = (
    "declare",
    "drill",
    "ack",
    "join",
    "lead",
    "handover",
    "assign",
    "page",
    "escalate",
    "oncall",
    "run",
    "runbook",
    "severity",
    "status",
    "update",
    "note",
    "rename",
    "catchup",
    "timeline",
    "list",
    "resolve",
    "cancel",
    "reopen",
    "checklist",
    "close",
    "help",
)
"""Every word that is understood, in the order of an incident's life."""

ALIASES = {"new": "declare", "open": "declare", "acknowledge": "ack", "on-call": "oncall"}
LEVEL = re.compile(r"^(?:p|sev|s)-?\d$", re.IGNORECASE)
DECLARING = ("declare", "drill")
PRIVATE = "private"
REFERENCE = re.compile(r"^INC-?(\d{1,18})$", re.IGNORECASE)
PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
ANYWAY = re.compile(r"^anyway\b\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed. `word` is one of WORDS, empty for none, or the unknown word itself.

    `number` is the N of an INC-N that was named; `person` the user id of the first @mention;
    `level` the severity in front of a declaration's words, `private` whether that word stood there too; `rest` the
    remaining words as they were typed.
    """

    word: str
    rest: str = ""
    number: int | None = None
    person: str = ""
    level: str = ""
    private: bool = False

    @property
    def is_known(self) -> bool:
        return self.word == "" or self.word in WORDS

    @property
    def nearest(self) -> str | None:
        """The word that was probably meant."""
        found = difflib.get_close_matches(self.word, [*WORDS, *ALIASES], n=1, cutoff=0.5)
        return ALIASES.get(found[0], found[0]) if found else None

    @property
    def anyway(self) -> str:
        """The reason after `close anyway`."""
        return ANYWAY.sub("", self.rest) if ANYWAY.match(self.rest) else ""


def parse(text: str) -> Command:
    """Read the text of a slash command, as Slack sends it with `should_escape`."""
    tokens = text.strip().split(None, 1)
    if not tokens:
        return Command("")
    first, rest = tokens[0], tokens[1].strip() if len(tokens) > 1 else ""
    if found := REFERENCE.match(first):
        inner = parse(rest)
        return Command(inner.word, inner.rest, int(found[1]), inner.person, inner.level, inner.private)
    word = ALIASES.get(first.casefold(), first.casefold())
    number, person, level = None, "", ""
    head, _, tail = rest.partition(" ")
    if found := REFERENCE.match(head):
        number, rest = int(found[1]), tail.strip()
    if found := PERSON.search(rest):
        person = found[1]
    if word in ("handover", "page"):  # somebody whom only the words name is not meant
        found = PERSON.match(rest)
        person, rest = (found[1], rest[found.end() :].strip()) if found else ("", rest)
    private = False
    while word in DECLARING:
        head, _, tail = rest.partition(" ")
        if LEVEL.match(head) and not level:
            level, rest = head, tail.strip()
        elif head.casefold() == PRIVATE and not private:
            private, rest = True, tail.strip()
        else:
            break
    return Command(as_typed(word), as_typed(rest), number, person, level, private)
