"""What was understood of a runbook as text, for people."""

from collections.abc import Iterator, Sequence

from bot.domain.playbook import Playbook, Step, StepKind
from bot.runbook.durations import format_span
from bot.runbook.escalation import can_wait, select_first_contacts
from bot.runbook.model import EscalationLevel, Problem, Runbook, SourceLocation, Template, format_place
from bot.runbook.preflight import PagingReach
from bot.runbook.problem_gravity import ProblemGroup, group_by_gravity
from bot.runbook.step_classifier import classify_step, classify_steps, describe_counts
from bot.runbook.thresholds import parse_thresholds

KINDS = {
    StepKind.LINK: "cyan",
    StepKind.DIAGNOSTIC: "green",
    StepKind.PROBE: "cyan",
    StepKind.REMEDIATION: "yellow",
    StepKind.MANUAL: "dim",
}
WHOLE, PLACES = 5, 12
"""Problems of one cause that are told whole, and of how many more the places are."""

STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32", "cyan": "36"}


def format_report(runbook: Runbook, colour: bool, reaches: Sequence[PagingReach] = ()) -> str:
    """A summary for a terminal, with ANSI colours when wanted; `reaches` say who would be reached."""
    runbook = classify_steps(runbook)
    return "\n".join(_ReportWriter(colour).write(runbook, reaches)) + "\n"


class _ReportWriter:
    """The summary, line by line. Control signs of the runbook's text never reach the terminal."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def write(self, runbook: Runbook, reaches: Sequence[PagingReach]) -> Iterator[str]:
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

    def _row(self, left: str, middle: str, right: str, found: SourceLocation, widths: tuple[int, int]) -> str:
        first, second = _cut(left, widths[0]), _cut(middle, widths[1])
        return (
            f"  {self._in('cyan', first)} {self._in('bold', second)} {self._in('dim', right)}".rstrip()
            + self._line(found.line, found.file)
        )

    def _line(self, line: int, file: str) -> str:
        return "  " + self._in("dim", format_place(line, file) if line else "contacts file")

    def _heading(self, words: str, note: str = "") -> Iterator[str]:
        yield ""
        yield self._in("bold", words) + (f"  {self._in('dim', note)}" if note else "")

    def _severities(self, runbook: Runbook) -> Iterator[str]:
        cadence = f"updates every {format_span(runbook.update_every)}" if runbook.update_every else ""
        room = f"war room #{runbook.war_room}" if runbook.war_room else ""
        call = f"call {runbook.call.url} ({runbook.call.place})" if runbook.call else ""
        yield from self._heading(
            f"{_count(len(runbook.severities), 'severity', 'severities')}",
            ", ".join(filter(None, (cadence, room, call))),
        )
        names = [contact.name for contact in runbook.contacts]
        for severity in runbook.severities:
            match = select_first_contacts(runbook, severity, names)
            called = [
                *(["everyone"] if match.everyone else []),
                *match.matched,
                *(f"{name} (?)" for name in match.unmatched),
            ]
            response = (
                f"within {format_span(severity.response)}"
                if severity.response
                else severity.response_text or "no clock"
            )
            whom = "nobody" if can_wait(severity) else ", ".join(called) or "nobody"
            own = severity.update_every if severity.update_every != runbook.update_every else None
            rhythm = f"; updates every {format_span(own)}" if own else ""
            note = f"{response}; pages {whom}{rhythm}"
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
            for threshold in parse_thresholds(playbook):
                words = self._in("dim", f"measure     {threshold}")
                yield f"        {words}{self._line(threshold.line, playbook.file)}"
            for step in own:
                yield self._format_step(step, playbook.file)
        if steps:
            yield f"  {self._in('bold', describe_counts(steps))}"

    def _format_step(self, step: Step, file: str) -> str:
        """One step: its kind, its words, and what will run or why nothing does."""
        meaning = classify_step(step)
        told = meaning.runs or meaning.why
        for threshold in meaning.thresholds:
            told += f", {threshold.verdict} {threshold}"
        if meaning.open_needs:
            told += f", needs {', '.join(meaning.open_needs)}"
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
                "", f"within {format_span(window.within)}", _count(len(window.items), "item"), window, (0, 18)
            )

    def _directory(self, runbook: Runbook) -> Iterator[str]:
        yield from self._heading(_count(len(runbook.contacts), "contact"))
        for contact in runbook.contacts:
            handles = ", ".join(contact.handles) or f"no contact method: {contact.text or 'nothing given'}"
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
                else f"after {format_span(level.after)}"
                if level.after
                else "at once"
            )
            yield self._row(level.severity or "", when, level.text, level, (5, 18))

    def _reaches(self, reaches: Sequence[PagingReach]) -> Iterator[str]:
        if reaches:
            yield from self._heading("Who is reached", _sum_up(reaches))
        for reach in reaches:
            whom = ["the whole channel"] if reach.everyone else []
            whom += [f"{name} ({how})" for name, how in reach.reached]
            named = "; ".join(whom) or ("nobody" if reach.unreached else "pages nobody")
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
        for group in group_by_gravity(problems):
            yield from self._group(group)

    def _group(self, group: ProblemGroup) -> Iterator[str]:
        """The problems of one cause: several below their count, of many only the first ones whole."""
        if len(group.problems) > 1:
            yield f"  {self._in('dim', f'{len(group.problems)} × {group.cause}')}"
        for problem in group.problems[:WHOLE]:
            style = "red" if problem.level == "error" else "yellow"
            level, line = self._in(style, problem.level.ljust(7)), self._in("dim", f"{problem.place}:")
            yield f"  {level} {line} {_printable(problem.message)}"
        if others := group.problems[WHOLE:]:
            places = ", ".join(problem.place for problem in others[:PLACES])
            more = ", …" if len(others) > PLACES else ""
            yield f"          {self._in('dim', f'and {len(others)} more: {places}{more}')}"


def _sum_up(reaches: Sequence[PagingReach]) -> str:
    """How many people are not reached, and for which severities nobody is called."""
    missed = {name for reach in reaches for name, _ in reach.unreached}
    idle = [reach.severity for reach in reaches if not reach.calls_anybody]
    notes = [f"{len(missed)} not"] if missed else []
    notes += [f"nobody for {' and '.join(idle)}"] if idle else []
    alone = [reach.severity for reach in reaches if reach.for_want]
    notes += [f"nobody by name for {' and '.join(alone)}"] if alone else []
    return ", ".join(notes) or "everybody"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
