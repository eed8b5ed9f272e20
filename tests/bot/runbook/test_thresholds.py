"""Thresholds that a runbook's prose gives."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.playbook import Threshold
from bot.runbook import parse_runbook, parse_thresholds

SHIPPED = (Path(__file__).parents[3] / "templates" / "runbook.md").read_text()


def found(line: str, title: str = "X") -> list[Threshold]:
    text = f"## P1 INCIDENT: {title}\n\n### Symptoms\n- {line}\n\n### Fix\n- a\n"
    [playbook] = parse_runbook(text).playbooks
    return list(parse_thresholds(playbook))


def test_the_users_runbook_gives_five() -> None:
    told = {playbook.title: parse_thresholds(playbook) for playbook in parse_runbook(SHIPPED).playbooks}
    assert {title: each for title, each in told.items() if each} == {
        "PAYMENT GATEWAY FAILING": (Threshold("bad", "Payment success rate", "<", 50, "%", 138),),
        "HIGH ERROR RATE (> 5%)": (Threshold("bad", "HIGH ERROR RATE", ">", 5, "%", 166),),
        "MOBILE APP CRASHES": (
            Threshold("bad", "Crash rate", ">", 2, "%", 201),
            Threshold("bad", "users affected", ">", 10, "%", 225),
        ),
        "SLOW API RESPONSES": (Threshold("bad", "p95 latency", ">", 1000, "ms", 235),),
    }


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("p95 latency > 1000ms", "p95 latency > 1000 ms"),
        ("p99 latency exceeds 2 seconds", "p99 latency > 2 s"),
        ("**CPU usage** is above 90% for 5 minutes", "CPU usage > 90%"),
        ("CPU utilization: >= 85.5 %", "CPU utilization >= 85.5%"),
        ("Error rate (> 5%)", "Error rate > 5%"),
        ("Hotfix if critical crash (>10% users affected)", "users affected > 10%"),
        ("Queue depth over 1,000 messages", "Queue depth > 1000"),
        ("Free disk space below 10 GB", "Free disk space < 10 GB"),
        ("Running tasks fewer than 2", "Running tasks < 2"),
        ("Throughput drops below 100 per second", "Throughput < 100/s"),
        ("availability < 99.9%", "availability < 99.9%"),
        ("`connections` > 80% of max", "connections > 80%"),
        ("Replication lag ≥ 30s", "Replication lag >= 30 s"),
        ("if the error rate is > 1%, page the CTO", "error rate > 1%"),
        ("Memory &gt; 80%", "Memory > 80%"),
    ],
)
def test_a_threshold_is_a_measure_a_comparison_and_a_number(line: str, shown: str) -> None:
    assert [str(each) for each in found(line)] == [shown]
    assert [(each.verdict, each.line) for each in found(line)] == [("bad", 4)]


def test_several_in_one_line_are_several() -> None:
    assert [str(each) for each in found("CPU > 80% and memory > 90%")] == ["CPU > 80%", "memory > 90%"]


@pytest.mark.parametrize(
    "line",
    [
        "Health check returning 503/504",
        "Respond within < 15 minutes",
        "Response time promised: < 1 hour",
        "Over 3 people should look",
        "PostgreSQL >= 14 is needed",
        "see <b>5</b> and x->3",
        "a => 5%",
        "between 5% and 10%",
        "> 5%",
        "error rate <5-10%",
        "version > 1.2.3",
        "errors for more than 5 minutes in the last 2 hours",
    ],
)
def test_what_measures_nothing_is_none(line: str) -> None:
    assert [str(each) for each in found(line)] == []


def test_commands_are_not_looked_into_but_their_comments_are() -> None:
    text = "## P1 INCIDENT: X\n\n### Symptoms\n- a\n\n### Fix\n```bash\n# Scale when CPU > 80%\ngrep 'rate > 5%'\n```\n"
    [playbook] = parse_runbook(text).playbooks
    assert [(str(threshold), threshold.line) for threshold in parse_thresholds(playbook)] == [
        ("CPU > 80%", 8)
    ]


PIECES = st.sampled_from([*"aA1 90.,%<>=()-:&;*`", "rate", "above", "ms", "at least"])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_text_raises(text: str) -> None:
    for each in found(text, text):
        assert each.metric
        assert each.sign in {">", ">=", "<", "<="}
