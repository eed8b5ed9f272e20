"""Makes the environment beside this file from the locked, hashed list; called by `tocsin`, standard library only."""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

EVERY = 20
"""Packages between two lines of progress where there is no terminal."""

LAST_WORDS = 12
"""Lines of pip's that are shown when it fails."""

PACKAGE = re.compile(r"(?:Collecting|Processing) (?:\S*/)?([A-Za-z0-9_.]+)")
"""pip's line when it turns to a package: its name, or where its file lies."""

ELSEWHERE = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_DRY_RUN", "PYTHONPATH", "PYTHONHOME"}
"""What would send the packages to another place."""


class Stop(Exception):
    """The environment cannot be made; the text says why and what to do."""


def show(text: str, end: str = "\n") -> None:
    """One line that replaces the last on a terminal; elsewhere only lines that are finished."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{text if end else text[:width]}{end}")
    elif end:
        sys.stderr.write(text + end)
    sys.stderr.flush()


def progress(done: int, total: int, what: str) -> None:
    """How far it is."""
    if sys.stderr.isatty() or done % EVERY == 0:
        show(f"tocsin: {done} of {total}: {what}", end="" if sys.stderr.isatty() else "\n")


def pip(python: Path) -> list[str]:
    """The pip that fills the environment: this Python's own, else one from the standard library's copy."""
    own = [sys.executable, "-m", "pip"]
    version = subprocess.run([*own, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"pip (\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) >= (22, 3):
        return [*own, "--python", str(python)]
    if importlib.util.find_spec("ensurepip"):
        subprocess.run([str(python), "-m", "ensurepip"], capture_output=True, check=False)
        return [str(python), "-m", "pip"]
    raise Stop(f"{sys.executable} has no pip. Install it (on Debian and Ubuntu: apt install python3-pip).")


def fill(python: Path, lock: Path, stamp: Path, turn: int, scratch: str) -> None:
    """Install what the lock lists, nothing else and nothing without its hash. Raises Stop.

    pip keeps the turn open too: were this program killed, the next would still wait for pip.
    """
    total = len(
        re.findall(r"^[a-z0-9][^;\n]*(?!.*== '(?:win32|emscripten)')", lock.read_text(), re.MULTILINE)
    )
    command = [
        *pip(python),
        "install",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--no-cache-dir",
    ]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "-r", str(lock)]
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    said: list[str] = []
    done = 0
    with subprocess.Popen(
        command,
        env={**environment, "TMPDIR": scratch},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[turn],
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            said = [*said[1 - LAST_WORDS :], line.rstrip()]
            if found := PACKAGE.match(line):
                done += 1
                progress(done, total, found[1])
            elif line.startswith("Installing "):
                stamp.unlink(missing_ok=True)
                show("tocsin: unpacking …", end="" if sys.stderr.isatty() else "\n")
    if running.returncode:
        show("tocsin: pip's last words:")
        sys.stderr.write("".join(f"    {line}\n" for line in said))
        raise Stop(
            "the packages could not be installed. Is the package index reachable (PIP_INDEX_URL names another)? "
            "Mend what pip says and run the same command again."
        )


def install(root: Path, turn: int) -> None:
    """Make `.venv`, or bring it up to date; the copy of the lock in it says that it is whole. Raises Stop, OSError."""
    home, lock = root / ".venv", root / "requirements.lock"
    stamp, python = home / "installed.lock", home / "bin" / "python"
    if python.exists() and stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    wanted = lock.read_bytes()
    show("tocsin: making its environment in .venv; this needs the package index, once …")
    if not (python.exists() and stamp.exists()):
        venv.EnvBuilder(clear=True, symlinks=True).create(home)
    with tempfile.TemporaryDirectory(prefix=".install-", dir=root) as scratch:
        fill(python, lock, stamp, turn, scratch)
    unfinished = stamp.with_suffix(".new")
    unfinished.write_bytes(wanted)
    unfinished.replace(stamp)
    show("tocsin: the environment is ready.")


def main(root: Path) -> int:
    """Wait for the turn of this start, then install. Gives the exit code."""
    try:
        if os.pathsep in str(root):
            raise Stop(f"the path {root} contains a colon, and Python's paths cannot. Rename the folder.")
        with (root / ".install.lock").open("w") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                show("tocsin: another start is making the environment; waiting for it …")
                fcntl.flock(turn, fcntl.LOCK_EX)
            install(root, turn.fileno())
    except Stop as stop:
        show(f"tocsin: {stop}")
        return 2
    except OSError as error:
        show(
            f"tocsin: {error.filename or root} cannot be written: {error.strerror}. Put the clone elsewhere."
        )
        return 2
    except KeyboardInterrupt:
        show("tocsin: stopped. The next start goes on.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
