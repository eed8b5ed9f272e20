"""The contacts file as a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.contacts.handles import Handle
from bot.contacts.hours import Hours


class SourceKind(StrEnum):
    """Who knows who is on call; the value is how people are told."""

    SCHEDULE = "PagerDuty schedule"
    GROUP = "Slack user group"
    CALENDAR = "calendar"


class Named(Protocol):
    """A contact as a runbook names it."""

    @property
    def name(self) -> str: ...
    @property
    def handles(self) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where it is written who is on call: a PagerDuty schedule's id, a Slack user group's id, or a calendar's path,
    address, or the name of a setting that holds one of these (such addresses are often secret)."""

    kind: SourceKind
    value: str


@dataclass(frozen=True, slots=True)
class ContactBook:
    """Everybody who can be called: each name with its handles in the order in which they are tried.

    `on_call` says for a name where it is written who that is just now; its own handles come after those people's.
    `hours` is None when the file has no `[team]`.
    """

    handles: Mapping[str, tuple[Handle, ...]] = field(default_factory=dict)
    on_call: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    hours: Hours | None = None

    @property
    def settings(self) -> frozenset[str]:
        """The names of the settings that hold what handles and calendars need: keys and secret addresses."""
        handles = (each.setting for own in self.handles.values() for each in own)
        calendars = (
            each.value
            for own in self.on_call.values()
            for each in own
            if each.kind is SourceKind.CALENDAR and each.value.isidentifier()
        )
        return frozenset(filter(None, (*handles, *calendars)))

    def joined(self, runbook: Iterable[Named]) -> dict[str, tuple[str, ...]]:
        """The runbook's names in its order with both documents' handles, then the file's own names.

        Names are the same in any case; where both have handles, the runbook's come first.
        """
        contacts = {contact.name: tuple(contact.handles) for contact in runbook}
        known = {name.casefold(): name for name in contacts}
        for name in dict.fromkeys([*self.handles, *self.on_call]):
            spelled = known.get(name.casefold(), name)
            contacts[spelled] = tuple(
                dict.fromkeys((*contacts.get(spelled, ()), *(each.text for each in self.ways(name))))
            )
        return contacts

    def called(self, runbook: Iterable[Named]) -> dict[str, tuple[str, ...]]:
        """As `joined`, with the user groups that say who is on call first: Slack calls them like any other handle."""
        contacts = self.joined(runbook)
        for name in contacts:
            groups = (f"slack:{each.value}" for each in self.sources(name) if each.kind is SourceKind.GROUP)
            contacts[name] = tuple(dict.fromkeys((*groups, *contacts[name])))
        return contacts

    def ways(self, name: str) -> tuple[Handle, ...]:
        """The handles of a name in any spelling; empty for one that is not in the file."""
        return next((own for each, own in self.handles.items() if each.casefold() == name.casefold()), ())

    def sources(self, name: str) -> tuple[Source, ...]:
        """Where it is written who stands behind a name; empty when the name is a person's."""
        return next((own for each, own in self.on_call.items() if each.casefold() == name.casefold()), ())
