"""The severities of a runbook that has none of its own."""

from datetime import timedelta

from bot.runbook.model import Problem, Severity

LEVELS = (
    ("P0", "CRITICAL", "Complete Outage", timedelta(minutes=5), "5 minutes"),
    ("P1", "HIGH", "Major Feature Down", timedelta(minutes=15), "15 minutes"),
    ("P2", "MEDIUM", "Degraded Performance", timedelta(hours=1), "1 hour"),
    ("P3", "LOW", "Minor Issue", None, "Next business day"),
)
"""Those of the shipped runbook: id, name, meaning, response time."""

DEFAULT_SEVERITIES = tuple(
    Severity(id, name, summary, 1, response, text, (), "", rank)
    for rank, (id, name, summary, response, text) in enumerate(LEVELS)
)
NO_SEVERITIES = Problem(
    1,
    "warning",
    "No severities were found: P0 to P3 with 5 minutes, 15 minutes, 1 hour and the next business day are "
    "assumed. Add a "
    "section “## Incident Severity Levels” with headings such as “### P0 - CRITICAL (Complete Outage)” or a "
    "table with a "
    "Severity column.",
)
