"""Every word of `/incident` in one table: what it takes, whether it only reads, on which incidents it works."""

from bot.domain.incident import OPEN
from handlers.slack.command_parser.command_spec import ANY, UNCLOSED, ArgumentKind, CommandSpec, Group

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
        "publish", ArgumentKind.TEXT, Group.TELL, "publish [text]", "draft what customers read", works_on=ANY
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
        "action",
        ArgumentKind.PERSON,
        Group.FINISH,
        "action @who by friday WORDS",
        "add an action item",
        works_on=ANY,
    ),
    CommandSpec(
        "actions", ArgumentKind.NOTHING, Group.FINISH, "actions", "list open action items", reads=True
    ),
    CommandSpec(
        "close", ArgumentKind.TEXT, Group.FINISH, "close", "close it when the checklist is done", works_on=ANY
    ),
    CommandSpec("review", ArgumentKind.NOTHING, Group.FINISH, "review", "write the review", works_on=ANY),
    CommandSpec(
        "meeting",
        ArgumentKind.TEXT,
        Group.FINISH,
        "meeting [cancel WHY]",
        "arrange, move or cancel the meeting",
        works_on=ANY,
    ),
    CommandSpec(
        "times",
        ArgumentKind.TEXT,
        Group.FINISH,
        "times [02:40 WHY]",
        "show its times, or when it began",
        works_on=ANY,
        reads_without_arguments=True,
    ),
    CommandSpec(
        "stats",
        ArgumentKind.NAME,
        Group.FINISH,
        "stats [90d]",
        "show counts and durations",
        aliases=("statistics",),
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
