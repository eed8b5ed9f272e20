"""What is said of payments, row by row; and that nobody's data is kept."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.domain.finding import Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import Action, Threshold, VendorCall
from diagnostics.systems.razorpay import Razorpay
from diagnostics.systems.razorpay.rules import Downtime, Payment, Payments, interpret, parse_downtimes
from tests.diagnostics.asking import NOW, question, soon, web

CALL = VendorCall("razorpay.payments")
WINDOW = TimeWindow(NOW - timedelta(minutes=25), NOW - timedelta(minutes=10))
AT = WINDOW.begin


def some(
    good: int, failed: int = 0, reason: str = "bank_technical_error", method: str = "upi"
) -> tuple[Payment, ...]:
    return (Payment(method, "captured", "", AT),) * good + (Payment(method, "failed", reason, AT),) * failed


def seen(
    settled: tuple[Payment, ...],
    before: int = 40,
    stuck: int = 0,
    recent: tuple[Payment, ...] | None = None,
    hour: tuple[Payment, ...] | None = None,
    **more: Any,
) -> Payments:
    earlier = some(before) if hour is None else hour
    return Payments(settled, some(3) if recent is None else recent, earlier, stuck, WINDOW, **more)


UPI = Downtime("upi (oksbi)", "high")


TOLD = Threshold("bad", "Payment success rate", "<", 50, "%", 136)
ROWS: list[tuple[str, Payments, tuple[Threshold, ...], str, str]] = [
    ("nearly all", seen(some(38, 2)), (), "ok", "95% of 40 payments succeed, 100% an hour before."),
    ("some fail", seen(some(34, 6)), (), "warn", "85% of 40 payments succeed (limit 90%)"),
    ("many fail", seen(some(20, 20)), (), "bad", "50% of 40 payments succeed (limit 70%)"),
    ("many, but the runbook allows it", seen(some(26, 14)), (TOLD,), "warn", "65%"),
    (
        "fewer than the runbook's half",
        seen(some(15, 25)),
        (TOLD,),
        "bad",
        "38% of 40 payments succeed (runbook limit 50%",
    ),
    ("too few to say", seen(some(5), before=6), (), "unknown", "Only 5 payments ended in 15 min: too few for a rate."),
    (
        "hardly any where there were many",
        seen(some(2)),
        (),
        "bad",
        "Only 2 payments ended in 15 min; an hour earlier there were 40.",
    ),
    ("few, and many hang", seen(some(5), before=6, stuck=50), (), "bad", "50 hang for more than 3 min"),
    ("few, and a downtime", seen(some(5), before=6, downtimes=(UPI,)), (), "warn", "upi"),
    ("none at all, none before", seen((), before=0), (), "unknown",
     "No payment was completed in 15 min: too few for a rate."),
    ("some hang", seen(some(40), stuck=6), (), "warn", "6 hang for more than 3 min"),
    ("very many hang", seen(some(40), stuck=30), (), "bad", "30 hang"),
    (
        "a downtime at Razorpay",
        seen(some(40), downtimes=(UPI,)),
        (),
        "warn",
        "Razorpay itself reports upi (oksbi) as down, severity high",
    ),
    (
        "a slight downtime is normal",
        seen(some(40), downtimes=(Downtime("netbanking (COSB)", "low"),)),
        (),
        "ok",
        "100%",
    ),
    ("a few of very many hang", seen(some(900, 60), stuck=40), (), "ok", "94% of 960"),
    (
        "all fail since six minutes",
        seen(some(97, 3), recent=some(0, 30)),
        (),
        "bad",
        "0% of 30 payments of the last 10 min succeed (limit 70%), 97% of those before",
    ),
    ("it gets better", seen(some(10, 30), recent=some(12, 10)), (), "bad", "25% of 40 payments succeed"),
    (
        "the last minutes are a little worse",
        seen(some(91, 9), recent=some(26, 4)),
        (),
        "ok",
        "91% of 100 payments succeed",
    ),
    (
        "nobody comes to pay any more",
        seen(some(60), recent=()),
        (),
        "bad",
        "Nobody has begun a payment for 10 min; in the 15 min before there were 60",
    ),
    (
        "few in each, all fail",
        seen(some(1, 14), before=15, recent=some(0, 9)),
        (),
        "bad",
        "4% of 24 payments of the last 25",
    ),
    ("none where there were many", seen((), recent=some(3)), (), "bad",
     "No payment was completed in 15 min; an hour earlier there were 40."),
    ("one method fails, the other carries the rate", seen(some(0, 17) + some(33, method="card")), (), "bad",
     "UPI fails: 0% of 17 payments succeed, most fail with bank_technical_error. All: 66% of 50 payments succeed"),
    ("one method fails, the rate is fine", seen(some(1, 11) + some(400, method="card")), (), "bad",
     "UPI fails: 8% of 12 payments succeed"),
    ("the method that fails is called by its name", seen(some(0, 30, method="netbanking") + some(90)), (), "bad",
     "Netbanking fails: 0% of 30"),
    ("a method that is always worse", seen(some(14, 6, method="netbanking") + some(100)), (), "ok", "95% of 120"),
    ("too few of a method to say", seen(some(0, 6, method="wallet") + some(100)), (), "ok", "94% of 106"),
    ("all methods fail alike", seen(some(4, 16) + some(4, 16, method="card")), (), "bad", "20% of 40 payments succeed"),
    ("it failed as often an hour before", seen(some(0, 12, method="wallet") + some(200),
     hour=some(0, 12, method="wallet") + some(200)), (), "ok", "94% of 212"),
    ("a method fails since minutes", seen(some(60) + some(40, method="card"),
     recent=some(0, 15) + some(9, method="card")), (), "bad", "UPI fails: 0% of 15 payments succeed"),
    ("not all could be read", seen(some(40), is_whole=False), (), "ok", "(the newest 40 only)"),
    (
        "what is authorized succeeds",
        seen((Payment("card", "authorized", "", AT),) * 40),
        (),
        "ok",
        "100% of 40",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "told", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_payments_are_judged_by_those_that_came_to_an_end(
    name: str, given: Payments, told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(given, question(CALL, *told))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def test_the_method_that_fails_most_is_first_with_its_reason() -> None:
    table = interpret(seen(some(10, 20) + some(20, 0, method="card")), question(CALL)).table
    assert table is not None
    assert table.rows[0] == ("upi", "33%", "30", "bank_technical_error 20×")


def test_a_downtime_whose_severity_changed_is_open_and_the_worst_is_first() -> None:
    told = [
        {"method": "card", "status": "resolved", "severity": "high", "instrument": {"issuer": "HSBC"}},
        {"method": "netbanking", "status": "started", "severity": "low", "instrument": {"bank": "COSB"}},
        {"method": "upi", "status": "updated", "severity": "high", "instrument": {"vpa_handle": "oksbi"}},
        {"method": "upi", "status": "scheduled", "severity": "high", "instrument": {}},
    ]
    assert parse_downtimes(told) == (UPI, Downtime("netbanking (COSB)", "low"))


def payment(number: int) -> dict[str, Any]:
    return {
        "id": f"pay_{number}", "status": "captured", "method": "upi", "created_at": int(AT.timestamp()),
        "email": "ana@example.com", "contact": "+919000012345", "vpa": "ana@okhdfcbank", "amount": 123400,
        "error_reason": None, "notes": {"pan": "4111 1111 1111 1111"},
    }  # fmt: skip


async def test_pages_are_read_to_the_end_and_nobodys_data_is_kept() -> None:
    skips: list[int] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if "downtimes" in request.url.path:
            return httpx.Response(200, json={"items": []})
        skips.append(int(request.url.params["skip"]))
        count = 100 if skips[-1] == 0 else 7
        return httpx.Response(200, json={"items": [payment(n) for n in range(count)]})

    found = await Razorpay(web(handle, "api.razorpay.com"), "rzp_live_abcdefgh", "word").run(
        question(CALL), soon()
    )
    assert "100% of 107 payments succeed" in found.headline and sorted(skips) == [0, 0, 0, 100, 100, 100]
    for secret in ("ana@", "4111", "90000", "1234", "rzp_live", "word"):
        assert secret not in repr(found)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (httpx.Response(401, json={"error": {}}), UnknownCause.FORBIDDEN),
        (httpx.Response(429), UnknownCause.THROTTLED),
        (httpx.Response(502, text="<html>"), UnknownCause.UNREACHABLE),
        (httpx.Response(200, json={"items": [{"method": 1}]}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json={"items": {}}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, text="<html>"), UnknownCause.NOT_UNDERSTOOD),
    ],
)
async def test_what_is_no_list_of_payments_is_never_fine(answer: httpx.Response, cause: UnknownCause) -> None:
    with pytest.raises(Inconclusive) as why:
        await Razorpay(web(lambda request: answer, "api.razorpay.com"), "k", "s").run(question(CALL), soon())
    assert why.value.cause is cause


def test_a_missing_key_is_named() -> None:
    action = Action("razorpay.payments", CALL)
    assert "RAZORPAY_KEY_ID is not set" in Razorpay(
        web(lambda request: httpx.Response(200))
    ).describe_missing(action)
    assert "RAZORPAY_KEY_SECRET is not set" in Razorpay(
        web(lambda request: httpx.Response(200)), "key"
    ).describe_missing(action)
