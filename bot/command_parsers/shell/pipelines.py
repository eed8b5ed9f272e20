"""Pipelines to actions: wrappers taken off, filters set apart, every program read by its own rules."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.command_parsers.filters import parse_filter
from bot.command_parsers.parse_context import ParseContext, Pipeline, ShellCommand
from bot.command_parsers.parsed_command import ParsedCommand
from bot.command_parsers.shell.grammar import parse_shell
from bot.domain.playbook import Action, Filter, StepKind
from bot.errors import UnsupportedCommand

Program = Callable[[ShellCommand, ParseContext, str | None], ParsedCommand | tuple[ParsedCommand, ...]]
"""Reads one program's command line, which may ask for several things in a row; the last value is the
folder that `cd` led to."""

DURATION = re.compile(r"(?P<number>\d{1,9}(?:\.\d{1,3})?)(?P<unit>[smhd]?)")
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_NESTING = 3


@dataclass(frozen=True, slots=True)
class LocatedCommand:
    """A part with what was around it."""

    part: ParsedCommand
    action: Action | None
    needs: tuple[str, ...]


@dataclass(slots=True)
class PipelineInterpreter:
    """Reads pipelines one after the other; `programs` by name, with one for all that have none."""

    programs: Mapping[str, Program]
    other: Program
    given: ParseContext
    folder: str | None = None
    missing: list[str] = field(default_factory=list)

    def read(self, pipelines: Sequence[Pipeline], wrapped: int = 0) -> Iterator[LocatedCommand]:
        """What each pipeline does. Raises `Unclear` when one cannot be evaluated at all."""
        for pipeline in pipelines:
            first = pipeline[0]
            if first.program == "cd":
                self._enter(pipeline)
            else:
                yield from self._one(pipeline, wrapped)

    def _enter(self, pipeline: Pipeline) -> None:
        words = pipeline[0].words
        if len(pipeline) > 1 or len(words) != 2 or words[1].text.startswith("-"):
            raise UnsupportedCommand("cd is not used with one folder")
        self.missing += pipeline[0].needs
        folder = words[1].text
        self.folder = folder if folder.startswith("/") or not self.folder else f"{self.folder}/{folder}"

    def _one(self, pipeline: Pipeline, wrapped: int) -> Iterator[LocatedCommand]:
        first, rest = pipeline[0], pipeline[1:]
        limit = None
        while first.program in {"watch", "timeout"}:
            if wrapped >= MAX_NESTING:
                raise UnsupportedCommand("watch and timeout are nested too deeply")
            wrapped += 1
            if first.program == "watch":
                yield from self._repeat(first, rest, limit, wrapped)
                return
            limit, first = _timeout(first)
        read = self.programs.get(first.program, self.other)(first, self.given, self.folder)
        filters = tuple(_filter(command) for command in rest)
        needs = tuple(dict.fromkeys(need for command in (first, *rest) for need in command.needs))
        for part in read if isinstance(read, tuple) else (read,):
            action = None
            if part.call is not None and part.runs:
                action = Action(part.runs, part.call, filters, None, limit)
            yield LocatedCommand(part, action, needs)

    def _repeat(
        self, watch: ShellCommand, rest: Sequence[ShellCommand], limit: float | None, wrapped: int
    ) -> Iterator[LocatedCommand]:
        """What `watch` does again and again."""
        if rest:
            raise UnsupportedCommand("the output of watch goes into a pipe")
        every, text = _watch(watch)
        for found in self.read(parse_shell(text, self.given), wrapped):
            action = found.action
            if action:
                action = replace(action, every=every, limit=action.limit or limit)
            yield LocatedCommand(found.part, action, tuple(dict.fromkeys((*watch.needs, *found.needs))))


def _filter(command: ShellCommand) -> Filter:
    found = parse_filter(command)
    if found is None:
        raise UnsupportedCommand(f"its output goes into {command.program}, which is not evaluated")
    return found


def _timeout(command: ShellCommand) -> tuple[float, ShellCommand]:
    words = [word.text for word in command.words]
    at = 1
    while at < len(words) and words[at].startswith("-"):
        if words[at] in {"-s", "-k", "--signal", "--kill-after"}:
            at += 1
        elif not re.fullmatch(
            r"-[sk].+|--(?:signal|kill-after)=.+|--foreground|--preserve-status|-v", words[at]
        ):
            raise UnsupportedCommand(f"timeout {words[at]} is not evaluated")
        at += 1
    span = DURATION.fullmatch(words[at]) if at < len(words) else None
    if not span or at + 1 >= len(words):
        raise UnsupportedCommand("timeout has no time or no command")
    inner = replace(command, words=command.words[at + 1 :], source=command.source[at + 1 :])
    return float(span["number"]) * UNITS[span["unit"]], inner


def _watch(command: ShellCommand) -> tuple[float, str]:
    """Seconds between two looks (2 when not said), and the text that watch would hand to a shell."""
    words = [word.text for word in command.words]
    every = 2.0
    at = 1
    while at < len(words) and words[at].startswith("-"):
        word = words[at]
        joined = re.fullmatch(r"-[dtc]*n(.+)|--interval=(.+)", word)
        if word in {"-n", "--interval", "-dn", "-tn", "-cn"}:
            at += 1
            every = _interval(word, words[at] if at < len(words) else "")
        elif joined:
            every = _interval(word, joined[1] or joined[2])
        elif not re.fullmatch(r"-[dtcgbex]+|--(?:differences|color|no-title|exec)(?:=.*)?", word):
            raise UnsupportedCommand(f"watch {word} is not evaluated")
        at += 1
    if at >= len(words):
        raise UnsupportedCommand("watch has no command")
    return every, " ".join(command.source[at:])


def _interval(option: str, text: str) -> float:
    if not re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", text):
        raise UnsupportedCommand(f"watch {option} has no number of seconds")
    return float(text)


def select_worst(found: Sequence[LocatedCommand]) -> ParsedCommand:
    """The part that decides: a pipeline is as dangerous as its worst."""
    order = list(StepKind)
    return max((piece.part for piece in found), key=lambda part: order.index(part.kind))
