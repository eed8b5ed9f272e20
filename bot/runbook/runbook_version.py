"""One version of a runbook's text, by its hash."""

import hashlib
from dataclasses import dataclass

from bot.runbook.model import Runbook
from bot.runbook.parser import parse_runbook


@dataclass(frozen=True, slots=True)
class RunbookVersion:
    """One version of the runbook's text; `sha` is the SHA-256 of it in hexadecimal.

    `instead_of` says what is wrong with the file, when this is the last good one.
    """

    sha: str
    source: str
    text: str
    runbook: Runbook
    instead_of: str = ""


def build_version(text: str, source: str) -> RunbookVersion:
    """Read a runbook's text; `source` says where it came from."""
    return RunbookVersion(hashlib.sha256(text.encode()).hexdigest(), source, text, parse_runbook(text))
