"""The context that every service takes, and the request of a person."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.contacts import ContactBook, Handle, OnCallSourceKind, parse_handle
from bot.domain.proposal import ProposalRules
from bot.domain.remediation import RemediationKind
from bot.performance import MAX_CONCURRENT_CHANGES
from bot.ports import Store
from bot.services.request_priority import PriorityGate
from bot.services.runbook_versions import RunbookVersions


@dataclass(frozen=True, slots=True)
class UserRequest:
    """One request of a person. `key` names the delivery, so that its repetition has no second effect."""

    key: str
    actor: str

    @property
    def change(self) -> str:
        """A short name for what this request causes, for the keys of its effects."""
        return hashlib.blake2s(self.key.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """Everything that services need beside their arguments.

    `channel_name` is where incidents are announced; `contacts` are all names with their handles; `book` is the contacts
    file; `update_every` and `call_url` override the runbook's cadence and bridge; after `check_in_after` without any
    action, those who acknowledged are asked whether they are still on it. `remediations` are the kinds that may be
    carried out, `aws_place` are the account and the region that the settings name, or empty. `status_pages` are
    the pages where customers are told, with what people call them; a public text needs `status_approvals` persons;
    `component_names` are what their components are called, `workspace_names` what the people of the workspace are
    called, both as far as they were read. `proposes` says what goes to a code host. `tracker` is where action items go,
    empty for nowhere; those of private incidents too when it `tracks_private`.
    """

    store: Store
    runbook_versions: RunbookVersions
    channel_name: str
    contacts: dict[str, tuple[str, ...]]
    update_every: timedelta | None = None
    call_url: str = ""
    book: ContactBook = field(default_factory=ContactBook)
    check_in_after: timedelta = timedelta(minutes=30)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_CHANGES))
    remediations: frozenset[RemediationKind] = frozenset()
    aws_place: tuple[str, str] = ("", "")
    status_pages: Mapping[str, str] = field(default_factory=dict)
    status_approvals: int = 1
    proposes: ProposalRules = field(default_factory=ProposalRules)
    component_names: dict[str, str] = field(default_factory=dict)
    workspace_names: set[str] = field(default_factory=set)
    tracker: str = ""
    tracks_private: bool = False
    priority_gate: PriorityGate = field(default_factory=PriorityGate)

    @property
    def on_call(self) -> frozenset[str]:
        """The contacts for whom a schedule or calendar is asked."""
        asked = (OnCallSourceKind.SCHEDULE, OnCallSourceKind.CALENDAR)
        return frozenset(
            name for name in self.contacts if any(source.kind in asked for source in self.book.sources(name))
        )

    def handle(self, shown: str) -> Handle | None:
        """The handle that people see as `shown`; None when the contacts file has it no more."""
        every = (handle for handles in self.book.handles.values() for handle in handles)
        known = next((handle for handle in every if handle.shown == shown), None)
        parsed = parse_handle(shown)
        return known or (parsed if isinstance(parsed, Handle) else None)
