"""Programs of a pipeline that only look at the text they are handed: which of their options are understood."""

import re
from collections.abc import Callable

from bot.commands.given import Command
from bot.errors import Unclear
from bot.step import Filter

COUNT = re.compile(r"[+-]?\d{1,9}")
GREP_FLAGS = "EFGPioOvwxcnhHqasI"
GREP_COUNTS = "ABCm"
GREP_LONG = {
    "--ignore-case", "--invert-match", "--only-matching", "--extended-regexp", "--fixed-strings",
    "--perl-regexp", "--count", "--line-number", "--word-regexp", "--line-buffered", "--color", "--no-messages",
    "--color=auto", "--color=always", "--color=never", "--colour", "--max-count", "--context", "--after-context",
    "--before-context", "--quiet", "--text",
}  # fmt: skip
JQ_FLAGS = "rcsSMCaej"
JQ_LONG = {
    "--raw-output", "--compact-output", "--slurp", "--sort-keys", "--monochrome-output", "--color-output",
    "--exit-status", "--join-output", "--tab",
}  # fmt: skip


def read_filter(command: Command) -> Filter | None:
    """The filter, or None when the program is none. Raises `Unclear` for options that do more than look."""
    check = CHECKS.get(command.program)
    if check is None:
        return None
    words = [word.text for word in command.words[1:]]
    if command.stdin is not None:
        raise Unclear(f"{command.program} reads a here-document instead of the pipe")
    check(command.program, words)
    return Filter(command.program, tuple(words))


def _short(word: str, flags: str) -> bool:
    return bool(re.fullmatch(f"-[{flags}]+", word))


def _grep(program: str, words: list[str]) -> None:
    patterns = 0
    rest = iter(words)
    ended = False
    for word in rest:
        if ended or not word.startswith("-") or word == "-":
            patterns += 1
        elif word == "--":
            ended = True
        elif word in {"-e", "--regexp"}:
            next(rest, None)
            patterns += 1
        elif re.fullmatch(f"-[{GREP_FLAGS}]*[{GREP_COUNTS}]", word):
            next(rest, None)
        elif re.fullmatch(f"-[{GREP_FLAGS}]*e", word):
            next(rest, None)
            patterns += 1
        elif not (
            _short(word, GREP_FLAGS)
            or re.fullmatch(f"-[{GREP_FLAGS}]*[{GREP_COUNTS}]?\\d+", word)
            or word.split("=")[0] in GREP_LONG
            or word in GREP_LONG
        ):
            raise Unclear(f"{program} {word} is not evaluated")
    if patterns != 1:
        raise Unclear(f"{program} reads files, not the pipe" if patterns else f"{program} has no pattern")


def _jq(program: str, words: list[str]) -> None:
    programs = 0
    rest = iter(words)
    for word in rest:
        if word in {"--arg", "--argjson"}:
            next(rest, None)
            next(rest, None)
        elif _short(word, JQ_FLAGS) or word in JQ_LONG:
            continue
        elif word.startswith("-"):
            raise Unclear(f"{program} {word} is not evaluated")
        else:
            programs += 1
    if programs > 1:
        raise Unclear(f"{program} reads a file, not the pipe")


def _sort(program: str, words: list[str]) -> None:
    rest = iter(words)
    for word in rest:
        if word in {"-k", "-t"}:
            next(rest, None)
        elif not (
            _short(word, "nrufbhgVdis") or re.fullmatch(r"-[nrufbhgVdis]*[kt].+", word)
        ) and word not in {
            "--reverse",
            "--numeric-sort",
            "--unique",
            "--human-numeric-sort",
        }:
            raise Unclear(f"{program} {word} is not evaluated")


def _uniq(program: str, words: list[str]) -> None:
    for word in words:
        if not _short(word, "cdiu") and word not in {"--count", "--repeated", "--unique"}:
            raise Unclear(f"{program} {word} is not evaluated")


def _ends(program: str, words: list[str]) -> None:
    rest = iter(words)
    for word in rest:
        if word in {"-n", "--lines", "-c"}:
            if not COUNT.fullmatch(next(rest, "")):
                raise Unclear(f"{program} {word} has no number")
        elif not re.fullmatch(r"-n?\d+|-n[+]\d+|-c\d+|--lines=[+-]?\d+|-[qv]", word):
            raise Unclear(f"{program} {word} is not evaluated")


def _wc(program: str, words: list[str]) -> None:
    for word in words:
        if not _short(word, "lwcm") and word != "--lines":
            raise Unclear(f"{program} {word} is not evaluated")


CHECKS: dict[str, Callable[[str, list[str]], None]] = {
    "grep": _grep,
    "egrep": _grep,
    "fgrep": _grep,
    "jq": _jq,
    "sort": _sort,
    "uniq": _uniq,
    "head": _ends,
    "tail": _ends,
    "wc": _wc,
}
