"""What a word of `/incident` is: what it takes, on which incidents it works, who may use it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.incident import OPEN, Status


class ArgumentKind(StrEnum):
    """What may stand behind a word, beside the incident that it is about."""

    NOTHING = "nothing"
    TEXT = "text"
    """Free text: an incident is named only in front of it."""
    LEVEL = "level"
    """A severity, then perhaps text. A bare number is a severity."""
    CHOICE = "choice"
    """One of a few names, then perhaps text."""
    NAME = "name"
    """The name of something in the runbook, to the end."""
    PERSON = "person"
    """Somebody, or several, and then perhaps text."""
    OTHER = "other"
    """Another incident, perhaps behind the one that it is about."""
    TITLE = "title"
    """The title of a new incident: nothing in it names another one."""


UNCLOSED = (*OPEN, Status.RESOLVED)
ANY = tuple(Status)


class Group(StrEnum):
    """The part of an incident's life that a word belongs to, as `/incident help` shows them."""

    DECLARE = "Declare"
    WORK = "Work"
    TELL = "Tell"
    FINISH = "Finish"


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One word. `usage` and `help` are its line in `/incident help`; one that is `daily` stands first there.

    It changes incidents whose status is in `works_on`, none when that is empty. One that `reads` changes nothing, so
    guests may use it; so may they when it `reads_without_arguments` and nothing is behind it, when they were paged and
    it `answers_page`, or when they are in the incident's channel and it `follows`."""

    name: str
    takes: ArgumentKind
    group: Group
    usage: str
    help: str
    works_on: tuple[Status, ...] = ()
    reads: bool = False
    reads_without_arguments: bool = False
    answers_page: bool = False
    follows: bool = False
    aliases: tuple[str, ...] = ()
    daily: bool = False
