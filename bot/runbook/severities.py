"""The levels of a runbook, from headings, tables, lists or bold labels."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.runbook.blocks import Block, Entry, Listing, Paragraph, Row, Table
from bot.runbook.durations import NO_CLOCK, duration, is_at_once, runs_no_clock
from bot.runbook.escalation import is_time
from bot.runbook.inline import LONGEST, flowing, label_alone, labelled, plain, unnumbered
from bot.runbook.levels import WORD, badness, find_level, find_word, ungraded
from bot.runbook.model import Problem, Severity
from bot.runbook.outline import Node, by_label, lines_of
from bot.runbook.roles import RESPONSE
from bot.runbook.tables import upright

ASSUMED = timedelta(minutes=5)
"""What `Immediate` without a figure is taken to mean."""

EXAMPLES = re.compile(r"example|e\.g\.|such as", re.I)
ACTION = re.compile(r"action|notif|page\b|who\b|escalat|responders?\b|call\b|contact|team|assign", re.I)
CALLED = re.compile(r"\b(?:notify|page|call)s?:?\s+(?P<who>[^.;]+)", re.I)
APART = re.compile(r"\s+[\u2013\u2014-]\s+|[():;,]")
LEVELS = re.compile(r"\bsev|priorit|level|classif|respon|sla\b", re.I)
ESCALATES = re.compile(r"escalat", re.I)
SUMMARY = re.compile(r"desc|defin|impact|meaning|criteria|summary", re.I)
NAME = re.compile(r"name|label|title", re.I)
FIRST = re.compile(r"sever|level|priorit|\bsev\b|\bp\b|^$", re.I)


@dataclass(slots=True)
class _Draft:
    """A level while its properties are being collected: each as the runbook has it."""

    id: str
    line: int
    name: str
    summary: str
    response: str = ""
    action: str = ""
    examples: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)

    def learn(self, label: str, value: str) -> None:
        """Take a property by its label; the labels of runbooks vary."""
        value = value[:LONGEST]
        if EXAMPLES.search(label):
            self.examples += _enumerated(value)
        elif RESPONSE.search(label) and not self.response and not re.search(r"team|who", label, re.I):
            self.response = plain(value)
        elif ESCALATES.search(label) and duration(plain(value)):
            return  # who is called next, and when: the escalation's, not the first call's
        elif ACTION.search(label):
            self.action = "; ".join(each for each in (self.action, flowing(value)) if each)
        elif SUMMARY.search(label) and not self.summary:
            self.summary = plain(value)
        elif NAME.search(label) and not self.name:
            self.name = plain(value)


def severities(nodes: Sequence[Node], problems: list[Problem]) -> tuple[Severity, ...]:
    """The levels in the sections that speak of them, the worst first. Each level counts once."""
    found: dict[str, _Draft] = {}
    for node in nodes:
        for draft in _drafts(node):
            if draft.id in found:
                _complete(found[draft.id], draft)
            else:
                found[draft.id] = draft
    ordered = sorted(found.values(), key=lambda draft: badness(draft.id))
    return tuple(_finished(draft, rank, problems) for rank, draft in enumerate(ordered))


def level_of(title: str) -> str | None:
    """The id of the severity that a heading, a cell or a label names."""
    found = _heading(title, 0)
    return found.id if found else None


def levels_in(node: Node) -> Iterator[tuple[str, Sequence[Block]]]:
    """The severities that a section's lists and bold labels tell of, each with what is below it."""
    for block in node.blocks:
        if isinstance(block, Listing):
            for entry in block.entries:
                if draft := _entry_heading(entry):
                    yield draft.id, entry.blocks[1:]
    for group in by_label(node.blocks):
        if group.label and (found := level_of(group.label)):
            yield found, group.blocks


def _drafts(node: Node) -> Iterator[_Draft]:
    own = _heading(node.title, node.line)
    if own:
        _read_properties(own, node.blocks)
        for child in node.children:
            if _heading(child.title, child.line) is None:
                for _, text in lines_of(child.blocks):
                    own.learn(child.title, text)
        yield own
        return
    for block in node.blocks:
        if isinstance(block, Table):
            yield from _table(upright(block))
        elif isinstance(block, Listing):
            yield from _listing(block, node.title)
        elif isinstance(block, Paragraph) and LEVELS.search(node.title):
            for number, line in enumerate(block.text.split("\n"), block.line):
                draft = _told(line, number, node.title)
                if draft and draft.summary:  # a label alone has its own blocks
                    yield draft
    for group in by_label(node.blocks):
        labelled_draft = _heading(group.label, group.line) if group.label else None
        if labelled_draft:
            _read_properties(labelled_draft, group.blocks)
            yield labelled_draft


def _heading(title: str, line: int) -> _Draft | None:
    """A level from words such as `P0 - CRITICAL (Complete Outage)`, `Critical (P0)` or `SEV-1: API down`."""
    words = ungraded(re.sub(r"^[^\w(\[]+", "", unnumbered(title)))
    level = find_level(words)
    if level is None:
        level = find_word(words)
        if level is None or not re.match(r"\W*$|\s*[(:\u2013\u2014-]", words[level.end :]):
            return None
        name, rest = level.id, words[level.end :]
    else:
        before, rest = words[: level.start].strip(" ([:-\u2013\u2014|/"), words[level.end :]
        name = before if re.search(r"\w", before) else ""
    rest = rest.strip(" )]:=-\u2013\u2014|/")
    if rest.startswith("(") or name:
        summary = rest.strip("() ")
    else:
        name, _, summary = (
            part.strip()
            for part in re.sub(r"\s*[(:\u2013\u2014]\s*|\s+-\s+", "\0", rest, count=1).partition("\0")
        )
        summary = summary.strip("() ") if summary.count("(") != summary.count(")") else summary
    word = find_word(summary)
    if not name and word and word.end == len(summary):
        name, summary = summary, ""
    return _Draft(level.id, line, name.rstrip("("), summary)


def _read_properties(draft: _Draft, blocks: Sequence[Block]) -> None:
    label = ""
    for block in blocks:
        if isinstance(block, Listing):
            for entry in block.entries:
                _read_entry(draft, entry.blocks, label)
        elif isinstance(block, Table):
            for row in block.rows:
                draft.learn(plain(row.cells[0]) if row.cells else "", " ".join(row.cells[1:]))
        elif isinstance(block, Paragraph):
            label = ""
            for line in block.text.split("\n"):
                pair = labelled(line)
                if pair and pair[1]:
                    draft.learn(*pair)
                elif plain(line).endswith(":") or label_alone(line):
                    label = plain(line).rstrip(":")
                elif pair:
                    label = pair[0]
                else:
                    draft.unlabelled.append(plain(line))


def _read_entry(draft: _Draft, blocks: Sequence[Block], label: str) -> None:
    first = blocks[0] if blocks else None
    if not isinstance(first, Paragraph):
        return
    pair = labelled(first.text)
    nested = [text for _, text in lines_of(blocks[1:])]
    if pair or plain(first.text).endswith(":"):
        name, value = pair or (plain(first.text).rstrip(":"), "")
        for text in ([value] if value else []) + nested:
            draft.learn(name, text)
    elif label:
        draft.learn(label, first.text)
    else:
        draft.unlabelled.append(plain(first.text))


def _table(table: Table) -> Iterator[_Draft]:
    heads = [plain(head) for head in table.header]
    for row in table.rows:
        column = next((at for at, cell in enumerate(row.cells[:2]) if _heading(plain(cell), row.line)), None)
        if column is None:
            continue
        draft = _heading(plain(row.cells[column]), row.line)
        if draft and (find_level(draft.id) or FIRST.search(heads[column] if column < len(heads) else "")):
            _read_row(draft, heads, row, column)
            yield draft


def _read_row(draft: _Draft, heads: Sequence[str], row: Row, column: int) -> None:
    pairs = list(zip(heads, row.cells, strict=False))
    timed = any(ESCALATES.search(head) and duration(plain(cell)) for head, cell in pairs)
    for at, (head, cell) in enumerate(pairs):
        if at != column and cell and not (timed and ESCALATES.search(head)):
            label = head if not re.fullmatch(r"(severity|level|priority)", head, re.I) else "Name"
            draft.learn(label, cell)


def _listing(listing: Listing, about: str) -> Iterator[_Draft]:
    for entry in listing.entries:
        draft = _told(_first_words(entry), entry.line, about)
        if draft:
            _read_properties(draft, entry.blocks[1:])
            yield draft


def _told(text: str, line: int, about: str) -> _Draft | None:
    """A level from one line: `**SEV1 (Critical)**: full outage, respond within 15 minutes`."""
    pair = labelled(text)
    draft = _heading(pair[0] if pair else plain(text), line) if text else None
    if draft is None or (find_level(draft.id) is None and not LEVELS.search(about)):
        return None
    words = plain(pair[1] if pair else text)
    parts = [part.strip()[:LONGEST] for part in APART.split(plain(text))]
    draft.name = draft.name or next((part for part in parts if WORD.fullmatch(part)), "")
    if words:
        timed = bool(duration(words) or is_at_once(words) or runs_no_clock(words))
        if timed and (RESPONSE.search(words) or RESPONSE.search(about)):
            draft.response = words
        else:
            draft.response = next((part for part in parts if is_time(part) or NO_CLOCK.search(part)), "")
        called = CALLED.search(words)
        draft.action = called["who"].strip() if called else ""
        if pair and not RESPONSE.search(about):
            draft.summary = draft.summary or words
    return draft


def _first_words(entry: Entry) -> str:
    first = entry.blocks[0] if entry.blocks else None
    return first.text if isinstance(first, Paragraph) else ""


def _entry_heading(entry: Entry) -> _Draft | None:
    text = _first_words(entry)
    pair = labelled(text)
    return _heading(pair[0] if pair else plain(text), entry.line) if text else None


def _complete(known: _Draft, further: _Draft) -> None:
    """Add what a second mention of a level says to the first."""
    for name in ("name", "summary", "response", "action"):
        if not getattr(known, name):
            setattr(known, name, getattr(further, name))
    known.examples = known.examples or further.examples


def _finished(draft: _Draft, rank: int, problems: list[Problem]) -> Severity:
    response = (
        None if runs_no_clock(draft.response) and not is_at_once(draft.response) else duration(draft.response)
    )
    if response is None and is_at_once(draft.response):
        response = ASSUMED
        message = (
            f"{draft.id} answers “{draft.response}” without a figure: 5 minutes are assumed. Write “< 5 "
            f"minutes”."
        )
        problems.append(Problem(draft.line, "warning", message))
    elif not draft.response:
        message = (
            f"{draft.id} has no response time, so nobody is reminded. Add “Response Time: 15 minutes” below "
            f"it."
        )
        problems.append(Problem(draft.line, "warning", message))
    elif response is None and not runs_no_clock(draft.response):
        message = (
            f"The response time of {draft.id}, “{draft.response}”, is not understood. Write it as “15 "
            f"minutes”."
        )
        problems.append(Problem(draft.line, "warning", message))
    summary = draft.summary or (draft.unlabelled[0] if draft.unlabelled else "")
    return Severity(
        draft.id,
        draft.name or draft.id,
        summary,
        draft.line,
        response,
        draft.response,
        tuple(draft.examples),
        draft.action,
        rank,
    )


def _enumerated(text: str) -> list[str]:
    """The parts of an enumeration; commas inside brackets do not separate."""
    parts = re.split(r"(?:[,;]|<br\s*/?>)(?![^()]*\))\s*", plain(text) if "<br" not in text else text)
    return [plain(part).strip(" .") for part in parts if part.strip(" .")]
