"""Makes the environment beside this file from the locked, hashed list; called by `tocsin`, standard library only."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

WIDTH = 60


def show(text: str, end: str = "\n") -> None:
    """One line that replaces itself on a terminal; on a pipe only the finished ones."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text[: WIDTH + 40]}{end}")
    elif end:
        sys.stderr.write(text + end)
    sys.stderr.flush()


def install(root: Path) -> int:
    """Fill `.venv` and leave the list in it as the stamp of a whole one. Gives the exit code."""
    home, lock = root / ".venv", root / "requirements.lock"
    stamp = home / "installed.lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return 0
    total = len(re.findall(r"^[a-z0-9]", lock.read_text(), re.MULTILINE | re.IGNORECASE))
    show(f"tocsin: making its environment ({total} packages) …")
    stamp.unlink(missing_ok=True)
    venv.create(home, with_pip=True, clear=True)
    command = [str(home / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-cache-dir"]
    command += ["--no-deps", "--disable-pip-version-check", "--no-input", "-r", str(lock)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with tempfile.TemporaryDirectory(prefix=".install-", dir=root) as scratch:
        environment["TMPDIR"] = scratch
        pip = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        said: list[str] = []
        done = 0
        assert pip.stdout is not None
        for line in pip.stdout:
            said = [*said[-30:], line.rstrip()]
            if line.startswith("Collecting "):
                done += 1
                show(f"tocsin: {done}/{total} {line.split()[1].split('==')[0]}", end="")
            elif line.startswith("Installing"):
                show(f"tocsin: {total}/{total} unpacking …", end="")
        if pip.wait() != 0:
            show("tocsin: the packages could not be installed. pip said:")
            sys.stderr.write("\n".join(said[-12:]) + "\n")
            show(
                "tocsin: is the package index reachable? Mend that and run the same command again; nothing is lost."
            )
            return 2
    shutil.copyfile(lock, stamp)
    show("tocsin: ready")
    return 0


def main() -> int:
    root = Path(sys.argv[1])
    try:
        with (root / ".install.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return install(root)
    except OSError as error:
        show(f"tocsin: {root} cannot be written ({error.strerror}). Put the clone where this user may write.")
        return 2
    except KeyboardInterrupt:
        show("tocsin: stopped; the next start begins the environment again.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
