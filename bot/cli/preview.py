"""What declaring at each severity of a runbook would do: whom it calls and when, the alert as posted, what runs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.contacts import ContactBook
from bot.domain.playbook import StepKind
from bot.runbook import (
    Runbook,
    Severity,
    Template,
    build_escalation,
    can_wait,
    check_reach,
    classify_step,
    describe_reach,
)
from bot.runbook.durations import format_span
from bot.runbook.preflight import IsSet, PagingReach
from templates.runbook_template import fill_template, format_cadence
from templates.spans import Bold, Code, EveryoneMention, Line, Span, Timestamp, WebLink

INVENTED_AT = datetime(2000, 1, 1, 3, 7, tzinfo=UTC)


def format_preview(runbook: Runbook, plain: Runbook, book: ContactBook, is_set: IsSet) -> Iterator[str]:
    """Plain lines for a terminal. `runbook` has the contacts file's handles, `plain` is as it was read."""
    reaches = {reach.severity: reach for reach in check_reach(plain, book, is_set)}
    for severity in runbook.severities:
        answer = (
            f"within {format_span(severity.response)}"
            if severity.response
            else severity.response_text or "no clock"
        )
        yield f"{severity.id} {severity.name} ({answer})"
        yield from _list_calls(plain, severity, reaches[severity.id], book, is_set)
        if alert := runbook.templates.get("alert"):
            yield "  posts:"
            yield from (f"    {line}".rstrip() for line in format_filled(runbook, alert, severity))
        else:
            yield "  posts: Tocsin's own alert, for the runbook has none"
        yield from _list_runs(runbook, severity)
        yield ""


def calls_nobody(plain: Runbook, book: ContactBook, is_set: IsSet) -> bool:
    """Whether declaring at the top severity calls nobody by name and not everyone."""
    top = next(iter(check_reach(plain, book, is_set)), None)
    return top is None or top.for_want or not top.calls_anybody


def format_filled(runbook: Runbook, template: Template, severity: Severity) -> Iterator[str]:
    """A template as it would be posted, with invented values."""
    for line in fill_template(template, _invent_values(runbook, severity)):
        yield format_plain(line)


def format_plain(line: Line) -> str:
    """A line of a message as plain text; control signs are left out."""
    text = "".join(map(_say, line))
    return "".join(letter for letter in text if letter.isprintable())


def _say(span: Span) -> str:
    match span:
        case str():
            return span
        case Bold(text) | Code(text) | WebLink(_, text):
            return text
        case Timestamp():
            return span.utc
        case EveryoneMention():
            return "@channel"
        case _:
            return f"@{span.id}"


def _invent_values(runbook: Runbook, severity: Severity) -> Mapping[str, Sequence[Span]]:
    every = severity.update_every or runbook.update_every
    return {
        "severity": (severity.id,),
        "reference": ("INC-1",),
        "timestamp": (Timestamp(INVENTED_AT),),
        "started": (Timestamp(INVENTED_AT),),
        "status": ("investigating",),
        "title": ("Something is down",),
        "feature": ("“Something is down”",),
        "impact": ("what was typed as the impact",),
        "affected_users": ("what was typed as who is affected",),
        "war_room": ("#inc-1-something-is-down",),
        "commander": ("@whoever-declared",),
        "cadence": (format_cadence(every),) if every else (),
        "next_update": (Timestamp(INVENTED_AT + every),) if every else (),
    }


def _list_calls(
    plain: Runbook, severity: Severity, reach: PagingReach, book: ContactBook, is_set: IsSet
) -> Iterator[str]:
    if can_wait(severity):
        yield "  pages nobody: it can wait"
        return
    if reach.everyone:
        why = ", for nobody is named" if reach.for_want else ""
        yield f"  pages at once: everyone in the incidents channel{why}"
    yield from (f"  pages at once: {name} by {how}" for name, how in reach.reached)
    yield from (f"  pages at once: {name}, who is not reached: {why}" for name, why in reach.unreached)
    if not reach.calls_anybody:
        yield "  pages nobody at once"
    joined = book.merge_handles(plain.contacts)
    for step in build_escalation(plain, severity, list(joined)):
        when = f"  pages after {format_span(step.after)}"
        if step.everyone:
            yield f"{when}: everyone in the incidents channel"
        for name in step.names:
            yield f"{when}: {name}{_describe_ways(*describe_reach(joined[name], book.sources(name), is_set))}"
        for words in step.unmatched:
            yield f"{when}: {words}, who is not reached: no contact goes by that name"


def _describe_ways(ways: Sequence[str], reasons: Sequence[str]) -> str:
    """How somebody is reached, or why not."""
    if ways:
        return f" by {', '.join(dict.fromkeys(ways))}"
    return f", who is not reached: {'; '.join(reasons) or 'no contact method'}"


def _list_runs(runbook: Runbook, severity: Severity) -> Iterator[str]:
    for playbook in runbook.playbooks:
        if playbook.severity not in (None, severity.id):
            continue
        runs = [step for step in playbook.steps() if classify_step(step).kind is StepKind.DIAGNOSTIC]
        ready = [step for step in runs if not classify_step(step).open_needs]
        if runs:
            asked = (
                f", {len(runs) - len(ready)} once somebody says what is left open"
                if len(ready) < len(runs)
                else ""
            )
            yield f"  runs by itself for “{playbook.title}”: {len(ready)} diagnostics{asked}"
