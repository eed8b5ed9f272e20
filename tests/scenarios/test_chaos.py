"""Chaos: two replicas under everything that can go wrong keep every promise, and without the look they do not."""

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.slack import list_required_scopes
from handlers import EVENTS
from sandbox import chaos
from sandbox.chaos.chaos_environment import open_chaos_environment
from sandbox.demo import bot_process
from tests.scratch import SCRATCH, make_server_folder

ROOT = Path(__file__).resolve().parents[2]
SECONDS, SAMPLE = 30.0, 10.0
SCOPES = sorted(list_required_scopes())
LOOK = "    if row.uncertain_for is None:\n        return False\n"
"""The lines of `needs_reconciliation` that a build without the look before repeating has otherwise."""

HELD = """select lease_owner, lease_until > now() as is_leased from outbox
          where key = 'channel:1' and state = 'sending'"""


@pytest.fixture
async def server() -> AsyncIterator[PrivatePostgres]:
    """A PostgreSQL of this test's own, which may be stopped at once."""
    private = PrivatePostgres(make_server_folder())
    await private.start()
    yield private
    await private.stop()
    shutil.rmtree(private.folder, ignore_errors=True)
    shutil.rmtree(private.sockets, ignore_errors=True)


@pytest.mark.timeout(300)
async def test_through_half_a_minute_of_everything_all_that_was_accepted_is_there_once_and_in_order(
    server: PrivatePostgres, tmp_path: Path, whole: bool
) -> None:
    said: list[str] = []
    code = await chaos.run_chaos(
        1, SECONDS if whole else SAMPLE, server, tmp_path, SCOPES, EVENTS, say=said.append
    )
    report = "\n".join(said)
    assert code == 0, report
    for blow in ("kill", "freeze", "x database", "limited", "error", "drop") if whole else ("kill", "freeze"):
        assert blow in report, report


@pytest.mark.whole
@pytest.mark.timeout(300)
async def test_a_build_that_does_not_look_before_it_repeats_is_found_out(
    server: PrivatePostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = tmp_path / "build"
    for room in ("bot", "handlers", "templates", "diagnostics"):
        shutil.copytree(ROOT / room, build / room, ignore=shutil.ignore_patterns("__pycache__"))
    context = build / "handlers" / "outbox" / "effect_context.py"
    whole = context.read_text()
    assert LOOK in whole
    context.write_text(whole.replace(LOOK, "    if True:\n        return False\n"))
    monkeypatch.setattr(bot_process, "ROOT", build)
    said: list[str] = []
    code = await chaos.run_chaos(1, 8.0, server, tmp_path, SCOPES, EVENTS, say=said.append)
    report = "\n".join(said)
    assert code == 1, report
    assert any("VIOLATION" in line and ("2 where 1" in line or "2 times" in line) for line in said), report


async def test_what_a_killed_replica_was_doing_is_taken_over_at_once(
    server: PrivatePostgres, tmp_path: Path
) -> None:
    async with open_chaos_environment(server, tmp_path, SCOPES, EVENTS) as place:
        first, second = place.replicas
        second.kill()
        never = asyncio.Event()

        async def hold(number: int, method: str) -> None:
            if method == "conversations.create":
                await never.wait()

        place.slack.api.before_answer = hold
        place.slack.request_url = first.request_url
        await place.slack.people.command("ana", "general", "/incident", "declare p3 A typo")
        async with asyncio.timeout(60):
            while not place.rows(HELD):
                await asyncio.sleep(0.02)
        owner = place.rows(HELD)[0]["lease_owner"]
        await second.start()
        first.kill()
        place.slack.api.before_answer = None
        never.set()
        async with asyncio.timeout(60):
            while (row := place.rows(HELD)[:1]) and row[0]["lease_owner"] == owner:
                assert row[0]["is_leased"], "nobody took it over before its lease ended"
                await asyncio.sleep(0.02)
        assert await place.wait_for_deliveries(30) == []
        assert (
            len(
                [channel for channel in place.slack.channels(of_bot=True) if channel.name.startswith("inc-1")]
            )
            == 1
        )


@pytest.mark.parametrize("words", [("chaos", "--minutes", "5"), ("bench", "busy")], ids=["chaos", "bench"])
async def test_ctrl_c_ends_everything_that_was_started(words: tuple[str, ...]) -> None:
    before = set(SCRATCH.glob(f"{words[0]}-*"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert await process.stdout.readline()
    (folder,) = set(SCRATCH.glob(f"{words[0]}-*")) - before
    async with asyncio.timeout(60):
        while not list(folder.glob("bot*.log")):
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130
    assert not folder.exists()
    left = [each for each in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in _read(each)]
    assert left == []


def _read(file: Path) -> bytes:
    """What it says; nothing when its process ended meanwhile."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
