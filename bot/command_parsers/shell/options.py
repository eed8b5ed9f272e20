"""Options of ordinary programs: which take a value, which do not, and what is left. Unknown ones are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.command_parsers.parse_context import ShellWord
from bot.errors import UnsupportedCommand


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """How a program spells its options: each spelling to a name, once for flags and once for those with a value."""

    program: str
    flags: Mapping[str, str]
    values: Mapping[str, str]


@dataclass(slots=True)
class ParsedOptions:
    """`flags` that stand there, `values` in order by name, and the other words."""

    flags: set[str] = field(default_factory=set)
    values: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)

    def last(self, name: str) -> str | None:
        """The value of an option, the last one said."""
        return self.values.get(name, [None])[-1]


def parse_spellings(text: str) -> dict[str, str]:
    """`-h --host, -q` to each spelling's name, which is the last spelling of its group."""
    groups = [group.split() for group in text.split(",")]
    return {spelling: group[-1].lstrip("-") for group in groups for spelling in group}


def parse_options(
    words: Sequence[ShellWord], spelling: OptionSpec, until_word: bool = False
) -> ParsedOptions:
    """Sort words; with `until_word` options end at the first other word. Raises `Unclear`."""
    found = ParsedOptions()
    texts = [word.text for word in words]
    at = 0
    while at < len(texts):
        text = texts[at]
        at += 1
        if text == "--" or (until_word and not text.startswith("-")):
            found.rest += texts[at:] if text == "--" else texts[at - 1 :]
            break
        if not text.startswith("-") or text == "-":
            found.rest.append(text)
        elif text.startswith("--"):
            at = _long(text, texts, at, spelling, found)
        elif text in spelling.values:
            at = _value(spelling.values[text], text, texts, at, spelling, found)
        elif text in spelling.flags:
            found.flags.add(spelling.flags[text])
        else:
            at = _cluster(text, texts, at, spelling, found)
    return found


def _value(
    name: str, text: str, texts: Sequence[str], at: int, spelling: OptionSpec, found: ParsedOptions
) -> int:
    if at >= len(texts):
        raise UnsupportedCommand(f"{spelling.program} {text} has no value")
    found.values.setdefault(name, []).append(texts[at])
    return at + 1


def _long(text: str, texts: Sequence[str], at: int, spelling: OptionSpec, found: ParsedOptions) -> int:
    option, equals, value = text.partition("=")
    if option in spelling.flags and not equals:
        found.flags.add(spelling.flags[option])
        return at
    if option not in spelling.values:
        raise UnsupportedCommand(f"{spelling.program} {option[:40]} is not evaluated")
    if equals:
        found.values.setdefault(spelling.values[option], []).append(value)
        return at
    return _value(spelling.values[option], option, texts, at, spelling, found)


def _cluster(text: str, texts: Sequence[str], at: int, spelling: OptionSpec, found: ParsedOptions) -> int:
    """`-tAc SQL`, `-sSf`, `-n5`: letters together, the last with its value joined or after it."""
    for number, letter in enumerate(text[1:], 2):
        option = f"-{letter}"
        if option in spelling.flags:
            found.flags.add(spelling.flags[option])
        elif option in spelling.values:
            name = spelling.values[option]
            if text[number:]:
                found.values.setdefault(name, []).append(text[number:])
                return at
            return _value(name, option, texts, at, spelling, found)
        else:
            raise UnsupportedCommand(f"{spelling.program} {text[:40]} is not evaluated")
    return at
