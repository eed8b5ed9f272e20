"""A fenced block to steps: one per comment or command, with what belongs to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.domain.playbook import Step
from bot.domain.section_parts import CodeSample
from bot.runbook.markdown.command_blocks import Statement, build_title, split_statements
from bot.runbook.markdown.inline import NUMBERED, parse_leading_number, strip_number

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


READABLE = re.compile(
    r"(?:[A-Z_]+=\S+\s+)*(?:aws|psql|redis-cli|curl|wget|http|https|git|gh|kubectl|timeout|watch)\s"
)
"""Commands of programs that are read."""

NEUTRAL = re.compile(r"(?:echo|printf|sleep|set [-+]|true\b|:|clear\b)[^|;&<>`]*")
"""Commands that only talk or wait."""


@dataclass(slots=True)
class _StepDraft:
    """A step while its lines are being collected."""

    comments: list[str] = field(default_factory=list)
    line: int = 0
    code: list[Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse_steps(
    text: str, line: int, language: str, section: str, title: str = ""
) -> list[Step | CodeSample]:
    """What a fence tells people to do. `line` is that of its first line, `title` stands in for a comment.

    A fence in a language that is no command (JSON, YAML, plain text) is one `Sample`.
    """
    if not text.strip():
        return []
    rows = text.rstrip("\n").split("\n")
    if language not in COMMANDS:
        return [CodeSample(line, text.rstrip("\n"), language)]
    if language not in SQL and any(PROMPT.match(row) for row in rows):
        return list(_session(rows, line, language, section, title))
    drafts = _drafts(rows, line, language in SQL)
    made = [_step(draft, section, language, title if len(drafts) == 1 else "") for draft in drafts]
    return [step for step in made if step]


@dataclass(slots=True)
class _RecordedSession:
    """A recorded session while it is read: the command that was typed last, with its comment, and its output."""

    language: str
    section: str
    comment: str
    first: int
    command: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)

    def continues(self, row: str) -> bool:
        """Whether a row goes on with the command above it."""
        if not self.command or self.output:
            return False
        return self.command[-1].endswith("\\") or row.startswith("> ")

    def end(self, line: int) -> Iterator[Step | CodeSample]:
        """The command and what it printed, up to the line before `line`; what follows begins anew."""
        if self.command:
            comment, text = self.comment or self.command[0], "\n".join(self.command)
            yield Step(self.first, self.section, comment, text, self.language)
            self.comment, self.command = "", []
        yield from _output(self.output, line, self.language)
        self.output = []


def _session(
    rows: list[str], line: int, language: str, section: str, title: str
) -> Iterator[Step | CodeSample]:
    """Commands behind `$ ` prompts with their output between them."""
    session = _RecordedSession(language, section, title, line)
    for number, row in enumerate(rows, line):
        if PROMPT.match(row):
            yield from session.end(number)
            session.first, session.command = number, [PROMPT.sub("", row, count=1)]
        elif row.lstrip().startswith("# ") and not session.output:
            yield from session.end(number)
            session.comment = strip_number(row.lstrip("# \t"))
        elif session.continues(row):
            session.command.append(row.removeprefix("> "))
        else:
            session.output.append(row)
    yield from session.end(line + len(rows))


def _output(rows: list[str], end: int, language: str) -> Iterator[CodeSample]:
    """What a command printed, up to the line before `end`; nothing where nothing is printed."""
    if any(row.strip() for row in rows):
        yield CodeSample(end - len(rows), "\n".join(rows).strip("\n"), language)


@dataclass(slots=True)
class _StepDrafts:
    """Steps while a fence is read line by line; `blank` after a line with nothing in it."""

    rows: list[str]
    sql: bool
    all: list[_StepDraft] = field(default_factory=lambda: [_StepDraft()])
    blank: bool = True

    def add_comment(self, words: str, row: int, at: int) -> None:
        """A comment is the title of a step, a further line of it, or a note to the step before."""
        draft = self.all[-1]
        if draft.code and self._is_note(words, row):
            draft.notes.append(words)
        elif draft.code or (draft.comments and (self.blank or _both_numbered(draft.comments[0], words))):
            self.all.append(_StepDraft([words], at))
        else:
            draft.comments.append(words)
            draft.line = draft.line or at
        self.blank = False

    def add_code(self, statement: Statement, at: int) -> None:
        """A command belongs to the step above it, or is one of its own."""
        draft = self.all[-1]
        if draft.code and _stands_alone(draft, statement, self.blank, self.sql):
            draft = _StepDraft(line=at)
            self.all.append(draft)
        draft.code.append(statement)
        draft.line = draft.line or at
        self.blank = False

    def _is_note(self, words: str, row: int) -> bool:
        return not self.blank and not NUMBERED.match(words) and not _code_follows(self.rows, row, self.sql)


def _drafts(rows: list[str], line: int, sql: bool) -> list[_StepDraft]:
    drafts = _StepDrafts(rows, sql)
    for statement in split_statements(rows, sql):
        at = line + statement.row
        if statement.comment is not None:
            if re.search(r"\w", statement.comment):
                drafts.add_comment(statement.comment, statement.row, at)
        elif statement.text.strip():
            drafts.add_code(statement, at)
        else:
            drafts.blank = True
    return [part for draft in drafts.all for part in ([draft] if sql else _split_unknown(draft, line))]


def _split_unknown(draft: _StepDraft, line: int) -> list[_StepDraft]:
    """A step whose commands cannot all be read: those that can, and those of programs that nobody knows here."""
    texts = [statement.text.lstrip() for statement in draft.code]
    known = [READABLE.match(text) is not None for text in texts]
    neutral = [NEUTRAL.fullmatch(text) is not None for text in texts]
    unknown = [not read and not quiet for read, quiet in zip(known, neutral, strict=True)]
    if not (any(known) and any(unknown)) or any(map(COMPOUND.match, texts)):
        return [draft]
    others = [statement for statement, other in zip(draft.code, unknown, strict=True) if other]
    rest = [statement for statement in draft.code if statement not in others]
    first = draft.line if draft.comments else line + rest[0].row
    parts = [replace(draft, line=first, code=rest), _StepDraft(line=line + others[0].row, code=others)]
    return sorted(parts, key=lambda part: part.line)


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


def _stands_alone(draft: _StepDraft, statement: Statement, blank: bool, sql: bool) -> bool:
    """Whether a command starts a step of its own although no comment is above it."""
    if blank:
        return not COMPOUND.match(draft.code[0].text.lstrip()) or sql
    if draft.comments:
        return False
    if sql:
        return draft.code[-1].text.rstrip().endswith(";")
    return not any(COMPOUND.match(part.text.lstrip()) for part in (*draft.code, statement))


def _step(draft: _StepDraft, section: str, language: str, title: str) -> Step | None:
    if not draft.comments and not draft.code:
        return None
    command = "\n".join(statement.text for statement in draft.code) or None
    if not draft.comments and all(NEUTRAL.fullmatch(statement.text.strip()) for statement in draft.code):
        return None
    notes = [*draft.comments[1:], *draft.notes]
    words = strip_number(draft.comments[0]) if draft.comments else title
    if not words and command:
        words = build_title(command)
    number = parse_leading_number(draft.comments[0]) if draft.comments else None
    return Step(draft.line, section, words, command, language, "\n".join(notes), number=number)
