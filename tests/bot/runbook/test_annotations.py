"""What comments above a fence add, and the page for those who write runbooks, whose examples are read here."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.playbook import Step, StepKind, Threshold
from bot.runbook import (
    Runbook,
    add_problems,
    classify_step,
    classify_steps,
    format_report,
    parse_runbook,
    parse_thresholds,
)
from tests.samples import examples

PAGE = (Path(__file__).parents[3] / "docs" / "RUNBOOK.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^````markdown\n(.*?)^````\n\n```text\n(.*?)^```", PAGE, re.M | re.S)
BEFORE = "## P0 INCIDENT: X\n\n### Symptoms\n\n- a\n\n### Fix\n\n"
"""Eight lines."""

COUNTED = """\
```bash
# 1. Look
aws ecs list-clusters
# 2. More
aws rds describe-db-clusters
# 3. Fix
./scripts/fix.sh
```
"""


ONE = "```bash\naws ecs list-clusters\n```\n"


def book(text: str) -> Runbook:
    return add_problems(classify_steps(parse_runbook(BEFORE + text)), lambda name: True, lambda url: None)


def steps(text: str) -> list[Step]:
    [playbook] = book(text).playbooks
    return list(playbook.steps())


def problems(text: str) -> list[tuple[int, str]]:
    usual = {problem.message for problem in parse_runbook(BEFORE).problems}
    return [
        (problem.line, problem.message) for problem in book(text).problems if problem.message not in usual
    ]


@pytest.mark.parametrize(("text", "shown"), EXAMPLES)
def test_the_examples_of_the_page_mean_what_stands_below_them(text: str, shown: str) -> None:
    playbook = classify_steps(parse_runbook(BEFORE + text)).playbooks[0]
    told = [f"{'measure':12} {threshold}" for threshold in parse_thresholds(playbook)]
    for step in playbook.steps():
        meaning = classify_step(step)
        words = [
            meaning.runs or meaning.why,
            *(f"{threshold.verdict} {threshold}" for threshold in meaning.thresholds),
        ]
        words += [f"needs {', '.join(meaning.open_needs)}"] if meaning.open_needs else []
        told.append(f"{meaning.kind.value:12} {', '.join(words)}")
    assert "\n".join(told) == shown.strip()
    assert [problem for problem in problems(text) if "comment" in problem[1].lower()] == []


def test_the_page_has_its_examples_and_every_part_of_the_grammar() -> None:
    assert len(EXAMPLES) == 5
    for part in (
        "never by itself",
        "remediation NAME",
        "variables NAME",
        "warn above",
        "bad when",
        "step 2:",
    ):
        assert part in PAGE


def test_a_part_is_for_one_step_by_its_own_number_or_its_place() -> None:
    above = (
        "<!-- tocsin: step 3: remediation ecs.rollback; step 1: never by itself; step 2: bad below 2 -->\n"
    )
    first, second, third = map(classify_step, steps(above + COUNTED))
    assert (first.kind, second.kind, third.kind) == (
        StepKind.PROBE,
        StepKind.DIAGNOSTIC,
        StepKind.REMEDIATION,
    )
    assert third.runs == "ecs.rollback"
    assert second.thresholds == (Threshold("bad", "", "<", 2, "", 9),)
    from_four = COUNTED.replace("# 1.", "# 4.").replace("# 2.", "# 5.").replace("# 3.", "# 6.")
    assert [
        classify_step(step).kind for step in steps("<!-- tocsin: step 5: never by itself -->\n" + from_four)
    ][1] is StepKind.PROBE
    unnumbered = re.sub(r"# \d\. ", "# ", COUNTED)
    assert classify_step(steps("<!-- tocsin: step 3: remediation a.b -->\n" + unnumbered)[2]).runs == "a.b"


def test_what_is_said_without_a_number_is_for_every_step_of_the_fence() -> None:
    said = steps("<!-- tocsin: never by itself; warn above 80% -->\n" + COUNTED)
    assert [classify_step(each).kind for each in said] == [StepKind.PROBE, StepKind.PROBE, StepKind.MANUAL]
    assert [len(classify_step(each).thresholds) for each in said] == [1, 1, 0]


def test_comments_may_follow_each_other_and_have_several_lines() -> None:
    above = "<!-- tocsin: never by itself -->\n\n<!-- tocsin:\n  warn above 75 %;\n  bad above 90 %\n-->\n"
    [step] = steps(above + ONE)
    meaning = classify_step(step)
    assert meaning.kind is StepKind.PROBE
    assert meaning.thresholds == (
        Threshold("warn", "", ">", 75, "%", 12),
        Threshold("bad", "", ">", 90, "%", 13),
    )
    in_a_list = (
        "1. Look\n\n   <!-- tocsin: never by itself -->\n   ```bash\n   aws ecs list-clusters\n   ```\n"
    )
    assert classify_step(steps(in_a_list)[0]).kind is StepKind.PROBE


@pytest.mark.parametrize(
    ("comment", "fence", "line", "said"),
    [
        ("<!-- tocsin: loudly -->", ONE, 9, "not understood. Write “never by itself”"),
        ("<!-- tocsin: warn high -->", ONE, 9, "no comparison: write “warn above 80%”"),
        ("<!-- tocsin: warn above 80 bananas -->", ONE, 9, "“bananas” is no unit"),
        ("<!-- tocsin: remediation -->", ONE, 9, "a name such as “ecs.rollback”"),
        ("<!-- tocsin: remediation rm -rf / -->", ONE, 9, "a name such as “ecs.rollback”"),
        ("<!-- tocsin: variables SLACK_BOT_TOKEN -->", ONE, 9, "Tocsin's own or a secret"),
        ("<!-- tocsin: variables STRIPE_KEY -->", ONE, 9, "Tocsin's own or a secret"),
        ("<!-- tocsin: variables a-b -->", ONE, 9, "names variables such as"),
        ("<!-- tocsin: -->", ONE, 9, "nothing is said"),
        ("<!-- toscin: never by itself -->", ONE, 9, "did you mean “tocsin:”"),
        ("<!-- tocsin: never by itself;\nwarn high -->", ONE, 10, "no comparison"),
        (
            "<!-- tocsin: warn above 90%; bad above 80% -->",
            ONE,
            9,
            "is never seen, for it is bad > 80% before",
        ),
        ("<!-- tocsin: bad above 5% -->", "```bash\n./scripts/health.sh\n```\n", 9, "does not run this step"),
        ("<!-- tocsin: remediation a.b -->", COUNTED, 9, "say which, as in “step 2: remediation a.b”"),
        (
            "<!-- tocsin: step 7: never by itself -->",
            COUNTED,
            9,
            "there is not one step 7 in the block below: it has 1, 2, 3",
        ),
        ("<!-- tocsin: never by itself -->\n\nThen this:\n", ONE, 9, "stands above no fenced block"),
        ("Say <!-- tocsin: never by itself --> this:\n", ONE, 9, "stands above no fenced block"),
        ("<!-- tocsin: never by itself -->\n\n- a list\n", "", 9, "stands above no fenced block"),
        ("- a list\n\n<!-- tocsin: never by itself -->", "", 11, "stands above no fenced block"),
        ("<!-- tocsin: never by itself -->", "```yaml\na: 1\n```\n", 9, "no fenced block of commands"),
    ],
)
def test_a_mistake_is_a_problem_with_its_line_and_what_to_do(
    comment: str, fence: str, line: int, said: str
) -> None:
    told = [problem for problem in problems(f"{comment}\n{fence}") if said in problem[1]]
    assert [each[0] for each in told] == [line], problems(f"{comment}\n{fence}")


def test_a_comment_that_is_much_too_long_is_told_and_takes_no_time() -> None:
    above = f"<!-- tocsin: warn {'a > ' * 100_000} -->\n"
    assert "longer than 2000 letters" in problems(above + ONE)[0][1]
    assert book("<!-- tocsin:" * 50_000 + "\n" + ONE).problems


def test_a_mistaken_part_changes_nothing() -> None:
    for comment in ("remediation a.b", "step 9: remediation a.b", "warn", "nevr by itself"):
        kinds = [classify_step(step).kind for step in steps(f"<!-- tocsin: {comment} -->\n{COUNTED}")]
        assert kinds == [StepKind.DIAGNOSTIC, StepKind.DIAGNOSTIC, StepKind.MANUAL]


def test_check_shows_what_was_understood() -> None:
    text = format_report(
        book("<!-- tocsin: step 1: bad above 5% -->\n" + COUNTED + "\nCPU usage is above 80% then.\n"), False
    )
    assert "ecs.list_clusters, bad > 5%" in text
    assert "measure     CPU usage > 80%  line 19" in text


WORDS = [
    "tocsin:",
    "<!--",
    "-->",
    "step 1:",
    "warn",
    "bad",
    "above",
    "remediation",
    "variables",
    "never by itself",
]


@settings(max_examples=examples(300))
@given(st.lists(st.sampled_from([*"abc 19%<>=-;:,.!\n", *WORDS]), max_size=30).map("".join))
def test_no_comment_raises_or_makes_a_step_less_careful(words: str) -> None:
    kinds = [classify_step(step).kind for step in steps(f"<!-- tocsin: {words} -->\n{COUNTED}")]
    order = list(StepKind)
    for kind, least in zip(kinds[:2], (StepKind.DIAGNOSTIC, StepKind.DIAGNOSTIC), strict=False):
        assert order.index(kind) >= order.index(least)
    if kinds:
        assert problems(f"<!-- tocsin: {words} -->\n{COUNTED}") is not None
