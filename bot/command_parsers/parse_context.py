"""What a command is read with, and what its words are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

MONITORED = re.compile(
    r"PG[A-Z]+|AWS_(?:DEFAULT_)?REGION|AWS_PROFILE|REDIS_[A-Z0-9_]+|REDISCLI_AUTH|DATABASE_URL"
    r"|DB_(?:HOST|PORT|USER|USERNAME|NAME|PASSWORD)|POSTGRES_[A-Z]+"
)
"""Variables that say where the monitored systems are. No other is read: they may be the bot's own secrets."""


ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What is known from outside: the clock, variables of the environment, and what a person filled in.

    `variables` by name without `$`, `inputs` by the placeholder as typed (`<task-arn>`). Nothing of these is
    ever read as shell: they become parts of words after the words are cut. `allowed` are further variables
    that may be named. `now` is aware; dates without a zone are taken as UTC.
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    variables: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the clock must say its zone")

    def is_allowed_variable(self, variable: str) -> bool:
        """Whether a command may use this variable of the environment."""
        return bool(MONITORED.fullmatch(variable)) or variable in self.allowed


@dataclass(frozen=True, slots=True)
class ShellWord:
    """One word after quotes, variables and dates. `needs` are what it still lacks, as typed."""

    text: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """One simple command: its words, variables set for it, and the text of its here-document.

    `source` is the word list with placeholders still hidden, for programs that read a command themselves.
    """

    words: tuple[ShellWord, ...]
    settings: Mapping[str, ShellWord]
    stdin: ShellWord | None = None
    source: tuple[str, ...] = ()

    @property
    def program(self) -> str:
        return self.words[0].text

    @property
    def needs(self) -> tuple[str, ...]:
        """Everything that is still missing, each once, in the order typed."""
        parts = [*self.words, *self.settings.values(), *([self.stdin] if self.stdin else [])]
        return tuple(dict.fromkeys(need for part in parts for need in part.needs))


Pipeline = tuple[ShellCommand, ...]
