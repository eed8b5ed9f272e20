"""One task from standard input, its answer on standard output, and the end.

Started as `python -m bot.adapters.remediation.worker`, before it is known for what.
"""

import logging
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable

from bot import logging_setup
from bot.adapters.remediation import ecs_return, ecs_rollback, ecs_scale, end_idle, workflow
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
        ("postgres.end_idle", end_idle),
        ("github.workflow", workflow),
    )
    for deed in (PREVIEW, CARRY_OUT, OBSERVE)
} | {(FIND_RETURN, "ecs.rollback"): ecs_return.find_return}


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


def main() -> None:
    """Serve one task. Without one the bot is gone."""
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    logging_setup.start_logging()
    if given := sys.stdin.buffer.read():
        said = answer(parse_task(given))
        try:
            os.write(sys.stdout.fileno(), said)
        except BrokenPipeError:
            log.warning("the bot was gone when this came to its end: whoever is next looks for it")


if __name__ == "__main__":
    main()
