"""The words of an `aws` command: service, operation, options; those that every command has are set apart."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.commands.given import Command, Word
from bot.commands.part import Mistyped
from bot.errors import Unclear

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
SETTINGS = {"AWS_PROFILE": "profile", "AWS_REGION": "region", "AWS_DEFAULT_REGION": "region"}


@dataclass(slots=True)
class AwsWords:
    """`options` by name without dashes, with their values; `names` are the words before the first option."""

    service: str
    operation: str
    names: list[Word] = field(default_factory=list)
    options: dict[str, list[Word]] = field(default_factory=dict)
    everywhere: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return f"aws {self.service} {self.operation}"

    def taken(self, name: str) -> str | None:
        """The one value of an option, taken away, or None."""
        words = self.options.pop(name, None)
        if words is None:
            return None
        if len(words) != 1:
            raise Mistyped(f"{self.shown}: --{name} takes one value")
        return words[0].text

    def whole_number(self, name: str) -> int | None:
        """The number of an option, taken away; None also when it is a placeholder still."""
        words = self.options.get(name)
        text = self.taken(name)
        if text is None or (words and words[0].needs):
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise Mistyped(f"{self.shown}: --{name} wants a number, not “{text[:40]}”")
        return int(text)


def read_words(command: Command) -> AwsWords:
    """The command's words sorted. Raises `Unclear` for options that lead elsewhere."""
    found = AwsWords("", "", everywhere=_settings(command.settings))
    positional: list[Word] = []
    words = list(command.words[1:])
    name = ""
    for word in words:
        text = word.text
        if text.startswith("--") and len(text) > 2:
            name, equals, value = text[2:].partition("=")
            found.options[name] = [Word(value, word.needs)] if equals else []
        elif not name or name in WITHOUT_VALUE or (name in (WITH_VALUE | LIMITS) and found.options[name]):
            positional.append(word)
        else:
            found.options[name].append(word)
    if not positional:
        raise Unclear("aws is given no service")
    found.service = positional[0].text
    found.operation = positional[1].text if len(positional) > 1 else ""
    found.names = positional[2:]
    _set_apart(found)
    return found


def _settings(settings: Mapping[str, Word]) -> dict[str, str]:
    found = {}
    for name, word in settings.items():
        if name in SETTINGS:
            found[SETTINGS[name]] = word.text
    return found


def _set_apart(found: AwsWords) -> None:
    """Options of every command leave `options`."""
    for name, why in REFUSED.items():
        if name in found.options:
            raise Unclear(f"{why} (--{name})")
    for name in WITH_VALUE | LIMITS:
        value = found.taken(name)
        if value is not None:
            found.everywhere[name] = value
    if re.search(r"[/.#@?:\s]", found.everywhere.get("region", "")):
        raise Unclear("--region is no region, and would lead to another address")
    for name in WITHOUT_VALUE:
        if found.options.pop(name, None) is not None:
            found.everywhere[name] = ""


def first_typo(word: str, known: Sequence[str], dashes: str = "") -> str:
    """`did you mean describe-services?`, or nothing when nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(word[:60], known, n=1, cutoff=0.6)
    return f"did you mean {dashes}{near[0]}?" if near else ""
