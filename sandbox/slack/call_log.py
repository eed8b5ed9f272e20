"""The log of everything that the bot asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.slack.faults import Fault
from sandbox.slack.workspace_model import Json


@dataclass(slots=True)
class CallRecord:
    """One call. `number` counts Web API calls from 1, 0 is a response_url; times in monotonic seconds.

    `worked` tells whether it took effect, `answered` whether the answer went out on the wire.
    """

    number: int
    method: str
    args: Json
    started: float
    fault: Fault | None = None
    worked: bool = False
    status: int = 0
    answer: Json | None = None
    finished: float | None = None
    answered: bool = False

    @property
    def error(self) -> str:
        """Slack's error code; empty when the answer was ok or there was none."""
        return str((self.answer or {}).get("error", ""))


@dataclass(slots=True)
class CallLog:
    """All calls in the order of their arrival."""

    records: list[CallRecord] = field(default_factory=list)
    _numbered: int = 0

    def begin(self, method: str, args: Json, started: float, numbered: bool = True) -> CallRecord:
        if numbered:
            self._numbered += 1
        record = CallRecord(self._numbered if numbered else 0, method, args, started)
        self.records.append(record)
        return record

    def of(self, method: str) -> list[CallRecord]:
        return [record for record in self.records if record.method == method]

    def clear(self) -> None:
        """Forget the calls and count from 1 again."""
        self.records.clear()
        self._numbered = 0

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(list(self.records))

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, place: int) -> CallRecord:
        return self.records[place]
