"""Who would be reached at each severity, who not, and why: the runbook's names and the contacts file's handles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.contacts import ContactBook, Handle, Source, SourceKind, missing_settings, parse_handle
from bot.runbook.checks import calls, escalates
from bot.runbook.contacts import match_contacts
from bot.runbook.model import Contact, Problem, Runbook, Severity, in_order

IsSet = Callable[[str], bool]
"""Whether a setting of this name has a value."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One severity: `reached` are (contact, how) and `unreached` (contact or words, why); both may be empty."""

    severity: str
    everyone: bool
    reached: tuple[tuple[str, str], ...]
    unreached: tuple[tuple[str, str], ...]


def with_book(runbook: Runbook, book: ContactBook, is_set: IsSet) -> Runbook:
    """The runbook with the contacts file's names and handles (secrets cut), and the warnings that follow from both.

    A name that only the file has stands at line 0.
    """
    old = {contact.name: contact for contact in runbook.contacts}
    joined = book.joined(runbook.contacts)
    contacts = tuple(
        replace(
            old.get(name, Contact(name, 0, "", ())),
            handles=(*map(_shown, handles), *(_told(source) for source in book.sources(name))),
        )
        for name, handles in joined.items()
    )
    before = set(_people(runbook))
    found = replace(runbook, contacts=contacts)
    problems = [problem for problem in runbook.problems if problem not in before]
    problems += _people(found)
    problems += _unusable(runbook, book, is_set, joined)
    return replace(found, problems=in_order(problems))


def _people(runbook: Runbook) -> Iterator[Problem]:
    for severity in runbook.severities:
        yield from calls(runbook, severity)
    yield from escalates(runbook)


def preflight(runbook: Runbook, book: ContactBook, is_set: IsSet) -> tuple[Reach, ...]:
    """Every severity of the runbook as it is read (not `with_book`), the worst first."""
    joined = book.joined(runbook.contacts)
    return tuple(_reach(severity, joined, book, is_set) for severity in runbook.severities)


def _reach(severity: Severity, joined: dict[str, tuple[str, ...]], book: ContactBook, is_set: IsSet) -> Reach:
    match = match_contacts(severity.action, list(joined))
    names = list(dict.fromkeys([*match.matched, *(joined if match.everyone else ())]))
    reached, unreached = [], []
    for name in names:
        ways, reasons = how_reached(joined[name], book.sources(name), is_set)
        if ways:
            reached.append((name, ", ".join(dict.fromkeys(ways))))
        else:
            unreached.append((name, "; ".join(reasons) or "no handle"))
    unreached += [(words, "no contact goes by that name") for words in match.unmatched]
    return Reach(severity.id, match.everyone, tuple(reached), tuple(unreached))


def how_reached(
    handles: tuple[str, ...], sources: tuple[Source, ...], is_set: IsSet
) -> tuple[list[str], list[str]]:
    """How a contact can be reached, in words and in their order, and why not in each of the other ways."""
    ways, reasons = [], []
    for source in sources:
        if missing := _missing(source, is_set):
            reasons.append(f"{_told(source)} {_needs(missing)}")
        else:
            ways.append(f"who is on call by the {source.kind}")
    for handle in _parsed(handles):
        if missing := missing_settings(handle, is_set):
            reasons.append(f"{handle.shown} {_needs(missing)}")
        else:
            ways.append(str(handle.kind))
    return ways, reasons


def _unusable(
    runbook: Runbook, book: ContactBook, is_set: IsSet, joined: dict[str, tuple[str, ...]]
) -> Iterator[Problem]:
    known = {contact.name: contact for contact in runbook.contacts}
    for name, handles in joined.items():
        for reason in how_reached(handles, book.sources(name), is_set)[1]:
            contact = known.get(name)
            line, file = (contact.line, contact.file) if contact else (1, "")
            yield Problem(line, "warning", f"{name}: {reason}.", file)


def _missing(source: Source, is_set: IsSet) -> tuple[str, ...]:
    if source.kind is SourceKind.SCHEDULE:
        return () if is_set("PAGERDUTY_API_KEY") else ("PAGERDUTY_API_KEY",)
    named = source.kind is SourceKind.CALENDAR and source.value.isupper()
    return (source.value,) if named and not is_set(source.value) else ()


def _needs(missing: tuple[str, ...]) -> str:
    many = len(missing) > 1
    return f"needs the setting{'s' if many else ''} {', '.join(missing)}, not set yet"


def _parsed(handles: tuple[str, ...]) -> Iterator[Handle]:
    return (handle for each in handles if isinstance(handle := parse_handle(each), Handle))


def _shown(handle: str) -> str:
    parsed = parse_handle(handle)
    return parsed.shown if isinstance(parsed, Handle) else handle


def _told(source: Source) -> str:
    """A calendar's address without what may be secret in it."""
    place, sign, rest = source.value.partition("://")
    value = f"{place}{sign}{rest.partition('/')[0].rpartition('@')[2]}/…" if sign else source.value
    return f"{source.kind} {value}"
