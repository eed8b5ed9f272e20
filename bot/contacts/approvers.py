"""Who may approve a change to production: the table `[approvers]` of the contacts file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.contacts.contact_methods import Handle, HandleKind, parse_handle
from bot.contacts.name_matching import tidy_name
from bot.text.remediation_kinds import APPROVABLE_KINDS

EVERY_KIND, BREAK_GLASS = "*", "break_glass"
NEVER_ALONE = ("postgres.end_blocker", "rds.failover")
"""What nobody carries out alone, whatever the file says: it can take somebody's work or the writer away. Nor does
anybody scale down alone, which the plan says itself (`strict`)."""

SLACK = (HandleKind.SLACK_USER, HandleKind.SLACK_GROUP, HandleKind.SLACK_EMAIL)

Wrong = Callable[[str, str], None]
"""Gets the key of a line that is wrong, and a sentence."""


@dataclass(frozen=True, slots=True)
class Approvers:
    """By kind, or by `*` for every kind that has no line of its own: Slack handles and names of contacts, in the file's
    order. `break_glass` are the kinds that one approver may carry out alone in an emergency."""

    by_kind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    break_glass: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[str, ...]:
        """Who may approve this kind, as the file names them; empty for nobody. A line of its own replaces `*`."""
        return self.by_kind.get(kind, self.by_kind.get(EVERY_KIND, ()))

    def __bool__(self) -> bool:
        return any(self.by_kind.values())


def parse_approvers(table: Mapping[str, object], wrong: Wrong) -> Approvers:
    """The approvers of the table; `wrong` gets what is wrong with it."""
    by_kind = {
        kind: tuple(_names(kind, table[kind], wrong))
        for kind in table
        if kind != BREAK_GLASS and _is_known(kind, wrong)
    }
    return Approvers(by_kind, tuple(_parse_break_glass(table.get(BREAK_GLASS, []), wrong)))


def _is_known(kind: str, wrong: Wrong) -> bool:
    if kind in (EVERY_KIND, *APPROVABLE_KINDS):
        return True
    wrong(kind, f'"{kind}" is no kind of remediation. There are "*", {_quote(APPROVABLE_KINDS)}.')
    return False


def _names(kind: str, value: object, wrong: Wrong) -> Iterator[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(text, str) for text in listed):
        wrong(kind, f'"{kind}" must be a Slack handle, the name of a contact, or a list of these.')
        return
    for text in listed:
        handle = parse_handle(text)
        if isinstance(handle, Handle):
            if handle.kind in SLACK:
                yield handle.text
            else:
                wrong(kind, f"“{handle.shown}” cannot approve: people approve in Slack.")
        elif ":" in text:
            wrong(kind, handle)
        else:
            yield tidy_name(text)


def _parse_break_glass(value: object, wrong: Wrong) -> Iterator[str]:
    listed = [value] if isinstance(value, str) else value
    for kind in listed if isinstance(listed, list) else ["?"]:
        if kind in NEVER_ALONE:
            wrong(BREAK_GLASS, f'"{kind}" is never carried out by one person alone.')
        elif kind in APPROVABLE_KINDS:
            yield str(kind)
        else:
            may = _quote(tuple(name for name in APPROVABLE_KINDS if name not in NEVER_ALONE))
            wrong(BREAK_GLASS, f"{BREAK_GLASS} is a list of kinds. It may have {may}.")


def _quote(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)
