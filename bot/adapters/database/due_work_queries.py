"""What is due, by the statements that list it, all of them in one message."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.adapters.database.reads import SET_VALUES, StoreQueries
from bot.adapters.database.sql_loader import SQL
from bot.ports.due_work import DueWork

STATEMENTS: Mapping[DueWork, str] = {
    DueWork.HELD_PAGE: "incidents_of_held",
    DueWork.REMINDER: "due_notices",
    DueWork.PAGE_ATTEMPT: "incidents_of_due_ways",
    DueWork.ESCALATION: "due_ladders",
    DueWork.SHIFT: "due_shifts",
    DueWork.ACTION: "due_actions",
    DueWork.PUBLIC_PROMISE: "due_public_promises",
    DueWork.REVIEW_PROPOSAL: "due_review_proposals",
    DueWork.CHECKLIST_WINDOW: "due_windows",
}


class DueWorkQueries(StoreQueries):
    """See `bot.ports.due_work.DueWorkReader`."""

    async def find_due_work(self, severities: Sequence[str], rings_for: timedelta) -> frozenset[DueWork]:
        values = {"severities": list(severities), "within": rings_for, "longest": rings_for, "limit": 1}
        text = SET_VALUES + b";\n".join(SQL[name] for name in STATEMENTS.values())
        found = set()
        async with self._rows() as cursor:
            await cursor.execute(text, values)
            for place, work in enumerate(STATEMENTS, 1):
                await cursor.set_result(place)
                if cursor.rowcount:
                    found.add(work)
        return frozenset(found)
