"""What is said of commits, deployments and releases, row by row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.finding import Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import GitCall
from diagnostics.analysis.change_snapshot import (
    ChangeSnapshot,
    Commit,
    Deployment,
    DeploymentState,
    Release,
)
from diagnostics.analysis.recent_changes import interpret
from diagnostics.analysis.repository_query import (
    describe_ignored_options,
    parse_repository_path,
    parse_window,
    select_deployments,
    split_path_words,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(minutes=10)
OLD = 4 * 24 * 60


def at(minutes: float) -> datetime:
    """So many minutes before the incident began."""
    return BEGAN - timedelta(minutes=minutes)


def commit(minutes: float = 20, sha: str = "a1b2c3d4e5") -> Commit:
    return Commit(sha, at(minutes), "Fares come from the new table", "ana")


def deployed(
    minutes: float, state: DeploymentState = DeploymentState.THROUGH, what: str = "v2", to: str = "production"
) -> Deployment:
    return Deployment(at(minutes), what, "a1b2c3d4e5", to, state, "ana")


def seen(**more: Any) -> ChangeSnapshot:
    shown = {"commits": (), "deployments": (), "releases": (), **more}
    return ChangeSnapshot("acme/shop", TimeWindow(BEGAN - timedelta(hours=2), NOW), **shown)


NONE: frozenset[str] = frozenset()
ROWS: list[tuple[str, ChangeSnapshot, str, UnknownCause | None, str]] = [
    (
        "nothing changed",
        seen(out="v1 is deployed to production", waiting=NONE),
        "ok",
        None,
        "Nothing changed in the 2 hours before: no commit, deployment or release; v1 is deployed to production.",
    ),
    (
        "deployed just before",
        seen(commits=(commit(),), deployments=(deployed(6),), waiting=NONE),
        "warn",
        None,
        "v2 (a1b2c3d) was deployed to production by ana 6 min before the incident began: “Fares come from the new",
    ),
    ("deployed since", seen(deployments=(deployed(-4),)), "warn", None, "4 min after the incident began"),
    (
        "deployed long before",
        seen(deployments=(deployed(OLD),)),
        "ok",
        None,
        "Nothing changed in the 2 hours before",
    ),
    (
        "deployed before the last hour",
        seen(deployments=(deployed(61),)),
        "ok",
        None,
        "v2 (a1b2c3d) was deployed to production by ana 61 min before the incident began. Nothing went out since.",
    ),
    (
        "deployed before the last hour, and commits that are out",
        seen(
            commits=(commit(90),),
            deployments=(deployed(61),),
            waiting=NONE,
            out="v2 is deployed to production",
        ),
        "ok",
        None,
        "Nothing went out since. 1 commit since 2 hours before the incident began, all out",
    ),
    (
        "released before the last hour",
        seen(releases=(Release(at(100), "mobile-v5", "chidi"),)),
        "ok",
        None,
        "mobile-v5 was released by chidi 100 min before the incident began. Nothing went out since.",
    ),
    (
        "a deployment failed",
        seen(deployments=(deployed(6, DeploymentState.FAILED), deployed(OLD))),
        "bad",
        None,
        "The deployment of v2 (a1b2c3d) to production FAILED 6 min before the incident began.",
    ),
    (
        "one failed and the next went through",
        seen(deployments=(deployed(6), deployed(30, DeploymentState.FAILED))),
        "warn",
        None,
        "v2 (a1b2c3d) was deployed",
    ),
    (
        "one failed elsewhere",
        seen(deployments=(deployed(6), deployed(7, DeploymentState.FAILED, to="eu"))),
        "bad",
        None,
        "to eu FAILED",
    ),
    (
        "one failed long ago",
        seen(deployments=(deployed(OLD, DeploymentState.FAILED),)),
        "ok",
        None,
        "Nothing changed",
    ),
    (
        "one is under way",
        seen(deployments=(deployed(2, DeploymentState.UNDER_WAY),)),
        "warn",
        None,
        "is being deployed to production",
    ),
    (
        "its outcome is not known",
        seen(deployments=(deployed(2, DeploymentState.UNTOLD),)),
        "warn",
        None,
        "its outcome is not known",
    ),
    (
        "replaced meanwhile",
        seen(deployments=(deployed(20, DeploymentState.REPLACED),)),
        "warn",
        None,
        "was deployed to production by ana 20 min",
    ),
    (
        "released just before",
        seen(releases=(Release(at(12), "mobile-v5", "chidi"),)),
        "warn",
        None,
        "mobile-v5 was released by chidi 12 min before the incident began.",
    ),
    (
        "released and deployed counts once",
        seen(deployments=(deployed(5),), releases=(Release(at(6), "v2"),)),
        "warn",
        None,
        "by ana 5 min before the incident began.",
    ),
    (
        "commits that are not out",
        seen(commits=(commit(),), waiting=frozenset({"a1b2c3d4e5"}), waits=1, out="v1 is deployed"),
        "ok",
        None,
        "1 commit since 2 hours before the incident began, none of them out: v1 is deployed.",
    ),
    (
        "one of two is out",
        seen(
            commits=(commit(), commit(90, "ffff")), waiting=frozenset({"ffff"}), waits=1, out="v2 is deployed"
        ),
        "ok",
        None,
        "1 of them out: v2 is deployed. 1 commit since is not out.",
    ),
    (
        "new commits of which nothing is known",
        seen(commits=(commit(),), deployments=None, releases=None),
        "warn",
        None,
        "the newest 20 min before the incident began; what is deployed is not known here.",
    ),
    (
        "older commits of which nothing is known",
        seen(commits=(commit(100),), deployments=None),
        "ok",
        None,
        "1 commit, the",
    ),
    (
        "a clone that is old",
        seen(deployments=None, fetched_at=at(3 * 24 * 60)),
        "unknown",
        UnknownCause.NO_DATA,
        "This clone was last fetched 3 days ago: what came later is not in it.",
    ),
    ("a clone that is new", seen(deployments=None, fetched_at=NOW), "ok", None, "no commit or release"),
    (
        "deployments cannot be read",
        seen(unread=((UnknownCause.FORBIDDEN, "No right."),)),
        "unknown",
        UnknownCause.FORBIDDEN,
        "No right.",
    ),
    (
        "deployments cannot be read, a release is new",
        seen(releases=(Release(at(12), "v2"),), unread=((UnknownCause.FORBIDDEN, "No right."),)),
        "warn",
        None,
        "No right.",
    ),
]


@pytest.mark.parametrize(("what", "given", "verdict", "cause", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_a_repository(
    what: str, given: ChangeSnapshot, verdict: str, cause: UnknownCause | None, said: str
) -> None:
    found = interpret(given, NOW, BEGAN)
    assert (found.verdict, found.cause) == (verdict, cause)
    assert said in found.headline
    assert (found.next_look != "") == (verdict in ("bad", "warn"))


def test_the_last_deployment_before_the_start_is_named_first_and_the_others_are_counted() -> None:
    given = seen(deployments=(deployed(-5, what="v4"), deployed(6, what="v3"), deployed(30, what="v2")))
    found = interpret(given, NOW, BEGAN)
    assert found.headline.startswith("v3 (a1b2c3d) was deployed")
    assert "2 more in the 60 min before, or since." in found.headline
    assert [what for _, what in found.marks] == ["v2", "v3", "v4"]
    assert found.measure == "0 commits, 3 deployed or released"


def test_a_release_of_an_app_is_suspicious_for_longer_than_a_deployment() -> None:
    hours = seen(deployments=(deployed(180, to="play-store"),), suspect=timedelta(days=2))
    assert interpret(hours, NOW, BEGAN).headline.startswith(
        "v2 (a1b2c3d) was deployed to play-store by ana 3 hours before"
    )
    assert interpret(seen(deployments=(deployed(180),)), NOW, BEGAN).verdict == "ok"


def test_outside_of_an_incident_it_is_told_from_now() -> None:
    found = interpret(seen(deployments=(deployed(-5),)), NOW, None)
    assert "5 min ago" in found.headline
    assert "Nothing changed in the last 2 hours" in interpret(seen(), NOW, None).headline


def test_the_table_has_the_newest_first_and_counts_what_it_leaves_out() -> None:
    many = tuple(commit(minutes, f"{minutes:07d}") for minutes in range(20))
    found = interpret(
        seen(commits=many, deployments=(deployed(-1),), waiting=frozenset({"0000003"})), NOW, BEGAN
    )
    assert found.table is not None
    assert found.table.rows[0][:3] == ("1 min after", "deployment", "v2 (a1b2c3d) → production")
    assert [row[4] for row in found.table.rows[3:6]] == ["out", "not out", "out"]
    assert found.table.left_out == 9


def call(**options: str | bool) -> GitCall:
    return GitCall("commits", options)


@pytest.mark.parametrize(
    ("given", "begin", "end"),
    [
        (call(since="2 hours ago"), BEGAN - timedelta(hours=2), NOW),
        (call(since="2.hours.ago"), BEGAN - timedelta(hours=2), NOW),
        (call(after="1 week ago"), BEGAN - timedelta(days=7), NOW),
        (call(since="2026-11-22 12:00"), datetime(2026, 11, 22, 12, tzinfo=UTC), NOW),
        (call(since="3 hours ago", until="1 hour ago"), BEGAN - timedelta(hours=3), NOW - timedelta(hours=1)),
        (call(until="tomorrow"), BEGAN - timedelta(hours=2), NOW),
        (call(), BEGAN - timedelta(hours=2), NOW),
    ],
)
def test_spans_count_back_from_the_start_of_the_incident(
    given: GitCall, begin: datetime, end: datetime
) -> None:
    assert parse_window(given, NOW, BEGAN) == TimeWindow(begin, end)


@pytest.mark.parametrize(
    "given", [call(since="when it rained"), call(since="1 hour ago", until="3 hours ago")]
)
def test_a_time_that_is_none_is_said_and_not_guessed(given: GitCall) -> None:
    with pytest.raises(Inconclusive) as caught:
        parse_window(given, NOW, BEGAN)
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


def test_only_the_path_inside_the_repository_counts() -> None:
    assert (
        parse_repository_path(GitCall("commits", {}, folder="packages/mobile/shipper"))
        == "packages/mobile/shipper"
    )
    assert (
        parse_repository_path(GitCall("commits", {}, paths=("./src",), folder="packages")) == "packages/src"
    )
    assert parse_repository_path(GitCall("commits", {}, folder="/srv/checkout")) == ""
    assert split_path_words("packages/mobile/shipper") == ("mobile", "shipper")
    for folder, path in (("../..", ""), ("a", "/etc"), ("", ":(top)x"), ("a", "../../b")):
        with pytest.raises(Inconclusive, match="leads out"):
            parse_repository_path(GitCall("commits", {}, paths=(path,), folder=folder))


def test_what_was_not_applied_is_said() -> None:
    assert (
        describe_ignored_options(GitCall("commits", {"grep": "x", "oneline": True}, ("a..b",)))
        == "Not applied: --grep, a..b."
    )
    assert describe_ignored_options(call(oneline=True)) == ""


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (("production", "staging"), {"production"}),
        (("Production – shop", "Preview – shop"), {"Production – shop"}),
        (("prod-eu", "prod_us", "preprod", "pre-prod", "non-prod", "nonprod"), {"prod-eu", "prod_us"}),
        (("rodistaa-prd", "delivery", "product-team"), {"rodistaa-prd"}),
        (("live", "olive"), {"live"}),
        (("main", "staging", "dev", "review/x", "preview", "github-pages", "qa", "uat", "preprod"), {"main"}),
        (("fly-app-7", "eu"), {"fly-app-7", "eu"}),
        (("staging", "Preview"), set()),
    ],
)
def test_deployments_to_production_are_known_by_the_names_of_environments(
    names: tuple[str, ...], meant: set[str]
) -> None:
    assert set(select_deployments(names, lambda name: (name, "main"), ())) == meant
