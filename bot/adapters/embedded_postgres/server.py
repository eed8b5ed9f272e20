"""The private server: started once, found again after a kill of the bot, stopped with the bot."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bot.adapters.embedded_postgres import binaries as programs
from bot.adapters.embedded_postgres import pid_file
from bot.adapters.embedded_postgres.binaries import PostgresProblem, ProcessAccount
from bot.adapters.embedded_postgres.socket_folder import choose_socket_folder, make_socket_folder

START_TIMEOUT_S = 60.0
"""Seconds; recovery after a crash is part of the start."""

STOP_TIMEOUT_S = 10.0
QUIT_INTERVAL_S = 0.05
LOG_AT_MOST = 1_000_000
"""Bytes, looked at when the server starts; one older log is kept."""

OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # the text of a statement has what people typed, and charts
    "timezone": "UTC",
}
"""A small footprint; what makes commits durable stays as PostgreSQL has it."""

WITHOUT_WORKERS = {"io_method": "sync"}
"""From version 18 on: three processes fewer."""


class PrivatePostgres:
    """The server in `data_dir`, with the programs in `binaries` (None: the wheel's, else the system's).
    `settings` are PostgreSQL's own, instead of or beside OPTIONS.

    Only a socket leads to it, in a folder that only this user may enter: in `data_dir`, or, where that path
    is too long for a socket or has a comma, in the system's temporary folder. A killed bot leaves it to the next one.
    """

    def __init__(
        self, data_dir: Path, binaries: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = data_dir.resolve()
        self._cluster = self.folder / "postgres"
        self._log = self.folder / "postgres.log"
        self._binaries = binaries
        self._settings = {**OPTIONS, **(settings or {})}
        self._account = ProcessAccount()
        self._lock: int | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def sockets(self) -> Path:
        """The folder of the socket."""
        return choose_socket_folder(self.folder)

    def conninfo(self, dbname: str = "postgres") -> str:
        """A libpq address that says everything it can, so that little is left to the environment.

        What no address overrides (`PGSERVICE`, `PGTZ`, `PGDATESTYLE`, `PGGEQO`) the caller keeps from libpq.
        """
        said = {**EXPLICIT, "host": str(self.sockets), "port": str(pid_file.PORT), "dbname": dbname}
        return " ".join(f"{name}={_quote(value)}" for name, value in said.items())

    async def start(self) -> None:
        """For the bot: take the folder for ourselves, and return when the server answers.

        Raises PostgresProblem when another Tocsin has it, or with what else is in the way.
        """
        await self._open(alone=True)

    async def attach(self) -> None:
        """For a command: use the server beside the bot that has it, or as `start` when no bot does."""
        await self._open(alone=False)

    async def ensure_running(self) -> None:
        """Start it again when it died. Raises PostgresProblem."""
        if self._server is not None:
            self._server.poll()
        if self._lock is not None and pid_file.find_postmaster(self._cluster) is None:
            await self._up()

    async def stop(self) -> None:
        """End it, connections and all, and let the folder go. One that we only attached to stays."""
        if self._lock is None:
            return
        for name in (signal.SIGINT, signal.SIGQUIT):
            if (pid := pid_file.find_postmaster(self._cluster)) is None:
                break
            os.kill(pid, name)
            await _until(lambda: not pid_file.list_processes_in(self._cluster), STOP_TIMEOUT_S)
        if self._server is not None:
            self._server.wait()
            self._server = None
        self._leave()

    # ---- the folder

    async def _open(self, *, alone: bool) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            make_socket_folder(self.sockets)
            if not self._take():
                if alone or not await _until(self._answers, START_TIMEOUT_S):
                    raise PostgresProblem(self._describe_owner())
                return
        except OSError as error:
            raise PostgresProblem(
                f"TOCSIN_DATA_DIR: {error.filename or self.folder} cannot be written ({error.strerror}). "
                "Name a folder that this user may write, or set TOCSIN_DATABASE_URL."
            ) from None
        try:
            await self._up()
        except BaseException:
            self._leave()
            raise

    def _take(self) -> bool:
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._release()
            return False
        os.truncate(self._lock, 0)
        os.write(self._lock, str(os.getpid()).encode())
        return True

    def _describe_owner(self) -> str:
        holder = (self.folder / "lock").read_text()
        return (
            f"Another Tocsin (process {holder}) uses {self.folder}. Stop it, or give this one its own "
            "TOCSIN_DATA_DIR; to run several side by side, give them all the same TOCSIN_DATABASE_URL."
        )

    def _leave(self) -> None:
        if self.sockets.parent != self.folder:
            with contextlib.suppress(OSError):  # a server that could not be ended has its socket there
                self.sockets.rmdir()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # ---- the server

    async def _answers(self) -> bool:
        return await pid_file.is_answering(self.sockets / pid_file.SOCKET)

    async def _up(self) -> None:
        if await self._answers() or await self._await_starting_server():
            return
        pid_file.remove_leftovers(self._cluster, self.sockets)
        self._account = programs.choose_account()
        binaries = programs.ensure_reachable(
            self._account, programs.find_programs(self._binaries), self.folder / "programs"
        )
        version = await programs.read_major_version(self._account, binaries)
        if not self._cluster.exists():
            await self._create(binaries)
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        if made_by != str(version):
            raise PostgresProblem(
                f"{self._cluster} was made by PostgreSQL {made_by}, {binaries} has version {version}. "
                f"Set TOCSIN_POSTGRES_BIN to the folder of version {made_by}. Nothing was changed."
            )
        await self._launch(binaries, self._settings | (WITHOUT_WORKERS if version >= 18 else {}))

    async def _await_starting_server(self) -> bool:
        """A server that is neither up nor gone (it recovers, its children linger) gets time to be either."""
        answering = False

        async def settled() -> bool:
            nonlocal answering
            answering = await self._answers()
            return answering or not pid_file.list_processes_in(self._cluster)

        if not await _until(settled, START_TIMEOUT_S):
            left = ", ".join(map(str, pid_file.list_processes_in(self._cluster)))
            raise PostgresProblem(
                f"{self._cluster} is held by processes that do not answer: {left}. End them."
            )
        return answering

    async def _create(self, binaries: Path) -> None:
        """Made under another name and renamed: a half-made one is never taken for a whole one."""
        for left in self.folder.glob("new-*"):
            shutil.rmtree(left)
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        self._give(fresh)
        flags = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions")
        try:
            await programs.run_program(self._account, str(binaries / "initdb"), "-D", str(fresh), *flags)
            fresh.rename(self._cluster)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _give(self, folder: Path) -> None:
        """The folder to the account that the server runs as; root reaches it all the same."""
        if self._account.uid is not None and self._account.gid is not None:
            os.chown(folder, self._account.uid, self._account.gid)

    async def _launch(self, binaries: Path, options: dict[str, str]) -> None:
        self._give(self.sockets)
        if self._log.exists() and self._log.stat().st_size > LOG_AT_MOST:
            self._log.replace(self._log.with_suffix(".log.old"))
        socket_folder = '"' + str(self.sockets).replace('"', '""') + '"'
        settings = [
            f"--{name}={value}"
            for name, value in {**options, "unix_socket_directories": socket_folder}.items()
        ]
        self._log.touch(0o600)
        with self._log.open("ab") as log:
            command = [str(binaries / "postgres"), "-D", str(self._cluster), *settings]
            server = self._server = programs.spawn(self._account, command, log.fileno())

        async def settled() -> bool:
            return server.poll() is not None or await self._answers()

        try:
            await _until(settled, START_TIMEOUT_S)
        except asyncio.CancelledError:
            await _quit(server)  # not found by its marks yet, so `stop` could not end it
            raise
        if server.returncode is not None or not await self._answers():
            raise PostgresProblem(f"PostgreSQL did not start: {self._log} says why.{self._account.hint}")


EXPLICIT = {
    "user": "postgres",
    "password": "",
    "passfile": "",
    "hostaddr": "",
    "connect_timeout": "5",
    "client_encoding": "UTF8",
    "options": "",
    "application_name": "tocsin",
    "sslmode": "disable",
    "gssencmode": "disable",
    "channel_binding": "prefer",
    "requirepeer": "",
    "target_session_attrs": "any",
}


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


async def _quit(server: subprocess.Popen[bytes]) -> None:
    """End a server that is starting. Before it handles signals it ignores them where the bot was started in the
    background of a script, so it is told again."""
    while server.poll() is None:
        server.send_signal(signal.SIGQUIT)
        await asyncio.sleep(QUIT_INTERVAL_S)


async def _until(true: Callable[[], bool] | Callable[[], Awaitable[bool]], within: float) -> bool:
    """Whether it became true within so many seconds."""
    deadline = time.monotonic() + within
    while True:
        found = true()
        if found if isinstance(found, bool) else await found:
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
