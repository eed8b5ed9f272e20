"""What `/incident fix` offers: the playbook's remediations first, then what the findings suggest."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.diagnostic_run import StepResult, Suspect
from bot.domain.playbook import Playbook
from bot.domain.remediation import RemediationKind
from bot.runbook import Runbook, classify_steps, parse_runbook
from bot.services.remediation_lacks import explain_lack, explain_unnamed, write_by_hand
from bot.services.remediation_offers import (
    RemediationOffer,
    find_offer,
    list_offers,
    list_suggested_offers,
)

SHIPPED = (Path(__file__).parents[3] / "templates" / "runbook.md").read_text()
ECS = {"cluster": "rodistaa-production", "service": "rodistaa-backend-prod"}


def offered(id: str, text: str = SHIPPED, found: tuple[StepResult, ...] = ()) -> list[RemediationOffer]:
    runbook, playbook = read(id, text)
    return list_offers(runbook, playbook, found)


def read(id: str, text: str) -> tuple[Runbook, Playbook]:
    runbook = classify_steps(parse_runbook(text))
    playbook = runbook.playbook(id)
    assert playbook is not None
    return runbook, playbook


def kinds(offers: list[RemediationOffer]) -> list[str]:
    return [offer.kind.value for offer in offers]


def test_a_script_is_done_by_hand_until_a_comment_says_what_it_stands_for() -> None:
    script, *_ = offered("api-completely-down")
    assert script.kind is RemediationKind.BY_HAND
    assert script.parameters["command"] == "./scripts/rollback-production.sh"
    said = SHIPPED.replace(
        "```bash\n# 1. Check ECS service status",
        "<!-- tocsin: step 4: remediation ecs.rollback -->\n```bash\n# 1. Check ECS service status",
    )
    if said == SHIPPED:
        pytest.fail("the shipped runbook changed")
    (first, *_) = offered("api-completely-down", said)
    assert (first.kind, dict(first.parameters)) == (RemediationKind.ECS_ROLLBACK, ECS)
    assert first.title == "If recent deployment - ROLLBACK IMMEDIATELY"


def test_a_statement_that_ends_idle_sessions_is_known_with_its_states_and_age() -> None:
    offers = offered("database-unavailable")
    assert offers[0].kind is RemediationKind.END_IDLE
    assert offers[0].parameters == {"states": "idle", "age": "300"}


def test_instructions_without_a_command_are_read_too() -> None:
    _, rollback, scale, restart = offered("api-completely-down")
    assert rollback.parameters == ECS and scale.parameters == ECS
    assert restart.title == "Restart database connections if DB issue"
    assert kinds(offered("high-error-rate-5")) == ["ecs.rollback", "by_hand", "ecs.scale"]
    assert restart.kind is RemediationKind.ECS_RESTART
    _, call, failover = offered("database-unavailable")
    assert call.title == "Call AWS Support"
    assert (failover.kind, dict(failover.parameters)) == (
        RemediationKind.FAILOVER,
        {"cluster": "rodistaa-prod"},
    )
    assert failover.title == "Consider manual failover to standby", "to check for events changes nothing"


def test_findings_suggest_what_the_playbook_does_not_name() -> None:
    result = StepResult(
        0, "p", 9, "", "Connections", "diagnostic", "x", verdict="bad", suspect=Suspect("connections", "pool")
    )
    offers = offered("api-completely-down", found=(result,))
    assert kinds(offers) == ["by_hand", "ecs.rollback", "ecs.scale", "ecs.restart", "postgres.end_idle"]
    assert "Connections" in offers[-1].why
    again = offered("database-unavailable", found=(result,))
    assert kinds(again).count("postgres.end_idle") == 1


def test_a_release_of_an_app_does_not_suggest_to_roll_a_service_back() -> None:
    suspect = Suspect("release", "5.3.0 (50300)", "97% of those who crashed have it")
    result = StepResult(0, "p", 9, "", "Crashes", "diagnostic", "x", verdict="bad", suspect=suspect)
    runbook, playbook = read("mobile-app-crashes", SHIPPED)
    assert list_suggested_offers(runbook, playbook, (result,)) == []
    service = replace(result, suspect=Suspect("deployment", "rodistaa-backend-prod:42"))
    (offer,) = list_suggested_offers(runbook, playbook, (service,))
    assert offer.kind is RemediationKind.ECS_ROLLBACK


def test_words_find_an_offer_or_make_one_and_unknown_words_say_what_there_is() -> None:
    runbook, playbook = read("api-completely-down", SHIPPED)
    offers = list_offers(runbook, playbook, ())
    scale = find_offer(runbook, playbook, offers, "scale 6 to 9")
    assert scale is not None
    assert (scale.kind, dict(scale.parameters)) == (
        RemediationKind.ECS_SCALE,
        {**ECS, "from": "6", "to": "9"},
    )
    idle = find_offer(runbook, playbook, offers, "end idle sessions")
    assert idle is not None and idle.kind is RemediationKind.END_IDLE
    restart = find_offer(runbook, playbook, offers, "restart database connections")
    assert restart is not None and restart.kind is RemediationKind.ECS_RESTART
    assert find_offer(runbook, playbook, offers, "boil the ocean") is None


def test_a_workflow_is_named_by_a_comment_with_its_inputs() -> None:
    text = """# Runbook

## P0 INCIDENT: API DOWN

### Actions

<!-- tocsin: remediation github.workflow rollback.yml service=api -->
```bash
./scripts/rollback-production.sh
```
"""
    (offer,) = offered("api-down", text)
    assert offer.kind is RemediationKind.WORKFLOW
    assert offer.parameters == {"workflow": "rollback.yml", "inputs": "service=api"}


FLAGS = """# Runbook

## P1 INCIDENT: PAYMENTS FAIL

### Actions

1. If external service: Enable fallback/circuit breaker
2. Communicate via in-app banner if needed

{comment}```bash
# 1. Switch the second provider on
./scripts/fallback.sh on
```
"""
FLAG = "application=shop environment=production profile=flags flag=second_provider to=on"


def test_a_fallback_is_a_switch_where_a_comment_says_which_and_by_hand_else() -> None:
    comment = f"<!-- tocsin: remediation appconfig.switch {FLAG} -->\n"
    (switch, banner) = offered("payments-fail", FLAGS.format(comment=comment))
    assert (switch.kind, switch.title) == (
        RemediationKind.SWITCH,
        "If external service: Enable fallback/circuit breaker",
    )
    assert switch.parameters == dict(word.split("=") for word in FLAG.split())
    assert (banner.kind, dict(banner.parameters)) == (RemediationKind.BANNER, {})
    by_hand, *_ = offered("payments-fail", FLAGS.format(comment=""))
    assert by_hand.kind is RemediationKind.BY_HAND


def test_a_flag_elsewhere_is_switched_by_a_workflow_of_the_teams() -> None:
    comment = "<!-- tocsin: remediation github.workflow flag.yml flag=second_provider to=on -->\n"
    *_, workflow = offered("payments-fail", FLAGS.format(comment=comment))
    assert workflow.kind is RemediationKind.WORKFLOW
    assert workflow.parameters == {"workflow": "flag.yml", "inputs": "flag=second_provider to=on"}


def test_the_words_of_a_switch_and_a_banner_are_put_to_what_the_runbook_says() -> None:
    runbook, playbook = read(
        "payments-fail", FLAGS.format(comment=f"<!-- tocsin: remediation appconfig.switch {FLAG} -->\n")
    )
    offers = list_offers(runbook, playbook, ())
    off = find_offer(runbook, playbook, offers, "switch second_provider off")
    assert off is not None and (off.parameters["to"], off.parameters["profile"]) == ("off", "flags")
    banner = find_offer(runbook, playbook, offers, "banner Payments fail at the moment.")
    assert banner is not None and banner.parameters == {"text": "Payments fail at the moment."}
    assert explain_lack(banner) == "" and explain_lack(off) == ""
    wordless = find_offer(runbook, playbook, offers, "communicate via in-app banner")
    assert wordless is not None and explain_lack(wordless).startswith("Say what the banner says")
    hand = write_by_hand(banner)
    assert (hand.kind, hand.parameters["command"]) == (
        RemediationKind.BY_HAND,
        "Payments fail at the moment.",
    )


def test_a_comment_that_does_not_say_where_the_flag_is_is_told() -> None:
    comment = "<!-- tocsin: remediation appconfig.switch application=shop flag=second_provider to=on -->\n"
    switch, banner = offered("payments-fail", FLAGS.format(comment=comment))
    assert explain_unnamed(switch) == "appconfig.switch needs environment=…, profile=… in its comment."
    assert explain_unnamed(banner) == ""
    whole, *_ = offered(
        "payments-fail", FLAGS.format(comment=f"<!-- tocsin: remediation appconfig.switch {FLAG} -->\n")
    )
    assert explain_unnamed(whole) == ""
