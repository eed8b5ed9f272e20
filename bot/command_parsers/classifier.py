"""The text of one command or fence to what it means: the room's one way in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from bot.command_parsers.aws import parse_aws
from bot.command_parsers.curl import parse_curl
from bot.command_parsers.git import parse_git, parse_github
from bot.command_parsers.http import parse_httpie, parse_wget
from bot.command_parsers.inner_commands import add_inner_commands
from bot.command_parsers.kubectl import parse_kubectl
from bot.command_parsers.parse_context import ParseContext
from bot.command_parsers.parsed_command import MistypedCommand, ParsedCommand
from bot.command_parsers.placeholder_safety import find_leaked_secret, find_unsafe_input
from bot.command_parsers.placeholders import PlaceholderMap, show_inner_needs
from bot.command_parsers.redis import parse_redis, parse_redis_lines
from bot.command_parsers.scripts import parse_docker, parse_remote, parse_script, parse_shell_runner
from bot.command_parsers.shell.grammar import parse_shell
from bot.command_parsers.shell.pipelines import LocatedCommand, PipelineInterpreter, Program, select_worst
from bot.command_parsers.sql import parse_psql, parse_sql_fence
from bot.command_parsers.urls import find_addresses, is_visit_instruction, parse_open
from bot.domain.playbook import Action, KubernetesCall, ParsedStep, StepKind
from bot.errors import UnsupportedCommand

PROGRAMS: Mapping[str, Program] = {
    "aws": parse_aws,
    "psql": parse_psql,
    "redis-cli": parse_redis,
    "curl": parse_curl,
    "wget": parse_wget,
    **dict.fromkeys(("http", "https", "httpie", "xh", "xhs"), parse_httpie),
    "curlie": parse_curl,
    "git": parse_git,
    "gh": parse_github,
    "kubectl": parse_kubectl,
    "open": parse_open,
    "xdg-open": parse_open,
    "docker": parse_docker,
    "docker-compose": parse_docker,
    "ssh": parse_remote,
    "scp": parse_remote,
    "rsync": parse_remote,
    "bash": parse_shell_runner,
    "sh": parse_shell_runner,
    "zsh": parse_shell_runner,
    "sudo": parse_shell_runner,
    "xargs": parse_shell_runner,
    "eval": parse_shell_runner,
    "exec": parse_shell_runner,
    "env": parse_shell_runner,
    "nohup": parse_shell_runner,
}
FOREIGN = frozenset(
    {"promql", "logql", "kql", "powershell", "ps1", "cmd", "bat", "batch", "mysql", "sqlite", "fish"}
)
SQL = frozenset({"sql", "psql", "postgres", "postgresql", "pgsql", "plpgsql"})
ENVIRONMENT = re.compile(r"\benv(?:ironment)?\b", re.I)
STATEMENT = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:SELECT|WITH|EXPLAIN|SHOW)\s", re.I)
"""How SQL begins in a fence without a language."""


def classify_command(command: str, language: str = "bash", given: ParseContext | None = None) -> ParsedStep:
    """What a command of a runbook means. Never raises: what is not understood is `manual` with the reason.

    `language` is that of its fence, empty when it has none. Before a step is run it is recognised again with the
    clock, the variables and the inputs of that moment: only a meaning without `needs` is ready. What is filled in
    never changes the kind: where it would change more than its own place, the step still needs it, has no actions,
    and says so. Nothing is run, read from disk but AWS's service models, or asked over the network.
    """
    given = given or ParseContext()
    plain = _classify_cached(command, language, replace(given, variables={}, inputs={}))
    if not plain.needs or not (given.variables or given.inputs):
        return plain
    full = _classify_cached(command, language, given)
    why = find_unsafe_input(plain, full, given)
    return replace(plain, why=why, actions=()) if why else full


def _classify_cached(command: str, language: str, given: ParseContext) -> ParsedStep:
    try:
        meaning = _classify(command, language, given)
    except MistypedCommand as mistake:
        said = show_inner_needs(str(mistake))
        return ParsedStep(StepKind.MANUAL, said, hints=(said,))
    except UnsupportedCommand as reason:
        return ParsedStep(StepKind.MANUAL, show_inner_needs(str(reason)))
    except RecursionError:
        return ParsedStep(StepKind.MANUAL, "it is nested too deeply")
    secret = find_leaked_secret(meaning)
    return (
        ParsedStep(StepKind.MANUAL, f"it would hand {secret} to something else than its own system")
        if secret
        else meaning
    )


def classify_instruction(text: str) -> ParsedStep:
    """What an instruction without a command means: a link to open, or something to do."""
    if is_visit_instruction(text):
        return ParsedStep(StepKind.LINK, "opened by a person: " + ", ".join(find_addresses(text)))
    return ParsedStep(StepKind.MANUAL, "an instruction, not a command")


def _classify(command: str, language: str, given: ParseContext) -> ParsedStep:
    if language in FOREIGN:
        raise UnsupportedCommand(f"{language} is not evaluated")
    if language in SQL or (not language and STATEMENT.match(command)):
        return _together(_language(command, given, parse_sql_fence), ())
    if language == "redis":
        return _together(_language(command, given, parse_redis_lines), ())
    interpreter = PipelineInterpreter(PROGRAMS, parse_script, given)
    found = list(interpreter.read(parse_shell(command, given)))
    _refuse_environment(found)
    if not found:
        raise UnsupportedCommand("it only goes to a folder")
    return add_inner_commands(
        _together(found, tuple(interpreter.missing)), lambda text: classify_command(text, "bash", given)
    )


def _refuse_environment(found: Sequence[LocatedCommand]) -> None:
    """Raises UnsupportedCommand where what a container is configured with is looked for in what kubectl prints."""
    for action in (piece.action for piece in found if piece.action):
        words = (word for filter_ in action.filters for word in filter_.words)
        if isinstance(action.call, KubernetesCall) and any(map(ENVIRONMENT.search, words)):
            raise UnsupportedCommand("it looks for the values of an environment, which are never shown")


def _language(
    text: str, given: ParseContext, read: Callable[[str], tuple[ParsedCommand, ...]]
) -> list[LocatedCommand]:
    """A fence that is no shell: placeholders filled in first, so that what they hold is judged too."""
    gaps = PlaceholderMap(given.inputs)
    word = gaps.fill(gaps.hide(text, brackets=False))
    parts = read(word.text)
    return [
        LocatedCommand(part, Action(part.runs, part.call) if part.runs and part.call else None, word.needs)
        for part in parts
    ]


def _together(found: Sequence[LocatedCommand], missing: tuple[str, ...]) -> ParsedStep:
    """What the parts mean as one step."""
    part = select_worst(found)
    actions = tuple(piece.action for piece in found if piece.action)
    whole = part.kind is not StepKind.MANUAL and len(actions) == len(found)
    if not whole and part.kind in {StepKind.DIAGNOSTIC, StepKind.PROBE}:
        part = _not_for_us(found)
    needs = dict.fromkeys((*missing, *chain.from_iterable(piece.needs for piece in found)))
    hints = dict.fromkeys(chain.from_iterable(piece.part.hints for piece in found))
    return ParsedStep(
        part.kind,
        part.why,
        actions if whole else (),
        tuple(needs),
        tuple(hints),
        harmless=part.kind is StepKind.PROBE and _are_probes_harmless(found),
    )


def _not_for_us(found: Sequence[LocatedCommand]) -> ParsedCommand:
    """What a step is of which one part cannot be done here."""
    other = next(piece.part.why for piece in found if not piece.action)
    return ParsedCommand(StepKind.MANUAL, f"one part of it is not for Tocsin: {other}")


def _are_probes_harmless(found: Sequence[LocatedCommand]) -> bool:
    return all(piece.part.harmless for piece in found if piece.part.kind is StepKind.PROBE)
