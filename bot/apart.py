"""`python -m bot.apart`: recognises a runbook's commands in a process of its own, read from and written to its pipes.

What has to be loaded for it takes 25 MB and a third of a second: the bot keeps neither.
"""

import asyncio
import logging
import pickle
import sys

from bot.runbook import Runbook, recognised

log = logging.getLogger(__name__)

WITHIN = 30.0
"""Seconds after which it is done without."""


async def recognised_apart(runbook: Runbook) -> Runbook:
    """The runbook with the meaning of each step; as it was when the other process fails, which the log says."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.apart",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is the bot's, which ends this one
    )
    try:
        async with asyncio.timeout(WITHIN):
            told, _ = await program.communicate(pickle.dumps(runbook))
        found: Runbook = pickle.loads(told)  # noqa: S301 - our own program wrote it
    except (TimeoutError, EOFError, pickle.UnpicklingError) as error:
        log.error("the runbook's commands could not be recognised: %r", error)
        return runbook
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    return found


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(recognised(pickle.load(sys.stdin.buffer))))  # noqa: S301 - the bot wrote it
