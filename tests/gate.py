"""Every check, one line each with its time; the first that fails prints what it said and ends the run.

Used by `./tocsin test`; words after it go to pytest, which then runs alone (`./tocsin test tests/bot -k lifecycle`).
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".tmp"
BIN = Path(sys.executable).parent
SOURCES = ["bot", "handlers", "diagnostics", "templates", "sandbox", "tests", ".install.py"]

CHECKS = {
    "format": ["-m", "ruff", "format", "--check", "--quiet", *SOURCES],
    "lint": ["-m", "ruff", "check", "--quiet", *SOURCES],
    "types": ["-m", "mypy"],
    "walls": [str(BIN / "lint-imports")],
}
"""What Python is asked to run; never a script by itself, whose first line would not survive a move of the clone."""


def main(words: list[str]) -> None:
    """Run the checks, then become pytest; a check that fails ends it with its exit code."""
    os.chdir(ROOT)
    SCRATCH.mkdir(exist_ok=True)
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "TMPDIR": str(SCRATCH)}
    for name, command in {} if words else CHECKS.items():
        if code := checked(name, command, environment):
            sys.exit(code)
    sys.stdout.flush()
    wide = [] if words else ["-n", "2", "--dist", "worksteal", "-q"]
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *wide, *words], environment)


def checked(name: str, command: list[str], environment: dict[str, str]) -> int:
    """Run one check and print how it went; what it said only when it failed. Gives its exit code."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
    )
    word = "FAILED" if done.returncode else "ok"
    print(f"{name:8} {word:7} {time.monotonic() - began:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode


if __name__ == "__main__":
    main(sys.argv[1:])
