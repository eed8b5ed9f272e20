"""Calling a vendor's support: whom, how, and what is told them."""

from pathlib import Path

import pytest

from bot.domain.diagnostic_run import Evidence, StepResult
from bot.domain.remediation import RemediationKind
from bot.runbook import Runbook, classify_steps, parse_runbook
from bot.services.remediation_offers import RemediationOffer, list_offers
from bot.services.support_case import add_place, find_support, find_way

SHIPPED = (Path(__file__).parents[3] / "templates" / "runbook.md").read_text()
IMAGE = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/backend:v2"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("If database is down: Contact AWS Support (Premium)", "AWS Support"),
        ("Rate limiting: Contact Razorpay support", "Razorpay support"),
        ("Open a case with Google Cloud Support", "Google Cloud Support"),
        ("For urgent issues, contact support@rodistaa.com", ""),
        ("Contact the CTO", ""),
        ("AWS Support was contacted", ""),
    ],
)
def test_whose_support_is_meant(text: str, who: str) -> None:
    assert find_support(text) == who


def read(text: str = SHIPPED) -> Runbook:
    return classify_steps(parse_runbook(text))


def find_call(runbook: Runbook, id: str, *found: StepResult) -> RemediationOffer:
    offers = list_offers(runbook, runbook.playbook(id), found)
    (call,) = [offer for offer in offers if "call" in offer.parameters]
    return call


def test_the_text_to_paste_has_account_region_resources_and_findings() -> None:
    runbook = read()
    failing = StepResult(
        0,
        "p",
        9,
        "",
        "Connections",
        "diagnostic",
        "x",
        verdict="bad",
        headline="21 of 21 connections are in use",
    )
    seen = Evidence(text=f"image {IMAGE}")
    fine = StepResult(1, "p", 10, "", "Image", "diagnostic", "x", verdict="ok", headline="fine", detail=seen)
    call = find_call(runbook, "database-unavailable", failing, fine)
    assert (call.kind, call.title) == (RemediationKind.BY_HAND, "Call AWS Support")
    told = call.parameters["command"]
    for words in (
        "Account: 123456789012",
        "Resources: rds rodistaa-prod",
        "- Connections: 21 of 21 connections are in use",
    ):
        assert words in told
    assert "fine" not in told
    assert "Account: see the console" in find_call(runbook, "database-unavailable").parameters["command"]


def test_the_number_or_page_is_the_runbooks_and_a_placeholder_is_none() -> None:
    assert find_way(read(), "AWS Support") == ""
    numbered = read(SHIPPED.replace("1-800-XXX-XXXX", "+1 800 555 0199"))
    assert find_way(numbered, "AWS Support").startswith("+18005550199 (runbook line ")
    assert find_way(read(), "Razorpay support").startswith(
        "https://dashboard.razorpay.com (Razorpay Dashboard"
    )
    assert find_way(read(), "Nobody support") == ""


def test_the_settings_say_account_and_region_where_nothing_else_does() -> None:
    parameters = find_call(read(), "database-unavailable").parameters
    told = add_place(parameters, "210987654321", "eu-west-1")["command"].splitlines()
    assert told[1:3] == ["Account: 210987654321", "Region: eu-west-1"]
    assert add_place(parameters, "", "") == parameters
    seen = {"command": "P.\nAccount: 123456789012\nRegion: ap-south-1\nResources: rds x"}
    assert add_place(seen, "210987654321", "eu-west-1") == seen


def test_another_vendor_is_told_nothing_of_aws() -> None:
    call = find_call(read(), "payment-gateway-failing")
    assert add_place(call.parameters, "210987654321", "eu-west-1") == call.parameters
    assert call.title == "Call Razorpay support"
    assert "Account" not in call.parameters["command"]
