"""Placeholders filled where runbooks put them otherwise than usual, and times that each reader sees in their zone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.runbook import parse_runbook
from templates import resolution, update_messages
from templates.incident_view import IncidentViewModel
from tests.templates.reading import read_aloud
from tests.templates.test_words import RESOLVED
from tests.templates.worlds import START, posted, view


def of_template(heading: str, template: str, **values: Any) -> IncidentViewModel:
    """An incident with a runbook that has only this message."""
    return view(
        parse_runbook(f"# R\n\n## Communication Templates\n\n### {heading}\n```\n{template}\n```\n"), **values
    )


def test_several_lines_of_a_resolution_stand_in_one_sentence_where_the_runbook_has_one() -> None:
    over = of_template("Resolution Notification", "RESOLVED\nWhat we did: [Resolution]", **RESOLVED,
                       resolution="Rolled back\n- Scaled up")  # fmt: skip
    assert "What we did: Rolled back; Scaled up" in read_aloud(resolution.render_resolution(over))


def test_the_start_and_the_end_of_an_outage_are_shown_in_the_readers_zone() -> None:
    over = view(**RESOLVED)
    spans = [
        span
        for block in resolution.render_resolution(over).blocks
        if block["type"] == "rich_text"
        for part in block["elements"]
        for span in part["elements"]
    ]
    dates = [span["timestamp"] for span in spans if span["type"] == "date"]
    ends = [START, START + timedelta(minutes=72)]
    assert dates == [int(end.timestamp()) for end in ends]


def test_an_outage_over_midnight_says_the_days() -> None:
    over = view(**{**RESOLVED, "resolved_at": START + timedelta(hours=26)})
    assert "Duration: 2026-11-23 03:02 UTC - 2026-11-24 05:02 UTC (1 d 2 h)" in read_aloud(
        resolution.render_resolution(over)
    )


def test_an_update_keeps_the_rhythm_that_it_promised_when_the_severity_changes_afterwards() -> None:
    rarer = view(cadence=timedelta(hours=1))
    assert "will provide updates every 15 minutes." in update_messages.format_customer_copy(rarer, posted())
    none_promised = replace(posted(), next_update_at=None)
    assert "will provide updates as soon as there is news." in update_messages.format_customer_copy(
        rarer, none_promised
    )


@pytest.mark.parametrize("asked", ["[Playbook]", "@engineer-name", "#incident-response"])
def test_customers_are_told_nothing_of_who_works_by_which_playbook_where(asked: str) -> None:
    label = {"@": "Incident Commander", "#": "War Room"}.get(asked[0], "We follow")
    template = (
        f"Trouble with [Feature]\n{label}: {asked}" if asked[0] != "[" else f"Trouble\n{label} {asked} now"
    )
    copy = update_messages.format_customer_copy(of_template("Status Page Update", template), posted())
    assert "COMPLETELY" not in copy
    assert "U0ANA" not in copy
    assert "our" in copy.splitlines()[1]


def test_the_number_and_the_moment_of_a_message_are_filled_in() -> None:
    rows = "INC-YYYY-NNNN P[X]\\nat [Timestamp]\\nresolved at [Timestamp]".replace("\\n", "\n")
    over = of_template("Resolution Notification", f"RESOLVED\n{rows}", **RESOLVED)
    said = read_aloud(resolution.render_resolution(over))
    assert "INC-42 P0\nat 2026-11-23 04:14 UTC\nresolved at 2026-11-23 04:14 UTC" in said
    update = replace(posted(), at=START + timedelta(minutes=20))
    shown = of_template("Status page update", f"We are on it\n{rows}")
    assert update_messages.format_customer_copy(shown, update).endswith(
        "INC-42 P0\nat 2026-11-23 03:22 UTC\nresolved at not known yet"
    )
