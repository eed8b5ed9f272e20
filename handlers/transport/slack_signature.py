"""Whether bytes that came by HTTP are Slack's: checked before anything of them is parsed."""

import re
import time
from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier

MAX_REQUEST_AGE_S = 300
"""Seconds that a timestamp may be off, as Slack recommends against replays."""

TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def describe_forgery(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Why these bytes are not Slack's, before anything of them is parsed; None when they are."""
    get = headers.get
    timestamp, signature = get("X-Slack-Request-Timestamp", ""), get("X-Slack-Signature", "")
    if not TIMESTAMP.fullmatch(timestamp):
        return "the timestamp is missing or not a number"
    if abs(time.time() - int(timestamp)) > MAX_REQUEST_AGE_S:
        return "the timestamp is more than five minutes off: a replay, or this machine's clock is wrong"
    if not SIGNATURE.fullmatch(signature):
        return "the signature is missing or malformed"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    if not verifier.is_valid(text, timestamp, signature):
        return "the signature does not match"
    return None
