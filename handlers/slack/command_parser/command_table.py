"""Every word of `/incident` in one table: what it takes, whether it only reads, on which incidents it works."""

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


COMMANDS = (
    CommandSpec(
        "declare",
        ArgumentKind.TITLE,
        Group.DECLARE,
        "declare [private] p0 WORDS",
        "declare, or open the form",
        aliases=("new", "open"),
        daily=True,
    ),
    CommandSpec(
        "drill",
        ArgumentKind.TITLE,
        Group.DECLARE,
        "drill [p0 WORDS]",
        "rehearse: marked as a drill, nobody is paged",
    ),
    CommandSpec(
        "ack",
        ArgumentKind.NOTHING,
        Group.WORK,
        "ack",
        "acknowledge: you are on it",
        works_on=OPEN,
        answers_page=True,
        aliases=("acknowledge",),
        daily=True,
    ),
    CommandSpec(
        "join", ArgumentKind.NOTHING, Group.WORK, "join", "join the incident's channel", works_on=OPEN
    ),
    CommandSpec(
        "follow",
        ArgumentKind.NOTHING,
        Group.TELL,
        "follow",
        "get its updates by direct message",
        works_on=OPEN,
        follows=True,
    ),
    CommandSpec(
        "unfollow",
        ArgumentKind.NOTHING,
        Group.TELL,
        "unfollow",
        "stop getting its updates",
        works_on=ANY,
        follows=True,
    ),
    CommandSpec(
        "lead", ArgumentKind.PERSON, Group.WORK, "lead [@who]", "take command, or offer it", works_on=OPEN
    ),
    CommandSpec(
        "handover",
        ArgumentKind.PERSON,
        Group.WORK,
        "handover @who [words]",
        "offer command with a note",
        works_on=OPEN,
    ),
    CommandSpec(
        "assign",
        ArgumentKind.PERSON,
        Group.WORK,
        "assign ROLE @who",
        "name the deputy, scribe, comms or ops lead",
        works_on=OPEN,
    ),
    CommandSpec(
        "page",
        ArgumentKind.PERSON,
        Group.WORK,
        "page WHO [words]",
        "page people, contacts or groups",
        works_on=OPEN,
        daily=True,
    ),
    CommandSpec(
        "escalate", ArgumentKind.NOTHING, Group.WORK, "escalate", "page the next people now", works_on=OPEN
    ),
    CommandSpec(
        "oncall",
        ArgumentKind.NOTHING,
        Group.WORK,
        "oncall",
        "show who is on call",
        reads=True,
        aliases=("on-call",),
    ),
    CommandSpec(
        "run",
        ArgumentKind.NAME,
        Group.WORK,
        "run [playbook or step]",
        "run the checks again",
        works_on=UNCLOSED,
        daily=True,
    ),
    CommandSpec(
        "fix",
        ArgumentKind.NAME,
        Group.WORK,
        "fix [words]",
        "propose a change that two people agree on",
        works_on=OPEN,
        aliases=("remediate",),
    ),
    CommandSpec(
        "runbook",
        ArgumentKind.NAME,
        Group.WORK,
        "runbook [NAME]",
        "show what the runbook says",
        works_on=ANY,
        reads=True,
    ),
    CommandSpec(
        "severity", ArgumentKind.LEVEL, Group.TELL, "severity P1 [why]", "change the severity", works_on=OPEN
    ),
    CommandSpec(
        "status",
        ArgumentKind.CHOICE,
        Group.TELL,
        "status [monitoring]",
        "show the status, or change it",
        works_on=OPEN,
        reads_without_arguments=True,
    ),
    CommandSpec(
        "update",
        ArgumentKind.TEXT,
        Group.TELL,
        "update [text]",
        "post a status update",
        works_on=OPEN,
        daily=True,
    ),
    CommandSpec(
        "impact",
        ArgumentKind.TEXT,
        Group.TELL,
        "impact [text]",
        "say what it does to users",
        works_on=UNCLOSED,
    ),
    CommandSpec("note", ArgumentKind.TEXT, Group.TELL, "note TEXT", "add to the timeline", works_on=UNCLOSED),
    CommandSpec("rename", ArgumentKind.TEXT, Group.TELL, "rename TITLE", "change the title", works_on=OPEN),
    CommandSpec(
        "catchup",
        ArgumentKind.NOTHING,
        Group.TELL,
        "catchup",
        "show a short summary",
        works_on=ANY,
        reads=True,
    ),
    CommandSpec(
        "timeline",
        ArgumentKind.NOTHING,
        Group.TELL,
        "timeline",
        "show everything that happened",
        works_on=ANY,
        reads=True,
    ),
    CommandSpec(
        "list", ArgumentKind.NOTHING, Group.TELL, "list", "list open and recent incidents", reads=True
    ),
    CommandSpec(
        "resolve",
        ArgumentKind.TEXT,
        Group.FINISH,
        "resolve [text]",
        "resolve the incident",
        works_on=OPEN,
        daily=True,
    ),
    CommandSpec(
        "cancel", ArgumentKind.TEXT, Group.FINISH, "cancel [why]", "cancel a false alarm", works_on=OPEN
    ),
    CommandSpec(
        "merge", ArgumentKind.OTHER, Group.FINISH, "merge INC-7", "close it as part of INC-7", works_on=OPEN
    ),
    CommandSpec("reopen", ArgumentKind.NOTHING, Group.FINISH, "reopen", "open it again", works_on=ANY),
    CommandSpec(
        "checklist",
        ArgumentKind.NOTHING,
        Group.FINISH,
        "checklist",
        "show what is left to do",
        works_on=ANY,
        reads=True,
    ),
    CommandSpec(
        "close", ArgumentKind.TEXT, Group.FINISH, "close", "close it when the checklist is done", works_on=ANY
    ),
    CommandSpec("help", ArgumentKind.NOTHING, Group.DECLARE, "help", "show this", reads=True),
)
"""In the order of an incident's life."""

NO_WORD = CommandSpec("", ArgumentKind.NOTHING, Group.DECLARE, "", "", works_on=ANY, reads=True)
"""Nothing typed, or only an incident: its card."""

BY_NAME = {command.name: command for command in (NO_WORD, *COMMANDS)}
HELP = tuple((command.usage, command.help) for command in COMMANDS)
"""(usage, what it does) of each word."""

WORDS = tuple(command.name for command in COMMANDS)
ALIASES = {alias: command.name for command in COMMANDS for alias in command.aliases}


def find_command(typed: str) -> CommandSpec | None:
    """The word in any letter case, also by an alias or with a dash in it; None when there is no such word."""
    name = typed.casefold()
    return BY_NAME.get(ALIASES.get(name, name)) or BY_NAME.get(name.replace("-", "")) if name else None


def list_help() -> list[tuple[str, list[tuple[str, str]]]]:
    """The lines of `/incident help`, (usage, what it does) below their titles: the daily words, then four groups."""
    groups = [("Every day", [command for command in COMMANDS if command.daily])]
    for group in Group:
        others = [command for command in COMMANDS if command.group is group and not command.daily]
        groups.append((group.value, others))
    return [(title, [(command.usage, command.help) for command in commands]) for title, commands in groups]


def list_page_rows() -> list[str]:
    """The rows of the table in docs/WORDS.md: the words of each group with their aliases."""
    rows = []
    for command in (command for group in Group for command in COMMANDS if command.group is group):
        aliases = ", ".join(f"`{alias}`" for alias in command.aliases)
        also = f" (also {aliases})" if aliases else ""
        rows.append(f"| `/incident {command.usage}`{also} | {command.group} | {command.help} |")
    return rows
