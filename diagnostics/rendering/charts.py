"""Draws a finding's series as a PNG in a child process.

The library holds Python's lock for the 40 ms that it draws: in the bot nobody would be answered meanwhile.
"""

import pickle
from collections.abc import Sequence
from datetime import datetime

from bot.child_process import ChildCommand, RequestProcess, serve_requests
from bot.domain.finding import ChartSeries
from bot.domain.incident_statistics import StatisticsChart
from diagnostics.rendering.chart_svg import describe_series, draw_chart
from diagnostics.rendering.statistics_svg import draw_statistics

RENDER_TIMEOUT_S = 5.0
"""For a picture, the wait for its turn and the start of the process included: its finding waits for it."""

Order = tuple[Sequence[ChartSeries], str, datetime | None, Sequence[tuple[datetime, str]]] | StatisticsChart


class ChartProcess:
    """See `bot.ports.diagnostics.ChartRenderer`. The child starts with the first picture and ends with this object."""

    def __init__(self) -> None:
        self.process = RequestProcess(ChildCommand.of_module("diagnostics.rendering.charts"))

    async def render(
        self,
        series: Sequence[ChartSeries],
        title: str,
        began: datetime | None,
        marks: Sequence[tuple[datetime, str]],
    ) -> bytes:
        """The picture of these series with their limit, the start of the incident and what else is marked.

        Raises OSError when it cannot be drawn in time.
        """
        return await self._draw((tuple(series), title, began, tuple(marks)))

    async def render_statistics(self, chart: StatisticsChart) -> bytes:
        """The picture of statistics. Raises OSError when it cannot be drawn in time."""
        return await self._draw(chart)

    async def _draw(self, order: Order) -> bytes:
        try:
            return await self.process.request(pickle.dumps(order), RENDER_TIMEOUT_S)
        except (OSError, EOFError) as error:  # TimeoutError is an OSError
            raise OSError(f"no picture was drawn: {error!r}") from None

    def describe(self, series: Sequence[ChartSeries]) -> str:
        """The same in words."""
        return describe_series(series)

    async def aclose(self) -> None:
        """End the process."""
        await self.process.aclose()


def _draw_order(payload: bytes) -> bytes:
    order: Order = pickle.loads(payload)  # noqa: S301 - the bot wrote it
    return draw_statistics(order) if isinstance(order, StatisticsChart) else draw_chart(*order)


if __name__ == "__main__":
    serve_requests(_draw_order)
