"""What no listener could answer: status 500 and an error id that the log has too."""

import logging
import uuid

from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.errors import DatabaseUnavailable

log = logging.getLogger(__name__)


def register_fault_handler(bolt: AsyncApp) -> None:
    """What no listener could answer gets status 500, so that Slack says so or delivers it again, and an error id."""

    @bolt.error
    async def failed(error: Exception) -> BoltResponse:
        error_id = uuid.uuid4().hex[:8]
        known = isinstance(error, DatabaseUnavailable)
        log.error("a request failed, error %s: %s", error_id, error, exc_info=None if known else error)
        return BoltResponse(
            status=500, body={"error": f"something went wrong in Tocsin (error {error_id} in the log)"}
        )
