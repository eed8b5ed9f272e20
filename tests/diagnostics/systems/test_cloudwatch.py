"""What is said of metrics, row by row, and how their points are taken from what CloudWatch answers."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import Action, AwsCall, Threshold, VendorCall
from diagnostics.analysis.cloudwatch_points import (
    Metric,
    MetricReading,
    Points,
    build_console_path,
    build_metric,
    choose_period,
    group_points_by_id,
    is_partial,
    parse_cli_instant,
    parse_metric_call,
    render_metric_command,
)
from diagnostics.analysis.metric_selection import select_companions
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.cloudwatch import CloudWatch, interpret

NOW = datetime(2026, 11, 24, 3, 10, 20, tzinfo=UTC)
MINUTE, HALF = timedelta(minutes=1), timedelta(minutes=30)
WINDOW = TimeWindow(NOW - HALF, NOW)
LAST = datetime(2026, 11, 24, 3, 9, tzinfo=UTC)

SERVICE = {"ClusterName": "production", "ServiceName": "backend"}
CPU, MEMORY = (build_metric("AWS/ECS", name, **SERVICE) for name in ("CPUUtilization", "MemoryUtilization"))
DATABASE = build_metric("AWS/RDS", "CPUUtilization", DBClusterIdentifier="main")
FREE, CONNECTIONS, LAG, CREDIT, STORAGE = (
    build_metric("AWS/RDS", name, DBInstanceIdentifier="main-1")
    for name in ("FreeableMemory", "DatabaseConnections", "AuroraReplicaLag", "BurstBalance", "FreeStorageSpace")
)  # fmt: skip
LAG_OF_INSTANCE = build_metric("AWS/RDS", "ReplicaLag", DBInstanceIdentifier="main-1")
WRITER = build_metric("AWS/RDS", "CPUUtilization", DBClusterIdentifier="main", Role="WRITER")
REQUESTS = build_metric("AWS/ApplicationELB", "TargetResponseTime", LoadBalancer="app/x/1")


def points(value: Callable[[int], float] | float, end: int = 0) -> Points:
    """A point a minute of the last hour, the newest `end` minutes before the last whole one; by minutes ago."""
    return tuple(
        (LAST - MINUTE * ago, value(ago) if callable(value) else value) for ago in range(59, end - 1, -1)
    )


def every_five(value: float, end: int = 8) -> Points:
    """As a metric without detailed monitoring has them."""
    return tuple((LAST - MINUTE * ago, value) for ago in range(end + 50, end - 1, -5))


def since(minutes: int, then: float, before: float) -> Callable[[int], float]:
    return lambda ago: then if ago < minutes else before


def judged(
    values: dict[Metric, tuple[Any, Any]],
    *told: Threshold,
    beside: tuple[Metric, ...] = (),
    asked: tuple[Metric, ...] = (),
    statistic: str = "Average",
) -> Finding:
    """Averages and maxima (or minima) of each metric; the first is what was asked for."""
    found: dict[tuple[Metric, str], Points] = {}
    for each, (average, extreme) in values.items():
        of_one = average if isinstance(average, tuple) else points(average)
        found[each, "Average"] = found[each, statistic] = of_one
        of_all = extreme if isinstance(extreme, tuple) else points(extreme)
        found[each, "Maximum"] = found[each, "Minimum"] = of_all
    reading = MetricReading(TimeWindow(NOW - 2 * HALF, NOW), MINUTE, found)
    asked = asked or tuple(value for value in values if value not in beside)
    call = AwsCall("cloudwatch", "GetMetricStatistics", {})
    question = CheckRequest("a step", Action("cloudwatch.get_metric_statistics", call), NOW, told)
    return interpret(reading, WINDOW, asked, beside, question, "ap-south-1", statistic)


def told(metric_: str, sign: str, value: float, unit: str, verdict: str = "bad") -> Threshold:
    return Threshold(verdict, metric_, sign, value, unit, 42)


ROWS: list[tuple[str, Finding, str, str]] = [
    ("as usual", judged({CPU: (34, 41)}), "ok", "CPU of backend: 34%, at most 41% in 30 min."),
    ("high", judged({CPU: (85, 88)}), "warn", "CPU of backend: 85% (limit 80%)"),
    ("at the limit", judged({CPU: (80, 80)}), "ok", "80%"),
    ("very high", judged({CPU: (92, 99)}), "bad", "CPU of backend: 92% (limit 90%), at most 99% in 30 min."),
    ("high for six minutes", judged({CPU: (since(6, 95, 30), 95)}), "bad", "CPU of backend: 95% (limit 90%)"),
    ("was high and is over", judged({CPU: (lambda ago: 95 if 10 < ago < 20 else 30, 97)}), "warn",
     "CPU of backend: 30% (it reached 97%, limit 90%)"),
    ("it rose", judged({CPU: (since(8, 60, 38), 60)}), "warn", "60% (rose from 38%)"),
    ("it rose a little", judged({CPU: (since(8, 57, 38), 60)}), "ok", "57%"),
    ("it fell: nothing arrives", judged({CPU: (since(8, 1, 34), 34)}), "warn", "CPU of backend: 1% (fell from 34%)"),
    ("it ended", judged({CPU: (points(34, 9), 40)}), "warn", "no point for 9 min: does it still run?"),
    ("the newest are late", judged({CPU: (points(34, 4), 40)}), "ok", "34%"),
    ("nothing came", judged({CPU: ((), ())}), "no_data",
     "no points of AWS/ECS CPUUtilization (ClusterName=production,"),
    ("only before the window", judged({CPU: (points(34, 31), ())}), "no_data", "no points of AWS/ECS"),
    ("the runbook allows less", judged({CPU: (75, 76)}, told("CPU", ">", 70, "%")), "bad",
     "CPU of backend: 75% (runbook limit 70%, line 42)"),
    ("the runbook speaks of something else", judged({CPU: (75, 76)}, told("error rate", ">", 5, "%")), "ok", "75%"),
    ("the runbook speaks of what the disk uses", judged({CPU: (93, 94)}, told("disk utilization", ">", 97, "%")), "bad",
     "93% (limit 90%)"),
    ("the runbook speaks of what memory uses", judged({CPU: (75, 76)}, told("memory utilization", ">", 70, "%")), "ok",
     "75%"),
    ("the runbook speaks of utilisation", judged({CPU: (75, 76)}, told("utilisation", ">", 70, "%")), "bad", "line 42"),
    ("memory beside it is bad", judged({CPU: (34, 40), MEMORY: (96, 97)}, beside=(MEMORY,)), "bad",
     "Memory of backend: 96%"),
    ("one of two is missing", judged({CPU: (34, 40)}, asked=(CPU, DATABASE)), "no_data", "No points of AWS/RDS"),
    ("two are bad", judged({CPU: (95, 96), DATABASE: (93, 94)}), "bad", "CPU of main: 93% (limit 90%)."),
    ("little free memory", judged({FREE: (2e8, 2e8)}), "warn", "Free memory of main-1: 200 MB (limit 268 MB)"),
    ("no free memory", judged({FREE: (5e7, 5e7)}), "bad", "50 MB"),
    ("free memory fell", judged({FREE: (since(9, 9e8, 6e9), 9e8)}), "warn", "900 MB (fell from"),
    ("enough free memory", judged({FREE: (6e9, 5e9)}), "ok", "6 GB, at least 5 GB in 30 min."),
    ("connections have no limit", judged({CONNECTIONS: (62, 66)}), "no_rule", "Connections of main-1: 62"),
    ("connections doubled", judged({CONNECTIONS: (since(9, 400, 62), 405)}), "warn", "400 (rose from"),
    ("connections doubled, of a few", judged({CONNECTIONS: (since(9, 5, 2), 5)}), "no_rule", "main-1: 5"),
    ("the runbook limits connections", judged({CONNECTIONS: (62, 66)}, told("connections", ">", 50, "")), "bad",
     "line 42"),
    ("a limit without a name is not that of what stands beside", judged({CPU: (34, 40), CONNECTIONS: (62, 66)},
     told("", ">", 50, ""), beside=(CONNECTIONS,)), "ok", "CPU of backend: 34%"),
    ("replicas lag", judged({LAG: (1500, 2000)}), "bad", "1,500 ms (limit 1000 ms)"),
    ("a replica does not replicate", judged({LAG_OF_INSTANCE: (-1, -1)}), "bad",
     "Replica lag of main-1: -1 s (replication does not run)"),
    ("a replica follows at once", judged({LAG_OF_INSTANCE: (0, 0)}), "ok", "Replica lag of main-1: 0 s"),
    ("credit is used up", judged({CREDIT: (8, 8)}), "bad", "Burst balance of main-1: 8% (limit 10%)"),
    ("the disk is full", judged({STORAGE: (1e9, 1e9)}), "bad", "Free storage of main-1: 1 GB"),
    ("a metric without a rule", judged({REQUESTS: (0.35, 0.4)}), "no_rule", "Target response time of app/x/1: 0.35 s"),
    ("a metric without a rule that has ended", judged({REQUESTS: (points(0.35, 9), 0.4)}), "no_rule", "0.35 s"),
    ("a point every five minutes", judged({CPU: (every_five(34), every_five(40))}), "ok", "CPU of backend: 34%"),
    ("a point every five minutes, and it ended", judged({CPU: (every_five(34, 17), every_five(40, 17))}), "warn",
     "no point for 17 min: does it still run?"),
    ("one point alone", judged({CPU: (points(34)[-1:], points(40)[-1:])}), "ok", "CPU of backend: 34%, at most 40%"),
    ("one point alone, before the window", judged({CPU: (points(34)[:1], ())}), "no_data", "no points"),
    ("more than all", judged({MEMORY: (130, 140)}), "bad", "Memory of backend: 130% (limit 90%)"),
    ("the writer is busy, the readers are not", judged({DATABASE: (52, 99), WRITER: (98, 99)}, beside=(WRITER,)), "bad",
     "CPU of main, writer: 98% (limit 90%)"),
    ("the runbook has one", judged({REQUESTS: (0.35, 0.4)}, told("", ">", 300, "ms")), "bad",
     "runbook limit 0.3 s"),
    ("without a rule, beside one that is well", judged({REQUESTS: (0.3, 0.4), CPU: (34, 40)}, beside=(CPU,)), "no_rule",
     "Target response time"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "found", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_metrics_are_judged(name: str, found: Finding, verdict: str, words: str) -> None:
    assert (found.cause or found.verdict) == verdict, found.headline
    assert words in found.headline, name


FAILED = build_metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", LoadBalancer="app/x/1")


@pytest.mark.parametrize(
    ("counts", "limit", "over", "verdict", "words"),
    [
        (points(40), 100, 5, "bad", "5xx count in 5 min of app/x/1: 200 (runbook limit 100, line 42), at most"),
        (points(40), 100, 1, "ok", "5xx count in 1 min of app/x/1: 40, at most 40 in 30 min."),
        (points(since(29, 40, 0)), 300, 10, "bad", "5xx count in 10 min of app/x/1: 400"),
        (points(40, 20), 100, 5, "warn", "5xx count in 5 min of app/x/1: 0 (it reached 200, runbook limit 100"),
        (points(40)[-3:], 100, 5, "warn", "at most 120 in 30 min"),
        ((), 100, 5, "no_data", "no points"),
    ],
)  # fmt: skip
def test_what_is_counted_is_judged_over_as_long_as_the_runbook_counts_it(
    counts: Points, limit: float, over: int, verdict: str, words: str
) -> None:
    reading = MetricReading(
        TimeWindow(NOW - 2 * HALF, NOW), MINUTE, {(FAILED, "Sum"): counts, (FAILED, "Average"): counts}
    )
    call = AwsCall("cloudwatch", "GetMetricStatistics", {})
    question = CheckRequest(
        "x", Action("cloudwatch.get_metric_statistics", call), NOW, (told("", ">", limit, ""),)
    )
    found = interpret(reading, WINDOW, (FAILED,), (), question, "ap-south-1", "Sum", over * MINUTE)
    assert ((found.cause or found.verdict), words in found.headline) == (verdict, True), found.headline
    assert [each.name for each in found.series] == [] or "average" not in found.series[0].name


def test_how_long_the_runbook_counts_is_read_from_its_command() -> None:
    given = {"Namespace": "N", "MetricName": "Errors", "Period": 300, "Statistics": ["Sum"]}
    assert parse_metric_call("GetMetricStatistics", given) == (
        [build_metric("N", "Errors")],
        ("Sum",),
        5 * MINUTE,
    )
    stat = {"Metric": {"Namespace": "N", "MetricName": "Errors"}, "Period": 120, "Stat": "Sum"}
    queries = {"MetricDataQueries": [{"Id": "a", "MetricStat": stat}]}
    assert parse_metric_call("GetMetricData", queries) == (
        [build_metric("N", "Errors")],
        ("Sum",),
        2 * MINUTE,
    )
    assert parse_metric_call("GetMetricStatistics", {"MetricName": "Errors", "Period": "much"})[2] == MINUTE


def test_a_service_without_its_cluster_is_told_of() -> None:
    found = judged({build_metric("AWS/ECS", "CPUUtilization", ServiceName="backend"): ((), ())})
    assert found.cause is UnknownCause.NO_DATA and "ClusterName" in found.next_look
    assert "in ap-south-1" in found.headline


def test_the_chart_has_the_average_beside_the_maximum_with_the_limit_and_what_was_before() -> None:
    found = judged({CPU: (92, 99)})
    assert [each.name for each in found.series] == ["backend CPU, average", "backend CPU, maximum"]
    assert {each.threshold for each in found.series} == {90} and len(found.series[0].points) == 60
    assert found.table is not None
    assert found.table.rows[0] == ("CPU", "92%", "99%", "92%", "90%", "limit 90%")
    assert (found.measure, found.age) == ("92%", timedelta(seconds=20))


def result(at: list[datetime], values: list[float], name: str = "m0", **more: Any) -> dict[str, Any]:
    return {"Id": name, "Timestamps": at, "Values": values, "StatusCode": "Complete", **more}


def test_points_are_sorted_joined_and_without_the_minute_that_still_runs() -> None:
    instants = [LAST + MINUTE - MINUTE * ago for ago in range(10)]
    shuffled = random.Random(1).sample(instants, 10)
    pieces = [result(shuffled[:4], [1.0] * 4), result(shuffled[4:], [2.0] * 6), result([], [], "m1")]
    found = group_points_by_id({"MetricDataResults": pieces}, MINUTE, NOW)
    assert [at for at, _ in found["m0"]] == sorted(instants)[:-1]
    assert found["m1"] == ()


@pytest.mark.parametrize(
    "answer",
    [{}, {"MetricDataResults": [{}]}, {"MetricDataResults": [result([LAST], [])]},
     {"MetricDataResults": [result([LAST], ["much"])]}, {"MetricDataResults": ["text"]},  # type: ignore[list-item]
     {"MetricDataResults": None}],
)  # fmt: skip
def test_another_shape_is_not_understood(answer: dict[str, Any]) -> None:
    with pytest.raises(Inconclusive) as caught:
        group_points_by_id(answer, MINUTE, NOW)
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


def test_what_is_no_number_is_no_point() -> None:
    strange = result(
        [LAST - MINUTE, LAST - 2 * MINUTE, LAST - 3 * MINUTE], [float("nan"), float("inf"), -4.0]
    )
    assert group_points_by_id({"MetricDataResults": [strange]}, MINUTE, NOW)["m0"] == (
        (LAST - 3 * MINUTE, -4.0),
    )


def test_connections_without_a_limit_say_what_to_write_in_the_runbook() -> None:
    found = judged({CONNECTIONS: (62, 66)})
    assert "<!-- tocsin: bad when connections > " in found.next_look and "max_connections" in found.next_look


def test_a_databases_writer_is_looked_at_beside_the_mean_of_its_cluster() -> None:
    asked = select_companions([DATABASE], "Check database CPU/Memory")
    assert WRITER in asked and {each.name for each in asked} == {
        "CPUUtilization",
        "FreeableMemory",
        "DatabaseConnections",
    }
    assert select_companions([CPU], "x") == [MEMORY]
    assert (
        select_companions([build_metric("AWS/RDS", "CPUUtilization", DBInstanceIdentifier="main-1")], "x")
        == []
    )


def test_what_did_not_come_whole_is_known() -> None:
    whole = {"MetricDataResults": [result([], [])]}
    assert not is_partial(whole)
    assert is_partial({**whole, "Truncated": True})
    assert is_partial({"MetricDataResults": [result([], [], StatusCode="PartialData")]})


def test_periods_fit_the_window_and_what_cloudwatch_keeps() -> None:
    day = timedelta(days=1)
    assert choose_period(WINDOW, NOW) == MINUTE
    assert choose_period(TimeWindow(NOW - day, NOW), NOW) == 6 * MINUTE
    assert choose_period(TimeWindow(NOW - 20 * day, NOW - 20 * day + HALF), NOW) == 5 * MINUTE


def test_times_are_read_as_the_command_line_takes_them() -> None:
    expected = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)
    for value in ("2026-11-24T03:10:00", "2026-11-24T08:40:00+05:30", int(expected.timestamp()), expected):
        assert parse_cli_instant(value, NOW) == expected
    assert parse_cli_instant(None, NOW) == NOW
    for wrong in ("yesterday", "9" * 30, object()):
        with pytest.raises(Inconclusive):
            parse_cli_instant(wrong, NOW)


def test_the_link_shows_the_same_metrics_in_the_same_time() -> None:
    assert build_console_path("ap-south-1", [CPU], WINDOW) == (
        "cloudwatch/home?region=ap-south-1#metricsV2:graph=~(metrics~(~(~'AWS*2fECS~'CPUUtilization"
        "~'ClusterName~'production~'ServiceName~'backend))~period~60~stat~'Average~region~'ap-south-1"
        "~start~'2026-11-24T02*3a40*3a20.000Z~end~'2026-11-24T03*3a10*3a20.000Z~view~'timeSeries)"
    )


async def test_utilisation_of_nothing_that_is_named_is_not_configured() -> None:
    aws = AwsClients(region="ap-south-1")
    for names in ({}, {"cluster": "production"}):
        asked = CheckRequest("a step", Action("ecs.utilisation", VendorCall("ecs.utilisation", names)), NOW)
        with pytest.raises(Inconclusive) as caught:
            await CloudWatch(aws).run(asked, 0)
        assert caught.value.cause is UnknownCause.NOT_CONFIGURED
    aws.close()


def test_the_command_asks_for_the_same_metric() -> None:
    assert render_metric_command(DATABASE, "Average", WINDOW) == (
        "aws cloudwatch get-metric-statistics --namespace AWS/RDS --metric-name CPUUtilization"
        """ --dimensions '[{"Name": "DBClusterIdentifier", "Value": "main"}]'"""
        " --start-time 2026-11-24T02:40:20Z --end-time 2026-11-24T03:10:20Z --period 60 --statistics Average"
    )
