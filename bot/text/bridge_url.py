"""Checks the address where people join to talk (the bridge)."""

import re
from urllib.parse import urlsplit

MAX_URL_LENGTH = 2000
GAP = re.compile(r"[\[\]{}]|(?<![A-Za-z])X{2,}(?![A-Za-z])")
BREAKS = re.compile(r"[\s<>|\"`\\^\x00-\x1f\x7f]")
A_CHANNEL = "is the address of a channel"


def explain_unusable_bridge(url: str) -> str:
    """Why nobody can join a call there, as the end of a sentence about the address; empty for one that can be used."""
    if not url.startswith("https://"):
        return "must be an address that begins with https://"
    if GAP.search(url):
        return "has a gap where a number or a name belongs"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # it only looks like an address
        return "cannot be read as an address"
    if not host or "@" in parts.netloc or not _is_clean(url):
        return "cannot be used as an address"
    return A_CHANNEL if _is_slack(host) and parts.path.startswith("/archives/") else ""


def _is_clean(url: str) -> bool:
    """Whether a message can hold it as a link."""
    return len(url) <= MAX_URL_LENGTH and not BREAKS.search(url)


def _is_slack(host: str) -> bool:
    return host == "slack.com" or host.endswith(".slack.com")
