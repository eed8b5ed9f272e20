"""The process that bots and other commands of `tocsin` are forked from for tests, and what a fork starts beside itself.

A forked bot has as its `sys.executable` a small program that asks for a fork in place of loading a module anew. It has
the standard input, the environment and the folder that the module is to have, stands for it among the bot's children,
ends as it ends, and when it is killed so is the fork.
"""

import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

MAX_REQUEST = 65_536

LOADED = (
    "bot.cli",
    "bot.app",
    "bot.cli.audience_check",
    "bot.cli.check",
    "bot.cli.doctor.examination",
    "bot.cli.doctor.local_checks",
    "bot.cli.start_check",
    "bot.logging_setup",
    "bot.settings",
    "handlers",
)
"""What `tocsin run` imports until it is ready, and `check` and `doctor`."""

CHILDREN = (
    "bot.adapters.remediation.task_process",
    "bot.adapters.runbook_parser_process",
    "diagnostics.engine.worker",
    "diagnostics.rendering.charts",
)
"""What it starts beside itself, as `python -P -m NAME`."""

STAND_IN, CHILDREN_AT = "python", "children"
"""In the folder of this process: what forked bots start in place of Python, and the socket at which it asks."""

STAND_IN_TEXT = f"""#!{sys.executable} -IS
import json, os, signal, socket, sys
words = sys.argv[1:]
if words[:2] != ["-P", "-m"] or words[2] not in {CHILDREN!r}:
    os.execv({sys.executable!r}, [{sys.executable!r}, *words])
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as way:
    way.connect(os.path.join(os.path.dirname(sys.argv[0]), {CHILDREN_AT!r}))
    request = json.dumps([words[2], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(way, [request], [0, 2])
    os.close(0)
    code = int(way.recv(16) or b"1")
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


class ForkServer:
    """Forks for each request, and reports how each fork ended. `reports` and `kept` are the ways to who asked, by
    process id: a bot outlives its asker, a child does not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._requests = socket.socket(fileno=os.dup(0))
        self._children = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._children.bind(str(folder / CHILDREN_AT))
        self._children.listen(64)
        self._woken, self._wake = os.pipe()
        self._ways: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Until nobody is there to ask. A fork comes back from here, too, when it has ended."""
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake)
        for readable in (self._requests, self._children, self._woken):
            self._selector.register(readable, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._requests:
                    if not self._fork_command():
                        return
                elif key.fileobj is self._children:
                    self._fork_child()
                elif key.fileobj == self._woken:
                    os.read(self._woken, 4096)
                    self._report_ended()
                elif self._ways.get(key.data) is key.fileobj:
                    os.kill(key.data, signal.SIGKILL)  # its stand-in was killed
                    self._selector.unregister(key.fileobj)

    def _fork_command(self) -> bool:
        """False when nobody asks any more."""
        request, descriptors, _, _ = socket.recv_fds(self._requests, MAX_REQUEST, 3)
        if not request:
            return False
        way, output, log = socket.socket(fileno=descriptors[0]), *descriptors[1:]
        if not (pid := os.fork()):
            way.send(str(os.getpid()).encode())
            self._leave(way)
            words, folder, environment = json.loads(request)
            os.chdir(folder)
            sys.executable = str(self._folder / STAND_IN)
            _become("bot", words, environment, (os.open(os.devnull, os.O_RDONLY), output, log))
        os.close(output)
        os.close(log)
        self._ways[pid] = way
        return True

    def _fork_child(self) -> None:
        way, _ = self._children.accept()
        request, descriptors, _, _ = socket.recv_fds(way, MAX_REQUEST, 2)
        if not request:
            way.close()
            return
        if not (pid := os.fork()):
            self._leave(way)
            name, folder, environment = json.loads(request)
            os.chdir(folder)
            null = os.open(os.devnull, os.O_RDWR)
            _become(name, [], environment, (descriptors[0], null, descriptors[1]))
        for each in descriptors:
            os.close(each)
        self._ways[pid] = way
        self._selector.register(way, selectors.EVENT_READ, pid)

    def _leave(self, way: socket.socket) -> None:
        """In the fork: nothing of the server's stays."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for each in (self._requests, self._children, way, *self._ways.values()):
            each.close()
        os.close(self._woken)
        os.close(self._wake)

    def _report_ended(self) -> None:
        while self._ways:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._ways.pop(pid) as way, suppress(OSError):  # nobody wants to know any more
                with suppress(KeyError):
                    self._selector.unregister(way)
                way.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(
    module: str, words: Sequence[str], environment: Mapping[str, str], files: tuple[int, ...]
) -> None:
    """In the fork: what a program gets from who starts it, then the module. Raises SystemExit at its end."""
    for number, into in enumerate(files):
        os.dup2(into, number)
    for each in set(files):
        os.close(each)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv[:] = [module, *words]
    if module in CHILDREN:
        del sys.modules[module]  # what is run as a program is not to be there as a module before
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


def main(folder: Path) -> None:
    """Load everything, then fork."""
    for name in (*LOADED, *CHILDREN):
        __import__(name)
    sys.modules["bot.adapters.remediation.aws_calls"].load_services()
    assert threading.active_count() == 1, "a thread would not be in the forked bot"
    stand_in = folder / STAND_IN
    stand_in.write_text(STAND_IN_TEXT)
    stand_in.chmod(0o700)
    gc.collect()
    gc.freeze()
    ForkServer(folder).serve()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
