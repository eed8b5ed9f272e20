"""What is said of Crashlytics' reports, row by row, and how they are read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.step import Threshold, VendorCall
from diagnostics.crashlytics import API, Crashlytics
from diagnostics.crashlytics.judged import Group, Snapshot, group, interpret, parted
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.google import PLAY, Google
from sandbox.world import mobile
from sandbox.world.breaks import Break, Scene, broken, healthy
from sandbox.world.places import KEYS, MOBILE_APP, MOBILE_PACKAGE
from tests.diagnostics.vendor import Prepared, Reply, question, site, soon

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CRASHES = VendorCall("crashlytics.crashes", {"project": "rodistaa-prod"})
PATTERN = VendorCall("crashlytics.pattern", {"project": "rodistaa-prod"})
RUNBOOK = (
    Threshold("bad", "Crash rate", ">", 2, "%", 201),
    Threshold("bad", "users affected", ">", 10, "%", 225),
)
LACKS = CannotTell(Cause.NOT_CONFIGURED, "TOCSIN_PLAY_PACKAGE is not set.")


def seen(
    people: int,
    users: float | None = 10_000,
    new: bool = False,
    hour: int | None = None,
    **groups: tuple[Group, ...],
) -> Snapshot:
    kinds = {"issue": (Group("TripMapScreen.kt line 88", people * 3, people, new),), **groups}
    return Snapshot(kinds, NOW - timedelta(minutes=2), users, None if users else LACKS, hour=hour)


VERSIONS = (Group("5.3.0 (50300)", 300, 97), Group("5.2.1 (50201)", 3, 3))
ROWS: list[tuple[str, Snapshot, tuple[Threshold, ...], str, str]] = [
    (
        "few crash",
        seen(20),
        (),
        "ok",
        "99.8% of users had no crash in 24 hours: up to 20 of 10,000 had one (limit 1%); most by",
    ),
    (
        "some crash",
        seen(150),
        (),
        "warn",
        "98.5% of users had no crash in 24 hours: up to 150 of 10,000 had one (limit 1%)",
    ),
    (
        "many crash",
        seen(300),
        (),
        "bad",
        "97.0% of users had no crash in 24 hours: up to 300 of 10,000 had one (limit 2%)",
    ),
    ("many by the runbook", seen(300), RUNBOOK, "bad", "(limit 2% by the runbook, line 201)"),
    ("more than the runbook's tenth", seen(1500), RUNBOOK, "bad", "Critical: more than 10% of users. 85.0%"),
    ("more than a tenth", seen(1500), (), "bad", "Critical: more than 10% of users."),
    ("more people than users", seen(20_000), (), "bad", "0.0% of users had no crash"),
    (
        "by crash-free users",
        seen(300),
        (Threshold("bad", "crash-free users", "<", 95, "%", 7),),
        "ok",
        "97.0% of users",
    ),
    (
        "by crash-free users, too few",
        seen(600),
        (Threshold("bad", "crash-free users", "<", 95, "%", 7),),
        "bad",
        "limit 95% by the runbook, line 7",
    ),
    (
        "one version",
        seen(300, version=VERSIONS),
        (),
        "bad",
        "most by “TripMapScreen.kt line 88”, 97% in 5.3.0 (50300).",
    ),
    (
        "users not known",
        seen(300, None),
        (),
        "unknown",
        "900 crashes of 300 people in 24 hours; most by “TripMapScreen.kt line 88”. What share",
    ),
    (
        "it broke ten minutes ago, a day's share hides it",
        seen(90, hour=70),
        (),
        "warn",
        "70 people crashed in the last hour, usually 1. 99.1% of users had no crash",
    ),
    ("an hour as all are", seen(90, hour=4), (), "ok", "99.1% of users"),
    ("a busy hour", seen(96, hour=19), (), "ok", "99.0% of users"),
    ("busy hours all day", seen(90, hour=20), (), "warn", "20 people crashed in the last hour, usually 3."),
    (
        "users not known, and it rises",
        seen(90, None, hour=70),
        (),
        "warn",
        "70 people crashed in the last hour, usually 1. 270 crashes of 90 people",
    ),
    (
        "users not known, a new issue",
        seen(300, None, new=True),
        (),
        "warn",
        "“TripMapScreen.kt line 88” (new)",
    ),
]


@pytest.mark.parametrize(("what", "given", "told", "verdict", "said"), ROWS, ids=[each[0] for each in ROWS])
def test_crashes(what: str, given: Snapshot, told: tuple[Threshold, ...], verdict: str, said: str) -> None:
    found = interpret(given, NOW, told)
    assert found.verdict == verdict
    assert said in found.headline
    assert found.age == timedelta(minutes=2)
    assert (found.next_look == "") == (verdict == "ok")


def test_the_pattern_says_first_where_it_crashes() -> None:
    devices = (Group("Xiaomi (Redmi 9A)", 200, 80), Group("Samsung", 100, 20))
    found = interpret(seen(300, version=VERSIONS, device=devices), NOW, pattern=True)
    assert found.headline.startswith(
        "97% in 5.3.0 (50300), 80% on Xiaomi (Redmi 9A): “TripMapScreen.kt line 88”. 97.0%"
    )
    spread = interpret(seen(300), NOW, pattern=True)
    assert spread.headline.startswith("No version or device stands out: most by")


def test_no_crash_at_all_proves_nothing() -> None:
    with pytest.raises(CannotTell, match="none happened, or none is reported") as caught:
        interpret(Snapshot({"issue": ()}, NOW, 10_000), NOW)
    assert caught.value.cause is Cause.NO_DATA


COUNTED = {"eventsCount": "30", "impactedUsersCount": "9", "startTime": "2026-11-22T03:00:00Z",
           "endTime": "2026-11-23T02:55:00Z"}  # fmt: skip


def test_a_maker_s_devices_are_taken_apart_and_texts_are_redacted() -> None:
    phone = {"device": {"displayName": "iPhone 13"}, "metrics": [COUNTED]}
    apple = {"device": {"displayName": "Apple"}, "metrics": [COUNTED], "subgroups": [phone, phone]}
    assert parted({"groups": [apple, phone]}, "device") == [phone, phone, phone]
    issue = {"issue": {"title": "A.kt", "subtitle": "password=hunter2", "signals": [{"signal": "SIGNAL_REGRESSED"}]},
             "metrics": [COUNTED], "subgroups": []}  # fmt: skip
    assert group(parted({"groups": [issue]}, "issue")[0], "issue") == Group(
        "A.kt password=[secret]", 30, 9, True
    )


async def world(scene: Scene, call: VendorCall = CRASHES, package: str = MOBILE_PACKAGE) -> Finding:
    routes = [*mobile.crashlytics_routes(lambda: scene), *mobile.play_routes(lambda: scene)]
    async with site((API, PLAY), routes) as client:
        reader = Crashlytics(Google(client, KEYS["GOOGLE_OAUTH_ACCESS_TOKEN"]), [MOBILE_APP], package)
        return await reader.look(question(call, datetime.now(UTC), scene.since, RUNBOOK), soon())


async def test_the_crashing_app_of_the_world_is_bad_and_the_healthy_one_is_not() -> None:
    found = await world(broken(Break.CRASHES))
    assert found.verdict == "bad"
    assert "limit 2% by the runbook, line 201" in found.headline and "of 41,230" in found.headline
    assert (
        "“TripMapScreen.kt line 88 java.lang.NullPointerException: location” (new), 97% in 5.3.0 (50300)"
        in found.headline
    )
    assert found.table is not None and {row[0] for row in found.table.rows} == {
        "issue",
        "version",
        "system",
        "device",
    }
    assert found.link == "https://console.firebase.google.com/project/rodistaa-prod/crashlytics"
    assert (await world(healthy())).verdict == "ok"


async def test_the_pattern_of_the_world_is_a_version_a_system_and_a_device() -> None:
    found = await world(broken(Break.CRASHES), PATTERN)
    assert found.headline.startswith("97% in 5.3.0 (50300), 97% on Android (10), 97% on Xiaomi (Redmi 9A)")


async def test_without_the_number_of_users_a_new_issue_warns_and_an_old_one_is_unknown() -> None:
    assert (await world(broken(Break.CRASHES), package="")).verdict == "warn"
    found = await world(healthy(), package="")
    assert (found.verdict, found.cause) == ("unknown", Cause.NOT_CONFIGURED)


REPORT = {"groups": [{"issue": {"title": "A.kt"}, "metrics": [COUNTED | {"totalUsersCount": "450"}]}]}


@asynccontextmanager
async def prepared(apps: list[str], **replies: Reply) -> AsyncIterator[tuple[Crashlytics, Prepared]]:
    vendor = Prepared({"topIssues": REPORT, **replies})
    async with site((API, PLAY), vendor.routes) as client:
        yield Crashlytics(Google(client, "ya29.token"), apps), vendor


async def look(reader: Crashlytics) -> Finding:
    return await reader.look(question(CRASHES, NOW), soon())


async def test_users_that_crashlytics_tells_itself_are_taken_and_missing_reports_left_out() -> None:
    async with prepared(["1:77:android:abc", "1:77:ios:def"]) as (reader, vendor):
        found = await look(reader)
    assert found.verdict == "warn" and "up to 9 of 450 had one" in found.headline
    assert found.age == timedelta(minutes=5)
    asked = {each.path.rpartition("/")[2] for each in vendor.asked if "ios" in each.path}
    assert asked == {"topIssues", "topVersions", "topOperatingSystems", "topAppleDevices"}
    issues = [each for each in vendor.asked if each.path.endswith("topIssues")]
    begins = sorted(each.query["filter.interval.startTime"] for each in issues)
    assert begins == ["2026-11-22T03:00:00+00:00"] * 2 + ["2026-11-23T02:00:00+00:00"] * 2
    first = next(each for each in issues if each.query["filter.interval.startTime"] == begins[0])
    assert first.path.startswith("/v1alpha/projects/77/apps/1:77:")
    assert dict(first.query) == {
        "filter.interval.startTime": "2026-11-22T03:00:00+00:00",
        "filter.interval.endTime": "2026-11-23T03:00:00+00:00",
        "filter.issue.errorTypes": "FATAL", "pageSize": "25"}  # fmt: skip


async def test_one_app_that_cannot_be_read_does_not_let_the_other_look_healthy() -> None:
    well = {"groups": [{"issue": {"title": "A"}, "metrics": [COUNTED | {"totalUsersCount": "45000"}]}]}
    async with prepared(["1:77:android:abc", "1:77:ios:def"], topIssues=well) as (reader, _):
        assert (await look(reader)).verdict == "ok"
    refusal: dict[str, Reply] = {"ios:def/reports/topIssues": web.json_response({}, status=403)}
    async with prepared(["1:77:android:abc", "1:77:ios:def"], topIssues=well, **refusal) as (reader, _):
        with pytest.raises(CannotTell) as caught:
            await look(reader)
    assert caught.value.cause is Cause.FORBIDDEN


STRANGE: list[Any] = [
    [], {"groups": [{}]}, {"groups": [{"issue": {"title": "A"}, "metrics": []}]}, {"groups": ["x"]},
    web.Response(text="<html>"),
    {"groups": [{"issue": {"title": "A"}, "metrics": [COUNTED | {"eventsCount": "many"}]}]},
]  # fmt: skip


@pytest.mark.parametrize("reply", STRANGE, ids=range(len(STRANGE)))
async def test_a_strange_answer_is_not_understood_and_no_fault_of_ours(reply: Reply) -> None:
    async with prepared(["1:77:android:abc"], topIssues=reply) as (reader, _):
        with pytest.raises(CannotTell) as caught:
            await look(reader)
    assert caught.value.cause is Cause.NOT_UNDERSTOOD


async def test_what_is_not_configured_names_the_variable() -> None:
    async with prepared([]) as (reader, _):
        with pytest.raises(CannotTell, match="TOCSIN_CRASHLYTICS_APPS is not set") as caught:
            await look(reader)
        assert (
            "https://console.firebase.google.com/project/rodistaa-prod/crashlytics" in caught.value.next_look
        )
    async with prepared(["com.acme"]) as (reader, _):
        with pytest.raises(CannotTell, match=r"com\.acme is no app's id"):
            await look(reader)
