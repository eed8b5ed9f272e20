"""The diagnostic runs in the database, and the queue that their worker takes them from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bot.domain.diagnostic_run import DiagnosticRun, DiagnosticRunRequest, StepResult
from bot.domain.effects import Effect, PostEvidence


class DiagnosticRunRepository(Protocol):
    """Runs of steps, and what each step found."""

    async def is_run_active(
        self,
        number: int,
        scope: str,
        what: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the same run of steps is under way."""

    async def add_run(
        self,
        number: int,
        request: str,
        scope: str,
        what: str,
        asked_by: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        """Ask for a run of steps, unless the same is under way. `step` is (file, line) of the one that is meant, `what`
        the playbook's id or that step's title, `inputs` what its gaps are filled with."""

    async def list_unshown_runs(self, number: int) -> Sequence[int]:
        """The incident's runs under way of which no message is on its way yet; none of them begins before this
        transaction ends."""

    async def begin_run(self, look: int, results: Iterable[StepResult]) -> bool:
        """Note the steps that are run, and what is known of some at once. Those that stand there already stay. False
        when the run was stopped before."""

    async def save_results(self, look: int, found: Iterable[tuple[StepResult, bytes | None]]) -> None:
        """Note what steps found, each with its chart (PNG). What has a verdict already stays."""

    async def stand_below(self, evidence: PostEvidence, kinds: Sequence[type[Effect]]) -> None:
        """Effects of these kinds that wait in its incident are due once this message of a run is settled."""

    async def end_run(self, look: int) -> bool:
        """The run has come to its end; False when it had before."""

    async def stop_runs(self, number: int, said: str) -> Sequence[DiagnosticRun]:
        """End the incident's runs that are under way; `said` is the headline of what has not answered. Gives them as
        they are then."""


class DiagnosticRunQueue(Protocol):
    """Runs that wait for a worker, and those that are known."""

    async def wait_for_runs(self, at_most: float) -> None:
        """Return when a run of steps was asked for, or after `at_most` seconds."""

    async def claim_runs(self, limit: int, running: Iterable[int] = ()) -> Sequence[DiagnosticRunRequest]:
        """Take runs of steps that were asked for and belong to nobody, also what a dead replica left behind. Those that
        are `running` here for longer than their lease are the same attempt."""

    async def list_stopped_runs(self, ids: Iterable[int]) -> Sequence[int]:
        """Those of these runs of steps that were stopped before every step had answered."""

    async def find_awaited_evidence(self, number: int) -> str | None:
        """The key of the message of a run of steps of this incident that is still to be posted; empty where the run has
        not begun, None where nothing is awaited."""

    async def look(self, id: int) -> DiagnosticRun: ...
    async def has_open_runs(self, number: int) -> bool:
        """Whether anything that was asked about the incident's systems has no end yet."""

    async def chart(self, look: int, place: int) -> bytes | None:
        """The picture (PNG) of what a step found."""
