"""What stays and what is filled in the messages of a runbook."""

from pathlib import Path

import pytest

from bot.runbook import Literal, Placeholder, TemplateLine, read

SHIPPED = read((Path(__file__).parents[3] / "templates" / "runbook.md").read_text())


def drawn(line: TemplateLine) -> str:
    """A line with its placeholders' names in angle brackets; a repeating line ends with `…`."""
    words = "".join(part.text if isinstance(part, Literal) else f"<{part.name}>" for part in line.parts)
    return words + ("…" if line.repeats else "")


def template(*rows: str, heading: str = "Initial alert") -> list[str]:
    text = "\n".join(["# R", "## Templates", f"### {heading}", "```", *rows, "```"])
    [found] = read(text).templates.values()
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
        ("Incident ID: [INC-###]", "Incident ID: <incident_id>"),
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
    runbook = read("# R\n## Templates\n### Alert\n```\none\n```\n### Initial alert\n```\ntwo\n```\n")
    assert drawn(runbook.templates["alert"].lines[0]) == "one"
    assert [problem.line for problem in runbook.problems if "not used" in problem.message] == [9]


def test_a_bracket_without_partner_is_a_warning_at_its_line() -> None:
    runbook = read("# R\n## Templates\n### Alert\n```\nImpact: [what\nStarted: [Time]\n```\n")
    assert [problem.line for problem in runbook.problems if "no partner" in problem.message] == []
    runbook = read("# R\n## Templates\n### Alert\n```\nfine\nWe see [what\n```\n")
    assert [problem.line for problem in runbook.problems if "no partner" in problem.message] == [6]


def test_a_template_for_the_review_is_none_of_the_three() -> None:
    assert read("# R\n## Post-mortem template\n```\n# What happened\n```\n").templates == {}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Jira: [ ]", "“[ ]” does not say what belongs there"),
        ("Owner: {{ }}", "“{{ }}” does not say what belongs there"),
        ("Customers: ____", "“____” does not say what belongs there"),
        ("Region: ${REGION}", "“${REGION}” is no placeholder that is understood"),
        ("In {region} since noon", "“{region}” is no placeholder that is understood"),
        ("Ask %TEAM%", "“%TEAM%” is no placeholder that is understood"),
        ("We see [...] now", "“[...]” does not say what belongs there"),
        ("Root Cause: [Brief explanation]", "asks for the root cause ([Brief explanation])"),
        ("It took [Duration]", "asks for the duration ([Duration])"),
    ],
)
def test_a_gap_that_nobody_can_fill_is_told_with_its_line_and_what_to_do(row: str, words: str) -> None:
    text = f"# R\n## Templates\n### Initial alert\n```\nALERT\n\n{row}\n```"
    (problem,) = [each for each in read(text).problems if "nobody can fill" in each.message]
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
    assert not [each for each in read(text).problems if "nobody can fill" in each.message]


def test_what_is_asked_at_the_end_belongs_into_the_resolution() -> None:
    text = "# R\n## Templates\n### Resolved\n```\nRoot Cause: [Brief]\nDuration: [Duration]\n```"
    assert not [each for each in read(text).problems if "nobody can fill" in each.message]


def test_more_gaps_than_the_form_has_room_for_are_told_at_their_template() -> None:
    rows = "\n".join(f"Thing {n} of ours: [words]" for n in range(120))
    text = f"# R\n## Templates\n### Initial alert\n```\n{rows}\n```"
    (problem,) = [each for each in read(text).problems if "has room for" in each.message]
    assert (problem.line, problem.message[:27]) == (5, "The alert asks for 120 thin")
