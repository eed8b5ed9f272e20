"""Slash commands from a process of their own, so that what is measured is not held up by what measures."""

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from sandbox.slack.request_signing import compute_signature


def send_at_once(url: str, secret: str, bodies: Sequence[bytes]) -> None:
    """Send the bodies side by side and wait for all answers. Raises RuntimeError for an answer that is not 200."""
    with ThreadPoolExecutor(len(bodies)) as senders:
        list(senders.map(lambda body: time_acknowledgements(url, secret, [body], 0.0), bodies))


def time_acknowledgements(url: str, secret: str, bodies: Sequence[bytes], gap: float) -> list[float]:
    """Send the bodies one after the other, `gap` seconds apart. Gives each one's milliseconds until its answer.

    Raises RuntimeError for an answer that is not 200.
    """
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    took: list[float] = []
    for body in bodies:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": compute_signature(secret, timestamp, body),
        }
        began = time.perf_counter()
        connection.request("POST", address.path, body, headers)
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"answered with {answer.status}")
        time.sleep(gap)
    connection.close()
    return took
