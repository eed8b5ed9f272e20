"""Records the findings of a diagnostic run as they come: in the database first, then in the message in Slack."""

import asyncio
import hashlib
import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.diagnostic_run import (
    ALL,
    UNKNOWN,
    DiagnosticRunRequest,
    Evidence,
    StepResult,
    build_result_key,
)
from bot.domain.effects import Effect, PostEvidence, PostFinding, RefreshEvidence, UploadChart
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, UnknownCause
from bot.errors import DatabaseUnavailable
from bot.ports import Transaction
from bot.ports.diagnostics import ChartRenderer, build_hung_result
from bot.services import ServiceContext, end_diagnostic_run
from bot.text.redaction import redact
from bot.text.truncation import cut, make_storable

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two edits of the message at least."""

TOGETHER = 0.15
"""Seconds that an edit waits for more: what answers side by side is shown in one, not a second later."""

MAX_MEASURE_LENGTH = 60
"""Letters of the value that a later look is compared with: two of them stand in a line."""

MAX_EDITS = 10_000
"""Edits of one attempt at most: those of the next one have other numbers, for each is made once."""

AGAIN, AGAIN_AT_MOST = 1.0, 5.0
"""Seconds until a finding is written again that the database did not take; twice as long each time."""


class FindingRecorder:
    """The findings of one run. `add_finding` takes them, `write` writes until `close` says that no more will come."""

    def __init__(
        self,
        desk: ServiceContext,
        asked: DiagnosticRunRequest,
        results: Sequence[StepResult],
        title: str,
        began: datetime,
        charts: ChartRenderer,
    ) -> None:
        self._desk, self._request, self._title, self._began = desk, asked, title, began
        self._charts = charts
        self._marks: dict[tuple[datetime, str], None] = {}
        self._results = {result.place: result for result in results}
        self._new: list[tuple[StepResult, bytes | None]] = []
        self._more = asyncio.Event()
        self._shown: dict[tuple[object, ...], int] = {}
        for result in results:
            self._is_shown_by(result)
        self._is_closed = self._is_hung = False
        self._edits, self._edit_at = asked.attempts * MAX_EDITS, 0.0

    async def add_finding(self, place: int, finding: Finding) -> None:
        """A step has answered."""
        self._marks |= dict.fromkeys(finding.marks)
        result = merge_finding(self._results[place], finding)
        picture = None
        if self._is_shown_by(result) and any(len(series.points) > 1 for series in finding.series):
            picture, result = await self._draw_chart(result, finding)
        self._results[place] = result
        self._new.append((result, picture))
        self._more.set()

    def _is_shown_by(self, result: StepResult) -> bool:
        """Whether this one's evidence stands in the thread: of what playbooks share the first that came."""
        is_shared = self._request.scope == ALL and result.verdict is not None
        return not is_shared or self._shown.setdefault(build_result_key(result), result.place) == result.place

    async def _draw_chart(self, result: StepResult, finding: Finding) -> tuple[bytes | None, StepResult]:
        """A picture that cannot be drawn is left out: the numbers are in the finding."""
        try:
            # A deployment that another step has found belongs into every chart.
            drawn = await self._charts.render(finding.series, result.title, self._began, tuple(self._marks))
        except OSError as error:
            log.error("%s: drawing its chart failed, error %s: %s", result.title, uuid.uuid4().hex[:8], error)
            return None, result
        chart = make_storable(self._charts.describe(finding.series))
        return drawn, replace(result, detail=replace(result.detail, chart=chart))

    def close(self, is_hung: bool = False) -> None:
        """No more will come; `is_hung` when that is since nothing came for too long."""
        self._is_closed, self._is_hung = True, is_hung
        self._more.set()

    async def write(self) -> None:
        """Write what came, and at last that it is the end. What the database does not take waits here."""
        self._more.set()
        over = False
        while not over:
            await self._more.wait()
            self._more.clear()
            over = self._is_closed or self._is_whole()
            if over:
                self._new += self._list_unanswered()
            new, wait = list(self._new), AGAIN
            while not await self._flush(new, over):
                await asyncio.sleep(wait)
                wait = min(2 * wait, AGAIN_AT_MOST)
            self._new = self._new[len(new) :]

    async def _flush(self, new: Sequence[tuple[StepResult, bytes | None]], over: bool) -> bool:
        if not new and not over:
            return True
        await self._desk.priority_gate.yield_to_priority()
        asked, later, is_planned = self._request, self._until_next_edit(over), self._edit_at > _now()
        try:
            async with self._desk.store.transaction() as tx:
                is_posted = await self._save(tx, new, over, later)
        except DatabaseUnavailable as away:
            log.warning(
                "diagnostic run %d: the database %s; retrying to record its findings", asked.id, away.why
            )
            return False
        if is_posted:
            self._edits += 1
            if not is_planned:  # else the one that was due already shows this too
                self._edit_at = _now() + later  # from the end on: after a wait for a lock none comes too soon
        return True

    async def _save(
        self, tx: Transaction, new: Sequence[tuple[StepResult, bytes | None]], over: bool, later: float
    ) -> bool:
        """Write the results and what shows them. Gives whether the run's message is edited `later` (in seconds); else
        they are in it from the start."""
        asked = self._request
        if over:
            await tx.hold_incident(asked.incident)
        await tx.save_results(asked.id, new)
        effects = self._build_evidence(new)
        if over:
            effects += await end_diagnostic_run(tx, asked, self._title, self._results.values())
        await tx.enqueue(effects)
        if await tx.hold(PostEvidence(incident=asked.incident, look=asked.id).key):
            return False
        edit = RefreshEvidence(incident=asked.incident, look=asked.id, change=self._edits)
        await tx.enqueue([edit], later=timedelta(seconds=later))
        return True

    def _build_evidence(self, new: Sequence[tuple[StepResult, bytes | None]]) -> list[Effect]:
        """What is posted in the thread of these results, some with a chart."""
        return [
            (UploadChart if chart else PostFinding)(
                incident=self._request.incident, look=self._request.id, place=result.place
            )
            for result, chart in new
            if result.cause != UnknownCause.NOT_CONFIGURED and self._is_shown_by(result)
        ]

    def _is_whole(self) -> bool:
        """Whether every step has answered: then the last finding and the end are one edit."""
        return not any(result.is_waited_for for result in self._results.values())

    def _until_next_edit(self, over: bool) -> float:
        """Seconds until the message may be edited for what is new now."""
        return max(0.0 if over else TOGETHER, self._edit_at + EVERY - _now())

    def _list_unanswered(self) -> list[tuple[StepResult, None]]:
        """Steps that never answered, in spite of all deadlines: a fault of ours, or of a machine that is too busy."""
        left = [result for result in self._results.values() if result.is_waited_for]
        if not left:
            return []
        error_id = uuid.uuid4().hex[:8]
        log.error(
            "diagnostic run %d: no answer to %d checks, marked unknown, error %s",
            self._request.id,
            len(left),
            error_id,
        )
        said = f"something went wrong on my side (error {error_id} in the log)."
        told = [
            build_hung_result(result)
            if self._is_hung
            else replace(
                result, verdict=UNKNOWN, cause=UnknownCause.BUG.value, headline=f"{result.title}: {said}"
            )
            for result in left
        ]
        self._results |= {result.place: result for result in told}
        return [(result, None) for result in told]


def _now() -> float:
    return asyncio.get_running_loop().time()


def merge_finding(result: StepResult, finding: Finding) -> StepResult:
    """The result with its finding, in letters that the database stores: one that it refuses would lose the run."""
    table = finding.table
    detail = Evidence(
        table=EvidenceTable(_row(table.heads), tuple(map(_row, table.rows)), table.left_out)
        if table
        else None,
        text=make_storable(finding.text),
        link=make_storable(redact(finding.link)),
        command=make_storable(redact(finding.command)),
        begin=finding.window.begin if finding.window else None,
        end=finding.window.end if finding.window else None,
        age=finding.age.total_seconds() if finding.age is not None else None,
        aged=finding.aged,
        next_look=_line(finding.next_look),
    )
    return replace(
        result,
        verdict=finding.verdict.value,
        cause=finding.cause.value if finding.cause else None,
        headline=_line(finding.headline),
        measure=cut(_line(finding.measure), MAX_MEASURE_LENGTH),
        digest=_digest_finding(finding),
        detail=detail,
        suspect=finding.suspect
        and replace(
            finding.suspect, name=_line(redact(finding.suspect.name)), why=_line(finding.suspect.why)
        ),
        collected_at=finding.collected_at,
    )


def _line(text: str) -> str:
    """One line: a second one would stand in the message like one of ours."""
    return " ".join(make_storable(text).split())


def _row(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(make_storable, cells))


def _digest_finding(finding: Finding) -> str:
    """The SHA-256 of what was seen: the judgement and the evidence, without when it was read."""
    points = [[(at.isoformat(), value) for at, value in series.points] for series in finding.series]
    table = (finding.table.heads, finding.table.rows) if finding.table else None
    seen = (finding.verdict, finding.headline, finding.measure, table, finding.text, points)
    return hashlib.sha256(json.dumps(seen, ensure_ascii=True).encode()).hexdigest()
