"""The vendors' sites of the broken world, asked as their documents say."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.monitored_systems import Breakage, SystemsProcess
from sandbox.monitored_systems.names import MOBILE_APP, MOBILE_NUMBER, MOBILE_PACKAGE
from sandbox.monitored_systems.sites import SITES

pytestmark = pytest.mark.asyncio(loop_scope="module")

ISSUES = "/api/0/organizations/rodistaa/issues/?statsPeriod=1h&query=is:unresolved&sort=freq"
REPORT = f"/v1alpha/projects/{MOBILE_NUMBER}/apps/{MOBILE_APP}/reports"
CRASH_RATE = f"/v1beta1/apps/{MOBILE_PACKAGE}/crashRateMetricSet"
GUARDED = {
    "https://api.razorpay.com": "/v1/payments",
    "https://sentry.io": ISSUES,
    "https://api.github.com": "/repos/rodistaa/rodistaa/commits",
    "https://firebasecrashlytics.googleapis.com": f"{REPORT}/topIssues",
    "https://playdeveloperreporting.googleapis.com": CRASH_RATE,
}


@pytest.fixture
def get(world: SystemsProcess) -> Iterator["Asking"]:
    with httpx.Client() as client:
        yield Asking(world, client)


class Asking:
    """Asks with the keys that the world's environment has for each site."""

    def __init__(self, world: SystemsProcess, client: httpx.Client) -> None:
        self.world, self.client = world, client

    def __call__(self, address: str, method: str = "GET", **more: Any) -> httpx.Response:
        base = next(each for each in self.world.addresses if address.startswith(each))
        tokens = {"https://sentry.io": "SENTRY_AUTH_TOKEN", "https://api.github.com": "GITHUB_TOKEN"}
        if base == "https://api.razorpay.com":
            env = self.world.environment
            more["auth"] = (env["RAZORPAY_KEY_ID"], env["RAZORPAY_KEY_SECRET"])
        elif base in tokens or "googleapis" in base:
            name = tokens.get(base, "GOOGLE_OAUTH_ACCESS_TOKEN")
            more["headers"] = {"Authorization": f"Bearer {self.world.environment[name]}"}
        return self.client.request(method, address.replace(base, self.world.addresses[base]), **more)

    def payments(self, first: timedelta, last: timedelta) -> list[dict[str, Any]]:
        """All payments between two ages, page by page."""
        now = datetime.now(UTC)
        asked = {"from": int((now - first).timestamp()), "to": int((now - last).timestamp()), "count": 100}
        found: list[dict[str, Any]] = []
        while items := self(
            "https://api.razorpay.com/v1/payments", params={**asked, "skip": len(found)}
        ).json()["items"]:
            found += items
        return found


def since(text: str) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(text)


async def test_every_site_refuses_wrong_keys_and_knows_no_other_path(world: SystemsProcess) -> None:
    assert set(world.addresses) == set(SITES)
    with httpx.Client() as client:
        for outside, path in GUARDED.items():
            here = world.addresses[outside]
            for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic d3Jvbmc6d3Jvbmc="}):
                assert client.get(here + path, headers=wrong).status_code == 401, outside
        for here in world.addresses.values():
            assert client.get(f"{here}/nothing/here").status_code == 404


async def test_the_team_s_own_site_is_well_or_says_what_it_misses(world: SystemsProcess, get: Asking) -> None:
    health, webhook = (
        "https://api.rodistaa.com/health",
        "https://api.rodistaa.com/v1/webhooks/razorpay/health",
    )
    await world.heal()
    assert get(health).json()["status"] == "ok"
    assert get(webhook, "POST").status_code == 200
    assert get(webhook).status_code == 405
    for broken in (Breakage.DEPLOYMENT, Breakage.DATABASE):
        await world.break_(broken)
        assert get(health).status_code == 503
    await world.break_(Breakage.PAYMENTS)
    assert get(health).status_code == 200
    assert get(webhook, "POST").json()["reason"] == "signature mismatch"


async def test_razorpay_s_status_page_tells_of_an_outage_only_when_payments_fail(
    world: SystemsProcess, get: Asking
) -> None:
    base = "https://status.razorpay.com/api/v2"
    await world.break_(Breakage.ERRORS)
    assert get(f"{base}/status.json").json()["status"] == {
        "indicator": "none",
        "description": "All Systems Operational",
    }
    assert get(f"{base}/summary.json").json()["incidents"] == []
    await world.break_(Breakage.PAYMENTS)
    assert get(f"{base}/status.json").json()["status"]["indicator"] == "major"
    summary = get(f"{base}/summary.json").json()
    assert {"name": "UPI", "status": "major_outage"}.items() <= summary["components"][1].items()
    assert timedelta(minutes=1) < since(summary["incidents"][0]["created_at"]) < timedelta(hours=1)


async def test_payments_succeed_nearly_always_and_less_than_half_when_they_fail(
    world: SystemsProcess, get: Asking
) -> None:
    def rate() -> float:
        settled = get.payments(timedelta(minutes=25), timedelta(minutes=10))
        assert len(settled) >= 20
        assert {each["status"] for each in settled} <= {"captured", "failed"}
        return len([each for each in settled if each["status"] == "captured"]) / len(settled)

    await world.heal()
    assert rate() > 0.8
    stuck = get.payments(timedelta(minutes=10), timedelta(minutes=3))
    assert [each for each in stuck if each["status"] == "created"] == []
    assert get("https://api.razorpay.com/v1/payments/downtimes").json()["items"] == []
    await world.break_(Breakage.PAYMENTS)
    assert rate() < 0.5
    stuck = get.payments(timedelta(minutes=10), timedelta(minutes=3))
    assert len([each for each in stuck if each["status"] == "created"]) >= 3
    failed = [
        payment
        for payment in get.payments(timedelta(minutes=25), timedelta(minutes=10))
        if payment["error_code"]
    ]
    assert {each["error_reason"] for each in failed if each["method"] == "upi"} == {"bank_technical_error"}
    assert get("https://api.razorpay.com/v1/payments/downtimes").json()["items"][0]["severity"] == "high"


async def test_razorpay_gives_at_most_a_hundred_payments_newest_first_the_same_twice(
    world: SystemsProcess, get: Asking
) -> None:
    await world.heal()
    first = get("https://api.razorpay.com/v1/payments", params={"count": 100}).json()
    assert first["count"] == 100
    instants = [each["created_at"] for each in first["items"]]
    assert instants == sorted(instants, reverse=True)
    settled = {"from": instants[-1], "to": instants[5], "count": 50}
    ask = "https://api.razorpay.com/v1/payments"
    assert get(ask, params=settled).json() == get(ask, params=settled).json()
    assert get(ask, params={"count": 101}).status_code == 400


@pytest.mark.parametrize(
    ("broken", "title"),
    [
        (Breakage.ERRORS, "TypeError: Cannot read properties of undefined (reading 'fare')"),
        (Breakage.DATABASE, "error: sorry, too many clients already"),
        (Breakage.CRASHES, "NullPointerException: Location is null"),
    ],
)
async def test_sentry_has_a_new_issue_that_leads_the_list(
    world: SystemsProcess, get: Asking, broken: Breakage, title: str
) -> None:
    await world.break_(broken)
    issues = get("https://sentry.io" + ISSUES).json()
    assert issues[0]["title"] == title
    assert since(issues[0]["firstSeen"]) < timedelta(hours=4) < since(issues[1]["firstSeen"])
    assert int(issues[0]["count"]) > 100 and issues[0]["userCount"] > 50
    one = get(f"https://sentry.io/api/0/organizations/rodistaa/issues/{issues[0]['id']}/").json()
    assert one["firstRelease"]["version"] in ("v2.14.0", "v2.15.0", "5.3.0")
    await world.heal()
    assert [
        each["title"]
        for each in get("https://sentry.io" + ISSUES).json()
        if since(each["firstSeen"]).days < 1
    ] == []
    assert get(f"https://sentry.io/api/0/organizations/rodistaa/issues/{issues[0]['id']}/").status_code == 404


async def test_a_link_to_sentry_that_a_runbook_has_leads_to_a_page(get: Asking) -> None:
    for path in ("", "/", "/issues/", "/projects/rodistaa-mobile-prod/"):
        assert get(f"https://sentry.io/organizations/rodistaa{path}").status_code == 200
    assert get("https://sentry.io/organizations/nobody").status_code == 404


async def test_sentry_s_issues_may_be_asked_for_by_project(world: SystemsProcess, get: Asking) -> None:
    await world.break_(Breakage.CRASHES)
    ask = "https://sentry.io/api/0/organizations/rodistaa"
    ids = {each["slug"]: each["id"] for each in get(f"{ask}/projects/").json()}
    found = get(f"{ask}/issues/?project={ids['rodistaa-mobile-prod']}&sort=freq").json()
    assert {each["project"]["slug"] for each in found} == {"rodistaa-mobile-prod"}
    assert found == get(f"{ask}/issues/?query=project:rodistaa-mobile-prod&sort=freq").json()


async def test_github_has_the_commit_and_the_deployment_that_an_error_spike_came_with(
    world: SystemsProcess, get: Asking
) -> None:
    base = "https://api.github.com/repos/rodistaa/rodistaa"
    lately = {"since": (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    await world.heal()
    assert get(f"{base}/commits", params=lately).json() == []
    await world.break_(Breakage.ERRORS)
    [commit] = get(f"{base}/commits", params=lately).json()
    assert commit["commit"]["message"] == "Fares come from the new rate table"
    assert get(f"{base}/commits", params={**lately, "path": "packages/mobile/shipper"}).json() == []
    deployed = get(f"{base}/deployments", params={"environment": "production"}).json()[0]
    assert deployed["sha"] == commit["sha"]
    statuses = get(f"{base}/deployments/{deployed['id']}/statuses").json()
    assert [status["state"] for status in statuses] == ["success"]
    assert get(f"{base}/releases").json()[0]["tag_name"] == "v2.15.0"
    await world.break_(Breakage.DEPLOYMENT)
    assert get(f"{base}/actions/runs").json()["workflow_runs"][0]["conclusion"] == "failure"


async def test_crashlytics_shows_which_version_and_device_crash(world: SystemsProcess, get: Asking) -> None:
    base = f"https://firebasecrashlytics.googleapis.com{REPORT}"
    interval = {
        "filter.interval.startTime": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "filter.interval.endTime": datetime.now(UTC).isoformat(),
    }
    await world.heal()
    [usual] = get(f"{base}/topVersions", params=interval).json()["groups"]
    assert usual["version"]["displayVersion"] == "5.2.1"
    await world.break_(Breakage.CRASHES)
    worst = get(f"{base}/topVersions", params=interval).json()["groups"][0]
    assert worst["version"]["displayName"] == "5.3.0 (50300)"
    assert int(worst["metrics"][0]["impactedUsersCount"]) > 200
    issue = get(f"{base}/topIssues", params=interval).json()["groups"][0]["issue"]
    assert issue["firstSeenVersion"] == "5.3.0" and issue["signals"][0]["signal"] == "SIGNAL_FRESH"
    assert get(f"{base}/topAndroidDevices").json()["groups"][0]["device"]["model"] == "Redmi 9A"
    assert get(f"{base}/unheardOf").status_code == 404


async def test_google_play_is_a_day_late_and_says_so(world: SystemsProcess, get: Asking) -> None:
    base = f"https://playdeveloperreporting.googleapis.com{CRASH_RATE}"
    await world.break_(Breakage.CRASHES)
    until = get(base).json()["freshnessInfo"]["freshnesses"][0]["latestEndTime"]
    last = datetime(until["year"], until["month"], until["day"], tzinfo=UTC)
    assert timedelta(hours=24) <= datetime.now(UTC) - last < timedelta(hours=48)
    first = last - timedelta(days=7)
    spec = {"aggregationPeriod": "DAILY", "endTime": until,
            "startTime": {"year": first.year, "month": first.month, "day": first.day}}  # fmt: skip
    answer = get(f"{base}:query", "POST", json={"timelineSpec": spec, "metrics": ["crashRate"]})
    assert len(answer.json()["rows"]) == 7
    assert answer.json()["rows"][0]["metrics"] == [
        {"metric": "crashRate", "decimalValue": {"value": "0.0062"}}
    ]
    assert get(f"{base}:query", "POST", json={"metrics": ["crashRate"]}).status_code == 400


async def test_the_aws_feed_is_utf_16_and_the_status_page_no_json(world: SystemsProcess, get: Asking) -> None:
    feed = get("https://status.aws.amazon.com/public/currentevents")
    events = json.loads(feed.content.decode("utf-16"))
    assert [event["region_name"] for event in events] == ["Bahrain"]
    with pytest.raises(UnicodeDecodeError):
        feed.content.decode()
    page = get("https://status.aws.amazon.com/")
    assert page.status_code == 301
    assert get("https://status.aws.amazon.com" + page.headers["Location"]).text.startswith("<!doctype html>")
