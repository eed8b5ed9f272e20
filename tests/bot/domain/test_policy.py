"""The rules, by tables."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import policy
from bot.domain.incident import Incident, Status

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONTACTS = {
    "CTO": ("slack:U0CTO",),
    "DevOps Lead": ("slack:U0OPS", "tel:+15550100"),
    "On-Call Engineer": ("slack:S0ONCALL",),
    "AWS Support": ("tel:+15550199",),
}


def incident(**changes: object) -> Incident:
    values: dict[str, object] = {
        "number": 1,
        "title": "API is down",
        "severity": "P0",
        "status": Status.INVESTIGATING,
        "commander": "U0DANA",
        "declared_by": "U0DANA",
        "declared_at": NOON - timedelta(minutes=15),
        "edition": "e",
        "cadence": timedelta(minutes=15),
        "next_update_at": NOON,
        "notice_at": NOON,
    }
    return Incident(**{**values, **changes})  # type: ignore[arg-type]


def test_all_hands_calls_every_contact_with_a_handle_and_the_channel() -> None:
    called = policy.plan_paging(0, ["CTO"], [], True, CONTACTS)
    assert called.people == (("CTO", "U0CTO"), ("DevOps Lead", "U0OPS"))
    assert called.lookups == (("On-Call Engineer", "S0ONCALL"),)
    assert called.everyone == "all hands"


def test_everybody_who_should_be_called_and_has_no_slack_handle_is_reported() -> None:
    contacts = {"CTO": (), "AWS Support": ("tel:+15550199",)}
    missing = (("CTO", "no Slack handle"), ("AWS Support", "only a phone number"))
    assert policy.plan_paging(0, ["CTO"], [], True, contacts).unreachable == missing
    assert policy.plan_paging(1, ["CTO"], [], False, contacts).unreachable == missing[:1]


@pytest.mark.parametrize(
    ("rank", "why"), [(0, "nobody else can be reached"), (1, "nobody else can be reached"), (2, "")]
)
def test_only_the_two_worst_severities_call_the_channel_when_nobody_can_be_reached(
    rank: int, why: str
) -> None:
    assert policy.plan_paging(rank, ["CTO"], [], False, {"CTO": ()}).everyone == why


def test_words_that_fit_no_contact_are_reported_and_the_others_are_called_once() -> None:
    called = policy.plan_paging(1, ["DevOps Lead"], ["Senior engineers"], False, CONTACTS)
    assert called.people == (("DevOps Lead", "U0OPS"),)
    assert called.unreachable == (("Senior engineers", "no such contact"),)
    assert called.everyone == ""


def test_one_person_behind_two_contacts_is_called_once() -> None:
    contacts = {"CTO": ("slack:U1",), "DevOps Lead": ("slack:U1",)}
    assert policy.plan_paging(0, ["CTO"], [], True, contacts).people == (("CTO", "U1"),)


def test_the_notices_of_one_promise_come_at_it_and_up_to_21_minutes_after_it_and_then_no_more() -> None:
    at: datetime | None = NOON
    stage, moments = 0, []
    while at is not None:
        moments.append(at - NOON)
        notice = policy.plan_reminder(incident(notice_at=at, notice_stage=stage), at)
        at, stage = notice.next_at, stage + 1
    assert [moment.total_seconds() / 60 for moment in moments] == [0, 5, 8, 11, 16, 21]


def test_a_snoozed_notice_keeps_the_distance_to_the_following_ones() -> None:
    snoozed = NOON + timedelta(minutes=10)
    notice = policy.plan_reminder(incident(notice_at=snoozed, notice_stage=1), snoozed)
    assert (notice.stage, notice.next_at) == (1, snoozed + timedelta(minutes=3))


@pytest.mark.parametrize(
    ("down_for", "stage", "missed"), [(1, 0, 0), (3, 0, 1), (20, 0, 2), (50, 0, 4), (20, 1, 1), (10, 1, 0)]
)
def test_after_an_outage_one_notice_counts_the_updates_that_were_missed(
    down_for: int, stage: int, missed: int
) -> None:
    now = NOON + timedelta(minutes=down_for)
    notice = policy.plan_reminder(incident(notice_stage=stage), now)
    assert notice.missed == missed
    if down_for > 2:
        assert notice.next_at == now + policy.NOTICES[stage + 1] - policy.NOTICES[stage]


@pytest.mark.parametrize(
    ("title", "playbook", "expected"),
    [
        ("API is down", "api", 7),
        ("the api down again", "api", 7),
        ("payments are failing", "pay", None),
        ("login page broken", None, 3),
    ],
)
def test_an_open_incident_with_the_same_words_is_found(
    title: str, playbook: str | None, expected: int | None
) -> None:
    others = [(7, "API is completely down", "api"), (3, "Login page is broken", None)]
    assert policy.find_similar_incident(title, playbook, others) == expected


@pytest.mark.parametrize(
    ("who", "word"),
    [({"guest": True}, "Guests"), ({"bot": True}, "Bots"), ({"stranger": True}, "another workspace")],
)
def test_guests_bots_and_strangers_may_not_change_anything(who: dict[str, bool], word: str) -> None:
    assert word in policy.explain_cannot_change(**{"guest": False, "bot": False, "stranger": False, **who})
    assert policy.explain_cannot_change(guest=False, bot=False, stranger=False) == ""


NOBODY_SPECIAL = dict.fromkeys(("deactivated", "bot", "stranger"), False)


@pytest.mark.parametrize(
    ("who", "called", "holds"),
    [
        ({}, "", ""),
        ({"deactivated": True}, "deactivated", "deactivated"),
        ({"bot": True}, "bot", "bot"),
        ({"stranger": True}, "another workspace", "another workspace"),
        ({"guest": True}, "", "guest"),
        ({"guest": True, "deactivated": True}, "deactivated", "deactivated"),
    ],
)
def test_who_is_meant_must_be_able_to_come_and_a_role_needs_a_full_member(
    who: dict[str, bool], called: str, holds: str
) -> None:
    account = {**NOBODY_SPECIAL, **{name: each for name, each in who.items() if name != "guest"}}
    why = policy.explain_cannot_page(**account)
    assert called in why and bool(called) == bool(why)
    why = policy.explain_cannot_hold(**account, guest=who.get("guest", False))
    assert holds in why and bool(holds) == bool(why)
    assert "You" not in why, "it speaks of the person who is meant"


def test_a_naive_time_is_refused_at_construction() -> None:
    with pytest.raises(ValueError, match="time zone"):
        incident(declared_at=datetime(2026, 11, 23))  # noqa: DTZ001 - the point of the test
