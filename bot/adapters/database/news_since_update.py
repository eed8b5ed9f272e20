"""What is new since an incident's last status update: part of the `Transaction` port."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.adapters.database.row_mappers import Row, build_entry, build_result
from bot.domain.diagnostic_run import StepResult
from bot.domain.incident import TimelineEntry


class UpdateNewsQueries:
    """See `bot.ports.Transaction`. The statements are run by the class that inherits this one."""

    async def _all(self, name: str, /, **values: object) -> list[Row]:
        raise NotImplementedError

    async def list_entries_since_update(
        self, numbers: Sequence[int]
    ) -> Mapping[int, Sequence[TimelineEntry]]:
        found: dict[int, list[TimelineEntry]] = defaultdict(list)
        for row in await self._all("entries_since_update", numbers=list(numbers)):
            found[row.pop("incident")].append(build_entry(row))
        return found

    async def list_findings_by_update(
        self, numbers: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[StepResult, StepResult | None]]]:
        found: dict[int, list[tuple[StepResult, StepResult | None]]] = defaultdict(list)
        before: StepResult | None = None
        # What a step had found when the last update was posted stands in front of what it found last.
        for row in await self._all("findings_by_update", numbers=list(numbers)):
            number, is_last = row.pop("incident"), row.pop("is_last")
            result = build_result(row)
            if is_last:
                found[number].append((result, before))
            before = None if is_last else result
        return found

    async def find_names(self, people: Iterable[str]) -> Mapping[str, str]:
        rows = await self._all("names_of", people=list(people))
        return {row["id"]: row["name"] for row in rows}
