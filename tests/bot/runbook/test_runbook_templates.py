"""What stays and what is filled in the messages of a runbook."""

from pathlib import Path

import pytest

from bot.runbook import Literal, Placeholder, TemplateLine, parse_runbook

SHIPPED = parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())


def drawn(line: TemplateLine) -> str:
    """A line with its placeholders' names in angle brackets; a repeating line ends with `…`."""
    words = "".join(part.text if isinstance(part, Literal) else f"<{part.name}>" for part in line.parts)
    return words + ("…" if line.repeats else "")


def template(*rows: str, heading: str = "Initial alert") -> list[str]:
    text = "\n".join(["# R", "## Templates", f"### {heading}", "```", *rows, "```"])
    [found] = parse_runbook(text).templates.values()
    return [drawn(line) for line in found.lines]


def test_the_shipped_alert_has_its_brackets_and_labelled_literals_filled() -> None:
    assert [drawn(line) for line in SHIPPED.templates["alert"].lines] == [
        "🚨 INCIDENT ALERT - <severity>",
        "",
        "Status: <status>",
        "Impact: <impact>",
        "Started: <started>",
        "Affected Users: <affected_users>",
        "",
        "Current Actions:",
        "- <actions>…",
        "",
        "Next Update: <next_update>",
        "",
        "War Room: <war_room>",
        "Incident Commander: <commander>",
    ]


def test_the_shipped_update_keeps_its_sentences() -> None:
    assert [drawn(line) for line in SHIPPED.templates["update"].lines] == [
        "🔴 We are currently experiencing issues with <feature>",
        "",
        "Impact: <impact>",
        "Status: <status>",
        "Started: <started>",
        "",
        "We are actively working on a resolution and will provide updates every <cadence>.",
        "",
        "For urgent issues, contact support@rodistaa.com",
    ]


def test_the_shipped_resolution_asks_for_nothing_unknown() -> None:
    resolution = SHIPPED.templates["resolution"]
    assert [drawn(line) for line in resolution.lines] == [
        "✅ INCIDENT RESOLVED",
        "",
        "Issue: <title>",
        "Duration: <duration>",
        "Root Cause: <root_cause>",
        "",
        "Resolution:",
        "- <resolution>…",
        "",
        "Follow-up Actions:",
        "- Post-mortem scheduled for <postmortem_date>",
        "- Preventive measures being implemented",
        "",
        "Thank you for your patience.",
    ]
    assert all(gap.known for message in SHIPPED.templates.values() for gap in message.placeholders())


def test_a_placeholder_keeps_its_label_its_sample_and_the_case_of_the_sample() -> None:
    gaps = {gap.name: gap for gap in SHIPPED.templates["alert"].placeholders()}
    assert gaps["impact"] == Placeholder("impact", "Impact", "[API Down / Payment Failing / etc]")
    assert gaps["war_room"].raw == "#incident-response"
    assert gaps["status"].upper
    [lower] = [gap for gap in SHIPPED.templates["update"].placeholders() if gap.name == "status"]
    assert not lower.upper


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("🔥 *SEV1*: [title]", "🔥 *<severity>*: <title>"),
        ("Ref: [INC-ID] {{ incident_id }} {{incidentId}}", "Ref: <reference>"),
        ("ID: <INCIDENT_NUMBER>", "ID: <reference>"),
        ("Incident: [ID]", "Incident: <reference>"),
        ("Incident #[number] by {{incident_commander}}", "Incident #<reference> by <commander>"),
        (
            "[SLACK_CHANNEL] since [START_TIME], [NEXT_UPDATE_TIME]",
            "<war_room> since <started>, <next_update>",
        ),
        ("Duration: [X] hours [Y] minutes", "Duration: <duration>"),
        ("The outage lasted [X] hours and [Y] minutes.", "The outage lasted <duration>."),
        ("Resolved after [N]h[N]m", "Resolved after <duration>"),
        ("Next update: in [X] minutes", "Next update: <next_update>"),
        ("Updates every [X] minutes", "Updates every <cadence>"),
        ("[X] of users affected", "<x_of_users_affected> of users affected"),
        ("[x] customers told", "[x] customers told"),
        ("[x] told, [ ] done", "[x] told, [ ] done"),
        (
            "*Severity:* [P0/P1] | *Status:* [Investigating | Fixed]",
            "*Severity:* <severity> | *Status:* <status>",
        ),
        ("Service: {{ service }}", "Service: <feature>"),
        ("<Feature> is down since <time>", "<feature> is down since <started>"),
        ("Started: [14:00] UTC", "Started: <started>"),
        ("Next update in 30 minutes.", "Next update <next_update>."),
        ("Updates every [X minutes] in [channel]", "Updates every <cadence> in <war_room>"),
        ("Lead: @someone", "Lead: <commander>"),
        ("Impact: [feature] fails for [N] users", "Impact: <impact>"),
        ("Post-mortem: [Date]", "Post-mortem: <postmortem_date>"),
        ("Post-mortem: [link]", "Post-mortem: <post_mortem>"),
        ("The post-mortem is [here]", "The post-mortem is <here>"),
        ("Incident ID: [INC-###]", "Incident ID: <reference>"),
        ("Incident ID: INC-YYYY-NNNN", "Incident ID: <reference>"),
        ("[INC-YYYY-NNNN] API is slow", "<reference> API is slow"),
        ("INC-YYYYMMDD-NN: [Title]", "<reference>: <title>"),
        ("Ref INC-XXXX, see INC-2024-001", "Ref <reference>, see <reference>"),
        ("Ref INC-[number] and INC-<id>", "Ref <reference> and <reference>"),
        ("INCIDENT [Title]: INCLUDING INC", "INCIDENT <title>: INCLUDING INC"),
        ("INCIDENT ALERT - P[X]", "INCIDENT ALERT - <severity>"),
        ("Severity: P[X]", "Severity: <severity>"),
        ("Severity: SEV-[1-4] (customers)", "Severity: <severity> (customers)"),
        ("[P[X]] outage", "[<severity>] outage"),
        ("P[0-3] incident, SEV[N]", "<severity> incident, <severity>"),
        ("SEV-X or P# or P<X> or P{X}", "<severity> or <severity> or <severity> or <severity>"),
        ("P[0/1/2] now", "<severity> now"),
        ("[Timestamp] - investigating", "<timestamp> - investigating"),
        ("Time: [Timestamp]", "Time: <timestamp>"),
        ("Time: [HH:MM UTC]", "Time: <timestamp>"),
        ("Date: YYYY-MM-DD", "Date: <timestamp>"),
        ("Posted at: YYYY-MM-DD HH:MM UTC", "Posted at: <timestamp>"),
        ("Last updated: [time]", "Last updated: <timestamp>"),
        ("Update as of [time] UTC:", "Update as of <timestamp>:"),
        ("STATUS UPDATE: [Timestamp]", "STATUS UPDATE: <timestamp>"),
        ("Started at [Timestamp] UTC", "Started at <started>"),
        ("Started: [Timestamp]", "Started: <started>"),
        ("since HH:MM UTC we see errors", "since <started> we see errors"),
        ("Next update at [Timestamp]", "Next update at <next_update>"),
        ("Resolved at: [Timestamp]", "Resolved at: <ended>"),
        ("It was resolved at [HH:MM] UTC.", "It was resolved at <ended>."),
        ("ETA: [Timestamp]", "ETA: <eta>"),
        ("We expect it back by [time]", "We expect it back by <time>"),
        ("[X]% of requests fail", "<x_of_requests_fail>% of requests fail"),
        (
            "it hits [X] users, [x] told",
            "it hits <it_hits_x_users_x_told> users, <it_hits_x_users_x_told> told",
        ),
        ("- [x] told support", None),
        ("[X] told support", None),
        ("Ask [name] at [phone]", "Ask <name> at <phone>"),
        ("Dashboards: [here](https://example.com) <https://example.com>", None),
        ("Hello <!channel> and <@U012ABCDE>", None),
        ("- [ ] tick <br>", None),
        ("Write to help@example.com", None),
        ("Follow-up:", None),
    ],
)
def test_gaps_are_recognised_by_label_words_and_place(row: str, expected: str | None) -> None:
    assert template(row) == [expected or row]


def test_list_items_that_are_only_gaps_become_one_repeating_line() -> None:
    assert template("Next steps:", "1. [first]", "2. [second]", "- Call [name]") == [
        "Next steps:",
        "1. <next_steps>…",
        "- Call <name>",
    ]


def test_sample_actions_are_never_posted_as_true() -> None:
    assert template("Current Actions:", "- Rolling back", "- Watching graphs") == [
        "Current Actions:",
        "- <actions>…",
    ]


def test_a_second_message_of_a_kind_is_a_warning() -> None:
    runbook = parse_runbook("# R\n## Templates\n### Alert\n```\none\n```\n### Initial alert\n```\ntwo\n```\n")
    assert drawn(runbook.templates["alert"].lines[0]) == "one"
    assert [problem.line for problem in runbook.problems if "not used" in problem.message] == [9]


@pytest.mark.parametrize(
    ("first", "second", "id", "taken"),
    [
        ("Internal status update", "Customer update", "update", "two"),
        ("Customer update", "Internal status update", "update", "one"),
        ("Status update", "Status page update", "update", "two"),
        ("Status update (Slack)", "Update for the public statuspage", "update", "two"),
        ("Status update", "External update (clients)", "update", "two"),
        ("Update: customers", "Update: status page", "update", "one"),
        ("Status update", "Internal update, not for customers", "update", "one"),
        ("Status update", "Progress update", "update", "one"),
        ("Customer notification", "Internal alert", "alert", "two"),
        ("Initial alert", "Customer notification", "alert", "one"),
        ("Resolved", "Resolved, for customers", "resolution", "one"),
    ],
)
def test_the_customers_template_is_the_update_and_never_the_alert(
    first: str, second: str, id: str, taken: str
) -> None:
    text = f"# R\n## Templates\n### {first}\n```\none\n```\n### {second}\n```\ntwo\n```\n"
    runbook = parse_runbook(text)
    assert [drawn(line) for line in runbook.templates[id].lines] == [taken]
    used, unused = (5, 9) if taken == "one" else (9, 5)
    (problem,) = [each for each in runbook.problems if "not used" in each.message]
    assert problem.line == unused
    assert f"line {used}" in problem.message


def test_a_bracket_without_partner_is_a_warning_at_its_line() -> None:
    runbook = parse_runbook("# R\n## Templates\n### Alert\n```\nImpact: [what\nStarted: [Time]\n```\n")
    assert [problem.line for problem in runbook.problems if "no partner" in problem.message] == []
    runbook = parse_runbook("# R\n## Templates\n### Alert\n```\nfine\nWe see [what\n```\n")
    assert [problem.line for problem in runbook.problems if "no partner" in problem.message] == [6]


def test_a_template_for_the_review_is_none_of_the_three() -> None:
    assert parse_runbook("# R\n## Post-mortem template\n```\n# What happened\n```\n").templates == {}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Jira: [ ]", "“[ ]” does not say what belongs there"),
        ("Owner: {{ }}", "“{{ }}” does not say what belongs there"),
        ("Customers: ____", "“____” does not say what belongs there"),
        ("Region: ${REGION}", "“${REGION}” is no placeholder that is understood"),
        ("In {region} since noon", "“{region}” is no placeholder that is understood"),
        ("Ask %TEAM%", "“%TEAM%” is no placeholder that is understood"),
        ("Impact: __IMPACT__", "“__IMPACT__” is no placeholder that is understood"),
        ("Impact: @@USER_IMPACT@@", "“@@USER_IMPACT@@” is no placeholder that is understood"),
        ("Region: $REGION", "“$REGION” is no placeholder that is understood"),
        ("Call +1-XXX-XXX-XXXX", "“XXX” is a sample"),
        ("We look again in XX days", "“XX” is a sample"),
        ("Vendor: TBD", "“TBD” is a sample"),
        ("See ticket OPS-NNNN", "“NNNN” is a sample"),
        ("We see [...] now", "“[...]” does not say what belongs there"),
        ("Root Cause: [Brief explanation]", "asks for the root cause ([Brief explanation])"),
        ("It took [Duration]", "asks for the duration ([Duration])"),
    ],
)
def test_a_gap_that_nobody_can_fill_is_told_with_its_line_and_what_to_do(row: str, words: str) -> None:
    text = f"# R\n## Templates\n### Initial alert\n```\nALERT\n\n{row}\n```"
    (problem,) = [each for each in parse_runbook(text).problems if "nobody can fill" in each.message]
    assert (problem.line, problem.level) == (7, "warning")
    assert words in problem.message


@pytest.mark.parametrize(
    "row",
    [
        *("Region: [Region]", "{{ticket}}", "<owner>", "- [ ] tell support", "Bridge: [...]", "Next: ${3:4}"),
        *("a [link](https://a.b)", "_emphasis_", "100%", "<@U012ABCDE>", "{}"),
    ],
)
def test_what_can_be_filled_or_is_no_gap_is_no_problem(row: str) -> None:
    text = f"# R\n## Templates\n### Initial alert\n```\n{row}\n```"
    assert not [problem for problem in parse_runbook(text).problems if "nobody can fill" in problem.message]


def test_what_is_asked_at_the_end_belongs_into_the_resolution() -> None:
    text = "# R\n## Templates\n### Resolved\n```\nRoot Cause: [Brief]\nDuration: [Duration]\n```"
    assert not [problem for problem in parse_runbook(text).problems if "nobody can fill" in problem.message]


def test_more_gaps_than_the_form_has_room_for_are_told_at_their_template() -> None:
    rows = "\n".join(f"Thing {n} of ours: [words]" for n in range(120))
    text = f"# R\n## Templates\n### Initial alert\n```\n{rows}\n```"
    (problem,) = [each for each in parse_runbook(text).problems if "has room for" in each.message]
    assert (problem.line, problem.message[:27]) == (5, "The alert asks for 120 thin")
