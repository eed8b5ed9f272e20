"""`kubectl logs --tail`: the lines that are asked for are judged, however old they are."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.finding import Inconclusive, UnknownCause, Verdict
from sandbox.monitored_systems.kubernetes import KubernetesCluster, build_pod
from tests.diagnostics.clusters import OLD, ago, ask


def build_cluster(*lines: tuple[datetime, str]) -> KubernetesCluster:
    return KubernetesCluster({"pods": [build_pod("web-1", OLD)]}, {("web-1", "web"): sorted(lines)})


async def test_lines_that_are_hours_old_are_what_was_asked_for(tmp_path: Path) -> None:
    cluster = build_cluster(*((ago(200 - number), f"ERROR no disk left {number}") for number in range(6)))
    found = await ask(cluster, "kubectl logs web-1 --tail=4", tmp_path)
    assert "4 lines in 3 h" in found.headline, found.headline
    assert "no disk left" in repr(found.table)


async def test_the_newest_lines_are_compared_with_the_hour_before_them(tmp_path: Path) -> None:
    usual = [(ago(70 - number), f"ERROR no connection {number}") for number in range(5)]
    now = [(ago(3), f"ERROR no connection {number}") for number in range(60)]
    found = await ask(build_cluster(*usual, *now), "kubectl logs web-1 --tail=60 | grep ERROR", tmp_path)
    assert found.verdict is Verdict.BAD, found.headline
    assert found.headline.startswith("60 lines with “ERROR” in 3 min.")


async def test_no_more_lines_than_asked_for_are_judged(tmp_path: Path) -> None:
    lines = [(ago(9 - number / 20), f"ERROR no connection {number}") for number in range(100)]
    found = await ask(build_cluster(*lines), "kubectl logs web-1 --tail=20 | grep ERROR", tmp_path)
    assert found.headline.startswith("20 lines with “ERROR”"), found.headline


async def test_with_a_time_the_older_lines_are_left_out(tmp_path: Path) -> None:
    cluster = build_cluster((ago(40), "ERROR old"), (ago(2), "ERROR new"))
    found = await ask(cluster, "kubectl logs web-1 --tail=50 --since=5m | grep ERROR", tmp_path)
    assert found.headline.startswith("1 line with “ERROR”"), found.headline


@pytest.mark.parametrize("tail", ["many", "0", "-7", "1.5"])
async def test_what_is_no_number_of_lines_is_unknown(tail: str, tmp_path: Path) -> None:
    with pytest.raises(Inconclusive) as why:
        await ask(build_cluster((ago(1), "x")), f"kubectl logs web-1 --tail={tail}", tmp_path)
    assert why.value.cause is UnknownCause.NOT_UNDERSTOOD
    assert "is no number of lines" in why.value.said


async def test_minus_one_asks_for_all(tmp_path: Path) -> None:
    found = await ask(
        build_cluster((ago(2), "ERROR x"), (ago(1), "ERROR y")), "kubectl logs web-1 --tail=-1", tmp_path
    )
    assert "in 10 min" in found.headline


async def test_of_a_container_that_has_ended_the_last_lines_are_shown(tmp_path: Path) -> None:
    lines = [(ago(9), "starting"), (ago(9), "serving"), (ago(8), "panic: no memory")]
    cluster = KubernetesCluster({"pods": [build_pod("web-1", OLD)]}, {("web-1", "web (previous)"): lines})
    found = await ask(cluster, "kubectl logs web-1 --previous --tail=1", tmp_path)
    assert "panic: no memory" in repr(found) and "starting" not in repr(found)
