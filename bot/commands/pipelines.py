"""Pipelines to actions: wrappers taken off, filters set apart, every program read by its own rules."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.commands.filters import read_filter
from bot.commands.given import Command, Given, Pipeline
from bot.commands.grammar import read_shell
from bot.commands.part import Part
from bot.errors import Unclear
from bot.step import Action, Kind

Program = Callable[[Command, Given, str | None], Part | tuple[Part, ...]]
"""Reads one program's command line, which may ask for several things in a row; the last value is the
folder that `cd` led to."""

DURATION = re.compile(r"(?P<number>\d{1,9}(?:\.\d{1,3})?)(?P<unit>[smhd]?)")
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
WRAPPED = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A part with what was around it."""

    part: Part
    action: Action | None
    needs: tuple[str, ...]


@dataclass(slots=True)
class Interpreter:
    """Reads pipelines one after the other; `programs` by name, with one for all that have none."""

    programs: Mapping[str, Program]
    other: Program
    given: Given
    folder: str | None = None
    missing: list[str] = field(default_factory=list)

    def read(self, pipelines: Sequence[Pipeline], wrapped: int = 0) -> Iterator[Found]:
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
            raise Unclear("cd is not used with one folder")
        self.missing += pipeline[0].needs
        folder = words[1].text
        self.folder = folder if folder.startswith("/") or not self.folder else f"{self.folder}/{folder}"

    def _one(self, pipeline: Pipeline, wrapped: int) -> Iterator[Found]:
        first, rest = pipeline[0], pipeline[1:]
        every, limit = None, None
        while first.program in {"watch", "timeout"}:
            if wrapped >= WRAPPED:
                raise Unclear("watch and timeout are nested too deeply")
            wrapped += 1
            if first.program == "timeout":
                limit, first = _timeout(first)
                continue
            if rest:
                raise Unclear("the output of watch goes into a pipe")
            every, text = _watch(first)
            for found in self.read(read_shell(text, self.given), wrapped):
                action = found.action and replace(
                    found.action, every=every, limit=found.action.limit or limit
                )
                needs = tuple(dict.fromkeys((*first.needs, *found.needs)))
                yield Found(found.part, action, needs)
            return
        read = self.programs.get(first.program, self.other)(first, self.given, self.folder)
        filters = []
        for command in rest:
            filter_ = read_filter(command)
            if filter_ is None:
                raise Unclear(f"its output goes into {command.program}, which is not evaluated")
            filters.append(filter_)
        needs = tuple(dict.fromkeys(need for command in (first, *rest) for need in command.needs))
        for part in read if isinstance(read, tuple) else (read,):
            action = None
            if part.call is not None and part.runs:
                action = Action(part.runs, part.call, tuple(filters), every, limit)
            yield Found(part, action, needs)


def _timeout(command: Command) -> tuple[float, Command]:
    words = [word.text for word in command.words]
    at = 1
    while at < len(words) and words[at].startswith("-"):
        if words[at] in {"-s", "-k", "--signal", "--kill-after"}:
            at += 1
        elif not re.fullmatch(
            r"-[sk].+|--(?:signal|kill-after)=.+|--foreground|--preserve-status|-v", words[at]
        ):
            raise Unclear(f"timeout {words[at]} is not evaluated")
        at += 1
    span = DURATION.fullmatch(words[at]) if at < len(words) else None
    if not span or at + 1 >= len(words):
        raise Unclear("timeout has no time or no command")
    inner = replace(command, words=command.words[at + 1 :], source=command.source[at + 1 :])
    return float(span["number"]) * UNITS[span["unit"]], inner


def _watch(command: Command) -> tuple[float, str]:
    """Seconds between two looks (2 when not said), and the text that watch would hand to a shell."""
    words = [word.text for word in command.words]
    every = 2.0
    at = 1
    while at < len(words) and words[at].startswith("-"):
        word = words[at]
        spaced = word in {"-n", "--interval", "-dn", "-tn", "-cn"}
        joined = re.fullmatch(r"-[dtc]*n(.+)|--interval=(.+)", word)
        if spaced or joined:
            said = (
                words[at + 1]
                if spaced and at + 1 < len(words)
                else (joined and (joined[1] or joined[2])) or ""
            )
            span = re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", said)
            if not span:
                raise Unclear(f"watch {word} has no number of seconds")
            every = float(said)
            at += 1 if spaced else 0
        elif not re.fullmatch(r"-[dtcgbex]+|--(?:differences|color|no-title|exec)(?:=.*)?", word):
            raise Unclear(f"watch {word} is not evaluated")
        at += 1
    if at >= len(words):
        raise Unclear("watch has no command")
    return every, " ".join(command.source[at:])


def worst(found: Sequence[Found]) -> Part:
    """The part that decides: a pipeline is as dangerous as its worst."""
    order = list(Kind)
    return max((each.part for each in found), key=lambda part: order.index(part.kind))
