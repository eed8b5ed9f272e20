"""kubectl: its verb decides, and every option must be one that only looks."""

import re
from collections.abc import Sequence

from bot.command_parsers.kubernetes_targets import parse_targets
from bot.command_parsers.parse_context import ParseContext, ShellCommand, ShellWord
from bot.command_parsers.parsed_command import ParsedCommand
from bot.command_parsers.scripts import describe_native_way
from bot.command_parsers.shell.options import OptionSpec, ParsedOptions, parse_options, parse_spellings
from bot.domain.playbook import KubernetesCall, StepKind
from bot.errors import UnsupportedCommand

READS = frozenset({"get", "describe", "logs", "top", "events"})
"""What a diagnostic of Tocsin's answers. `explain`, `version` and the like tell nothing of an incident."""

ROLLOUT_READS = frozenset({"status", "history"})
_CHANGES = """
    annotate apply autoscale cordon create delete drain edit expose label patch replace scale set taint uncordon
    rollout
"""
CHANGES = frozenset(_CHANGES.split())
AROUND = OptionSpec(
    "kubectl",
    parse_spellings("--warnings-as-errors, --match-server-version"),
    parse_spellings("-n --namespace, --context, --request-timeout"),
)
"""What may stand before the verb. Others ask another server, as somebody else, or read files of this machine."""

LOOKS = OptionSpec(
    "kubectl",
    {
        **AROUND.flags,
        **parse_spellings(
            "-A --all-namespaces, -w --watch, --watch-only, --no-headers, --show-labels, --show-kind, --show-events,"
            " --ignore-not-found, --containers, -f --follow, -p --previous, --timestamps, --all-containers, --prefix,"
            " --ignore-errors, --recursive, --client, --short, --namespaced, --use-protocol-buffers, --sum"
        ),
    },
    {
        **AROUND.values,
        **parse_spellings(
            "-l --selector, --field-selector, -o --output, --sort-by, -L --label-columns, --chunk-size, --for, --types,"
            " --tail, --since, --since-time, -c --container, --limit-bytes, --max-log-requests, --pod-running-timeout,"
            " --revision, --timeout, --api-group, --api-version, --verbs, --subresource"
        ),
    },
)
SHAPES = ("json", "yaml", "wide", "name", "jsonpath=", "jsonpath-as-json=", "custom-columns=", "go-template=")
"""What `-o` may ask for; the others read a file."""

CONFIGURED = re.compile(
    r"(?:^|,)(?:cm|configmaps?)(?:$|[,/.])|^-o.*\benv\b|^(?:jsonpath|go-template|custom-columns).*\benv\b",
    re.I,
)
"""Configuration and environments: whatever a team wrote there."""


def parse_kubectl(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """The verb decides, and nothing that may print a secret or ask another server is a diagnostic."""
    named = parse_options(command.words[1:], AROUND, until_word=True).rest
    if not named:
        raise UnsupportedCommand("kubectl is given nothing to do")
    verb, further = named[0], _second(command)
    is_rollout = verb == "rollout"
    told = f"rollout {further}".strip() if is_rollout else verb
    if verb in CHANGES and not (is_rollout and further in ROLLOUT_READS):
        return ParsedCommand(StepKind.REMEDIATION, f"kubectl {told} changes something")
    _refuse_verb(verb, command)
    read = parse_options(_normalise_watch(command), LOOKS)
    if "follow" in read.flags and verb != "logs":
        raise UnsupportedCommand("kubectl -f reads a file")
    _refuse_shape(read.last("output"))
    words = tuple(word.text for word in command.words[1:])
    _refuse_secrets(verb, words)
    verb, targets = told, parse_targets(told, read.rest[2 if is_rollout else 1 :])
    call = KubernetesCall(verb, words, targets.kinds, targets.names, _list_options(read))
    return ParsedCommand(
        StepKind.DIAGNOSTIC, f"kubectl {verb} only reads", f"kubectl.{verb.replace(' ', '_')}", call
    )


def _list_options(read: ParsedOptions) -> dict[str, str | bool]:
    """Every option by its long name, the last value said; `True` for a flag. An old second word of `logs` is its
    container."""
    options: dict[str, str | bool] = dict.fromkeys(sorted(read.flags), True)
    options |= {name: values[-1] for name, values in read.values.items()}
    if read.rest[0] == "logs" and len(read.rest) == 3:
        options["container"] = read.rest[2]
    return options


def _refuse_verb(verb: str, command: ShellCommand) -> None:
    """Raises UnsupportedCommand for a verb that is a person's own."""
    if verb == "exec" and (way := describe_native_way(word.text for word in command.words)):
        raise UnsupportedCommand(f"kubectl exec enters a container: {way}")
    if verb not in READS | {"rollout"}:
        raise UnsupportedCommand(f"kubectl {verb[:30]} is for a person's own terminal")


def _refuse_shape(shape: str | None) -> None:
    """Raises UnsupportedCommand for a way of printing that reads a file. Those that end in `=` take what follows."""
    if shape is None or shape in SHAPES:
        return
    if not shape.startswith(tuple(known for known in SHAPES if known.endswith("="))):
        raise UnsupportedCommand(f"kubectl -o {shape[:30]} is not evaluated")


def _refuse_secrets(verb: str, words: Sequence[str]) -> None:
    """Raises UnsupportedCommand where secrets may be shown."""
    if any("secret" in text.lower() for text in words):
        raise UnsupportedCommand("kubectl would show secrets")
    if verb in {"get", "describe"} and any(CONFIGURED.search(text) for text in words):
        raise UnsupportedCommand("kubectl would show what a team configured, which may be secrets")


def _normalise_watch(command: ShellCommand) -> list[ShellWord]:
    """The words with `--watch=true` as `--watch`, and without `--watch=false`."""
    found = []
    for word in command.words[1:]:
        name, _, value = word.text.partition("=")
        switch = name in LOOKS.flags and value in {"true", "false"}
        if not switch or value == "true":
            found.append(ShellWord(name, word.needs) if switch else word)
    return found


def _second(command: ShellCommand) -> str:
    """The word after the verb; empty when an option that is not known stands before it."""
    try:
        return [*parse_options(_normalise_watch(command), LOOKS).rest, "", ""][1]
    except UnsupportedCommand:
        return ""
