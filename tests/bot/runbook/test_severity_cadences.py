"""Rhythms of updates that differ by severity, and that an incident takes its own."""

from datetime import timedelta

import pytest

from bot.runbook import format_report, parse_runbook

TABLE = """# R
## Severity levels
| Severity | Response time | Update frequency |
| --- | --- | --- |
| P1 | 15 minutes | every 15 minutes |
| P2 | 1 hour | 30-60 minutes |
| P3 | 4 hours | as needed |
"""
HEADINGS = """# R
## Severity levels
### SEV1 - down
- **Response time**: 5 minutes
- **Updates**: every 20 minutes
### SEV2 - slow
- **Response time**: 15 minutes
- **Update cadence**: hourly, at least every 1 hour
"""
RULES = """# R
## Severity levels
- SEV1: Full outage
- SEV2: Partial outage
## Communication rules
- SEV1: Updates every 30 minutes
- SEV2: Updates every 60 minutes
"""


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        (TABLE, {"P1": 15, "P2": 30, "P3": None}),
        (HEADINGS, {"SEV1": 20, "SEV2": 60}),
        (RULES, {"SEV1": 30, "SEV2": 60}),
        ("# R\n## Severity levels\n- SEV1: Full outage\n", {"SEV1": None}),
    ],
)
def test_each_severity_has_its_own_rhythm_where_the_runbook_says_so(
    text: str, minutes: dict[str, int | None]
) -> None:
    found = {level.id: level.update_every for level in parse_runbook(text).severities}
    assert found == {id: None if told is None else timedelta(minutes=told) for id, told in minutes.items()}


def test_check_says_a_rhythm_that_is_another_one_than_the_runbooks() -> None:
    told = format_report(parse_runbook(RULES), colour=False)
    assert "updates every 1 h" in next(line for line in told.splitlines() if line.strip().startswith("SEV2"))
