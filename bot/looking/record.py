"""What a look found, written down as it comes: the database first, the message in Slack after it."""

import asyncio
import hashlib
import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.effects import Effect, PostEvidence, PostFinding, RefreshEvidence, UploadChart
from bot.errors import StoreAway
from bot.evidence import ALL, UNKNOWN, Asked, Detail, Result, Table, question_of
from bot.letters import cut, keepable
from bot.lifecycle import Desk, look_ended
from diagnostics.charts import Drawer, described
from diagnostics.finding import Cause, Finding
from diagnostics.redaction import redacted

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two edits of the message at least."""

TOGETHER = 0.15
"""Seconds that an edit waits for more: what answers side by side is shown in one, not a second later."""

LONGEST_MEASURE = 60
"""Letters of the value that a later look is compared with: two of them stand in a line."""

MOST_EDITS = 10_000
"""Edits of one attempt at most: those of the next one have other numbers, for each is made once."""

AGAIN, AGAIN_AT_MOST = 1.0, 5.0
"""Seconds until a finding is written again that the database did not take; twice as long each time."""


class Record:
    """The findings of one look. `heard` takes them, `write` writes until `close` says that no more will come."""

    def __init__(
        self, desk: Desk, asked: Asked, results: Sequence[Result], title: str, began: datetime, drawer: Drawer
    ) -> None:
        self._desk, self._asked, self._title, self._began = desk, asked, title, began
        self._drawer = drawer
        self._marks: dict[tuple[datetime, str], None] = {}
        self._results = {each.place: each for each in results}
        self._new: list[tuple[Result, bytes | None]] = []
        self._more = asyncio.Event()
        self._shown: dict[tuple[object, ...], int] = {}
        for each in results:
            self._is_shown_by(each)
        self._is_closed = False
        self._edits, self._edit_at = asked.attempts * MOST_EDITS, 0.0

    async def heard(self, place: int, finding: Finding) -> None:
        """A step has answered."""
        self._marks |= dict.fromkeys(finding.marks)
        result = found(self._results[place], finding)
        picture = None
        if self._is_shown_by(result) and any(len(each.points) > 1 for each in finding.series):
            picture, result = await self._drawn(result, finding)
        self._results[place] = result
        self._new.append((result, picture))
        self._more.set()

    def _is_shown_by(self, result: Result) -> bool:
        """Whether this one's evidence stands in the thread: of what playbooks share the first that came."""
        is_shared = self._asked.scope == ALL and result.verdict is not None
        return not is_shared or self._shown.setdefault(question_of(result), result.place) == result.place

    async def _drawn(self, result: Result, finding: Finding) -> tuple[bytes | None, Result]:
        """A picture that cannot be drawn is left out: the numbers are in the finding."""
        try:
            # A deployment that another step has found belongs into every chart.
            drawn = await self._drawer.drawn(finding.series, result.title, self._began, tuple(self._marks))
        except OSError as error:
            log.error("%s, error %s: %s", result.title, uuid.uuid4().hex[:8], error)
            return None, result
        chart = keepable(described(finding.series))
        return drawn, replace(result, detail=replace(result.detail, chart=chart))

    def close(self) -> None:
        """No more will come."""
        self._is_closed = True
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
                self._new += self._left_behind()
            new, wait = list(self._new), AGAIN
            while not await self._written(new, over):
                await asyncio.sleep(wait)
                wait = min(2 * wait, AGAIN_AT_MOST)
            self._new = self._new[len(new) :]

    async def _written(self, new: Sequence[tuple[Result, bytes | None]], over: bool) -> bool:
        if not new and not over:
            return True
        await self._desk.precedence.given()
        asked, later, is_planned = self._asked, self._until_next_edit(over), self._edit_at > _now()
        try:
            async with self._desk.store.transaction() as work:
                if over:
                    await work.lock(asked.incident)
                await work.put_results(asked.id, new)
                shown: list[Effect] = [
                    (UploadChart if picture else PostFinding)(
                        incident=asked.incident, look=asked.id, place=each.place
                    )
                    for each, picture in new
                    if each.cause != Cause.NOT_CONFIGURED and self._is_shown_by(each)
                ]
                if over:
                    shown += await look_ended(work, asked, self._title, self._results.values())
                await work.enqueue(shown)
                edit = RefreshEvidence(incident=asked.incident, look=asked.id, change=self._edits)
                is_posted = not await work.hold(PostEvidence(incident=asked.incident, look=asked.id).key)
                if is_posted:  # else it is in the message from the start
                    await work.enqueue([edit], later=timedelta(seconds=later))
        except StoreAway as away:
            log.warning("look %d: the database %s; its findings wait", asked.id, away.why)
            return False
        if is_posted:
            self._edits += 1
            if not is_planned:  # else the one that was due already shows this too
                self._edit_at = _now() + later  # from the end on: after a wait for a lock none comes too soon
        return True

    def _is_whole(self) -> bool:
        """Whether every step has answered: then the last finding and the end are one edit."""
        return not any(each.is_waited_for for each in self._results.values())

    def _until_next_edit(self, over: bool) -> float:
        """Seconds until the message may be edited for what is new now."""
        return max(0.0 if over else TOGETHER, self._edit_at + EVERY - _now())

    def _left_behind(self) -> list[tuple[Result, None]]:
        """Steps that never answered, in spite of all deadlines: a fault of ours."""
        left = [each for each in self._results.values() if each.is_waited_for]
        if not left:
            return []
        error_id = uuid.uuid4().hex[:8]
        log.error("look %d: %d steps never answered, error %s", self._asked.id, len(left), error_id)
        said = f"a fault of mine. The log has it as error {error_id}."
        told = [
            replace(each, verdict=UNKNOWN, cause=Cause.BUG.value, headline=f"{each.title}: {said}")
            for each in left
        ]
        self._results |= {each.place: each for each in told}
        return [(each, None) for each in told]


def _now() -> float:
    return asyncio.get_running_loop().time()


def found(result: Result, finding: Finding) -> Result:
    """The result with what was found, in letters that the database keeps: one that it refuses would lose the look."""
    table = finding.table
    detail = Detail(
        table=Table(_row(table.heads), tuple(map(_row, table.rows)), table.left_out) if table else None,
        text=keepable(finding.text),
        link=keepable(redacted(finding.link)),
        command=keepable(redacted(finding.command)),
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
        measure=cut(_line(finding.measure), LONGEST_MEASURE),
        digest=_seen(finding),
        detail=detail,
        collected_at=finding.collected_at,
    )


def _line(text: str) -> str:
    """One line: a second one would stand in the message like one of ours."""
    return " ".join(keepable(text).split())


def _row(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(keepable, cells))


def _seen(finding: Finding) -> str:
    """The SHA-256 of what was seen: the judgement and the evidence, without when it was read."""
    points = [[(at.isoformat(), value) for at, value in each.points] for each in finding.series]
    table = (finding.table.heads, finding.table.rows) if finding.table else None
    seen = (finding.verdict, finding.headline, finding.measure, table, finding.text, points)
    return hashlib.sha256(json.dumps(seen, ensure_ascii=True).encode()).hexdigest()
