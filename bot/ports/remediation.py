"""Remediations: as the database keeps them, and who reads and carries them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.remediation import Remediation, RemediationKind
from bot.domain.remediation_plan import Plan


@dataclass(frozen=True, slots=True)
class RemediationSwitch:
    """Whether anything may be carried out, who said so last, and why. One who wants it on again waits for a second
    person: then it is off still, and `wanted_by` is the first one."""

    is_on: bool = True
    person: str = ""
    reason: str = ""
    wanted_by: str = ""
    at: datetime | None = None


class RemediationTransaction(Protocol):
    """What a transaction knows of remediations."""

    async def add_remediation(
        self,
        number: int,
        request: str,
        kind: RemediationKind,
        parameters: Mapping[str, str],
        asked_by: str,
        *,
        reason: str = "",
        is_by_hand: bool = False,
        is_drill: bool = False,
        undo_of: int | None = None,
    ) -> Remediation:
        """Ask for one; its incident is held by this transaction."""

    async def lock_remediation(self, id: int) -> Remediation | None:
        """As it stands, held until this transaction ends; None when there is none."""

    async def change_remediation(self, id: int, **values: object) -> None:
        """Set columns of it; the word `"now"` for an instant means the database's now."""

    async def list_remediations(self, number: int) -> Sequence[Remediation]: ...
    async def find_open_remediation(self, target: str) -> Remediation | None: ...
    async def find_last_settled(self, target: str) -> datetime | None: ...
    async def lock_unbegun_remediations(self, number: int | None) -> Sequence[Remediation]:
        """What was not begun, of an incident or of all, held until this transaction ends."""

    async def list_expired_remediations(self, limit: int) -> Sequence[int]: ...
    async def find_remediation_switch(self, hold: bool = False) -> RemediationSwitch:
        """The switch as it stands; with `hold` nobody else moves it until this transaction ends."""

    async def set_remediation_switch(
        self, is_on: bool, person: str, reason: str = "", wanted_by: str = ""
    ) -> None: ...
    async def find_run(self, request: str) -> tuple[int, bool] | None:
        """The id of the diagnostic run that this request asked for, and whether it has ended."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing can be proposed: why, in a sentence."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of the one call. `is_accepted` is None when no answer came: then it may have been done. `facts` are
    what it is found by later (a request's id, a run's id)."""

    is_accepted: bool | None
    sentence: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """What is seen of a remediation that was carried out or may have been. `was_done` is None when it cannot be told
    yet. `is_settled` when nothing moves any more; `has_worked` then says whether it is as it was meant to be.
    `measure` is the short value now (`6/6 running`), `sentence` what goes on; `facts` add to what it is found by."""

    was_done: bool | None
    is_settled: bool = False
    has_worked: bool | None = None
    measure: str = ""
    sentence: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


class RemediationUnavailable(Exception):
    """Nothing could be read: the text says why, as a sentence."""


class RemediationExecutor(Protocol):
    """Reads what a remediation would change, carries it out once, and watches it."""

    async def preview(self, kind: RemediationKind, parameters: Mapping[str, str]) -> Plan | Refusal:
        """Read only. Raises RemediationUnavailable when it cannot be read."""

    async def carry_out(self, asked: Remediation) -> Receipt:
        """The one call, one attempt. Nothing is raised."""

    async def observe(self, asked: Remediation) -> Observation:
        """Read only. Raises RemediationUnavailable when it cannot be read."""

    async def find_return(self, asked: Remediation) -> Observation:
        """Read only, after a rollback: whether what it refused is being deployed again. Raises RemediationUnavailable
        when it cannot be read."""

    def explain_unready(self, kind: RemediationKind) -> str:
        """What lacks for this kind to be carried out, in a sentence; empty when nothing does."""

    async def prepare(self) -> None:
        """Get ready, so that the first one takes no longer than the others. Nothing is raised."""

    async def aclose(self) -> None:
        """Release everything."""


class RemediationStore(Protocol):
    """What the store knows of remediations without changing them."""

    async def claim_remediations(self, limit: int, lease: timedelta) -> Sequence[Remediation]:
        """Take what is due for work, also what a dead replica left behind."""

    async def release_remediation(self, id: int, after: timedelta) -> None:
        """Nobody works on it any more. With `after` it is not due before so long."""

    async def find_remediation(self, id: int) -> Remediation | None: ...
    async def find_remediations(self, number: int) -> Sequence[Remediation]:
        """All of an incident, in the order of their numbers."""

    async def read_remediation_switch(self) -> RemediationSwitch: ...
    async def wait_for_remediations(self, at_most: float) -> None:
        """Return when a remediation is due for work, or after `at_most` seconds."""
