"""The words of an `aws` command: service, operation, options; those that every command has are set apart."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.command_parsers.parse_context import ShellCommand, ShellWord
from bot.command_parsers.parsed_command import MistypedCommand
from bot.errors import UnsupportedCommand

WITH_VALUE = frozenset({"region", "profile", "output", "query", "color", "cli-binary-format"})
WITHOUT_VALUE = frozenset({"debug", "no-cli-pager", "no-cli-auto-prompt", "no-paginate"})
LIMITS = frozenset({"cli-read-timeout", "cli-connect-timeout"})
REFUSED = {
    "endpoint-url": "it asks another address than AWS's",
    "ca-bundle": "it trusts a certificate of its own",
    "no-verify-ssl": "it does not verify whom it talks to",
    "no-sign-request": "it asks without credentials",
    "generate-cli-skeleton": "it prints a skeleton",
    "cli-auto-prompt": "it asks at a terminal",
    "cli-input-yaml": "its parameters are in YAML",
}
SHORTEST = 3
"""Letters that the beginning of an option of every command has at least (`--out`)."""

SETTINGS = {"AWS_PROFILE": "profile", "AWS_REGION": "region", "AWS_DEFAULT_REGION": "region"}


@dataclass(slots=True)
class AwsArguments:
    """`options` by name without dashes, with their values; `names` are the words before the first option."""

    service: str
    operation: str
    names: list[ShellWord] = field(default_factory=list)
    options: dict[str, list[ShellWord]] = field(default_factory=dict)
    everywhere: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return f"aws {self.service} {self.operation}"

    def take_option(self, name: str) -> str | None:
        """The one value of an option, taken away, or None."""
        words = self.options.pop(name, None)
        if words is None:
            return None
        if len(words) != 1:
            raise MistypedCommand(f"{self.shown}: --{name} takes one value")
        return words[0].text

    def take_number(self, name: str) -> int | None:
        """The number of an option, taken away; None also when it is a placeholder still."""
        words = self.options.get(name)
        text = self.take_option(name)
        if text is None or (words and words[0].needs):
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise MistypedCommand(f"{self.shown}: --{name} wants a number, not “{text[:40]}”")
        return int(text)


def parse_arguments(command: ShellCommand) -> AwsArguments:
    """The command's words sorted. Raises `Unclear` for options that lead elsewhere."""
    found = AwsArguments("", "", everywhere=_settings(command.settings))
    positional: list[ShellWord] = []
    words = list(command.words[1:])
    name = ""
    for word in words:
        text = word.text
        if text.startswith("--") and len(text) > 2:
            name, equals, value = text[2:].partition("=")
            name = _complete_global(name)
            found.options[name] = [ShellWord(value, word.needs)] if equals else []
        elif _is_over(name, found.options):
            positional.append(word)
        else:
            found.options[name].append(word)
    if not positional:
        raise UnsupportedCommand("aws is given no service")
    found.service = positional[0].text
    found.operation = positional[1].text if len(positional) > 1 else ""
    found.names = positional[2:]
    _set_apart(found)
    return found


def _complete_global(name: str) -> str:
    """The option of every command that a name is the beginning of; the name as it is where none is meant."""
    meant = [known for known in WITH_VALUE if known.startswith(name)]
    return meant[0] if len(meant) == 1 and len(name) >= SHORTEST else name


def complete_options(words: AwsArguments, known: Collection[str]) -> None:
    """Write out the options that are unambiguous beginnings of `known` ones, as AWS's own CLI reads them."""
    for name in [*words.options]:
        meant = [option for option in known if option.startswith(name)]
        if name not in known and len(meant) == 1 and meant[0] not in words.options:
            words.options[meant[0]] = words.options.pop(name)


def _is_over(name: str, options: Mapping[str, Sequence[ShellWord]]) -> bool:
    """Whether an option has all that it takes, so that the next word stands for itself; empty before the first."""
    takes_one = name in (WITH_VALUE | LIMITS)
    return not name or name in WITHOUT_VALUE or (takes_one and bool(options[name]))


def _settings(settings: Mapping[str, ShellWord]) -> dict[str, str]:
    found = {}
    for name, word in settings.items():
        if name in SETTINGS:
            found[SETTINGS[name]] = word.text
    return found


def _set_apart(found: AwsArguments) -> None:
    """Options of every command leave `options`."""
    for name, why in REFUSED.items():
        if name in found.options:
            raise UnsupportedCommand(f"{why} (--{name})")
    for name in WITH_VALUE | LIMITS:
        value = found.take_option(name)
        if value is not None:
            found.everywhere[name] = value
    if re.search(r"[/.#@?:\s]", found.everywhere.get("region", "")):
        raise UnsupportedCommand("--region is no region, and would lead to another address")
    for name in WITHOUT_VALUE:
        if found.options.pop(name, None) is not None:
            found.everywhere[name] = ""


def suggest_correction(word: str, known: Sequence[str], dashes: str = "") -> str:
    """`did you mean describe-services?`, or nothing when nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(word[:60], known, n=1, cutoff=0.6)
    return f"did you mean {dashes}{near[0]}?" if near else ""
