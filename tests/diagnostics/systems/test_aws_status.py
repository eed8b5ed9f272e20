"""What is said of AWS's own events, row by row."""

import codecs
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import HttpCall
from diagnostics.systems.aws_status import AwsStatus, interpret, parse_events
from tests.diagnostics.asking import NOW, question, soon, web

CALL = HttpCall("GET", "https://status.aws.amazon.com/")
OURS = frozenset({"ap-south-1"})


def event(service: str = "ec2-ap-south-1", status: str = "2", hours: int = 1) -> dict[str, Any]:
    return {
        "date": str(int((NOW - timedelta(hours=hours)).timestamp())),
        "service": service,
        "service_name": "Amazon EC2",
        "summary": "Increased error rates",
        "status": status,
        "event_log": [{"message": "We are looking into it."}],
    }


ROWS: list[tuple[str, list[dict[str, Any]], str, str]] = [
    ("nothing is open", [], "ok", "AWS reports nothing in ap-south-1."),
    ("far away", [event("ec2-me-south-1", "3")], "ok", "nothing in ap-south-1; 1 open elsewhere."),
    ("degraded here", [event()], "warn", "Amazon EC2 in ap-south-1, increased error rates, for 60 min."),
    ("disrupted here", [event(status="3")], "bad", "Amazon EC2 in ap-south-1"),
    ("informational here", [event(status="1")], "warn", "Amazon EC2 in ap-south-1, increased error rates"),
    ("informational far away", [event("ec2-us-east-1", status="1")], "ok", "1 open elsewhere"),
    ("over", [event(status="0")], "ok", "AWS reports nothing open in ap-south-1; 1 resolved."),
    (
        "over by its words",
        [event(status="3") | {"summary": "[RESOLVED] Errors"}],
        "ok",
        "AWS reports nothing open in ap-south-1; 1 resolved.",
    ),
    ("one over, one open", [event(status="3") | {"summary": "[RESOLVED] Errors"}, event()], "warn",
     "Amazon EC2 in ap-south-1, increased error rates, for 60 min; 1 resolved."),
    ("over elsewhere is not open elsewhere", [event("ec2-us-east-1", status="0")], "ok",
     "AWS reports nothing in ap-south-1."),
    ("names keep their capitals", [event() | {"summary": "Route 53 DNS failures"}], "warn",
     "Amazon EC2 in ap-south-1, Route 53 DNS failures, for"),
    ("an abbreviation at the beginning", [event() | {"summary": "API errors"}], "warn", ", API errors, for"),
    ("everywhere", [event("iam", "3")], "bad", "Amazon EC2 in all regions"),
    ("two here, the worse is told", [event(), event("rds-ap-south-1", "3")], "bad", ", and 1 more."),
    ("a status that is new", [event(status="9")], "warn", "Amazon EC2"),
    ("a region that begins like ours", [event("ec2-ap-south-2", "3")], "ok", "1 open elsewhere"),
    ("for days", [event(hours=80)], "warn", "for 3 days"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_open_in_our_regions_counts(
    name: str, given: list[dict[str, Any]], verdict: str, words: str
) -> None:
    found = interpret(parse_events(given), OURS, question(CALL))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def test_only_what_is_open_is_counted_as_open() -> None:
    over = event(status="3") | {"summary": "[RESOLVED] Errors"}
    assert interpret(parse_events([over]), OURS, question(CALL)).measure == "0 open"
    found = interpret(parse_events([over, event()]), OURS, question(CALL))
    assert found.measure == "1 open" and found.table is not None and len(found.table.rows) == 2


async def test_the_feed_is_utf_16_and_is_read() -> None:
    body = codecs.BOM_UTF16_BE + json.dumps([event()]).encode("utf-16-be")
    client = web(lambda request: httpx.Response(200, content=body), "status.aws.amazon.com")
    found = await AwsStatus(client, OURS).run(question(CALL), soon())
    assert found.verdict == "warn" and found.link.startswith("https://health.aws.amazon.com")


@pytest.mark.parametrize(
    "body", [b"<html></html>", b"\xfe\xff\x00", b'{"a": 1}', b"{}", b'[{"date": "soon"}]', b""]
)
async def test_a_feed_that_is_none_is_never_fine(body: bytes) -> None:
    client = web(lambda request: httpx.Response(200, content=body), "status.aws.amazon.com")
    with pytest.raises(Inconclusive) as why:
        await AwsStatus(client, OURS).run(question(CALL), soon())
    assert why.value.cause is UnknownCause.NOT_UNDERSTOOD
