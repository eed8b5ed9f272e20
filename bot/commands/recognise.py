"""The text of one command or fence to what it means: the room's one way in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.commands.aws import read_aws
from bot.commands.curl import read_curl
from bot.commands.filled import refused, secret_elsewhere
from bot.commands.gaps import Gaps
from bot.commands.git import read_git, read_github
from bot.commands.given import Given
from bot.commands.grammar import read_shell
from bot.commands.kubectl import read_kubectl
from bot.commands.links import addresses, read_open, told_to_visit
from bot.commands.part import Mistyped, Part
from bot.commands.pipelines import Found, Interpreter, Program, worst
from bot.commands.redis import read_lines, read_redis
from bot.commands.scripts import read_docker, read_remote, read_script, read_shell_runner
from bot.commands.sql import read_psql, read_statements
from bot.errors import Unclear
from bot.step import Action, Kind, Meaning

PROGRAMS: Mapping[str, Program] = {
    "aws": read_aws,
    "psql": read_psql,
    "redis-cli": read_redis,
    "curl": read_curl,
    "git": read_git,
    "gh": read_github,
    "kubectl": read_kubectl,
    "open": read_open,
    "xdg-open": read_open,
    "docker": read_docker,
    "docker-compose": read_docker,
    "ssh": read_remote,
    "scp": read_remote,
    "rsync": read_remote,
    "bash": read_shell_runner,
    "sh": read_shell_runner,
    "zsh": read_shell_runner,
    "sudo": read_shell_runner,
    "xargs": read_shell_runner,
    "eval": read_shell_runner,
    "exec": read_shell_runner,
    "env": read_shell_runner,
    "nohup": read_shell_runner,
}
FOREIGN = frozenset(
    {"promql", "logql", "kql", "powershell", "ps1", "cmd", "bat", "batch", "mysql", "sqlite", "fish"}
)
SQL = frozenset({"sql", "psql", "postgres", "postgresql", "pgsql", "plpgsql"})
STATEMENT = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:SELECT|WITH|EXPLAIN|SHOW)\s", re.I)
"""How SQL begins in a fence without a language."""


def recognise(command: str, language: str = "bash", given: Given | None = None) -> Meaning:
    """What a command of a runbook means. Never raises: what is not understood is `manual` with the reason.

    `language` is that of its fence, empty when it has none. Before a step is run it is recognised again with the
    clock, the variables and the inputs of that moment: only a meaning without `needs` is ready. What is filled in
    never changes the kind: where it would change more than its own place, the step still needs it, has no actions,
    and says so. Nothing is run, read from disk but AWS's service models, or asked over the network.
    """
    given = given or Given()
    plain = _told(command, language, replace(given, variables={}, inputs={}))
    if not plain.needs or not (given.variables or given.inputs):
        return plain
    full = _told(command, language, given)
    why = refused(plain, full, given)
    return replace(plain, why=why, actions=()) if why else full


def _told(command: str, language: str, given: Given) -> Meaning:
    try:
        meaning = _recognised(command, language, given)
    except Mistyped as mistake:
        return Meaning(Kind.MANUAL, str(mistake), hints=(str(mistake),))
    except Unclear as reason:
        return Meaning(Kind.MANUAL, str(reason))
    except RecursionError:
        return Meaning(Kind.MANUAL, "it is nested too deeply")
    secret = secret_elsewhere(meaning)
    return (
        Meaning(Kind.MANUAL, f"it would hand {secret} to something else than its own system")
        if secret
        else meaning
    )


def recognise_words(text: str) -> Meaning:
    """What an instruction without a command means: a link to open, or something to do."""
    if told_to_visit(text):
        return Meaning(Kind.LINK, "opened by a person: " + ", ".join(addresses(text)))
    return Meaning(Kind.MANUAL, "an instruction, not a command")


def _recognised(command: str, language: str, given: Given) -> Meaning:
    if language in FOREIGN:
        raise Unclear(f"{language} is not evaluated")
    if language in SQL or (not language and STATEMENT.match(command)):
        return _together(_language(command, given, read_statements), ())
    if language == "redis":
        return _together(_language(command, given, read_lines), ())
    interpreter = Interpreter(PROGRAMS, read_script, given)
    found = list(interpreter.read(read_shell(command, given)))
    if not found:
        raise Unclear("it only goes to a folder")
    return _together(found, tuple(interpreter.missing))


def _language(text: str, given: Given, read: Callable[[str], tuple[Part, ...]]) -> list[Found]:
    """A fence that is no shell: placeholders filled in first, so that what they hold is judged too."""
    gaps = Gaps(given.inputs)
    word = gaps.fill(gaps.hide(text, brackets=False))
    parts = read(word.text)
    return [
        Found(part, Action(part.runs, part.call) if part.runs and part.call else None, word.needs)
        for part in parts
    ]


def _together(found: Sequence[Found], missing: tuple[str, ...]) -> Meaning:
    """What the parts mean as one step."""
    part = worst(found)
    needs = tuple(dict.fromkeys([*missing, *(need for each in found for need in each.needs)]))
    whole = part.kind is not Kind.MANUAL and all(each.action for each in found)
    actions = tuple(each.action for each in found if each.action) if whole else ()
    if not whole and part.kind in {Kind.DIAGNOSTIC, Kind.PROBE}:
        other = next(each.part.why for each in found if not each.action)
        part = Part(Kind.MANUAL, f"one part of it is not for Tocsin: {other}")
    hints = tuple(dict.fromkeys(hint for each in found for hint in each.part.hints))
    return Meaning(part.kind, part.why, actions, needs, hints)
