"""The contacts file as a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.contacts.approvers import Approvers
from bot.contacts.business_hours import BusinessHours
from bot.contacts.contact_methods import Handle
from bot.contacts.name_matching import build_name_key


class OnCallSourceKind(StrEnum):
    """Who knows who is on call; the value is how people are told."""

    SCHEDULE = "PagerDuty schedule"
    GROUP = "Slack user group"
    CALENDAR = "calendar"


class NamedContact(Protocol):
    """A contact as a runbook names it."""

    @property
    def name(self) -> str: ...
    @property
    def handles(self) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class OnCallSource:
    """Where it is written who is on call: a PagerDuty schedule's id, a Slack user group's id, or a calendar's path,
    address, or the name of a setting that holds one of these (such addresses are often secret)."""

    kind: OnCallSourceKind
    value: str


@dataclass(frozen=True, slots=True)
class ContactBook:
    """Everybody who can be called: each name with its handles in the order in which they are tried.

    `on_call` says for a name where it is written who that is just now; its own handles come after those people's.
    `hours` is None when the file has no `[team]`. `approvers` may approve remediations.
    """

    handles: Mapping[str, tuple[Handle, ...]] = field(default_factory=dict)
    on_call: Mapping[str, tuple[OnCallSource, ...]] = field(default_factory=dict)
    hours: BusinessHours | None = None
    approvers: Approvers = field(default_factory=Approvers)

    @property
    def settings(self) -> frozenset[str]:
        """The names of the settings that hold what handles and calendars need: keys and secret addresses."""
        handles = (handle.setting for own in self.handles.values() for handle in own)
        calendars = (
            source.value
            for own in self.on_call.values()
            for source in own
            if source.kind is OnCallSourceKind.CALENDAR and source.value.isidentifier()
        )
        return frozenset(filter(None, (*handles, *calendars)))

    def merge_handles(self, runbook: Iterable[NamedContact]) -> dict[str, tuple[str, ...]]:
        """The runbook's names in its order with both documents' handles, then the file's own names.

        Names are the same in any case, with any hyphens and spaces; where both have handles, the runbook's come first.
        """
        contacts = {contact.name: tuple(contact.handles) for contact in runbook}
        known = {build_name_key(name): name for name in contacts}
        for name in dict.fromkeys([*self.handles, *self.on_call]):
            spelled = known.get(build_name_key(name), name)
            contacts[spelled] = tuple(
                dict.fromkeys((*contacts.get(spelled, ()), *(way.text for way in self.ways(name))))
            )
        return contacts

    def merge_page_handles(self, runbook: Iterable[NamedContact]) -> dict[str, tuple[str, ...]]:
        """As `merge_handles`, with the user groups that say who is on call in place of a name's own Slack handles.

        Slack calls them like any other handle, and nobody beside them."""
        contacts = self.merge_handles(runbook)
        for name, own in contacts.items():
            if groups := self.list_groups(name):
                beside = (handle for handle in own if not handle.startswith("slack:"))
                contacts[name] = tuple(dict.fromkeys((*groups, *beside)))
        return contacts

    def list_groups(self, name: str) -> list[str]:
        """The handles of the user groups that say who stands behind a name."""
        sources = self.sources(name)
        return [f"slack:{source.value}" for source in sources if source.kind is OnCallSourceKind.GROUP]

    def ways(self, name: str) -> tuple[Handle, ...]:
        """The handles of a name in any spelling; empty for one that is not in the file."""
        return next(
            (own for contact, own in self.handles.items() if build_name_key(contact) == build_name_key(name)),
            (),
        )

    def sources(self, name: str) -> tuple[OnCallSource, ...]:
        """Where it is written who stands behind a name; empty when the name is a person's."""
        return next(
            (own for contact, own in self.on_call.items() if build_name_key(contact) == build_name_key(name)),
            (),
        )
