"""What the runbook says, in Slack; and the file edited while the bot runs."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from bot.adapters.runbook_parser_process import classify_in_subprocess
from bot.app import open_bot
from bot.runbook import Runbook, parse_runbook
from bot.runbook import classify_steps as recognised_runbook
from bot.services import RunbookVersion
from tests.scenarios.conftest import RUNBOOK, World, recognised_here
from tests.scenarios.killing import theatre

MORE = """
## P1 INCIDENT: QUEUE STUCK

### Symptoms
- Jobs wait for hours

```bash
# How long is the queue
aws sqs get-queue-attributes --queue-url https://sqs.example/1/jobs --attribute-names All
```

## Contacts
- **Queue Keeper**: <@U0CHIDI001>
"""


def copied(world: World, tmp_path: Path, more: str = "") -> Path:
    """The bot's runbook is a copy that can be edited."""
    path = tmp_path / "runbook.md"
    path.write_text(RUNBOOK.read_text() + more)
    world.settings = world.settings.model_copy(update={"runbook": path})
    return path


async def recognised(world: World) -> None:
    """Wait until the commands of the runbook in force were recognised."""
    running = world.running
    assert running is not None
    await world.until(
        lambda: all(
            step.meaning
            for playbook in running.services.runbook_versions.current.runbook.playbooks
            for step in playbook.steps()
        )
    )


async def test_the_playbook_shows_each_step_with_its_kind_its_command_and_its_line(world: World) -> None:
    async with world.bot():
        await recognised(world)
        channel = await world.declared()
        (said, *_) = [world.text(post) for post in world.posts(channel, "Playbook: ")]
        assert "▸ Check ECS service status [read-only]  line 41 (https://git.example/runbook.md#L" in said
        assert "▸ If recent deployment - ROLLBACK IMMEDIATELY [changes something: run it yourself]" in said
        assert "./scripts/rollback-production.sh" in said


async def test_runbook_lists_the_playbooks_and_shows_one(world: World) -> None:
    async with world.bot():
        await recognised(world)
        await world.incident("ana", "runbook")
        said = world.heard("ana")
        assert "6 playbooks" in said
        assert "P0 API COMPLETELY DOWN · " in said
        assert "6 diagnostics, 1 remediation" in said
        await world.incident("ana", "runbook api")
        assert "Playbook: API COMPLETELY DOWN" in world.heard("ana")
        assert "[read-only]" in world.heard("ana")
        answer = await world.incident("ana", "runbook zorro")
        assert "No playbook fits" in answer.body
        assert "API COMPLETELY DOWN; " in answer.body


async def test_an_edited_runbook_is_in_force_and_a_running_incident_keeps_its_own(
    world: World, tmp_path: Path
) -> None:
    path = copied(world, tmp_path)
    async with world.bot():
        await recognised(world)
        await world.declared("declare p1 Payments are failing")
        before = world.looking.rows("select edition from incident where number = 1")[0]["edition"]
        path.write_text(RUNBOOK.read_text() + MORE)
        running = world.running
        assert running is not None
        await world.until(lambda: "Queue Keeper" in running.services.contacts)
        await recognised(world)
        second = await world.declared("declare p1 The queue is stuck")
        assert world.posts(second, "Playbook: QUEUE STUCK")
        assert world.looking.rows("select edition from incident where number = 1")[0]["edition"] == before
        assert world.looking.rows("select edition from incident where number = 2")[0]["edition"] != before


LINKED = """# Database incidents
## P1 INCIDENT: REPLICA LAGS
### Symptoms
- Rows are old
```sql
-- How far behind
SELECT now() - pg_last_xact_replay_timestamp();
```
"""


async def test_a_linked_runbook_is_followed_its_edit_is_in_force_and_a_running_incident_keeps_its_own(
    world: World, tmp_path: Path
) -> None:
    path = copied(world, tmp_path)
    async with world.bot():
        await recognised(world)
        running = world.running
        assert running is not None
        database = tmp_path / "DATABASE_INCIDENTS.md"
        database.write_text(LINKED)  # it was not there when the bot started
        await world.until(lambda: len(running.services.runbook_versions.current.runbook.playbooks) == 7)
        await recognised(world)
        channel = await world.declared("declare p1 The replica lags")
        (said,) = [world.text(post) for post in world.posts(channel, "Playbook: REPLICA LAGS")]
        assert "DATABASE_INCIDENTS.md:6 (https://git.example/DATABASE_INCIDENTS.md#L6)" in said
        database.write_text(LINKED.replace("REPLICA LAGS", "REPLICA IS GONE"))
        await world.until(
            lambda: running.services.runbook_versions.current.runbook.playbooks[-1].title == "REPLICA IS GONE"
        )
        rows = world.looking.rows("select edition, playbook from incident where number = 1")
        kept = await running.services.store.edition(rows[0]["edition"])
        assert kept is not None
        assert rows[0]["playbook"] in {playbook.id for playbook in parse_runbook(kept).playbooks}
        database.write_bytes(b"\xff\xfe\0")
        await world.until(lambda: world.posts("incident-response", "I can't read the runbook"))
        assert running.services.runbook_versions.current.runbook.playbooks[-1].title == "REPLICA IS GONE"
        database.unlink()
        await world.until(lambda: len(running.services.runbook_versions.current.runbook.playbooks) == 6)
    assert path.exists()


async def resolved(world: World, channel: str) -> None:
    """Ana resolves the incident of a channel, and everything that follows is posted."""
    await world.incident("ana", "resolve", channel)
    await world.slack.people.submit(
        "ana", await world.form("ana"), {"resolution": {"resolution": "Rolled back"}}
    )
    await world.quiet()


async def test_an_incident_ends_with_the_messages_and_the_checklist_that_it_was_declared_with(
    world: World, tmp_path: Path
) -> None:
    path = copied(world, tmp_path)
    async with world.bot():
        await recognised(world)
        channel = await world.declared()
        edited = RUNBOOK.read_text().replace("INCIDENT RESOLVED", "ALL IS WELL AGAIN")
        path.write_text(edited.replace("Verify full system recovery", "Water the plants") + MORE)
        running = world.running
        assert running is not None
        await world.until(lambda: "Queue Keeper" in running.services.contacts)
        await recognised(world)
        await world.incident("chidi", "runbook queue stuck", "general")
        assert "Playbook: QUEUE STUCK" in world.heard("chidi")
        answer = await world.incident("chidi", "runbook zorro", channel)
        assert "QUEUE STUCK" not in answer.body
        assert "API COMPLETELY DOWN" in answer.body
        await world.incident("devika", "runbook api", channel)
        assert "[read-only]" in world.heard("devika")
        await resolved(world, channel)
        assert world.posts(channel, "INCIDENT RESOLVED")
        assert world.posts(channel, "Verify full system recovery")
        assert not world.posts(channel, "ALL IS WELL AGAIN")
        assert not world.posts(channel, "Water the plants")
        second = await world.declared("declare p0 The API is down again")
        await resolved(world, second)
        assert world.posts(second, "ALL IS WELL AGAIN")
        assert world.posts(second, "Water the plants")


@pytest.mark.parametrize(
    "broken",
    [b"\xff\xfe\x00", b"", b"# Nothing\n\nNo severities here.\n"],
    ids=["no text", "empty", "no runbook"],
)
async def test_a_broken_edit_keeps_the_one_before_and_says_so_once_in_log_and_channel(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: bytes
) -> None:
    path = copied(world, tmp_path)
    async with world.bot():
        await recognised(world)
        await world.quiet()  # the incidents channel is there, which is looked into
        good = path.read_bytes()
        path.write_bytes(broken)
        await world.until(lambda: world.posts("incident-response", "I can't read the runbook"))
        assert "Keeping the previous runbook" in caplog.text
        channel = await world.declared()
        assert world.posts(channel, "Playbook: API COMPLETELY DOWN")
        assert world.running is not None
        world.running.runbook_watcher.now()
        await world.quiet()
        assert len(world.posts("incident-response", "I can't read the runbook")) == 1
        path.write_bytes(good + MORE.encode())
        await world.until(lambda: world.running and "Queue Keeper" in world.running.services.contacts)


async def test_sighup_reads_it_again_also_where_the_file_looks_as_before(
    database: str, tmp_path: Path
) -> None:
    path = tmp_path / "runbook.md"
    path.write_text(RUNBOOK.read_text())
    about = path.stat()
    async with theatre(database, tmp_path, more={"TOCSIN_RUNBOOK": str(path)}) as scene:
        path.write_text(RUNBOOK.read_text().replace("API COMPLETELY DOWN", "API QUITE VERY DOWN"))
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
        os.kill(scene.program.pid, signal.SIGHUP)
        editions = "select count(*) as count from edition"
        await scene.until(lambda: scene.looking.rows(editions)[0]["count"] == 2)
        await asyncio.to_thread(scene.program.last_words)


async def test_what_is_declared_right_after_the_start_gets_its_playbook_with_kinds(world: World) -> None:
    go = asyncio.Event()

    async def late(found: RunbookVersion) -> Runbook:
        await go.wait()
        return await recognised_here(found)

    async with open_bot(world.settings, late) as running:
        host, port = running.address
        world.slack.request_url = f"http://{host}:{port}/slack/events"
        channel = await world.declared_soon()
        waiting = "select 1 from outbox where kind = 'PostPlaybook' and attempts > 0 and state = 'pending'"
        await world.until(lambda: world.looking.rows(waiting))
        assert not world.posts(channel, "Playbook:")
        go.set()
        await world.until(lambda: world.posts(channel, "Playbook:"))
        assert "[read-only]" in world.text(world.posts(channel, "Playbook:")[0])


async def test_what_is_recognised_in_another_process_is_the_same() -> None:
    runbook = parse_runbook(RUNBOOK.read_text())
    apart, here = await classify_in_subprocess(runbook), recognised_runbook(runbook)
    assert meanings(apart) == meanings(here)
    assert None not in meanings(apart)


def meanings(runbook: Runbook) -> list[tuple[str, str | None, str] | None]:
    """What each step was recognised as; the instants in its parameters go with the clock."""
    steps = [step for playbook in runbook.playbooks for step in playbook.steps()]
    found = [step.meaning for step in steps]
    return [(each.kind, each.runs, each.why) if each else None for each in found]


async def test_without_the_other_process_the_runbook_stays_as_it_was_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runbook = parse_runbook(RUNBOOK.read_text())
    monkeypatch.setattr("sys.executable", "/bin/true")
    assert await classify_in_subprocess(runbook) == runbook
    assert "runbook parser process failed" in caplog.text


async def test_what_only_people_know_of_a_message_is_asked_in_its_own_form(
    world: World, tmp_path: Path
) -> None:
    path = copied(world, tmp_path)
    text = RUNBOOK.read_text().replace(
        "Impact: [Description", "Workaround: [Workaround]\nImpact: [Description"
    )
    path.write_text(text.replace("Duration: [Start", "Refunds: [How many]\nDuration: [Start"))
    async with world.bot():
        await world.incident("ana", "declare p1")
        declaring = await world.form("ana")
        asked = [block["block_id"] for block in declaring.payload["blocks"]]
        assert not {"workaround", "refunds", "gap-workaround", "gap-refunds"} & set(asked)
        channel = await world.declared()
        await world.incident("ana", "update", channel)
        said = {
            "update_text": {"update_text": "Looking"},
            "gap-workaround": {"gap-workaround": "Use the *shop*"},
        }
        await world.slack.people.submit("ana", await world.form("ana"), said)
        await world.until(lambda: world.posts(channel, "What changed"))
        await world.slack.people.click("ana", world.posts(channel, "What changed")[0], "customer_copy")
        shown = await world.shown("ana")
        assert "Workaround: Use the *shop*" in json.dumps(shown.payload)
        await world.slack.people.close(shown)
        await world.incident("ana", "update", channel)
        again = await world.form("ana")
        kept = next(block for block in again.payload["blocks"] if block["block_id"] == "gap-workaround")
        assert kept["element"]["initial_value"] == "Use the *shop*"
        await world.incident("ana", "resolve", channel)
        done = {"resolution": {"resolution": "Rolled back"}, "gap-refunds": {"gap-refunds": "12"}}
        await world.slack.people.submit("ana", await world.form("ana"), done)
        await world.quiet()
        assert world.posts(channel, "Refunds: 12")
