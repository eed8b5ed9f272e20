"""The private PostgreSQL, on real programs in real folders."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from bot.adapters.embedded_postgres import PostgresProblem, PrivatePostgres
from bot.adapters.embedded_postgres.binaries import choose_account
from bot.adapters.embedded_postgres.pid_file import find_postmaster, list_processes_in

ROOT = Path(__file__).resolve().parents[4]
SCRATCH = ROOT / ".tmp"
LINUX = Path("/proc/self").exists()
STAND_IN_BOT = """
import asyncio, sys
from pathlib import Path
from bot.adapters.embedded_postgres import PrivatePostgres

async def main():
    await PrivatePostgres(Path(sys.argv[1])).start()
    print("up", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def running(folder: Path, binaries: Path | None = None) -> AsyncIterator[PrivatePostgres]:
    server = PrivatePostgres(folder, binaries)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def asked(server: PrivatePostgres, statement: str) -> str:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return str(row[0]) if row else ""


def remember(server: PrivatePostgres, word: str) -> None:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("create table if not exists remembered (word text)")
        connection.execute("insert into remembered values (%s)", (word,))


def pid_of(folder: Path) -> int:
    pid = find_postmaster(folder / "postgres")
    assert pid is not None
    return pid


async def until(true: Callable[[], object], within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.02)


async def refusal(server: PrivatePostgres) -> str:
    with pytest.raises(PostgresProblem) as problem:
        await server.start()
    return str(problem.value)


async def test_it_starts_in_an_empty_folder_and_only_a_socket_leads_to_it(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as server:
        assert asked(server, "show listen_addresses") == ""
        assert asked(server, "show server_encoding") == "UTF8"
        assert asked(server, "show fsync") == "on"
        assert asked(server, "show synchronous_commit") == "on"
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert find_postmaster(tmp_path / "data" / "postgres") is None
    assert list_processes_in(tmp_path / "data" / "postgres") == []


async def test_what_was_committed_is_there_after_a_stop(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        remember(server, "kept")
    async with running(tmp_path) as server:
        assert asked(server, "select word from remembered") == "kept"


async def test_a_second_bot_on_the_same_folder_is_refused_and_disturbs_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        said = await refusal(PrivatePostgres(tmp_path))
        assert f"Another Tocsin (process {os.getpid()}) uses {tmp_path}" in said
        assert asked(server, "select 1") == "1"
    async with running(tmp_path) as server:
        assert asked(server, "select 1") == "1"


async def test_a_command_works_beside_the_bot_and_leaves_the_server_to_it(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        guest = PrivatePostgres(tmp_path)
        await guest.attach()
        assert asked(guest, "select 1") == "1"
        await guest.stop()
        assert asked(server, "select 1") == "1"


async def test_a_command_without_a_bot_starts_the_server_and_stops_it(tmp_path: Path) -> None:
    alone = PrivatePostgres(tmp_path)
    await alone.attach()
    assert asked(alone, "select 1") == "1"
    await alone.stop()
    assert list_processes_in(tmp_path / "postgres") == []


async def test_a_killed_bot_leaves_it_running_and_the_next_takes_it_over(tmp_path: Path) -> None:
    bot = subprocess.Popen(
        [sys.executable, "-c", STAND_IN_BOT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with bot:
        assert bot.stdout is not None
        assert await asyncio.to_thread(bot.stdout.readline) == "up\n"
        before = pid_of(tmp_path)
        bot.kill()
    server = PrivatePostgres(tmp_path)
    began = time.monotonic()
    await server.start()
    took = time.monotonic() - began
    try:
        assert pid_of(tmp_path) == before
        assert took < 1.0, "it is asked, not started"
        assert asked(server, "select 1") == "1"
    finally:
        await server.stop()
    assert list_processes_in(tmp_path / "postgres") == []


async def test_it_comes_back_with_everything_after_its_postmaster_was_killed(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        remember(server, "kept")
        before = pid_of(tmp_path)
        os.kill(before, signal.SIGKILL)
        await until(lambda: before not in list_processes_in(tmp_path / "postgres"))
        await server.ensure_running()
        assert pid_of(tmp_path) != before
        assert asked(server, "select word from remembered") == "kept"


async def test_a_start_that_is_given_up_leaves_no_server(tmp_path: Path) -> None:
    server = PrivatePostgres(tmp_path)
    start = asyncio.create_task(server.start())
    await until(lambda: start.done() or (tmp_path / "postgres.log").exists())
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    await server.stop()
    assert list_processes_in(tmp_path / "postgres") == []


async def test_settings_of_its_own_replace_the_usual_ones(tmp_path: Path) -> None:
    server = PrivatePostgres(tmp_path, settings={"max_connections": "17"})
    await server.start()
    try:
        assert (asked(server, "show max_connections"), asked(server, "show jit")) == ("17", "off")
    finally:
        await server.stop()


async def test_looking_after_a_running_server_changes_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        before = pid_of(tmp_path)
        await server.ensure_running()
        assert pid_of(tmp_path) == before


@pytest.mark.skipif(not LINUX, reason="a process's working folder is looked up in /proc")
async def test_a_mark_whose_number_belongs_to_another_process_now_does_not_block(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        sockets = server.sockets
    mark = tmp_path / "postgres" / "postmaster.pid"
    mark.write_text(f"{os.getppid()}\n{tmp_path / 'postgres'}\n1\n5432\n{sockets}\n\n")
    sockets.mkdir(mode=0o700, exist_ok=True)
    (sockets / ".s.PGSQL.5432").touch()
    (sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getppid()}\n")
    assert find_postmaster(tmp_path / "postgres") is None
    async with running(tmp_path) as server:
        assert asked(server, "select 1") == "1"


async def test_a_cluster_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "new-half"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with running(tmp_path) as server:
        assert asked(server, "select 1") == "1"
    assert not half.exists()


GARBAGE = {
    "PGHOST": "db.monitored.example",
    "PGHOSTADDR": "203.0.113.7",
    "PGPORT": "1",
    "PGUSER": "monitor",
    "PGDATABASE": "production",
    "PGPASSWORD": "secret",
    "PGPASSFILE": "/nowhere",
    "PGOPTIONS": "--no_such_setting=1",
    "PGSSLMODE": "verify-full",
    "PGSSLROOTCERT": "/nowhere",
    "PGREQUIREPEER": "nobody-at-all",
    "PGTARGETSESSIONATTRS": "standby",
    "PGCLIENTENCODING": "LATIN1",
    "PGCONNECT_TIMEOUT": "nonsense",
    "PGGSSENCMODE": "require",
    "PGCHANNELBINDING": "require",
    "PGAPPNAME": "monitoring",
    "PGDATA": "/nowhere",
}


async def test_what_names_the_monitored_database_never_leads_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in GARBAGE.items():
        monkeypatch.setenv(name, value)
    async with running(tmp_path) as server:
        with psycopg.connect(server.conninfo()) as connection:
            info = connection.info
            assert (info.host, info.port) == (str(server.sockets), 5432)
            assert (info.user, info.dbname, info.password) == ("postgres", "postgres", "")
            assert info.parameter_status("application_name") == "tocsin"
            assert info.parameter_status("client_encoding") == "UTF8"


@pytest.mark.skipif(not LINUX, reason="what a process has open and in its environment is looked up in /proc")
async def test_the_server_has_nothing_of_the_bots_neither_files_nor_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-others")
    mine = tmp_path / "mine"
    with mine.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        async with running(tmp_path / "data"):
            of_server = Path("/proc") / str(pid_of(tmp_path / "data"))
            names = {each.partition("=")[0] for each in (of_server / "environ").read_text().split("\0")}
            assert names - {""} <= {"PATH", "LC_ALL", "TZ", "PGDATA"}
            assert str(mine) not in {os.readlink(each) for each in (of_server / "fd").iterdir()}
            assert os.getsid(int(of_server.name)) == int(of_server.name)


async def test_a_cluster_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    version = tmp_path / "postgres" / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("12\n")
    said = await refusal(PrivatePostgres(tmp_path))
    assert "was made by PostgreSQL 12" in said
    assert "TOCSIN_POSTGRES_BIN" in said
    assert version.read_text() == "12\n"
    version.write_text(made_by)
    async with running(tmp_path) as server:
        assert asked(server, "select 1") == "1"


async def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = await refusal(PrivatePostgres(tmp_path / "file" / "data"))
    assert said.startswith(
        f"TOCSIN_DATA_DIR: {tmp_path / 'file' / 'data'} cannot be written (Not a directory)"
    )


async def test_a_socket_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    server = PrivatePostgres(tmp_path)
    server.sockets.mkdir(mode=0o755)
    assert "must be a folder that only this user may enter" in await refusal(server)
    server.sockets.rmdir()


async def test_a_given_folder_without_programs_is_refused_and_no_other_is_taken(tmp_path: Path) -> None:
    said = await refusal(PrivatePostgres(tmp_path / "data", tmp_path))
    assert said.startswith(f"TOCSIN_POSTGRES_BIN: {tmp_path} has no postgres and initdb.")


async def test_in_a_long_path_the_socket_lies_in_the_temporary_folder_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 30)
    async with running(folder) as server:
        assert len(os.fsencode(server.sockets / ".s.PGSQL.5432")) <= 103
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
        assert asked(server, "select 1") == "1"
    assert not server.sockets.exists()


async def test_a_path_with_quotes_commas_and_spaces_is_only_a_path(tmp_path: Path) -> None:
    async with running(tmp_path / 'it\'s, a "d\\r"') as server:
        assert asked(server, "select 1") == "1"


def test_a_socket_is_never_where_libpq_would_read_two_hosts() -> None:
    assert PrivatePostgres(Path("/srv/plain")).sockets == Path("/srv/plain/socket")
    assert "," not in str(PrivatePostgres(Path("/srv/one, two")).sockets)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user may enter, as far as the clone's own place lets them."""
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def test_where_root_may_make_no_namespace_the_server_runs_as_nobody(
    tmp_path: Path, open_to_all: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    account = choose_account()
    assert (account.before, account.uid is None) == ((), os.geteuid() != 0)
    server = PrivatePostgres(open_to_all / "data")
    if account.uid is not None and not enterable(open_to_all):
        assert "put TOCSIN_DATA_DIR where every user may enter" in await refusal(server)
        return
    await server.start()
    try:
        assert (open_to_all / "data" / "postgres").stat().st_uid == (account.uid or os.geteuid())
        assert asked(server, "select 1") == "1"
    finally:
        await server.stop()


def enterable(folder: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))
