"""Classifies a runbook's commands in a child process.

What has to be loaded for it takes 25 MB and a third of a second: the bot keeps neither.
"""

import logging
import pickle

from bot.child_process import ChildCommand, RequestProcess, serve_requests
from bot.runbook import Runbook, classify_steps

log = logging.getLogger(__name__)

PARSE_TIMEOUT_S = 30.0
"""After that the bot goes on without the meaning of the steps."""


async def classify_in_subprocess(runbook: Runbook) -> Runbook:
    """The runbook with the meaning of each step; unchanged when the process fails or times out, which is logged."""
    process = RequestProcess(ChildCommand.of_module("bot.adapters.runbook_parser_process"))
    try:
        answer = await process.request(pickle.dumps(runbook), PARSE_TIMEOUT_S)
        classified: Runbook = pickle.loads(answer)  # noqa: S301 - our own program wrote it
    except (TimeoutError, OSError, EOFError, pickle.UnpicklingError) as error:
        log.error("runbook parser process failed: %r", error)
        return runbook
    finally:
        await process.aclose()
    return classified


def _classify(payload: bytes) -> bytes:
    return pickle.dumps(classify_steps(pickle.loads(payload)))  # noqa: S301 - the bot wrote it


if __name__ == "__main__":
    serve_requests(_classify)
