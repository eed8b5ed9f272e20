"""The processes in which jq runs: started when there is something to ask, kept for the next, killed at their limit.

Nothing that an expression does there reaches further: no environment, files or programs, bounded memory and time.
"""

import atexit
import json
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.child_process import BlockingChild, ChildCommand

PROGRAM = Path(__file__).with_name("child_program.py")
MAX_PROCESSES = 2
"""More would not be faster, and each may take 320 MB."""

MAX_IDLE = 1
MAX_ANSWER_BYTES = 40_000_000
"""Bytes: 5,000,000 letters, each of them escaped."""

EXIT_TIMEOUT_S = 5.0


class ProcessLost(Exception):
    """No answer came. The text says why, as a sentence without its end."""


@dataclass(frozen=True, slots=True)
class JqAnswer:
    """What jq prints, or why it does not: `unclear` is about the expression, `trouble` about what it was handed."""

    text: str = ""
    unclear: str = ""
    trouble: str = ""


class JqProcess:
    """One process. Raises ProcessLost where it cannot be started."""

    def __init__(self) -> None:
        self.is_worn = False
        command = ChildCommand(("-I", "-S", str(PROGRAM), _folder()), {}, Path("/"), has_output=False)
        try:
            self._child = BlockingChild(command)
        except OSError as error:
            raise ProcessLost(f"it could not be started ({error.strerror})") from error

    @property
    def pid(self) -> int:
        return self._child.process.pid

    def is_alive(self) -> bool:
        """Whether it waits for a question."""
        return self._child.process.poll() is None

    def ask(self, request: Mapping[str, Any], seconds: float) -> JqAnswer:
        """Its answer. Raises TimeoutError after so many seconds, and ProcessLost when it ends before; then it is of no
        use."""
        message = json.dumps({**request, "seconds": seconds}).encode()
        try:
            answer = self._child.request(message, seconds, MAX_ANSWER_BYTES)
        except EOFError:
            raise ProcessLost(self._describe_exit()) from None
        except ValueError:
            raise ProcessLost("its answer is too long") from None
        try:
            values = json.loads(answer)
            self.is_worn = bool(values["worn"])
            return JqAnswer(*(str(values.get(field.name, "")) for field in fields(JqAnswer)))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise ProcessLost("its answer is not understood") from None

    def _describe_exit(self) -> str:
        try:
            code = self._child.process.wait(EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return "its process does not answer any more"
        if code == -signal.SIGABRT:
            return "it needs more memory than it may have"
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"its process ended in the middle ({how})"

    def end(self) -> None:
        """Kill it, whatever it does."""
        self._child.kill()


class JqProcessPool:
    """Lends a process to who asks; who comes when all are lent waits. For any number of threads."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MAX_PROCESSES)
        self.idle: list[JqProcess] = []
        atexit.register(self.end)

    @contextmanager
    def lease(self) -> Iterator[JqProcess]:
        """A process for one question. Raises ProcessLost where none can be started."""
        with self._places:
            child = self._acquire()
            try:
                yield child
            except BaseException:
                child.end()
                raise
            if child.is_worn or len(self.idle) >= MAX_IDLE:
                child.end()
            else:
                self.idle.append(child)

    def _acquire(self) -> JqProcess:
        while True:
            try:
                child = self.idle.pop()
            except IndexError:
                return JqProcess()
            if child.is_alive():
                return child
            child.end()

    def end(self) -> None:
        """Those that wait for a question."""
        while self.idle:
            self.idle.pop().end()


def _folder() -> str:
    """Where the library jq is installed."""
    found = find_spec("jq")
    if found is None or found.origin is None:
        raise ProcessLost("the library jq is not installed")
    return str(Path(found.origin).parent)
