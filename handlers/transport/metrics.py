"""What `/metrics` tells Prometheus; docs/METRICS.md explains each."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.incident_statistics import IncidentStatistics
from bot.domain.operation_counts import OperationCounts
from bot.errors import DatabaseUnavailable
from bot.ports import Store
from handlers.transport.incident_metrics import PERIOD, tell_statistics
from handlers.transport.receipt_counter import ReceiptCounter, WebhookCounter

MEASURE_EVERY_S = 300.0
"""Seconds between two measurements of the statistics."""


class Deliveries(Protocol):
    """Attempts since the start, by how they ended."""

    @property
    def counts(self) -> Mapping[Any, int]: ...


class Beats(Protocol):
    """The monotonic time at which the heartbeat's address took the last one."""

    beaten_at: float


@dataclass(slots=True, eq=False)
class BotMetrics(Collector):
    """Everything that is told, read when it is asked for. `troubles` counts what is wrong by system (`slack`, `socket`,
    `clock`, `versions`); `last_tick` gives a monotonic time; `heart` is None without a heartbeat."""

    troubles: Callable[[], Mapping[str, int]] = dict
    deliveries: Deliveries | None = None
    receipts: ReceiptCounter = field(default_factory=ReceiptCounter)
    webhooks: WebhookCounter = field(default_factory=WebhookCounter)
    last_tick: Callable[[], float] = time.monotonic
    heart: Beats | None = None
    counts: OperationCounts | None = None
    statistics: IncidentStatistics | None = None
    measured_at: float = 0.0
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.registry.register(self)

    async def render(self, store: Store | None) -> bytes:
        """Prometheus' text format. What only the database knows is left out while it is away."""
        self.counts = None
        if store is not None:
            try:
                self.counts = await store.count_operations()
                await self._measure(store)
            except DatabaseUnavailable:
                self.counts = None
        return generate_latest(self.registry)

    async def _measure(self, store: Store) -> None:
        """The statistics, which change slowly, every few minutes."""
        if self.statistics is None or time.monotonic() - self.measured_at > MEASURE_EVERY_S:
            self.statistics = await store.measure_incidents("", PERIOD, ())
            self.measured_at = time.monotonic()

    def describe(self) -> Iterator[Metric]:
        """Nothing is promised before it is asked."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        now = time.monotonic()
        yield _gauge("seconds_since_tick", "Seconds since the scheduler ticked.", now - self.last_tick())
        yield _gauge("database_up", "1 while the bot's own database answers.", float(self.counts is not None))
        troubles = GaugeMetricFamily(
            "tocsin_troubles", "What /readyz calls degraded, beside the database.", labels=["system"]
        )
        for system, count in self.troubles().items():
            troubles.add_metric([system], count)
        yield troubles
        deliveries = CounterMetricFamily(
            "tocsin_deliveries", "Attempts to deliver, by how they ended.", labels=["outcome"]
        )
        for outcome, count in self.deliveries.counts.items() if self.deliveries else ():
            deliveries.add_metric([outcome], count)
        yield deliveries
        received = CounterMetricFamily("tocsin_received", "What came from Slack, by kind.", labels=["kind"])
        for kind, count in self.receipts.counts.items():
            received.add_metric([kind], count)
        yield received
        yield from self._tell_webhooks()
        if self.heart is not None:
            since = now - self.heart.beaten_at
            yield _gauge("seconds_since_heartbeat", "Seconds since the heartbeat was taken.", since)
        yield from _tell_counts(self.counts) if self.counts is not None else ()
        if self.counts is not None and self.statistics is not None:
            yield from tell_statistics(self.statistics)

    def _tell_webhooks(self) -> Iterator[Metric]:
        words = "What came to the tracker's webhook, by its answer."
        told = CounterMetricFamily("tocsin_tracker_webhooks", words, labels=["status"])
        for status, count in self.webhooks.counts.items():
            told.add_metric([str(status)], count)
        yield told


def _tell_counts(counts: OperationCounts) -> Iterator[Metric]:
    """What the database counts."""
    open_ones = GaugeMetricFamily(
        "tocsin_open_incidents", "Open incidents, drills left out.", labels=["severity"]
    )
    for severity, count in counts.open_incidents.items():
        open_ones.add_metric([severity], count)
    yield open_ones
    yield _gauge(
        "unacknowledged_seconds", "Age of the oldest open incident nobody answered.", counts.unanswered_s
    )
    yield _gauge(
        "update_overdue_seconds", "How long the oldest promised update is overdue.", counts.overdue_s
    )
    waiting = GaugeMetricFamily("tocsin_outbox_due", "Effects that are due and not done.", labels=["to"])
    oldest = GaugeMetricFamily(
        "tocsin_outbox_oldest_due_seconds", "Since when the oldest is due.", labels=["to"]
    )
    for to, (count, seconds) in counts.due.items():
        waiting.add_metric([to], count)
        oldest.add_metric([to], seconds)
    yield waiting
    yield oldest
    yield _gauge("outbox_dead", "Effects that nobody tries again by themselves.", counts.dead)
    yield _gauge("replicas", "Replicas seen within 15 seconds.", counts.replicas)


def _gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tocsin_{name}", help, value=value)
