"""The review: each of its sentences is traced to a recorded row; its sections are the runbook's own if it has some."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.diagnostic_run import StepResult
from bot.domain.earlier_incident import EarlierIncident
from bot.domain.incident import PostedMessage, Situation, TimelineEntry
from bot.domain.remediation import Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Change, Plan
from bot.domain.review import ReviewAnswer, ReviewChart, ReviewRecords
from bot.domain.timeline_details import JoinedDetail, NoteAddedDetail, ProposedDetail, TimesCorrectedDetail
from bot.domain.timeline_details.publication_details import PublicAcceptedDetail
from bot.runbook import find_review_headings
from bot.text.durations import format_duration
from templates.incident_export import escape_markdown, format_instant
from templates.review_content import ReviewLayout
from templates.review_document import format_review, is_sealed, seal
from templates.timeline_entries import render_entry
from tests.action_samples import OWN, REVIEW
from tests.meeting_samples import CANCELLED, MEETING
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
AT = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)
ROLLED_BACK = Remediation(
    7,
    42,
    1,
    RemediationKind.ECS_ROLLBACK,
    {},
    RemediationState.DONE,
    "U0ANA",
    AT,
    reason="the new one dies",
    plan=Plan("t", "Roll back backend to revision 41", (Change("Revision", "42", "41"),), measure="2/6"),
    approved_by="U0BRUNO",
    approved_at=datetime(2026, 11, 23, 3, 21, tzinfo=UTC),
    why="It runs revision 41.",
    receipt={"measure": "6/6"},
    verdict="Better: all tasks run.",
)
CHART = ReviewChart(3, 5, "Check CPU", 96, "bad", "CPU at 97%, above 90%", "CPU from 40 to 97", "ab" * 32, AT)
EARLIER = EarlierIncident(
    17, "API was down", datetime(2026, 11, 2, 3, tzinfo=UTC), ("CPU at 99%, above 90%",), actions=[OWN]
)
RECORDS = ReviewRecords(REVIEW, [OWN], [ROLLED_BACK], [EARLIER], [CHART], unread=2)
LAYOUT = ReviewLayout(workspace_url="https://team.slack.example/", pictures="INC-42")
KOLKATA = ReviewLayout(zone=ZoneInfo("Asia/Kolkata"))
LINKED = " (message)(<https://team.slack.example/archives/C0ROOM/p"
POSTS = {
    key: PostedMessage(key, "C0ROOM", ts)
    for key, ts in (
        ("alert:42", "0.1"),
        ("update:42:7", "0.7"),
        ("remediation:42:7", "2"),
        ("finding:3:5", "3"),
    )
}
GIVEN = ("Nobody has said yet.", "None.", "Nothing.")
"""What a section says that has no row."""


def step(place: int, title: str, verdict: str, headline: str, digest: str = "") -> StepResult:
    return StepResult(
        place, "api", 40 + place, "", title, "diagnostic", "x.y", "", verdict, None, headline, "", digest
    )


EVIDENCE = (
    step(1, "Check deployments", "ok", "No deployment in 24 h", "cd" * 32),
    step(2, "Check tasks", "bad", "2 of 6 tasks run", "ef" * 32),
    step(3, "Check logs", "unknown", "AWS refused: AccessDenied"),
)


def situation() -> Situation:
    return replace(worlds.view().situation, evidence=EVIDENCE)


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
        if span:
            at = format_instant(incident.declared_at + span)
            words.append(f"{name} after {format_duration(span.total_seconds())}: {at}")
    for page in seen.pages:
        words.append(
            f"Paged {page.contact} ({page.contact} ({page.person})): could not be reached: {page.failed}"
        )
        words.append(f"Paged {page.contact} ({page.contact} ({page.person})): did not answer")
        if page.acknowledged_at:
            after = format_duration((page.acknowledged_at - page.requested_at).total_seconds())
            words.append(f"Paged {page.contact} ({page.contact} ({page.person})): answered after {after}")
    for update in seen.updates:
        words.append(
            f"{format_instant(update.at)}, {update.status}, {update.author}: {update.text}{LINKED}07>)"
        )
    words += [
        f"failing: 2 of 6 tasks run (Check tasks, line 42, sha256 {'ef' * 32})",
        f"OK: No deployment in 24 h (Check deployments, line 41, sha256 {'cd' * 32})",
        "Check logs (line 43): AWS refused: AccessDenied",
        f"2026-11-23 03:02:00 UTC U0ANA declared P0: API is down{LINKED}01>)",
        "2026-11-23 03:04:10 UTC CTO (U0BRUNO) acknowledged after 2 min 10 s",
        f"R1: Roll back backend to revision 41: Done{LINKED}2>)",
        "Requested by U0ANA, 2026-11-23 03:20:00 UTC: the new one dies",
        "Approved by U0BRUNO, 2026-11-23 03:21:00 UTC",
        "Revision: 42 → 41",
        "Measured: 2/6 before, 6/6 after",
        "It runs revision 41.",
        "Result: Better: all tasks run.",
        "2 more, of a kind that only a newer version of Tocsin knows: see the timeline",
        f"2026-11-23 03:20:00 UTC, failing: CPU at 97%, above 90%{LINKED}3>)",
        f"!Check CPU: CPU from 40 to 97(<INC-42/3-5-{'ab' * 6}.png>)",
        "INC-17 API was down (3 weeks before): the same finding “CPU at 99%, above 90%”.",
        f"Its action A2 “{OWN.text}” is still open, owner {OWN.owner}, due 27 Nov 2026",
    ]
    return {squeeze(each) for each in words}


def squeeze(text: str) -> str:
    """Without marks of Markdown, names behind ids, and spaces."""
    return re.sub(r"[\s\\*_`\[\]]+", "", text)


def test_each_sentence_of_a_review_is_traced_to_a_recorded_row() -> None:
    seen = replace(situation(), posts=POSTS)
    known = recorded(seen)
    names = {page.person: f"{page.contact} ({page.person})" for page in seen.pages}
    for person, called in names.items():
        known |= {
            each.replace(person, squeeze(called)) for each in known if person in each and called not in each
        }
    for line in format_review(seen, RECORDS, {}, LAYOUT).splitlines():
        text = line.strip().removeprefix("# ").removeprefix("- ")
        if not text or line.startswith("## ") or text in GIVEN:
            continue
        assert squeeze(text) in known, line


def timeline_of(seen: Situation) -> list[str]:
    document = format_review(seen, ReviewRecords(), {})
    return document.partition("## Timeline")[2].partition("\n## ")[0].strip().splitlines()


def test_the_timeline_has_each_entry_once_in_the_words_of_the_timeline() -> None:
    seen = situation()
    timeline = timeline_of(seen)
    assert len(timeline) == len(seen.entries)
    for line, entry in zip(timeline, seen.entries, strict=True):
        assert line.startswith(f"- {format_instant(entry.at)}")
        assert len(render_entry(seen, entry)) > 1


def test_steps_of_one_thing_share_a_line_and_none_is_lost() -> None:
    came = [TimelineEntry(AT + timedelta(seconds=n * 50), f"U{n}", JoinedDetail()) for n in range(4)]
    note = TimelineEntry(AT, "U1", NoteAddedDetail(text="one"))
    seen = replace(situation(), entries=(*came, note, note))
    assert timeline_of(seen) == [
        "- 2026-11-23 03:20:00 UTC to 2026-11-23 03:21:40 UTC U0 joined; U1 joined; U2 joined",
        "- 2026-11-23 03:22:30 UTC U3 joined",
        "- 2026-11-23 03:20:00 UTC U1 noted: one",
        "- 2026-11-23 03:20:00 UTC U1 noted: one",
    ]


def test_charts_without_pictures_are_words_and_nothing_is_linked_that_is_not_there() -> None:
    document = format_review(situation(), RECORDS, {})
    assert "Chart of Check CPU: CPU from 40 to 97" in document
    assert "![" not in document and "(message)" not in document


def test_the_sections_are_those_of_the_runbooks_template_and_nothing_recorded_is_lost() -> None:
    headings = find_review_headings(TEMPLATE)
    assert headings == ("What happened", "Customer impact", "Root Cause(s)", "Weather", "Follow-ups")
    document = format_review(situation(), ReviewRecords(REVIEW, [OWN]), {}, ReviewLayout(headings))
    own = re.findall(r"^## (.+)$", document, re.M)
    assert tuple(own[:5]) == headings
    assert "## Weather\n\nNobody has said yet.\n" in document
    assert "## What happened\n\nA deploy filled the pool." in document
    assert {"Timeline", "Response", "What went well", "What could not be checked"} <= set(own[5:])
    assert "Where we were lucky" not in own, "what the template does not ask and nobody said"
    assert find_review_headings("# R\n## Deploy template\n```\n## A\n## B\n```\n") == ()


def test_a_review_without_any_check_says_so() -> None:
    assert "No check ran." not in format_review(situation(), ReviewRecords(REVIEW), {}, ReviewLayout())
    unchecked = format_review(replace(situation(), evidence=()), ReviewRecords(REVIEW), {}, ReviewLayout())
    assert "## What could not be checked\n\n- No check ran." in unchecked


def test_an_incident_that_began_earlier_says_who_said_so_and_why_and_its_times_run_from_there() -> None:
    seen, declared = situation(), situation().incident.declared_at
    detail = TimesCorrectedDetail(began=declared - timedelta(minutes=25), reason="The *alert* came late")
    entries = (*seen.entries, TimelineEntry(AT, "U0BRUNO", detail))
    document = format_review(replace(seen, entries=entries), RECORDS, {"U0BRUNO": "Bruno"})
    times = document.partition("## Times\n\n")[2].partition("\n\n")[0].splitlines()
    assert times[:3] == [
        "- Began: 2026-11-23 02:37:00 UTC, corrected by Bruno: The \\*alert\\* came late",
        "- Declared after 25 min: 2026-11-23 03:02:00 UTC",
        "- Acknowledged after 27 min 10 s: 2026-11-23 03:04:10 UTC",
    ]


def test_people_are_called_by_their_names_and_an_action_item_has_its_ticket() -> None:
    seen = situation()
    words = ReviewAnswer("summary", "U0ANA", "<@U0CHIDI> and <@U0DANA|dana> saw it", AT)
    there = replace(OWN, ticket="OPS-7", ticket_url="https://acme.example/browse/OPS-7")
    names = {"U0ANA": "Ana", "U0BRUNO": "Bruno", "U0CHIDI": "Chidi_O"}
    records = ReviewRecords((words,), [there])
    document = format_review(seen, records, names)
    assert "@Chidi\\_O and \\<@U0DANA\\|dana\\> saw it (Ana, " in document
    assert "Paged CTO (Bruno)" in document and "U0BRUNO" not in document
    assert ", [OPS-7](<https://acme.example/browse/OPS-7>)" in document
    assert {"U0CHIDI", "U0DANA"} <= records.list_people(seen)


def test_what_customers_were_told_stands_among_the_updates_in_the_order_of_time() -> None:
    seen = situation()
    detail = PublicAcceptedDetail(status="monitoring", text="It *works* again.", others=(), confirmed="")
    first = seen.updates[0]
    public = TimelineEntry(first.at - timedelta(minutes=1), "U0ANA", detail)
    document = format_review(replace(seen, entries=(*seen.entries, public)), RECORDS, {"U0ANA": "Ana"})
    updates = document.partition("## Status updates\n\n")[2].partition("\n\n")[0].splitlines()
    assert (
        updates[0] == f"- {format_instant(public.at)}, to customers, monitoring, Ana: It \\*works\\* again."
    )
    assert len(updates) == len(seen.updates) + 1


def test_times_are_in_utc_and_in_the_teams_own() -> None:
    document = format_review(situation(), ReviewRecords(REVIEW), {}, KOLKATA)
    assert "- Declared: 2026-11-23 03:02:00 UTC (08:32:00 IST)" in document
    late = ReviewAnswer("summary", "U0ANA", "Late.", datetime(2026, 11, 23, 20, tzinfo=UTC))
    shown = format_review(situation(), ReviewRecords((late,)), {}, KOLKATA)
    assert "2026-11-23 20:00:00 UTC (2026-11-24 01:30:00 IST)" in shown


def test_secrets_and_marks_do_not_leave_and_its_own_commits_are_no_news() -> None:
    seen = situation()
    hostile = ReviewAnswer(
        "summary", "U0ANA", "# x <script> rzp_live_AbCdEfGh12345678", seen.incident.declared_at
    )
    proposed = TimelineEntry(
        seen.incident.declared_at, "", ProposedDetail(what="review", host="GitHub", link="x")
    )
    document = format_review(replace(seen, entries=(*seen.entries, proposed)), ReviewRecords((hostile,)), {})
    assert "rzp_live" not in document.replace("\\", "") and escape_markdown("# x <script>") in document
    assert document == format_review(seen, ReviewRecords((hostile,)), {})


def test_a_seal_says_whether_somebody_changed_it() -> None:
    document = seal(format_review(situation(), ReviewRecords(), {}))
    assert is_sealed(document)
    assert not is_sealed(document.replace("Commander", "Leader"))
    assert not is_sealed(document + "More.\n") and not is_sealed("# Mine\n")


def test_a_meeting_stands_among_the_times_unless_it_is_cancelled() -> None:
    seen = replace(situation(), meeting=MEETING)
    line = f"- Post-mortem meeting: {format_instant(MEETING.starts_at)}, 4 invited"
    assert line in format_review(seen, ReviewRecords(), {}).splitlines()
    assert "Post-mortem meeting" not in format_review(replace(seen, meeting=CANCELLED), ReviewRecords(), {})
    assert set(MEETING.invited) <= ReviewRecords().list_people(seen)
