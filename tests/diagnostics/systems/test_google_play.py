"""Google Play's crash rate row by row, and Google's token."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Threshold, VendorCall
from bot.google_assertion import TOKENS
from diagnostics.clients.google import PLAY, REPORTING, CrashRate, GoogleClient
from diagnostics.systems.google_play import GooglePlay, GooglePlaySnapshot, interpret
from sandbox.monitored_systems import crashlytics_and_play
from sandbox.monitored_systems.names import KEYS, MOBILE_PACKAGE
from sandbox.monitored_systems.scenarios import build_healthy_scene
from tests.diagnostics.vendor import Prepared, Reply, question, site, soon

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ENDED = NOW - timedelta(hours=31)
CALL = VendorCall("play.crashes")


def day(perceived: float, users: float = 40_000, version: str = "", end: datetime = ENDED) -> CrashRate:
    return CrashRate(end, perceived + 0.001, perceived, users, version)


RUNBOOK = (Threshold("bad", "Crash rate", ">", 2, "%", 201),)
ROWS: list[tuple[str, tuple[CrashRate, ...], tuple[CrashRate, ...], tuple[Threshold, ...], float | None, str, str]] = [
    ("few crash, and the incident began before", (day(0.005),), (), (), 40, "ok",
     "0.50% of 40,000 users had a crash (limit 1.09%), in the day that ended 31 hours ago."),
    ("few crash, before the incident", (day(0.005),), (), (), 2, "unknown", "That was before the incident began."),
    ("few crash, no incident", (day(0.005),), (), (), None, "ok", "0.50%"),
    ("many crash", (day(0.03),), (), (), 2, "warn", "3.00% of 40,000 users had a crash (limit 1.09%)"),
    ("many crash by the runbook's limit", (day(0.03),), (), RUNBOOK, 2, "warn", "runbook limit 2%, line 201"),
    ("not so many by the runbook's limit", (day(0.015),), (), RUNBOOK, 40, "warn", "limit 1.09%"),
    ("one version crashes", (day(0.005),), (day(0.2, 900, "50300"), day(0.004, 39_000, "50201")), (), 2, "warn",
     "0.50% of 40,000 users had a crash, 20.00% of those with version 50300 (limit 1.09%)"),
    ("a version of few people crashes", (day(0.005),), (day(0.5, 20, "9"),), (), 40, "ok", "0.50%"),
    ("an older day was bad", (day(0.005), day(0.1, end=ENDED - timedelta(days=1))), (), (), 40, "ok", "0.50%"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "days", "versions", "told", "hours", "verdict", "said"), ROWS, ids=[e[0] for e in ROWS]
)
def test_a_rate(
    what: str, days: tuple[CrashRate, ...], versions: tuple[CrashRate, ...], told: tuple[Threshold, ...],
     hours: float | None,
    verdict: str, said: str,
) -> None:  # fmt: skip
    began = None if hours is None else NOW - timedelta(hours=hours)
    found = interpret(GooglePlaySnapshot("com.acme", days, versions), NOW, began, told)
    assert found.verdict == verdict
    assert said in found.headline
    assert found.age == timedelta(hours=31) and (found.cause is UnknownCause.NO_RULE) == (
        verdict == "unknown"
    )


def test_no_day_at_all_is_unknown() -> None:
    with pytest.raises(Inconclusive, match="shows no crash rate") as caught:
        interpret(GooglePlaySnapshot("com.acme", ()), NOW, None)
    assert caught.value.cause is UnknownCause.NO_DATA


async def test_the_week_that_is_known_is_read_by_day_and_by_version() -> None:
    async with site(PLAY, crashlytics_and_play.build_play_routes(build_healthy_scene)) as client:
        google = GoogleClient(client, KEYS["GOOGLE_OAUTH_ACCESS_TOKEN"])
        found = await GooglePlay(google, MOBILE_PACKAGE).run(question(CALL, datetime.now(UTC)), soon())
    assert found.verdict == "ok"
    assert found.headline.startswith("0.48% of 41,230 users had a crash")
    assert found.table is not None and {row[0] for row in found.table.rows} == {"all", "5.2.1", "5.3.0"}
    assert len(found.series[0].points) == 7 and found.series[0].threshold == 1.09
    assert found.age is not None and timedelta(hours=12) < found.age < timedelta(days=3)


FRESH = {"freshnessInfo": {"freshnesses": [
    {"aggregationPeriod": "HOURLY", "latestEndTime": {"year": 2026, "month": 11, "day": 22, "hours": 9}},
    {"aggregationPeriod": "DAILY", "latestEndTime": {"year": 2026, "month": 11, "day": 21}}]}}  # fmt: skip


@asynccontextmanager
async def prepared(**replies: Reply) -> AsyncIterator[tuple[GooglePlay, Prepared]]:
    known: dict[str, Reply] = {"crashRateMetricSet": FRESH, "crashRateMetricSet:query": {"rows": []}}
    vendor = Prepared({**known, **{f"crashRateMetricSet{name}": each for name, each in replies.items()}})
    async with site((PLAY, TOKENS), vendor.routes) as client:
        yield GooglePlay(GoogleClient(client, "ya29.token"), "com.acme"), vendor


async def look(reader: GooglePlay) -> Finding:
    return await reader.run(question(CALL, NOW), soon())


@pytest.mark.parametrize(
    ("status", "cause", "said", "advice"),
    [
        (401, UnknownCause.FORBIDDEN, "Google refuses the token", "Renew GOOGLE_OAUTH_ACCESS_TOKEN"),
        (
            403,
            UnknownCause.FORBIDDEN,
            "does not let this account read (403): The caller has no permission.",
            "role",
        ),
        (404, UnknownCause.NOT_FOUND, "no such app", "Check the ids"),
        (429, UnknownCause.THROTTLED, "quota used up", ""),
        (400, UnknownCause.NOT_UNDERSTOOD, "does not take the question", ""),
        (503, UnknownCause.UNREACHABLE, "returned 503", ""),
    ],
)
async def test_a_refusal_has_its_cause_and_what_to_do(
    status: int, cause: UnknownCause, said: str, advice: str
) -> None:
    error = {"error": {"code": status, "message": "The caller has no permission", "status": "X"}}
    async with prepared(**{":query": web.json_response(error, status=status)}) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert (caught.value.cause, said in caught.value.said) == (cause, True)
    assert advice in caught.value.next_look and ("role" in caught.value.next_look) == (status == 403)


STRANGE: list[Any] = [[], {}, {"freshnessInfo": {"freshnesses": []}}, web.Response(text="<html>")]


@pytest.mark.parametrize("reply", STRANGE, ids=range(len(STRANGE)))
async def test_a_strange_answer_is_not_understood_and_no_fault_of_ours(reply: Reply) -> None:
    async with prepared(**{"": reply}) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


async def test_without_a_package_or_a_key_the_variable_is_named() -> None:
    async with site(PLAY, []) as client:
        with pytest.raises(Inconclusive, match="TOCSIN_PLAY_PACKAGE is not set"):
            await look(GooglePlay(GoogleClient(client, "x")))
        with pytest.raises(Inconclusive, match="neither GOOGLE_APPLICATION_CREDENTIALS nor") as caught:
            await look(GooglePlay(GoogleClient(client), "com.acme"))
    assert caught.value.cause is UnknownCause.NOT_CONFIGURED
    assert (
        not GooglePlay(GoogleClient(client), "com.acme").configured
        and GooglePlay(GoogleClient(client, "x"), "com.acme").configured
    )


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def account(folder: Path, pem: bytes) -> Path:
    file = folder / "account.json"
    file.write_text(
        json.dumps({"client_email": "bot@acme.example", "private_key_id": "k1", "private_key": pem.decode()})
    )
    return file


def pem(key: Any) -> bytes:
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return written


async def test_a_service_account_signs_for_a_token_that_serves_until_shortly_before_its_end(
    tmp_path: Path, key: RSAPrivateKey
) -> None:
    now = [1_800_000_000.0]
    vendor = Prepared({"token": {"access_token": "ya29.made", "expires_in": 3599}, "thing": {"ok": 1}})
    async with site((PLAY, TOKENS.removesuffix("/token")), vendor.routes) as client:
        google = GoogleClient(client, credentials=account(tmp_path, pem(key)), clock=lambda: now[0])
        for later in (0, 3000, 600):
            now[0] += later
            assert await google.ask("GET", f"{PLAY}/thing", REPORTING, soon()) == {"ok": 1}
    asked = [each.path for each in vendor.asked]
    assert asked == ["/token", "/thing", "/thing", "/token", "/thing"]
    assert vendor.asked[1].headers["authorization"] == "Bearer ya29.made"
    form = parse_qs((await vendor.asked[0].read()).decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    head, claims, signature = form["assertion"][0].split(".")
    decoded = [base64.urlsafe_b64decode(each + "==") for each in (head, claims, signature)]
    key.public_key().verify(decoded[2], f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    assert json.loads(decoded[0]) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert json.loads(decoded[1]) == {
        "iss": "bot@acme.example",
        "scope": REPORTING,
        "aud": TOKENS,
        "iat": 1_800_000_000,
        "exp": 1_800_003_600,
    }


async def test_a_key_that_google_refuses_and_a_file_that_is_none_are_said(
    tmp_path: Path, key: RSAPrivateKey
) -> None:
    vendor = Prepared({"token": web.json_response({"error": "invalid_grant"}, status=400)})
    async with site((PLAY, TOKENS.removesuffix("/token")), vendor.routes) as client:
        with pytest.raises(Inconclusive, match="refuses the key") as caught:
            await GoogleClient(client, credentials=account(tmp_path, pem(key))).ask(
                "GET", PLAY, REPORTING, soon()
            )
        assert caught.value.cause is UnknownCause.FORBIDDEN
        (tmp_path / "text").write_text("hello")
        (tmp_path / "list").write_text("[]")
        wrong = account(tmp_path, pem(generate_ec_key(SECP256R1())))
        for file in (tmp_path / "gone", tmp_path / "text", tmp_path / "list", wrong):
            with pytest.raises(Inconclusive, match="no service account's key") as caught:
                await GoogleClient(client, credentials=file).ask("GET", PLAY, REPORTING, soon())
            assert caught.value.cause is UnknownCause.NOT_CONFIGURED
