"""Logging: one line per record, readable on a terminal, JSON elsewhere, secrets never in text."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

SECRET = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|v0=[0-9a-f]{64}")
"""Slack tokens, passwords in addresses, signatures."""


def redact_log_text(text: str) -> str:
    """The text with everything that looks like a secret taken out."""
    return SECRET.sub("[secret]", text)


NOISY = (
    *("apscheduler", "psycopg", "slack_bolt", "slack_sdk", "aiohttp", "psycopg.pool"),
    *("httpx", "httpx2", "httpcore", "boto3", "botocore", "urllib3", "redis"),
)
"""Libraries that write down each request, some with its whole address."""


class ConsoleFormatter(logging.Formatter):
    """For a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return redact_log_text(super().format(record))


class JsonFormatter(logging.Formatter):
    """For a log store: an object a line with time, level, logger, message and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return redact_log_text(json.dumps(line, ensure_ascii=False))


def start_logging() -> None:
    """Send everything from INFO on to standard error."""
    handler = logging.StreamHandler()
    if sys.stderr.isatty():
        handler.setFormatter(ConsoleFormatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S"))
    else:
        handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.ERROR)
