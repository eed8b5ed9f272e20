"""Commands inside of others, `$(aws ...)` and `$(kubectl get ...)`: which may be asked first, and what of an answer is
taken."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.command_parsers.kubernetes_output import SINGULAR, parse_text_output
from bot.command_parsers.placeholders import read_inner_need, show_inner_needs
from bot.domain.playbook import Action, AwsCall, InnerCommand, KubernetesCall, ParsedStep, StepKind
from bot.errors import UnsupportedCommand

MAX_INNER_COMMANDS = 5
ARGUMENT = re.compile(r"(?!-)[A-Za-z0-9._:/@-]{1,256}")
"""What of an answer becomes an argument: one plain word that is no option."""

Classify = Callable[[str], ParsedStep]


def read_argument(answer: str) -> str | None:
    """The one argument that a shell would make of an answer, None where it is none, several, or more than a word."""
    text = answer.rstrip("\n")
    return text if ARGUMENT.fullmatch(text) else None


def add_inner_commands(step: ParsedStep, classify: Classify) -> ParsedStep:
    """A diagnostic with the commands inside of it, and what these need in turn; whatever else is a person's, and so
    are they.

    Raises UnsupportedCommand where one of them does more than to read one word.
    """
    if step.kind in (StepKind.REMEDIATION, StepKind.MANUAL):
        own = tuple(need for need in step.needs if read_inner_need(need) is None)
        if own == step.needs:
            return step
        hints = tuple(map(show_inner_needs, step.hints))
        return replace(step, needs=own, why=show_inner_needs(step.why), hints=hints, actions=())
    inner = {command.need: command for command in _list_inner(step.needs, classify)}
    if not inner:
        return step
    if len(inner) > MAX_INNER_COMMANDS:
        raise UnsupportedCommand(f"it runs more than {MAX_INNER_COMMANDS} other commands inside")
    if step.kind is StepKind.PROBE:
        raise UnsupportedCommand("it sends something that another command inside answers")
    needs = dict.fromkeys((*step.needs, *_list_their_needs(tuple(inner), classify)))
    return replace(step, needs=tuple(needs), inner_commands=tuple(inner.values()))


def _list_inner(needs: tuple[str, ...], classify: Classify) -> Iterator[InnerCommand]:
    """Those inside of the inner ones come first, as they are asked first."""
    for need in needs:
        text = read_inner_need(need)
        if text is not None:
            meaning = classify(text)
            if why := _find_obstacle(meaning):
                raise UnsupportedCommand(f"it runs another command inside, “$({text[:60]})”: {why}")
            yield from meaning.inner_commands
            yield InnerCommand(need, text, meaning.actions[0])


def _list_their_needs(inner: tuple[str, ...], classify: Classify) -> Iterator[str]:
    for need in inner:
        yield from classify(read_inner_need(need) or "").needs


def _find_obstacle(meaning: ParsedStep) -> str:
    """Why a command is not asked first; empty where it is."""
    if meaning.kind is not StepKind.DIAGNOSTIC or not meaning.actions:
        return meaning.why
    if len(meaning.actions) != 1:
        return "it asks several things"
    action = meaning.actions[0]
    return "it is asked again and again" if action.every is not None else _find_unprinted(action)


def _find_unprinted(action: Action) -> str:
    """Why what a command prints is not known here as its own program prints it."""
    match action.call:
        case AwsCall(service="logs") | AwsCall(waiter=str()):
            return "its answer is not one word"
        case AwsCall(output=output):
            is_text = output == "text" or any(
                "-r" in filter.words for filter in action.filters if filter.program == "jq"
            )
            return "" if is_text else "its answer is one word with --output text only"
        case KubernetesCall(verb="get", options=options, kinds=kinds):
            is_text = parse_text_output(str(options.get("output", ""))) is not None
            if "sort-by" in options or len(kinds) != 1 or kinds[0] not in SINGULAR or not is_text:
                return "of kubectl get only -o name and a few fields by -o jsonpath={...} are read"
            return ""
    return "only aws and kubectl get are asked first"
