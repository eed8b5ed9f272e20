"""The process that others are split off from, each for one task: read it, answer it, end.

Started as `python -m bot.adapters.remediation.task_process` with everything loaded and no keys. Its standard input is a
socket over which it gets the end of another one for each task; when that input ends it ends too. What was split off
comes to its end by itself.
"""

import logging
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable

from bot import logging_setup
from bot.adapters.remediation import (
    appconfig_switch,
    ecs_restart,
    ecs_return,
    ecs_rollback,
    ecs_scale,
    end_blocker,
    end_idle,
    firebase_banner,
    github_revert,
    rds_failover,
    workflow,
)
from bot.adapters.remediation.aws_calls import load_services
from bot.adapters.remediation.protocol import (
    CARRY_OUT,
    FIND_RETURN,
    OBSERVE,
    PREVIEW,
    Task,
    dump_answer,
    dump_failure,
    parse_task,
)
from bot.domain.remediation_plan import Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable

log = logging.getLogger("bot.adapters.remediation")

Answer = Plan | Refusal | Receipt | Observation
DEEDS: dict[tuple[str, str], Callable[[Task], Answer]] = {
    (deed, kind): getattr(module, deed)
    for kind, module in (
        ("ecs.rollback", ecs_rollback),
        ("ecs.scale", ecs_scale),
        ("ecs.restart", ecs_restart),
        ("postgres.end_idle", end_idle),
        ("postgres.end_blocker", end_blocker),
        ("rds.failover", rds_failover),
        ("github.workflow", workflow),
        ("github.revert", github_revert),
        ("appconfig.switch", appconfig_switch),
        ("firebase.banner", firebase_banner),
    )
    for deed in (PREVIEW, CARRY_OUT, OBSERVE)
} | {
    (FIND_RETURN, "ecs.rollback"): ecs_return.find_return,
    (FIND_RETURN, "appconfig.switch"): appconfig_switch.find_return,
}


def answer(task: Task) -> bytes:
    """What came of a task. No call goes out too late: then it may have been looked for already."""
    if task.deed == CARRY_OUT and time.time() > task.not_after:
        return dump_answer(Receipt(False, "I was held up before the call."))
    try:
        return dump_answer(DEEDS[task.deed, task.kind](task))
    except RemediationUnavailable as away:
        return dump_failure(str(away))
    except Exception:
        error_id = uuid.uuid4().hex[:8]
        log.exception("%s of %s failed, error %s", task.deed, task.kind, error_id)
        return dump_failure(f"Something went wrong on my side (error {error_id} in the log).")


def _serve_task(connection: socket.socket) -> None:
    """Say by which id it can be ended, then answer one task. Without one the bot is gone."""
    connection.sendall(f"{os.getpid()}\n".encode())
    given = b"".join(iter(lambda: connection.recv(65536), b""))
    if not given:
        return
    said = answer(parse_task(given))
    try:
        connection.sendall(said)
    except OSError:
        log.warning("the bot was gone when this came to its end: whoever is next looks for it")


def main() -> None:
    """Split off a process for each socket that comes, until nobody is there to send one."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for what was split off
    logging_setup.start_logging()
    load_services()
    requests = socket.socket(fileno=0)
    while True:
        said, ends, _, _ = socket.recv_fds(requests, 1, 1)
        if not said:
            return
        for end in ends:
            _split_off(requests, end)


def _split_off(requests: socket.socket, end: int) -> None:
    """A process of its own for what comes over this end. It never comes back from here."""
    if os.fork():
        os.close(end)
        return
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        requests.close()
        _serve_task(socket.socket(fileno=end))
        code = 0
    except Exception:
        log.exception("a task was not served")
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
