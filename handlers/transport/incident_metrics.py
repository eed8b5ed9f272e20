"""The statistics of incidents as Prometheus reads them: of the last 90 days, drills and private incidents left out."""

from collections.abc import Iterator
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from bot.domain.incident_statistics import IncidentStatistics

PERIOD = timedelta(days=90)
DURATIONS = ("acknowledge", "mitigate", "resolve")


def tell_statistics(found: IncidentStatistics) -> Iterator[Metric]:
    """Never a quantile without its count."""
    rows = [row for row in found.rows if not row.is_drill]
    number = GaugeMetricFamily(
        "tocsin_incidents", "Incidents of the last 90 days, drills left out.", labels=["severity"]
    )
    durations = GaugeMetricFamily(
        "tocsin_incident_seconds",
        "How long they took, by quantile.",
        labels=["severity", "until", "quantile"],
    )
    counts = GaugeMetricFamily(
        "tocsin_incident_seconds_count", "How many of them had it.", labels=["severity", "until"]
    )
    for row in rows:
        number.add_metric([row.severity], row.count)
        for name in DURATIONS:
            spread = getattr(row, name)
            counts.add_metric([row.severity, name], spread.count)
            for quantile, value in (("0.5", spread.median), ("0.9", spread.p90)):
                if value is not None:
                    durations.add_metric([row.severity, name, quantile], value.total_seconds())
    yield number
    yield durations
    yield counts
    updates = GaugeMetricFamily(
        "tocsin_promised_updates", "Promised status updates of these incidents.", labels=["kept"]
    )
    kept, promised = sum(row.kept for row in rows), sum(row.promised for row in rows)
    updates.add_metric(["yes"], kept)
    updates.add_metric(["no"], promised - kept)
    yield updates
    actions = GaugeMetricFamily("tocsin_action_items", "Their action items.", labels=["state"])
    actions.add_metric(["done in time"], found.actions_in_time)
    actions.add_metric(["done late"], found.actions_done - found.actions_in_time)
    actions.add_metric(["not done"], found.actions_left)
    yield actions
    causes = GaugeMetricFamily(
        "tocsin_causes", "Their reviews that say which finding pointed at the cause.", labels=["pointed"]
    )
    causes.add_metric(["yes"], found.causes_pointed)
    causes.add_metric(["no"], found.causes_said - found.causes_pointed)
    yield causes
