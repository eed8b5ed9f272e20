"""`/metrics`: its page explains each, and each alert rule is about what is told and fires when it should."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from handlers.outbox.delivery_record import DeliveryOutcome, DeliveryRecord
from handlers.transport.health_endpoints import HealthMonitor
from tests.desks import opened_desk
from tests.operators import add_incident, connect

DOCS = Path(__file__).parents[3] / "docs"
RULE = re.compile(
    r"(?:(?P<of>absent|increase)\()?(?P<name>tocsin_\w+)(?:\{(?P<label>\w+)=\"(?P<value>\w+)\"\})?(?:\[\w+\])?\)?"
    r"(?: (?P<sign>>|==) (?P<limit>[\d.]+))?"
)
"""The form of our rules; one in another form fails the test."""

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Heart:
    """A heartbeat that was taken long ago."""

    beaten_at = float("-inf")


def rules() -> dict[str, str]:
    """The alerts with their expressions."""
    (group,) = YAML(typ="safe").load(DOCS / "prometheus-rules.yml")["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in ("critical", "warning") and rule["annotations"]["summary"], rule
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def fires(expression: str, now: Samples, before: Samples) -> bool:
    """Whether the rule's condition holds at the scrape `now`; `before` is an earlier one. Of a series that was not
    there before Prometheus sees no increase."""
    read = RULE.fullmatch(expression)
    assert read is not None, expression
    label = frozenset({(read["label"], read["value"])}) if read["label"] else frozenset()
    found = [key for key in now if key[0] == read["name"] and label <= key[1]]
    if read["of"] == "absent":
        return not found
    values = [now[key] - (before.get(key, now[key]) if read["of"] else 0.0) for key in found]
    limit = float(read["limit"])
    return any(value > limit if read["sign"] == ">" else value == limit for value in values)


async def scrape(health: HealthMonitor) -> Samples:
    """Everything that is told now."""
    text = (await health.telling.render(health.store)).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(database) as connection:
        yield connection


def is_well(health: HealthMonitor) -> None:
    """A bot that has just started and has a heartbeat."""
    health.telling.deliveries = DeliveryRecord()
    health.telling.deliveries.note(DeliveryOutcome.DONE)
    health.telling.heart = Heart()
    Heart.beaten_at = health.last_tick()


async def test_the_page_explains_each_metric_and_no_other(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner)
    health = HealthMonitor()
    async with opened_desk(database) as desk:
        health.watch(desk.store, health.last_tick)
        is_well(health)
        told = {name for name, _ in await scrape(health)}
    explained = re.findall(r"^\| `(tocsin_\w+)", (DOCS / "METRICS.md").read_text(), re.MULTILINE)
    assert sorted(explained) == sorted(told)


async def test_while_all_is_well_no_alert_fires(database: str, owner: psycopg.Connection[Any]) -> None:
    add_incident(owner)
    owner.execute("update incident set next_update_at = now() + interval '5 minutes'")
    health = HealthMonitor()
    async with opened_desk(database) as desk:
        health.watch(desk.store, health.last_tick)
        is_well(health)
        before, now = await scrape(health), await scrape(health)
    assert [alert for alert, expression in rules().items() if fires(expression, now, before)] == []
    for alert, expression in rules().items():
        read = RULE.fullmatch(expression)
        assert read is not None, expression
        label = frozenset({(read["label"], read["value"])}) if read["label"] else frozenset()
        assert (read["name"], label) in before, f"{alert} is about what is told only later"
    assert now["tocsin_open_incidents", frozenset({("severity", "P0")})] == 1
    assert now["tocsin_replicas", frozenset()] == 1


async def test_every_alert_fires_when_what_it_names_is_wrong(
    database: str, owner: psycopg.Connection[Any]
) -> None:
    add_incident(owner)
    for statement in (
        "update incident set declared_at = now() - interval '1 hour', next_update_at = now() - interval '1 hour'",
        "insert into page (incident, person, contact) values (1, 'U0BRUNO', 'CTO')",
        "insert into outbox (key, lane, urgency, coalesces, kind, payload, incident, not_before) values"
        " ('a', 'a', 0, false, 'PageContact', '{}', 1, now() - interval '1 hour'),"
        " ('b', 'b', 0, false, 'SetTopic', '{}', 1, now() - interval '1 hour')",
        "insert into outbox (key, lane, urgency, coalesces, kind, payload, state, settled_at)"
        " values ('c', 'c', 0, false, 'SetTopic', '{}', 'dead', now())",
    ):
        owner.execute(statement.encode())
    health = HealthMonitor()
    async with opened_desk(database) as desk:
        health.watch(desk.store, lambda: -1e6)
        is_well(health)
        Heart.beaten_at = float("-inf")
        before = await scrape(health)
        assert isinstance(health.telling.deliveries, DeliveryRecord)
        health.telling.deliveries.note(DeliveryOutcome.FAULT, "alert:1")
        health.slack = health.socket = health.passed_over = lambda: "away"
        health.slack_ahead = lambda: 500.0
        now = await scrape(health)
    away, gone = await scrape(health), Samples()
    firing = {
        alert
        for alert, expression in rules().items()
        for told in (now, away, gone)
        if fires(expression, told, before)
    }
    assert firing == set(rules())


async def test_while_the_database_is_away_the_rest_is_told(database: str) -> None:
    health = HealthMonitor()
    async with opened_desk(database) as desk:
        health.watch(desk.store, health.last_tick)
    told = await scrape(health)
    assert told["tocsin_database_up", frozenset()] == 0
    assert not any(name.startswith("tocsin_outbox") for name, _ in told)
