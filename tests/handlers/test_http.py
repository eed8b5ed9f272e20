"""What is believed to come from Slack: the bytes exactly as signed, within five minutes; and the end of the server."""

import asyncio
import gc
import socket
import time
import warnings
from collections.abc import Mapping

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from handlers.http import OLDEST_REQUEST, forged, stop_taking

SECRET = "a signing secret"
VERIFIER = SignatureVerifier(SECRET)
BODY = b"command=%2Fincident&text=list"


def signed(body: bytes = BODY, seconds: int = 0) -> dict[str, str]:
    at = str(int(time.time()) + seconds)
    signature = VERIFIER.generate_signature(timestamp=at, body=body)
    assert signature is not None
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}


def test_signed_bytes_are_believed_until_they_are_five_minutes_off() -> None:
    assert forged(VERIFIER, BODY, signed()) is None
    assert forged(VERIFIER, BODY, signed(seconds=-OLDEST_REQUEST + 5)) is None
    for seconds in (-OLDEST_REQUEST - 5, OLDEST_REQUEST + 5):
        assert (
            forged(VERIFIER, BODY, signed(seconds=seconds)) == "the timestamp is more than five minutes off"
        )


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], b"", BODY.replace(b"list", b"help")])
def test_other_bytes_than_the_signed_ones_are_not_believed(body: bytes) -> None:
    assert forged(VERIFIER, body, signed()) == "the signature does not match"


ODD = st.one_of(
    st.text(max_size=80), st.integers().map(str), st.from_regex(r"v0=[0-9a-f]{64}", fullmatch=True)
)


@given(st.dictionaries(st.sampled_from(sorted(signed())), ODD), st.binary(max_size=60))
def test_no_headers_and_no_bytes_make_it_raise_or_believe(headers: Mapping[str, str], body: bytes) -> None:
    assert forged(VERIFIER, body, headers)


@pytest.mark.parametrize("turns", range(6))
async def test_a_connection_that_was_taken_just_before_the_end_is_not_left_open(turns: int) -> None:
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        runner = web.AppRunner(web.Application(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        with socket.create_connection(listener.getsockname()):
            for _ in range(turns):
                await asyncio.sleep(0)
            await stop_taking(listener)
            await runner.cleanup()
            gc.collect()
    assert [str(each.message) for each in complaints] == []
