"""A fenced block to steps: one per comment or command, with what belongs to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.runbook.inline import NUMBERED, unnumbered
from bot.runbook.shell import Statement, first_words, statements
from bot.step import Sample, Step

SHELL = frozenset(
    {"bash", "sh", "shell", "zsh", "ksh", "fish", "console", "terminal", "shell-session", "shellsession"}
)
SQL = frozenset({"sql", "psql", "postgres", "postgresql", "pgsql", "plpgsql", "mysql", "sqlite"})
QUERY = frozenset({"promql", "logql", "redis", "kql", "powershell", "ps1", "cmd", "bat", "batch"})
COMMANDS = SHELL | SQL | QUERY | {""}
PROMPT = re.compile(r"\s*(?:\$|\[?[\w.-]{1,40}@[\w.-]{1,60}[: ][^\s$#]{0,60}\]?[$#])\s+(?=\S)")
"""`$ `, `ops@web1:~$ `, `[root@web1 ~]# `."""

COMPOUND = re.compile(
    r"(?:for|while|until|if|then|else|elif|fi|case|esac|do|done|function|cd|pushd|export|set|source|\.|[{}()]|\w+=|\w+\(\))(?:\W|$)"
)
"""Starts of lines that only work together with their neighbours."""


@dataclass(slots=True)
class _Draft:
    """A step while its lines are being collected."""

    comments: list[str] = field(default_factory=list)
    line: int = 0
    code: list[Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def steps_of(text: str, line: int, language: str, section: str, title: str = "") -> list[Step | Sample]:
    """What a fence tells people to do. `line` is that of its first line, `title` stands in for a comment.

    A fence in a language that is no command (JSON, YAML, plain text) is one `Sample`.
    """
    if not text.strip():
        return []
    rows = text.rstrip("\n").split("\n")
    if language not in COMMANDS:
        return [Sample(line, text.rstrip("\n"), language)]
    if language not in SQL and any(PROMPT.match(row) for row in rows):
        return list(_session(rows, line, language, section, title))
    drafts = _drafts(rows, line, language in SQL)
    made = [_step(draft, section, language, title if len(drafts) == 1 else "") for draft in drafts]
    return [step for step in made if step]


def _session(rows: list[str], line: int, language: str, section: str, title: str) -> Iterator[Step | Sample]:
    """Commands behind `$ ` prompts with their output between them."""
    comment, command, output = title, list[str](), list[str]()
    first = line
    for number, row in enumerate([*rows, "$ "], line):
        ended = number == line + len(rows)
        if ended or PROMPT.match(row) or (row.lstrip().startswith("# ") and not output):
            if command:
                text = "\n".join(command)
                yield Step(first, section, comment or command[0], text, language)
                comment, command = "", []
            if any(each.strip() for each in output):
                yield Sample(number - len(output), "\n".join(output).strip("\n"), language)
            output = []
            if ended:
                return
            if PROMPT.match(row):
                first, command = number, [PROMPT.sub("", row, count=1)]
            else:
                comment = unnumbered(row.lstrip("# \t"))
        elif command and not output and (command[-1].endswith("\\") or row.startswith("> ")):
            command.append(row.removeprefix("> "))
        else:
            output.append(row)


def _drafts(rows: list[str], line: int, sql: bool) -> list[_Draft]:
    drafts = [_Draft()]
    blank = True
    for statement in statements(rows, sql):
        draft = drafts[-1]
        at = line + statement.row
        if statement.comment is not None:
            words = statement.comment
            if not re.search(r"\w", words):
                continue
            if (
                draft.code
                and not blank
                and not NUMBERED.match(words)
                and not _code_follows(rows, statement.row, sql)
            ):
                draft.notes.append(words)
            elif draft.code or (draft.comments and (blank or _both_numbered(draft.comments[0], words))):
                drafts.append(_Draft([words], at))
            else:
                draft.comments.append(words)
                draft.line = draft.line or at
            blank = False
        elif statement.text.strip():
            if draft.code and _stands_alone(draft, statement, blank, sql):
                draft = _Draft(line=at)
                drafts.append(draft)
            draft.code.append(statement)
            draft.line = draft.line or at
            blank = False
        else:
            blank = True
    return drafts


def _code_follows(rows: list[str], row: int, sql: bool) -> bool:
    """Whether the comment at a row is directly above a command."""
    marks = ("--",) if sql else ("#",)
    for following in rows[row + 1 :]:
        if not following.strip():
            return False
        if not following.lstrip().startswith(marks):
            return True
    return False


def _both_numbered(first: str, second: str) -> bool:
    return bool(NUMBERED.match(first) and NUMBERED.match(second))


def _stands_alone(draft: _Draft, statement: Statement, blank: bool, sql: bool) -> bool:
    """Whether a command starts a step of its own although no comment is above it."""
    if blank:
        return not COMPOUND.match(draft.code[0].text.lstrip()) or sql
    if draft.comments:
        return False
    if sql:
        return draft.code[-1].text.rstrip().endswith(";")
    return not any(COMPOUND.match(each.text.lstrip()) for each in (*draft.code, statement))


def _step(draft: _Draft, section: str, language: str, title: str) -> Step | None:
    if not draft.comments and not draft.code:
        return None
    command = "\n".join(statement.text for statement in draft.code) or None
    notes = [*draft.comments[1:], *draft.notes]
    words = unnumbered(draft.comments[0]) if draft.comments else title
    if not words and command:
        words = first_words(command)
    return Step(draft.line, section, words, command, language, "\n".join(notes))
