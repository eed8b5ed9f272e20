"""What people type behind `/incident fix`."""

import pytest

from bot.domain.remediation import RemediationKind
from bot.domain.remediation_words import Wanted, parse_wanted

ROLLBACK, SCALE = RemediationKind.ECS_ROLLBACK, RemediationKind.ECS_SCALE
IDLE, WORKFLOW = RemediationKind.END_IDLE, RemediationKind.WORKFLOW
REVERT = RemediationKind.REVERT
SWITCH, BANNER = RemediationKind.SWITCH, RemediationKind.BANNER
RESTART, BLOCKER, FAILOVER = (
    RemediationKind.ECS_RESTART,
    RemediationKind.END_BLOCKER,
    RemediationKind.FAILOVER,
)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("rollback", Wanted(ROLLBACK)),
        ("roll back", Wanted(ROLLBACK)),
        ("Rollback payments-api", Wanted(ROLLBACK, {"service": "payments-api"})),
        ("rollback payments-api to 41", Wanted(ROLLBACK, {"service": "payments-api", "revision": "41"})),
        ("rollback because it fails since 03:02", Wanted(ROLLBACK, reason="it fails since 03:02")),
        ("scale 6 to 9", Wanted(SCALE, {"from": "6", "to": "9"})),
        ("scale to 9", Wanted(SCALE, {"to": "9"})),
        ("scale 9", Wanted(SCALE, {"to": "9"})),
        ("scale up to 9", Wanted(SCALE, {"to": "9"})),
        ("scale payments-api 6 to 9", Wanted(SCALE, {"service": "payments-api", "from": "6", "to": "9"})),
        ("scale 6 to 3 because traffic is over", Wanted(SCALE, {"from": "6", "to": "3"}, "traffic is over")),
        ("scale", Wanted(SCALE)),
        ("end idle sessions", Wanted(IDLE)),
        ("kill idle connections", Wanted(IDLE)),
        ("end idle", Wanted(IDLE)),
        ("end idle in transaction", Wanted(IDLE, {"states": "idle in transaction"})),
        ("end idle sessions over 30 s", Wanted(IDLE, {"age": "30"})),
        ("kill idle connections older than 2 minutes", Wanted(IDLE, {"age": "120"})),
        ("restart", Wanted(RESTART)),
        ("restart the tasks", Wanted(RESTART)),
        ("restart payments-api", Wanted(RESTART, {"service": "payments-api"})),
        ("restart service payments-api", Wanted(RESTART, {"service": "payments-api"})),
        ("restart because the pool is stuck", Wanted(RESTART, reason="the pool is stuck")),
        ("end blocker", Wanted(BLOCKER)),
        ("kill the blocking session", Wanted(BLOCKER)),
        ("end blocker 4711", Wanted(BLOCKER, {"pid": "4711"})),
        ("failover because the writer hangs", Wanted(FAILOVER, reason="the writer hangs")),
        ("fail over rodistaa-prod", Wanted(FAILOVER, {"cluster": "rodistaa-prod"})),
        ("failover to rodistaa-prod-2", Wanted(FAILOVER, {"to": "rodistaa-prod-2"})),
        ("failover prod to prod-2", Wanted(FAILOVER, {"cluster": "prod", "to": "prod-2"})),
        ("revert", Wanted(REVERT)),
        ("revert #123", Wanted(REVERT, {"number": "123"})),
        ("revert PR 123 because of the fares", Wanted(REVERT, {"number": "123"}, "of the fares")),
        ("switch fallback on", Wanted(SWITCH, {"flag": "fallback", "to": "on"})),
        ("turn off the flag trip_map", Wanted(SWITCH, {"flag": "trip_map", "to": "off"})),
        (
            "Switch fallback ON in shop/production/flags because the gateway is down",
            Wanted(
                SWITCH,
                {
                    "flag": "fallback",
                    "to": "on",
                    "application": "shop",
                    "environment": "production",
                    "profile": "flags",
                },
                "the gateway is down",
            ),
        ),
        ("banner", Wanted(BANNER)),
        (
            "in-app banner: “Payments fail: we are on it.”",
            Wanted(BANNER, {"text": "Payments fail: we are on it."}),
        ),
        (
            "banner Some payments fail because of our bank",
            Wanted(BANNER, {"text": "Some payments fail because of our bank"}),
        ),
        ("banner off", Wanted(BANNER, {"off": "yes"})),
        ("workflow rollback.yml", Wanted(WORKFLOW, {"workflow": "rollback.yml"})),
        (
            "run workflow rollback.yml service=api tag=v41",
            Wanted(WORKFLOW, {"workflow": "rollback.yml", "inputs": "service=api tag=v41"}),
        ),
    ],
)
def test_words_name_a_kind_and_what_it_needs(words: str, wanted: Wanted) -> None:
    assert parse_wanted(words) == wanted


@pytest.mark.parametrize(
    "words",
    [
        "",
        "enable fallback",
        "switch fallback",
        "switch on",
        "restart database connections",
        "scale nine",
        "drop the database",
    ],
)
def test_other_words_name_no_kind(words: str) -> None:
    assert parse_wanted(words) is None
