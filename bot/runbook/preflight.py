"""Who would be reached at each severity, who not, and why: the runbook's names and the contacts file's handles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.contacts import (
    ContactBook,
    Handle,
    HandleKind,
    OnCallSource,
    OnCallSourceKind,
    list_missing_settings,
    parse_handle,
)
from bot.domain.page_attempts import WORST
from bot.runbook.escalation import can_wait, select_first_contacts
from bot.runbook.lint import check_escalation, check_paging
from bot.runbook.model import Contact, Problem, Runbook, Severity, sort_problems

IsSet = Callable[[str], bool]
"""Whether a setting of this name has a value."""


@dataclass(frozen=True, slots=True)
class PagingReach:
    """One severity: `reached` are (contact, how) and `unreached` (contact or words, why); both may be empty.
    `everyone`: the incidents channel is called, as the runbook says or, `for_want` of anybody who is named."""

    severity: str
    everyone: bool
    reached: tuple[tuple[str, str], ...]
    unreached: tuple[tuple[str, str], ...]
    for_want: bool = False

    @property
    def calls_anybody(self) -> bool:
        """Whether somebody is meant to be called at all."""
        return self.everyone or bool(self.reached or self.unreached)


def add_contact_book(runbook: Runbook, book: ContactBook, is_set: IsSet) -> Runbook:
    """The runbook with the contacts file's names and handles (secrets cut), and the warnings that follow from both.

    A name that only the file has stands at line 0.
    """
    old = {contact.name: contact for contact in runbook.contacts}
    joined = book.merge_handles(runbook.contacts)
    contacts = tuple(
        replace(
            old.get(name, Contact(name, 0, "", ())),
            handles=(
                *map(_describe_handle, handles),
                *(_describe_source(source) for source in book.sources(name)),
            ),
        )
        for name, handles in joined.items()
    )
    before = set(_people(runbook))
    found = replace(runbook, contacts=contacts)
    problems = [problem for problem in runbook.problems if problem not in before]
    problems += _people(found)
    problems += _unusable(runbook, book, is_set, joined)
    return replace(found, problems=sort_problems(problems))


def _people(runbook: Runbook) -> Iterator[Problem]:
    for severity in runbook.severities:
        yield from check_paging(runbook, severity)
    yield from check_escalation(runbook)


def check_reach(runbook: Runbook, book: ContactBook, is_set: IsSet) -> tuple[PagingReach, ...]:
    """Every severity of the runbook as it is read (not `with_book`), the worst first."""
    joined = book.merge_handles(runbook.contacts)
    return tuple(_reach(runbook, severity, joined, book, is_set) for severity in runbook.severities)


def _reach(
    runbook: Runbook,
    severity: Severity,
    joined: dict[str, tuple[str, ...]],
    book: ContactBook,
    is_set: IsSet,
) -> PagingReach:
    if can_wait(severity):
        return PagingReach(severity.id, False, (), ())
    match = select_first_contacts(runbook, severity, list(joined))
    names = list(dict.fromkeys([*match.matched, *(joined if match.everyone else ())]))
    reached, unreached = [], []
    for name in names:
        ways, reasons = describe_reach(joined[name], book.sources(name), is_set)
        if ways:
            reached.append((name, ", ".join(dict.fromkeys(ways))))
        else:
            unreached.append((name, "; ".join(reasons) or "no contact method"))
    unreached += [(words, "no contact has that name") for words in match.unmatched]
    # Somebody who has only a telephone is not rung by Tocsin.
    rung = any(how != str(HandleKind.PHONE) for _, how in reached)
    everyone = match.everyone or (severity.rank < WORST and not rung)
    for_want = everyone and not (match.everyone or reached or unreached)
    return PagingReach(severity.id, everyone, tuple(reached), tuple(unreached), for_want)


def describe_reach(
    handles: tuple[str, ...], sources: tuple[OnCallSource, ...], is_set: IsSet
) -> tuple[list[str], list[str]]:
    """How a contact can be reached, in words and in their order, and why not in each of the other ways."""
    ways, reasons = [], []
    for source in sources:
        if missing := _missing(source, is_set):
            reasons.append(f"{_describe_source(source)} {_needs(missing)}")
        else:
            ways.append(f"who is on call by the {source.kind}")
    for handle in _parse_handles(handles):
        if missing := list_missing_settings(handle, is_set):
            reasons.append(f"{handle.shown} {_needs(missing)}")
        else:
            ways.append(str(handle.kind))
    return ways, reasons


def _unusable(
    runbook: Runbook, book: ContactBook, is_set: IsSet, joined: dict[str, tuple[str, ...]]
) -> Iterator[Problem]:
    known = {contact.name: contact for contact in runbook.contacts}
    for name, handles in joined.items():
        for reason in describe_reach(handles, book.sources(name), is_set)[1]:
            contact = known.get(name)
            line, file = (contact.line, contact.file) if contact else (1, "")
            yield Problem(line, "warning", f"{name}: {reason}.", file)


def _missing(source: OnCallSource, is_set: IsSet) -> tuple[str, ...]:
    if source.kind is OnCallSourceKind.SCHEDULE:
        return () if is_set("PAGERDUTY_API_KEY") else ("PAGERDUTY_API_KEY",)
    named = source.kind is OnCallSourceKind.CALENDAR and source.value.isupper()
    return (source.value,) if named and not is_set(source.value) else ()


def _needs(missing: tuple[str, ...]) -> str:
    many = len(missing) > 1
    return f"needs the setting{'s' if many else ''} {', '.join(missing)}, not set yet"


def _parse_handles(handles: tuple[str, ...]) -> Iterator[Handle]:
    return (handle for text in handles if isinstance(handle := parse_handle(text), Handle))


def _describe_handle(handle: str) -> str:
    parsed = parse_handle(handle)
    return parsed.shown if isinstance(parsed, Handle) else handle


def _describe_source(source: OnCallSource) -> str:
    """A calendar's address without what may be secret in it."""
    place, sign, rest = source.value.partition("://")
    value = f"{place}{sign}{rest.partition('/')[0].rpartition('@')[2]}/…" if sign else source.value
    return f"{source.kind} {value}"
