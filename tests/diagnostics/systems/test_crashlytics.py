"""What is said of Crashlytics' reports, row by row, and how they are read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Threshold, VendorCall
from diagnostics.clients.google import PLAY, GoogleClient
from diagnostics.systems.crashlytics import API, Crashlytics
from diagnostics.systems.crashlytics.rules import (
    CrashGroup,
    CrashlyticsSnapshot,
    interpret,
    parse_group,
    split_groups,
)
from sandbox.monitored_systems import crashlytics_and_play
from sandbox.monitored_systems.names import KEYS, MOBILE_APP, MOBILE_PACKAGE
from sandbox.monitored_systems.scenarios import Breakage, Scene, build_broken_scene, build_healthy_scene
from tests.diagnostics.vendor import Prepared, Reply, question, site, soon

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CRASHES = VendorCall("crashlytics.crashes", {"project": "rodistaa-prod"})
PATTERN = VendorCall("crashlytics.pattern", {"project": "rodistaa-prod"})
RUNBOOK = (
    Threshold("bad", "Crash rate", ">", 2, "%", 201),
    Threshold("bad", "users affected", ">", 10, "%", 225),
)
LACKS = Inconclusive(UnknownCause.NOT_CONFIGURED, "TOCSIN_PLAY_PACKAGE is not set.")


def seen(
    people: int,
    users: float | None = 10_000,
    new: bool = False,
    hour: int | None = None,
    **groups: tuple[CrashGroup, ...],
) -> CrashlyticsSnapshot:
    kinds = {"issue": (CrashGroup("TripMapScreen.kt line 88", people * 3, people, new),), **groups}
    return CrashlyticsSnapshot(kinds, NOW - timedelta(minutes=2), users, None if users else LACKS, hour=hour)


VERSIONS = (CrashGroup("5.3.0 (50300)", 900, 291), CrashGroup("5.2.1 (50201)", 9, 9))
ROWS: list[tuple[str, CrashlyticsSnapshot, tuple[Threshold, ...], str, str]] = [
    (
        "few crash",
        seen(20),
        (),
        "ok",
        "99.8% of users had no crash in 24 hours: up to 20 of 10,000 had one (limit 1%); most by",
    ),
    (
        "hardly any crash",
        seen(20, 400_000),
        (),
        "ok",
        "over 99.9% of users had no crash in 24 hours: up to 20 of",
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
    ("many by the runbook", seen(300), RUNBOOK, "bad", "(runbook limit 2%, line 201)"),
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
        "runbook limit 95%, line 7",
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


@pytest.mark.parametrize(("what", "given", "told", "verdict", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_crashes(
    what: str, given: CrashlyticsSnapshot, told: tuple[Threshold, ...], verdict: str, said: str
) -> None:
    found = interpret(given, NOW, told)
    assert found.verdict == verdict
    assert said in found.headline
    assert found.age == timedelta(minutes=2)
    assert (found.next_look == "") == (verdict == "ok")


def test_the_pattern_says_first_where_it_crashes() -> None:
    devices = (CrashGroup("Xiaomi (Redmi 9A)", 700, 240), CrashGroup("Samsung", 200, 60))
    found = interpret(seen(300, version=VERSIONS, device=devices), NOW, pattern=True)
    assert found.headline.startswith(
        "97% in 5.3.0 (50300), 80% on Xiaomi (Redmi 9A): “TripMapScreen.kt line 88”. 97.0%"
    )
    spread = interpret(seen(300), NOW, pattern=True)
    assert spread.headline.startswith("No version or device stands out: most by")


ONE_VERSION = (CrashGroup("5.3.0 (50300)", 4500, 1500),)
HALVES = (CrashGroup("Android (13)", 2250, 750), CrashGroup("Android (14)", 2250, 750))
MODELS = tuple(CrashGroup(f"Model {number}", 90, 30) for number in range(25))
PATTERNS: list[tuple[str, int, dict[str, tuple[CrashGroup, ...]], str]] = [
    (
        "all crash in the only version there is",
        1500,
        {"version": ONE_VERSION, "system": HALVES, "device": MODELS},
        "100% in 5.3.0 (50300): “",
    ),
    ("one version and one device", 1500, {"version": ONE_VERSION, "device": (CrashGroup("Pixel 8", 4500, 1500),)},
     "100% in 5.3.0 (50300), 100% on Pixel 8: “"),
    ("one model is all that was told, and it is a third of all", 5200,
     {"device": (CrashGroup("Xiaomi (Redmi 9A)", 5100, 1700), CrashGroup("Samsung (M12)", 4800, 1600))},
     "No version or device stands out"),
    ("a long tail of models that did not come back", 3000, {"device": MODELS}, "No version or device stands out"),
    ("the only model told is a small part", 1000, {"device": (CrashGroup("Pixel 8", 300, 100),)},
     "No version or device stands out"),
    ("half and half names neither", 1500, {"system": HALVES}, "No version or device stands out"),
    ("just more than half", 1000, {"version": (CrashGroup("2.0", 900, 510), CrashGroup("1.9", 900, 490))},
     "51% in 2.0: “"),
    ("nearly all is not all", 1000, {"version": (CrashGroup("2.0", 2991, 997), CrashGroup("1.9", 9, 3))},
     "99% in 2.0: “"),
    ("people who met two issues are counted once in a version", 2000,
     {"version": (CrashGroup("2.0", 4000, 1500), CrashGroup("1.9", 100, 100))}, "75% in 2.0: “"),
    ("more people by version than by the issues that came back", 400,
     {"version": (CrashGroup("2.0", 900, 510), CrashGroup("1.9", 900, 490))}, "51% in 2.0: “"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "people", "groups", "said"), PATTERNS, ids=[each[0] for each in PATTERNS])
def test_what_crashed_people_have_in_common_is_a_share_of_all_who_crashed(
    what: str, people: int, groups: dict[str, tuple[CrashGroup, ...]], said: str
) -> None:
    issue = CrashGroup("TripMapScreen.kt line 88", people * 3, people)
    given = CrashlyticsSnapshot({"issue": (issue,), **groups}, NOW - timedelta(minutes=2), 100_000)
    found = interpret(given, NOW, pattern=True)
    assert found.headline.startswith(said), found.headline


def test_no_crash_at_all_proves_nothing() -> None:
    with pytest.raises(Inconclusive, match="none happened, or none is reported") as caught:
        interpret(CrashlyticsSnapshot({"issue": ()}, NOW, 10_000), NOW)
    assert caught.value.cause is UnknownCause.NO_DATA


COUNTED = {"eventsCount": "30", "impactedUsersCount": "9", "startTime": "2026-11-22T03:00:00Z",
           "endTime": "2026-11-23T02:55:00Z"}  # fmt: skip


def test_a_maker_s_devices_are_taken_apart_and_texts_are_redacted() -> None:
    phone = {"device": {"displayName": "iPhone 13"}, "metrics": [COUNTED]}
    apple = {"device": {"displayName": "Apple"}, "metrics": [COUNTED], "subgroups": [phone, phone]}
    assert split_groups({"groups": [apple, phone]}, "device") == [phone, phone, phone]
    issue = {"issue": {"title": "A.kt", "subtitle": "password=hunter2", "signals": [{"signal": "SIGNAL_REGRESSED"}]},
             "metrics": [COUNTED], "subgroups": []}  # fmt: skip
    assert parse_group(split_groups({"groups": [issue]}, "issue")[0], "issue") == CrashGroup(
        "A.kt password=[secret]", 30, 9, True
    )


async def world(scene: Scene, call: VendorCall = CRASHES, package: str = MOBILE_PACKAGE) -> Finding:
    routes = [
        *crashlytics_and_play.build_crashlytics_routes(lambda: scene),
        *crashlytics_and_play.build_play_routes(lambda: scene),
    ]
    async with site((API, PLAY), routes) as client:
        reader = Crashlytics(GoogleClient(client, KEYS["GOOGLE_OAUTH_ACCESS_TOKEN"]), [MOBILE_APP], package)
        return await reader.run(question(call, datetime.now(UTC), scene.since, RUNBOOK), soon())


async def test_the_crashing_app_of_the_world_is_bad_and_the_healthy_one_is_not() -> None:
    found = await world(build_broken_scene(Breakage.CRASHES))
    assert found.verdict == "bad"
    assert "runbook limit 2%, line 201" in found.headline and "of 41,230" in found.headline
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
    assert (await world(build_healthy_scene())).verdict == "ok"


async def test_the_pattern_of_the_world_is_a_version_a_system_and_a_device() -> None:
    found = await world(build_broken_scene(Breakage.CRASHES), PATTERN)
    assert found.headline.startswith("97% in 5.3.0 (50300), 97% on Android (10), 97% on Xiaomi (Redmi 9A)")


async def test_without_the_number_of_users_a_new_issue_warns_and_an_old_one_is_unknown() -> None:
    assert (await world(build_broken_scene(Breakage.CRASHES), package="")).verdict == "warn"
    found = await world(build_healthy_scene(), package="")
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.NOT_CONFIGURED)


REPORT = {"groups": [{"issue": {"title": "A.kt"}, "metrics": [COUNTED | {"totalUsersCount": "450"}]}]}


@asynccontextmanager
async def prepared(apps: list[str], **replies: Reply) -> AsyncIterator[tuple[Crashlytics, Prepared]]:
    vendor = Prepared({"topIssues": REPORT, **replies})
    async with site((API, PLAY), vendor.routes) as client:
        yield Crashlytics(GoogleClient(client, "ya29.token"), apps), vendor


async def look(reader: Crashlytics) -> Finding:
    return await reader.run(question(CRASHES, NOW), soon())


async def test_users_that_crashlytics_tells_itself_are_taken_and_missing_reports_left_out() -> None:
    async with prepared(["1:77:android:abc", "1:77:ios:def"]) as (reader, vendor):
        found = await look(reader)
    assert found.verdict == "warn" and "up to 9 of 450 had one" in found.headline
    assert found.age == timedelta(minutes=5)
    asked = {each.path.rpartition("/")[2] for each in vendor.asked if "ios" in each.path}
    assert asked == {"topIssues", "topVersions", "topOperatingSystems", "topAppleDevices"}
    issues = [each for each in vendor.asked if each.path.endswith("topIssues")]
    begins = sorted(issue.query["filter.interval.startTime"] for issue in issues)
    assert begins == ["2026-11-22T03:00:00+00:00"] * 2 + ["2026-11-23T02:00:00+00:00"] * 2
    first = next(issue for issue in issues if issue.query["filter.interval.startTime"] == begins[0])
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
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.FORBIDDEN


STRANGE: list[Any] = [
    [], {"groups": [{}]}, {"groups": [{"issue": {"title": "A"}, "metrics": []}]}, {"groups": ["x"]},
    web.Response(text="<html>"),
    {"groups": [{"issue": {"title": "A"}, "metrics": [COUNTED | {"eventsCount": "many"}]}]},
]  # fmt: skip


@pytest.mark.parametrize("reply", STRANGE, ids=range(len(STRANGE)))
async def test_a_strange_answer_is_not_understood_and_no_fault_of_ours(reply: Reply) -> None:
    async with prepared(["1:77:android:abc"], topIssues=reply) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


async def test_what_is_not_configured_names_the_variable() -> None:
    async with prepared([]) as (reader, _):
        with pytest.raises(Inconclusive, match="TOCSIN_CRASHLYTICS_APPS is not set") as caught:
            await look(reader)
        assert (
            "https://console.firebase.google.com/project/rodistaa-prod/crashlytics" in caught.value.next_look
        )
    async with prepared(["com.acme"]) as (reader, _):
        with pytest.raises(Inconclusive, match=r"com\.acme is no app's id"):
            await look(reader)
