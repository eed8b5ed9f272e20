"""What was understood of a runbook: for programs as JSON, for people as text."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from bot.runbook.contacts import match_contacts
from bot.runbook.durations import spoken
from bot.runbook.model import EscalationLevel, Problem, Runbook, Severity, Template, place
from bot.runbook.preflight import Reach
from bot.runbook.recognising import meaning_of, recognised, tally
from bot.runbook.thresholds import thresholds
from bot.step import Kind, Playbook, Step

KINDS = {
    Kind.LINK: "cyan",
    Kind.DIAGNOSTIC: "green",
    Kind.PROBE: "cyan",
    Kind.REMEDIATION: "yellow",
    Kind.MANUAL: "dim",
}
STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32", "cyan": "36"}


def as_json(runbook: Runbook) -> dict[str, Any]:
    """The runbook as plain values, ready for `json.dumps`. Spans are in seconds, lines count from 1.

    What comes from a linked runbook has its `file` besides.
    """
    runbook = recognised(runbook)
    return {
        "title": runbook.title,
        "update_every_seconds": int(runbook.update_every.total_seconds()) if runbook.update_every else None,
        "severities": [_severity(runbook, severity) for severity in runbook.severities],
        "playbooks": [_playbook(playbook) for playbook in runbook.playbooks],
        "templates": [
            {
                "id": template.id,
                "line": template.line,
                "placeholders": [gap.name for gap in template.placeholders()],
                **_of(template),
            }
            for template in runbook.templates.values()
        ],
        "checklist": [
            {
                "within_seconds": int(window.within.total_seconds()),
                "line": window.line,
                "items": [{"text": item.text, "line": item.line} for item in window.items],
                **_of(window),
            }
            for window in runbook.windows
        ],
        "contacts": [
            {"name": contact.name, "line": contact.line, "handles": list(contact.handles), **_of(contact)}
            for contact in runbook.contacts
        ],
        "links": [{"name": link.name, "url": link.url, "line": link.line} for link in runbook.links],
        "problems": [
            {"line": problem.line, "level": problem.level, "message": problem.message, **_of(problem)}
            for problem in runbook.problems
        ],
    }


def as_text(runbook: Runbook, colour: bool, reaches: Sequence[Reach] = ()) -> str:
    """A summary for a terminal, with ANSI colours when wanted; `reaches` say who would be reached."""
    runbook = recognised(runbook)
    return "\n".join(_Page(colour).write(runbook, reaches)) + "\n"


class _Placed(Protocol):
    """What stands at a line of a file."""

    @property
    def line(self) -> int: ...
    @property
    def file(self) -> str: ...


def _of(found: _Placed) -> dict[str, str]:
    """The linked runbook that the lines of something count in; nothing where it is the main one."""
    return {"file": found.file} if found.file else {}


def _severity(runbook: Runbook, severity: Severity) -> dict[str, Any]:
    match = match_contacts(severity.action, [contact.name for contact in runbook.contacts])
    return {
        "id": severity.id,
        "name": severity.name,
        "line": severity.line,
        "response_seconds": None if severity.response is None else int(severity.response.total_seconds()),
        "examples": list(severity.examples),
        "action": severity.action,
        "page": list(match.matched),
        **_of(severity),
    }


def _playbook(playbook: Playbook) -> dict[str, Any]:
    return {
        "id": playbook.id,
        "title": playbook.title,
        "severity": playbook.severity,
        "line": playbook.line,
        "symptoms": list(playbook.symptoms),
        "steps": [_step(step) for step in playbook.steps()],
        **_of(playbook),
    }


def _step(step: Step) -> dict[str, Any]:
    meaning = meaning_of(step)
    return {
        "line": step.line,
        "section": step.section,
        "title": step.title,
        "command": step.command,
        "kind": meaning.kind.value,
        "runs": meaning.runs,
        "needs": list(meaning.needs),
        "why": meaning.why,
    }


class _Page:
    """The summary, line by line. Control signs of the runbook's text never reach the terminal."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def write(self, runbook: Runbook, reaches: Sequence[Reach]) -> Iterator[str]:
        yield self._in("bold", runbook.title)
        yield from self._severities(runbook)
        yield from self._playbooks(runbook.playbooks)
        yield from self._templates(list(runbook.templates.values()))
        yield from self._checklist(runbook)
        yield from self._directory(runbook)
        yield from self._escalation(runbook.escalation)
        yield from self._reaches(reaches)
        yield from self._problems(runbook.problems)

    def _in(self, style: str, text: str) -> str:
        text = _printable(text)
        return f"\033[{STYLES[style]}m{text}\033[0m" if self._colour else text

    def _row(self, left: str, middle: str, right: str, found: _Placed, widths: tuple[int, int]) -> str:
        first, second = _cut(left, widths[0]), _cut(middle, widths[1])
        return (
            f"  {self._in('cyan', first)} {self._in('bold', second)} {self._in('dim', right)}".rstrip()
            + self._line(found.line, found.file)
        )

    def _line(self, line: int, file: str) -> str:
        return "  " + self._in("dim", place(line, file) if line else "contacts file")

    def _heading(self, words: str, note: str = "") -> Iterator[str]:
        yield ""
        yield self._in("bold", words) + (f"  {self._in('dim', note)}" if note else "")

    def _severities(self, runbook: Runbook) -> Iterator[str]:
        cadence = f"updates every {spoken(runbook.update_every)}" if runbook.update_every else ""
        room = f"war room #{runbook.war_room}" if runbook.war_room else ""
        yield from self._heading(
            f"{_count(len(runbook.severities), 'severity', 'severities')}",
            ", ".join(filter(None, (cadence, room))),
        )
        names = [contact.name for contact in runbook.contacts]
        for severity in runbook.severities:
            match = match_contacts(severity.action, names)
            called = [
                *(["everyone"] if match.everyone else []),
                *match.matched,
                *(f"{each} (?)" for each in match.unmatched),
            ]
            response = (
                f"within {spoken(severity.response)}"
                if severity.response
                else severity.response_text or "no clock"
            )
            note = f"{response}; calls {', '.join(called) or 'nobody'}"
            yield self._row(severity.id, severity.name, note, severity, (5, 10))

    def _playbooks(self, playbooks: Sequence[Playbook]) -> Iterator[str]:
        steps = [step for playbook in playbooks for step in playbook.steps()]
        yield from self._heading(_count(len(playbooks), "playbook"), _count(len(steps), "step"))
        for playbook in playbooks:
            own = list(playbook.steps())
            commands = sum(1 for step in own if step.command)
            sections = _count(len(playbook.sections), "section")
            note = f"{sections}, {_count(len(own), 'step')}, {_count(commands, 'command')}"
            yield self._row(playbook.severity or "-", playbook.title, note, playbook, (5, 36))
            for each in thresholds(playbook):
                words = self._in("dim", f"measure     {each}")
                yield f"        {words}{self._line(each.line, playbook.file)}"
            for step in own:
                yield self._understood(step, playbook.file)
        if steps:
            yield f"  {self._in('bold', tally(steps))}"

    def _understood(self, step: Step, file: str) -> str:
        """One step: its kind, its words, and what will run or why nothing does."""
        meaning = meaning_of(step)
        told = meaning.runs or meaning.why
        for each in meaning.thresholds:
            told += f", {each.verdict} {each}"
        if meaning.needs:
            told += f", needs {', '.join(meaning.needs)}"
        kind = self._in(KINDS[meaning.kind], _cut(meaning.kind.value, 11))
        title = _cut(step.title or "…", 36)
        return f"        {kind} {_printable(title)} {self._in('dim', told)}".rstrip() + self._line(
            step.line, file
        )

    def _templates(self, templates: Sequence[Template]) -> Iterator[str]:
        yield from self._heading(_count(len(templates), "template"))
        for template in templates:
            gaps = template.placeholders()
            asked = [gap.label for gap in gaps if not gap.known]
            note = _count(len(gaps), "placeholder") + (f"; asked for: {', '.join(asked)}" if asked else "")
            yield self._row(template.id, template.heading, note, template, (11, 36))

    def _checklist(self, runbook: Runbook) -> Iterator[str]:
        items = sum(len(window.items) for window in runbook.windows)
        yield from self._heading("Checklist", _count(items, "item"))
        for window in runbook.windows:
            yield self._row(
                "", f"within {spoken(window.within)}", _count(len(window.items), "item"), window, (0, 18)
            )

    def _directory(self, runbook: Runbook) -> Iterator[str]:
        yield from self._heading(_count(len(runbook.contacts), "contact"))
        for contact in runbook.contacts:
            handles = ", ".join(contact.handles) or f"no handle: {contact.text or 'nothing given'}"
            yield self._row("", contact.name, handles, contact, (0, 24))
        links, others = _count(len(runbook.links), "link"), _count(len(runbook.related), "other runbook")
        yield from self._heading(f"{links}, {others}")
        for link in (*runbook.links, *runbook.related):
            yield self._row("", link.name, link.url, link, (0, 24))

    def _escalation(self, levels: Sequence[EscalationLevel]) -> Iterator[str]:
        if levels:
            yield from self._heading("Escalation", _count(len(levels), "level"))
        for level in levels:
            when = (
                "in turn"
                if level.after is None
                else f"after {spoken(level.after)}"
                if level.after
                else "at once"
            )
            yield self._row(level.severity or "", when, level.text, level, (5, 18))

    def _reaches(self, reaches: Sequence[Reach]) -> Iterator[str]:
        if reaches:
            missed = {name for reach in reaches for name, _ in reach.unreached}
            yield from self._heading("Who is reached", f"{len(missed)} not" if missed else "everybody")
        for reach in reaches:
            whom = ["the whole channel"] if reach.everyone else []
            whom += [f"{name} ({how})" for name, how in reach.reached]
            named = "; ".join(whom) or ("nobody" if reach.unreached else "nobody is called")
            yield f"  {self._in('cyan', _cut(reach.severity, 5))} {self._in('dim', named)}"
            for name, why in reach.unreached:
                yield f"        {self._in('yellow', f'not reached: {name}: {why}')}"

    def _problems(self, problems: Sequence[Problem]) -> Iterator[str]:
        if not problems:
            yield ""
            yield self._in("green", "No problems.")
            return
        errors = sum(problem.level == "error" for problem in problems)
        yield from self._heading(f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}")
        for problem in problems:
            style = "red" if problem.level == "error" else "yellow"
            level, line = self._in(style, problem.level.ljust(7)), self._in("dim", f"{problem.place}:")
            yield f"  {level} {line} {_printable(problem.message)}"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
