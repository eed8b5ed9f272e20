"""The version before beside this one on one database, and this one on what that one left."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from bot.adapters.database import previous_version as believed
from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.slack import list_required_scopes
from handlers import EVENTS
from sandbox import chaos
from sandbox.chaos.chaos_environment import ChaosEnvironment, open_chaos_environment
from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests import version_before
from tests.scenarios.conftest import World
from tests.scratch import make_server_folder

SCOPES = sorted(list_required_scopes())
SECONDS = 12.0
KNOWS = """
# Modules of the version before.
import json
from dataclasses import fields
from bot.effects import KINDS
from bot.incident import EntryKind
from templates.notices import SENTENCES
print(json.dumps([{k: [f.name for f in fields(c)] for k, c in KINDS.items()}, sorted(SENTENCES), list(EntryKind)]))
"""


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the version before."""
    return version_before.code(tmp_path_factory.mktemp("before"))


@pytest.fixture
async def server() -> AsyncIterator[PrivatePostgres]:
    """A PostgreSQL of this test's own, which may be stopped at once."""
    private = PrivatePostgres(make_server_folder())
    await private.start()
    yield private
    await private.stop()
    shutil.rmtree(private.folder, ignore_errors=True)
    shutil.rmtree(private.sockets, ignore_errors=True)


def faults(folder: Path) -> list[str]:
    """What the replicas logged of faults of their own."""
    logs = "\n".join(path.read_text() for path in folder.glob("bot-*.log"))
    return re.findall(
        r"^.*(?:Traceback|failed, error|moved to dead letters|cannot be read).*$", logs, re.MULTILINE
    )


async def said(place: ChaosEnvironment, replica: int, who: str, text: str, channel: str = "general") -> None:
    """Type `/incident …` to one of the two, and wait until all is delivered."""
    place.slack.request_url = place.replicas[replica].request_url
    answer = await place.slack.people.command(who, channel, "/incident", text)
    assert answer.status == 200, answer
    assert await place.wait_for_deliveries(30) == []


OLD, NEW = 0, 1


def status(place: ChaosEnvironment, number: int) -> str:
    return str(place.rows(f"select status from incident where number = {number}")[0]["status"])


@pytest.mark.timeout(300)
async def test_both_versions_carry_one_incident_from_its_declaration_to_its_end(
    server: PrivatePostgres, tmp_path: Path, before: Path
) -> None:
    async with open_chaos_environment(server, tmp_path, SCOPES, EVENTS, (before, None)) as place:
        await said(place, OLD, "ana", "declare p0 API is completely down")
        room = str(place.rows("select channel from incident")[0]["channel"])
        steps = [
            (NEW, "bruno", "ack"),
            (OLD, "ana", "status identified"),
            (NEW, "ana", "update the pool was exhausted"),
            (OLD, "ana", "update we restart the pods"),
            (NEW, "ana", "severity p1"),
            (OLD, "ana", "note the first pod is back"),
            (NEW, "ana", "rename API is slow"),
            (OLD, "ana", "run"),
            (NEW, "ana", "timeline"),
            (OLD, "ana", "timeline"),
            (NEW, "ana", "resolve"),
        ]
        for replica, who, text in steps:
            await said(place, replica, who, text, room)
        view = await place.slack.wait_for(lambda: place.slack.open_view("ana"), 5, "the form")
        assert view is not None
        await place.slack.people.submit("ana", view, {"resolution": {"resolution": "the pool is larger"}})
        assert await place.wait_for_deliveries(30) == []
        assert status(place, 1) == "resolved"
        await place.slack.people.command("ana", room, "/incident", "close anyway it was an exercise")
        await place.slack.wait_for(lambda: status(place, 1) == "closed", 60)
        texts = place.read_slack_state().rooms
        (messages,) = texts.values()
        for words in ("the pool was exhausted", "we restart the pods"):
            assert len([message for message in messages if f"> {words}" in message]) == 1, messages
        assert place.rows("select key, error from outbox where state = 'dead'") == []
        assert faults(tmp_path) == []


@pytest.mark.timeout(300)
async def test_the_version_before_is_started_again_on_the_database_that_this_one_has_used(
    server: PrivatePostgres, tmp_path: Path, before: Path
) -> None:
    async with open_chaos_environment(server, tmp_path, SCOPES, EVENTS, (before, None)) as place:
        await said(place, NEW, "ana", "declare p0 API is completely down")
        await place.replicas[NEW].stop()
        await place.replicas[OLD].stop()
        await place.replicas[OLD].start()
        room = str(place.rows("select channel from incident")[0]["channel"])
        await said(place, OLD, "bruno", "ack", room)
        await said(place, OLD, "ana", "update it is back", room)
        await said(place, OLD, "ana", "declare p2 Search is slow")
        assert len(place.read_slack_state().rooms) == 2
        assert place.rows("select key, error from outbox where state = 'dead'") == []
        assert faults(tmp_path) == []


@pytest.mark.timeout(300)
async def test_what_only_this_version_knows_is_left_alone_by_the_version_before(
    server: PrivatePostgres, tmp_path: Path, before: Path
) -> None:
    async with open_chaos_environment(server, tmp_path, SCOPES, EVENTS, (before, None)) as place:
        await said(place, OLD, "ana", "declare p2 Search is slow")
        await place.replicas[NEW].stop()
        place.rows(
            "insert into outbox (key, lane, urgency, coalesces, kind, payload, incident, for_newer, state)"
            """ values ('new', 'room:1', 5, false, 'PostHologram', '{"incident": 1}', 1, true, 'newer') returning id"""
        )
        place.rows(
            "insert into timeline_entry (incident, actor, kind, detail, newer) values"
            """ (1, '', 'note_added', '{"text": "beamed"}', '{"kind": "beamed", "detail": {}}') returning id"""
        )
        room = str(place.rows("select channel from incident")[0]["channel"])
        place.slack.request_url = place.replicas[OLD].request_url
        for text in ("update it goes on", "timeline"):
            answer = await place.slack.people.command("ana", room, "/incident", text)
            assert answer.status == 200, answer
        await place.slack.wait_for(
            lambda: any(
                "> it goes on" in each for texts in place.read_slack_state().rooms.values() for each in texts
            ),
            10,
        )
        assert [row["state"] for row in place.rows("select state from outbox where key = 'new'")] == ["newer"]
        assert faults(tmp_path) == []


@pytest.mark.whole
@pytest.mark.timeout(300)
async def test_through_a_short_while_of_everything_both_versions_keep_every_promise(
    server: PrivatePostgres, tmp_path: Path, before: Path
) -> None:
    told: list[str] = []
    code = await chaos.run_chaos(
        1, SECONDS, server, tmp_path, SCOPES, EVENTS, say=told.append, builds=(before, None)
    )
    assert code == 0, "\n".join(told)


LEFT = Path(__file__).parents[1] / "dumps" / "open_incidents.sql"
"""What the version before left when it was killed: two open incidents, their effects waiting for a Slack that was away,
and a page that PagerDuty had accepted. Written by that version; never edited."""


async def test_what_the_version_before_left_is_brought_to_its_end(
    world: World, duty: PagerDutyStandIn
) -> None:
    address = world.settings.database_url
    assert address is not None
    with psycopg.connect(address.get_secret_value()) as connection:
        connection.execute(b"drop schema tocsin cascade")
        connection.execute(LEFT.read_bytes())
    # The stand-in for Slack is another one: the incidents channel is not there yet.
    world.looking.rows("delete from place; delete from outbox where kind = 'EnsureIncidentsChannel'")
    waiting = world.looking.rows("select key from outbox where state in ('pending', 'sending')")
    pages = world.looking.rows("select 1 from way where accepted_at is not null and acknowledged_at is null")
    assert len(waiting) == 30 and len(pages) == 1
    async with world.bot(
        pagerduty_api_key=SecretStr(duty.api_key),
        pagerduty_from="tocsin@team.example",
        pagerduty_api_url=duty.url,
        pagerduty_events_url=duty.url,
    ):
        await world.until(lambda: not world.looking.rows("select 1 from incident where channel is null"), 60)
        await world.quiet(30)
        for number, title in ((1, "API is completely down"), (2, "Search is slow")):
            (row,) = world.looking.rows("select channel, status from incident where number = %s", number)
            assert row["status"] == "investigating"
            assert len(world.posts(row["channel"], "INCIDENT ALERT")) >= 1
            announced = [
                post for post in world.posts("incident-response", title) if "ALERT" in world.text(post)
            ]
            assert len(announced) == 1
        (room,) = [
            row["channel"] for row in world.looking.rows("select channel from incident where number = 1")
        ]
        assert len(world.posts(room, "> it is slow still")) == 1
        assert (
            len(
                [
                    message
                    for message in world.slack.direct_messages("bruno")
                    if "INC-1" in world.text(message)
                ]
            )
            == 1
        )
        await world.incident("bruno", "ack", room)
        await world.quiet(30)
        assert not world.looking.rows(
            "select 1 from way where acknowledged_at is null and quieted_at is null and not past"
        )
        assert world.looking.rows("select key, error from outbox where state = 'dead'") == []


def test_what_we_believe_of_the_version_before_is_what_it_knows(before: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", KNOWS],
        cwd=before,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin"},
    )
    effects, sentences, entries = json.loads(asked.stdout)
    assert {kind: frozenset(names) for kind, names in effects.items()} == believed.EFFECTS
    assert set(sentences) == believed.SENTENCES
    assert set(entries) == believed.ENTRIES
