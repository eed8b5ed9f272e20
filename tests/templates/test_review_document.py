"""The review: each of its sentences is traced to a recorded row; its sections are the runbook's own if it has some."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.domain.incident import Situation, TimelineEntry
from bot.domain.review import ReviewAnswer
from bot.domain.timeline_details import ProposedDetail
from bot.runbook import find_review_headings
from templates.blocks import format_duration
from templates.incident_export import escape_markdown, format_instant
from templates.review_document import format_review, is_sealed, seal
from templates.timeline_entries import render_entry
from tests.action_samples import OWN, REVIEW
from tests.templates import worlds

TEMPLATE = """# Runbook
## Post-mortem template
```markdown
# Post-mortem of [Title]
## What happened
[two sentences]
## Customer impact
## Root Cause(s)
## Weather
## Follow-ups
```
"""
GIVEN = ("Nobody has said yet.", "None.", "Nothing.")
"""What a section says that has no row."""


def situation() -> Situation:
    return worlds.view().situation


def recorded(seen: Situation) -> set[str]:
    """The words of every row from which a review may be made, without marks and spaces."""
    incident, took = seen.incident, seen.measured
    words = [
        f"Review of {incident.reference}: {incident.title}",
        f"Severity {incident.severity}, {seen.standing}.",
        f"Impact: {incident.impact}",
        f"Affected users: {incident.affected_users}",
        f"Declared: {format_instant(incident.declared_at)}",
        f"Commander: {incident.commander}",
        f"{incident.root_cause} (said at the resolution, {incident.resolved_by})",
        incident.resolution,
        *(f"{role.capitalize()}: {person}" for role, person in seen.roles.items()),
        *(f"{answer.text} ({answer.person}, {format_instant(answer.at)})" for answer in REVIEW),
        f"☐ {OWN.reference} ({OWN.purpose}): {OWN.text}, owner {OWN.owner}, due Fri 27 Nov 2026",
    ]
    for name, span in (("Acknowledged", took.to_acknowledge), ("Resolved", took.to_resolve)):
        words += [f"{name} after {format_duration(span.total_seconds())}"] if span else []
    for page in seen.pages:
        words.append(
            f"Paged {page.contact} ({page.contact} ({page.person})): could not be reached: {page.failed}"
        )
        words.append(f"Paged {page.contact} ({page.contact} ({page.person})): did not answer")
        if page.acknowledged_at:
            after = format_duration((page.acknowledged_at - page.requested_at).total_seconds())
            words.append(f"Paged {page.contact} ({page.contact} ({page.person})): answered after {after}")
    for update in seen.updates:
        words.append(f"{format_instant(update.at)}, {update.status}, {update.author}: {update.text}")
    for each in seen.evidence:
        digest = f", sha256 {each.digest}" if each.digest else ""
        words.append(f"{each.verdict}: {each.headline} ({each.title}, line {each.line}{digest})")
        words.append(f"{each.title} (line {each.line}): {each.headline or each.note}")
    return {squeeze(each) for each in words}


def squeeze(text: str) -> str:
    """Without marks of Markdown, names behind ids, and spaces."""
    return re.sub(r"[\s\\*_`]+", "", text)


def test_each_sentence_of_a_review_is_traced_to_a_recorded_row() -> None:
    seen = situation()
    known = recorded(seen)
    entries = {squeeze(f"{format_instant(entry.at)}") for entry in seen.entries}
    names = {page.person: f"{page.contact} ({page.person})" for page in seen.pages}
    for person, called in names.items():
        known |= {
            each.replace(person, squeeze(called)) for each in known if person in each and called not in each
        }
    for line in format_review(seen, REVIEW, [OWN], {}).splitlines():
        text = line.removeprefix("# ").removeprefix("- ")
        if not text or line.startswith("## ") or text in GIVEN:
            continue
        is_entry = any(squeeze(text).startswith(at) for at in entries)
        assert squeeze(text) in known or is_entry, line


def test_the_timeline_has_each_entry_once_in_the_words_of_the_timeline() -> None:
    seen = situation()
    document = format_review(seen, (), (), {})
    timeline = document.partition("## Timeline")[2].partition("\n## ")[0].strip().splitlines()
    assert len(timeline) == len(seen.entries)
    for line, entry in zip(timeline, seen.entries, strict=True):
        assert line.startswith(f"- {format_instant(entry.at)}")
        assert len(render_entry(seen, entry)) > 1


def test_the_sections_are_those_of_the_runbooks_template_and_nothing_recorded_is_lost() -> None:
    headings = find_review_headings(TEMPLATE)
    assert headings == ("What happened", "Customer impact", "Root Cause(s)", "Weather", "Follow-ups")
    document = format_review(situation(), REVIEW, [OWN], {}, headings)
    own = re.findall(r"^## (.+)$", document, re.M)
    assert tuple(own[:5]) == headings
    assert "## Weather\n\nNobody has said yet.\n" in document
    assert "## What happened\n\nA deploy filled the pool." in document
    assert {"Timeline", "Response", "What went well", "What could not be checked"} <= set(own[5:])
    assert "Where we were lucky" not in own, "what the template does not ask and nobody said"
    assert find_review_headings("# R\n## Deploy template\n```\n## A\n## B\n```\n") == ()


def test_times_are_in_utc_and_in_the_teams_own() -> None:
    document = format_review(situation(), REVIEW, (), {}, zone=ZoneInfo("Asia/Kolkata"))
    assert "- Declared: 2026-11-23 03:02:00 UTC (08:32:00 IST)" in document
    late = ReviewAnswer("summary", "U0ANA", "Late.", datetime(2026, 11, 23, 20, tzinfo=UTC))
    shown = format_review(situation(), (late,), (), {}, zone=ZoneInfo("Asia/Kolkata"))
    assert "2026-11-23 20:00:00 UTC (2026-11-24 01:30:00 IST)" in shown


def test_secrets_and_marks_do_not_leave_and_its_own_commits_are_no_news() -> None:
    seen = situation()
    hostile = ReviewAnswer(
        "summary", "U0ANA", "# x <script> rzp_live_AbCdEfGh12345678", seen.incident.declared_at
    )
    proposed = TimelineEntry(
        seen.incident.declared_at, "", ProposedDetail(what="review", host="GitHub", link="x")
    )
    document = format_review(replace(seen, entries=(*seen.entries, proposed)), (hostile,), (), {})
    assert "rzp_live" not in document.replace("\\", "") and escape_markdown("# x <script>") in document
    assert document == format_review(seen, (hostile,), (), {})


def test_a_seal_says_whether_somebody_changed_it() -> None:
    document = seal(format_review(situation(), (), (), {}))
    assert is_sealed(document)
    assert not is_sealed(document.replace("Commander", "Leader"))
    assert not is_sealed(document + "More.\n") and not is_sealed("# Mine\n")
