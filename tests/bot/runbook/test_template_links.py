"""Messages of a runbook that link to somebody else's incident, and messages that are written as a list of labels; the
samples are invented."""

import pytest

from bot.runbook import Literal, Runbook, parse_runbook

HEAD = "# Shop\n\n## Communication templates\n\n### Initial alert\n\n"
STRANGE = ("8842", "kx2f9", "INC-7", "SHOP-311")


def tell(runbook: Runbook, id: str) -> list[str]:
    """The lines of a message; what is filled in stands in braces."""
    return [
        "".join(part.text if isinstance(part, Literal) else f"{{{part.name}}}" for part in line.parts)
        for line in runbook.templates[id].lines
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Status page: https://status.shop.example/incidents/8842",
        "Follow https://status.shop.example/incidents/kx2f9w8q1 for news",
        "Follow [the status page](https://status.shop.example/incidents/8842) for news",
        "Follow <https://status.shop.example/incidents/8842|the status page> for news",
        "Ticket: https://jira.shop.example/browse/SHOP-311",
        "More at https://shop.example/postmortems/INC-7-till-dark.",
        "See https://shop.example/status?incident=8842",
    ],
)
def test_a_link_to_somebody_elses_incident_is_never_posted(line: str) -> None:
    found = parse_runbook(f"{HEAD}```\nIncident: [title]\n{line}\n```\n")
    told = tell(found, "alert")[1]
    assert not any(strange in told for strange in STRANGE), told
    assert "{" in told and "](" not in told and "|" not in told, told


@pytest.mark.parametrize(
    "line",
    [
        "Status page: https://status.shop.example",
        "Dashboard: https://grafana.shop.example/d/till2/overview",
        "Runbook: https://wiki.shop.example/runbooks/till-v2",
        "Call: https://meet.shop.example/till-room",
    ],
)
def test_a_link_of_the_teams_own_stays(line: str) -> None:
    found = parse_runbook(f"{HEAD}```\nIncident: [title]\n{line}\n```\n")
    assert tell(found, "alert")[1] == line


def test_a_list_of_labels_below_the_heading_of_an_alert_is_the_alert() -> None:
    found = parse_runbook(
        f"{HEAD}- **Severity**: P1\n- **Impact**: what customers see\n- **Lead**: who leads\n"
        "- **Links**: the dashboard\n- **Next update**: in 15 minutes\n\n### Resolution\n\n"
        "- Duration\n- Root cause\n- Resolution\n"
    )
    assert tell(found, "alert") == [
        "- Severity: {severity}",
        "- Impact: {impact}",
        "- Lead: {commander}",
        "- Links: {links}",
        "- Next update: {next_update}",
    ]
    assert tell(found, "resolution")[:2] == ["- Duration: {duration}", "- Root cause: {root_cause}"]


def test_a_list_of_what_to_do_is_no_message() -> None:
    found = parse_runbook(
        f"{HEAD}- Post in #till-war\n- Name the severity and the impact\n- **Channel**: #till-war\n- Call the lead\n"
    )
    assert found.templates == {}


def test_a_message_in_a_fence_comes_before_a_list_of_labels() -> None:
    found = parse_runbook(
        f"{HEAD}- **Severity**: how bad\n- **Impact**: on whom\n- **Status**: where we are\n\n"
        "```\nTill incident [title]\nWe look into it.\n```\n"
    )
    assert tell(found, "alert") == ["Till incident {title}", "We look into it."]
