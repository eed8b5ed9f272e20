"""Every check: one line each with its time, what the tests said, and what a check that failed said.

Used by `./tocsin test`. With `--all` the tests prove everything, as usual a sample of it, with `--quick` what needs no
database and no other program (`tests/samples.py`). Other words go to pytest, which then runs alone
(`./tocsin test tests/bot -k lifecycle`).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".tmp"
BIN = Path(sys.executable).parent
SOURCES = ["bot", "handlers", "diagnostics", "templates", "sandbox", "tests", "deploy", ".install.py"]
AMOUNTS = ({"--all"}, {"--quick"})

BEFORE = {
    "format": [sys.executable, "-m", "ruff", "format", "--check", "--quiet", *SOURCES],
    "lint": [sys.executable, "-m", "ruff", "check", "--quiet", *SOURCES],
}
BESIDE = {
    "types": [sys.executable, "-m", "mypy"],
    "walls": [sys.executable, str(BIN / "lint-imports")],
}
BESIDE_ALL = {"deploy": ["/bin/sh", "deploy/check"]}
"""What is run before and beside the tests, and beside all of them; never a script by itself, whose first line would not
survive a move of the clone. Before them is what takes a second."""

TESTS = ["-m", "pytest", "-q", "-p", "tests.progress", "--durations=10", "--durations-min=1"]
WORKERS = "3"
"""Scenarios mostly wait, so that three share two cores."""


def main(words: list[str]) -> int:
    """Run the checks and give the exit code; with other words than an amount, become pytest."""
    os.chdir(ROOT)
    SCRATCH.mkdir(exist_ok=True)
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "TMPDIR": str(SCRATCH)}
    # What was compiled is kept, or each worker and each program that a test starts would compile everything anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if words and set(words) not in AMOUNTS:
        os.execve(sys.executable, [sys.executable, "-m", "pytest", *words], environment)
    for name, command in BEFORE.items():
        if code := checked(name, command, environment):
            return code
    return _beside_tests(words, environment)


def _beside_tests(words: list[str], environment: Mapping[str, str]) -> int:
    """The tests, and beside them the checks that take longer. A check that fails ends the tests."""
    beside = {**BESIDE, **BESIDE_ALL} if "--all" in words else BESIDE
    tests = subprocess.Popen([sys.executable, *TESTS, "-n", WORKERS, *words], env=environment)
    # Who is asked to end asks the tests to end, which take down what they started.
    signal.signal(signal.SIGTERM, lambda *_: tests.terminate())
    with ThreadPoolExecutor() as threads:
        running: set[Future[int]] = {
            threads.submit(checked, name, command, environment) for name, command in beside.items()
        }
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            if code := max(each.result() for each in done):
                tests.terminate()
                tests.wait()
                return code
    return _ended(tests)


def _ended(tests: subprocess.Popen[bytes]) -> int:
    """The exit code of the tests; Ctrl-C has reached them too, and they end by themselves."""
    while True:
        try:
            return tests.wait()
        except KeyboardInterrupt:
            continue


def checked(name: str, command: list[str], environment: Mapping[str, str]) -> int:
    """Run one check and print how it went; what it said only when it failed. Gives its exit code."""
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    word = "FAILED" if done.returncode else "ok"
    said = f"\n{done.stdout}{done.stderr}" if done.returncode else ""
    print(f"{name:8} {word:7} {time.monotonic() - began:5.1f} s{said}", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
