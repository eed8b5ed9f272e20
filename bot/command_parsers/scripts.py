"""Programs that Tocsin does not know from the inside: scripts, docker, ssh."""

import re
from collections.abc import Iterable

from bot.command_parsers.parse_context import ParseContext, ShellCommand
from bot.command_parsers.parsed_command import ParsedCommand
from bot.domain.playbook import StepKind

CHANGES = re.compile(
    r"rollback|roll-back|revert|restart|reboot|redeploy|deploy|scale|failover|promote|drain|cordon|purge|flush|kill|stop"
    r"|start|enable|disable|rotate|restore|migrate|clear|reset|delete|remove|recover|block|switch|toggle",
    re.I,
)
DOCKER_CHANGES = frozenset(
    {
        "restart",
        "stop",
        "start",
        "kill",
        "rm",
        "pause",
        "unpause",
        "update",
        "up",
        "down",
        "scale",
        "prune",
        "rmi",
    }
)
SCRIPT = re.compile(r"(?:\.{1,2}|~)?/.*|.*\.(?:sh|py|rb|pl|js|ts|ps1)|[\w.-]+/[\w./-]+")
MAP = "Say beside the step which remediation it stands for."


NATIVE = {"psql": "PGHOST", "redis-cli": "REDIS_HOST"}
"""Programs that Tocsin asks by itself, and the variable that says where their system is."""


def describe_native_way(words: Iterable[str]) -> str:
    """How the program that is run inside of a container would be asked by Tocsin itself; empty for any other."""
    program = next((word for word in words if word in NATIVE), None)
    if program is None:
        return ""
    return f"set {NATIVE[program]} where Tocsin runs and write {program} alone, and it is asked directly"


def parse_script(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """A program by its path; its name tells whether it is there to change something."""
    name = command.program
    if SCRIPT.fullmatch(name):
        base = name.rstrip("/").rpartition("/")[2]
        if CHANGES.search(base):
            return ParsedCommand(
                StepKind.REMEDIATION, f"the script {base} changes something, by its name. {MAP}"
            )
        return ParsedCommand(StepKind.MANUAL, f"what the script {base} does cannot be known")
    return ParsedCommand(StepKind.MANUAL, f"{name[:40]} is not a program that Tocsin knows")


def parse_docker(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """docker and docker-compose, by what their words change."""
    words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
    changing = next((word for word in words[:3] if word in DOCKER_CHANGES), None)
    if changing:
        return ParsedCommand(StepKind.REMEDIATION, f"docker {changing} changes something. {MAP}")
    way = describe_native_way(words) if "exec" in words[:2] else ""
    if way:
        return ParsedCommand(StepKind.MANUAL, f"docker exec enters a container: {way}")
    return ParsedCommand(StepKind.MANUAL, "docker runs on another machine, which Tocsin does not enter")


def parse_remote(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """ssh and its like."""
    return ParsedCommand(StepKind.MANUAL, f"{command.program} enters another machine, which Tocsin does not")


def parse_shell_runner(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """`bash -c`, `sudo`, `xargs`: they run whatever they are handed."""
    words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
    if (
        command.program in {"bash", "sh", "zsh"}
        and words
        and SCRIPT.fullmatch(words[0])
        and not command.stdin
    ):
        return parse_script(
            ShellCommand(command.words[-len(words) :], command.settings, None, command.source), given, folder
        )
    return ParsedCommand(StepKind.MANUAL, f"{command.program} runs whatever it is handed")
