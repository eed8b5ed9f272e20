"""What `/incident run` and the buttons run, and what they leave to a person: one rule for words and clicks."""

from pathlib import Path

import pytest

from sandbox.slack import WorkspaceMessage
from tests.scenarios.conftest import World
from tests.scenarios.test_evidence import Monitored, shown

RUNBOOK = """# Runbook

### P0 - Critical
- **Examples**: Everything is down
- **Response Time**: < 5 minutes
- **Action**: page CTO

## P0 INCIDENT: EVERYTHING IS DOWN

### Symptoms
- nothing works

### Immediate Actions

```bash
# 1. Look
curl https://api.example.com/version

# 2. Search the logs
curl -X POST http://es.example.com:9200/logs/_search -d '{"query":{"match":{"level":"error"}}}'

# 3. Ask the health
curl -X POST https://api.example.com/health

# 4. Restart everything
curl -X POST https://api.example.com/admin/restart

# 5. Drop the cache
curl -X DELETE https://api.example.com/cache

# 6. Restart by address
curl "https://api.example.com/admin/restart?confirm=yes"

# 7. Roll back
./scripts/rollback.sh --all

# 8. Open the board
# Visit: https://board.example.com/

# 9. Kill idle sessions
psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle'"
```
"""
CHANGES = {
    "Restart everything": "curl -X POST https://api.example.com/admin/restart",
    "Drop the cache": "curl -X DELETE https://api.example.com/cache",
    "Restart by address": "https://api.example.com/admin/restart?confirm=yes",
    "Roll back": "./scripts/rollback.sh --all",
    "Open the board": "https://board.example.com/",
    "Kill idle sessions": "pg_terminate_backend",
}
LOOKED = "select 1 from look where scope = 'one'"


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    world.systems = made.systems
    return made


@pytest.fixture
def runbook(tmp_path: Path) -> Path:
    path = tmp_path / "runbook.md"
    path.write_text(RUNBOOK)
    return path


def buttons_of(message: WorkspaceMessage, action: str) -> list[dict[str, object]]:
    return [
        each
        for block in message.blocks
        for each in block.get("elements", ())
        if str(each.get("action_id", "")).startswith(action)
    ]


@pytest.mark.parametrize("title", [*CHANGES, *(f"step {number}" for number in range(4, 10))])
async def test_what_a_person_runs_is_shown_and_never_called_run(
    world: World, monitored: Monitored, runbook: Path, title: str
) -> None:
    meant = title if title in CHANGES else [*CHANGES][int(title.split()[1]) - 4]
    async with world.bot(runbook=runbook):
        channel = await world.declared("declare p0 everything is down")
        before, posts = len(monitored.asked), len(world.posts(channel))
        await world.incident("ana", f"run {title}", channel)
        heard = world.heard("ana")
        assert f"Run it yourself: {meant}." in heard and ". Nothing was run." in heard
        assert "Running" not in heard and ".. " not in heard
        assert CHANGES[meant] in heard and "/incident note" in heard
        await world.quiet()
        assert len(monitored.asked) == before and len(world.posts(channel)) == posts
        assert not world.looking.rows(LOOKED)
        await world.incident("ana", "timeline", channel)
        assert meant not in world.heard("ana")


async def test_an_old_button_of_such_a_step_runs_nothing_either(
    world: World, monitored: Monitored, runbook: Path
) -> None:
    async with world.bot(runbook=runbook):
        channel = await world.declared("declare p0 everything is down")
        before = len(monitored.asked)
        message, action = world.button(channel, "run_step:")
        line = 1 + next(n for n, row in enumerate(RUNBOOK.splitlines()) if "# 5." in row)
        for block in message.blocks:
            for each in block.get("elements", ()):
                if each.get("action_id") == action:
                    each["value"] = f"1|{line}|"
        await world.slack.people.click("ana", message, action)
        await world.until(lambda: "Run it yourself: Drop the cache." in world.heard("ana"))
        await world.quiet()
        assert len(monitored.asked) == before


async def test_a_probe_that_is_not_harmless_asks_with_its_method_and_address_before_it_is_sent(
    world: World, monitored: Monitored, runbook: Path
) -> None:
    async with world.bot(runbook=runbook):
        channel = await world.declared("declare p0 everything is down")
        search, health = buttons_of(shown(world, channel)[0], "run_step:")
        assert "POST http://es.example.com:9200/logs/_search" in str(search["confirm"])
        assert "confirm" not in health
        before = len(monitored.asked)
        await world.incident("ana", "run Search the logs", channel)
        assert "Nothing was run." in world.heard("ana")
        assert "POST http://es.example.com:9200/logs/_search" in world.heard("ana")
        await world.quiet()
        assert len(monitored.asked) == before
        await world.incident("ana", "run Ask the health", channel)
        await world.until(lambda: len(monitored.asked) == before + 1)
        await world.incident("ana", "run step 1", channel)
        await world.until(lambda: len(monitored.asked) == before + 2)
        assert [each.name for each in monitored.asked[before:]] == ["Ask the health", "Look"]
