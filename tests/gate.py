"""Every check, one line each with its time; the first that fails prints what it said and ends the run.

Used by `./tocsin test`; words after it go to pytest (`./tocsin test tests/bot -k lifecycle`).
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SOURCES = ["bot", "handlers", "diagnostics", "templates", "sandbox", "tests", ".install.py"]

CHECKS = {
    "format": ["ruff", "format", "--check", "--quiet", *SOURCES],
    "lint": ["ruff", "check", "--quiet", *SOURCES],
    "types": ["mypy"],
    "walls": ["lint-imports"],
}


def main(words: list[str]) -> int:
    """Run everything, or only pytest when words say which tests. Gives the exit code of what failed."""
    os.chdir(ROOT)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    environment["TMPDIR"] = str(_scratch())
    for name, command in {} if words else CHECKS.items():
        began = time.monotonic()
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        print(
            f"{name:8} {'ok' if done.returncode == 0 else 'FAILED':7} {time.monotonic() - began:5.1f} s",
            flush=True,
        )
        if done.returncode:
            print(done.stdout + done.stderr)
            return done.returncode
    wide = [] if words else ["-n", "2", "--dist", "worksteal", "-q"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *wide, *words], env=environment, check=False
    ).returncode


def _scratch() -> Path:
    """Temporary files stay inside the clone."""
    folder = ROOT / ".tmp"
    folder.mkdir(exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
