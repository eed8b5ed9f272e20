"""Programs that Tocsin does not know from the inside: scripts, docker, ssh."""

import re

from bot.commands.given import Command, Given
from bot.commands.part import Part
from bot.step import Kind

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


def read_script(command: Command, given: Given, folder: str | None) -> Part:
    """A program by its path; its name tells whether it is there to change something."""
    name = command.program
    if SCRIPT.fullmatch(name):
        base = name.rstrip("/").rpartition("/")[2]
        if CHANGES.search(base):
            return Part(Kind.REMEDIATION, f"the script {base} changes something, by its name. {MAP}")
        return Part(Kind.MANUAL, f"what the script {base} does cannot be known")
    return Part(Kind.MANUAL, f"{name[:40]} is not a program that Tocsin knows")


def read_docker(command: Command, given: Given, folder: str | None) -> Part:
    """docker and docker-compose, by what their words change."""
    words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
    changing = next((word for word in words[:3] if word in DOCKER_CHANGES), None)
    if changing:
        return Part(Kind.REMEDIATION, f"docker {changing} changes something. {MAP}")
    return Part(Kind.MANUAL, "docker runs on another machine, which Tocsin does not enter")


def read_remote(command: Command, given: Given, folder: str | None) -> Part:
    """ssh and its like."""
    return Part(Kind.MANUAL, f"{command.program} enters another machine, which Tocsin does not")


def read_shell_runner(command: Command, given: Given, folder: str | None) -> Part:
    """`bash -c`, `sudo`, `xargs`: they run whatever they are handed."""
    words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
    if (
        command.program in {"bash", "sh", "zsh"}
        and words
        and SCRIPT.fullmatch(words[0])
        and not command.stdin
    ):
        return read_script(
            Command(command.words[-len(words) :], command.settings, None, command.source), given, folder
        )
    return Part(Kind.MANUAL, f"{command.program} runs whatever it is handed")
