"""What the steps of a runbook mean, and the problems that show when its commands are understood."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from bot.command_parsers.aws.service_models import load_services
from bot.domain.playbook import AwsCall, Step, StepKind
from bot.runbook import (
    Runbook,
    add_problems,
    build_json,
    classify_step,
    classify_steps,
    describe_counts,
    format_report,
    parse_runbook,
)
from tests.bot_template import TEMPLATE
from tests.machine_speed import bound_processor_time

ROOT = Path(__file__).parents[3]
SHIPPED = classify_steps(parse_runbook((ROOT / "templates" / "runbook.md").read_text()))


def steps_of(runbook: Runbook) -> list[Step]:
    return [step for playbook in runbook.playbooks for step in playbook.steps()]


def one_step(fence: str, above: str = "", language: str = "bash") -> Step:
    text = f"## P0 INCIDENT: X\n\n### Symptoms\n- a\n\n### Fix\n\n{above}\n```{language}\n{fence}\n```\n"
    [step] = steps_of(classify_steps(parse_runbook(text)))
    return step


def problems(runbook: Runbook, *known: str) -> list[tuple[int, str]]:
    told = add_problems(runbook, lambda name: name in known, lambda url: None).problems
    before = set(runbook.problems)
    return [(problem.line, problem.message) for problem in told if problem not in before]


def test_the_users_runbook_has_18_diagnostics_1_probe_2_remediations_4_links_and_2_manual_steps() -> None:
    steps = steps_of(SHIPPED)
    assert Counter(classify_step(step).kind for step in steps) == {
        StepKind.DIAGNOSTIC: 18,
        StepKind.PROBE: 1,
        StepKind.REMEDIATION: 2,
        StepKind.LINK: 4,
        StepKind.MANUAL: 2,
    }
    said = "21 commands: 18 run by themselves, 1 probe, 2 to run yourself; 4 links, 2 to do yourself"
    assert describe_counts(steps) == said
    assert said in format_report(SHIPPED, colour=False)
    by_line = {step.line: classify_step(step) for step in steps}
    assert [line for line, each in by_line.items() if each.kind is StepKind.REMEDIATION] == [56, 122]
    assert [line for line, each in by_line.items() if each.kind is StepKind.PROBE] == [151]
    assert by_line[53].runs == "logs.filter_log_events"
    assert by_line[242].runs == "logs.start_query"
    assert [filter_.program for filter_ in by_line[176].actions[0].filters] == [
        "grep",
        "sort",
        "uniq",
        "sort",
        "head",
    ]


def test_every_step_is_shown_with_its_kind_and_what_runs() -> None:
    shown = format_report(SHIPPED, colour=False)
    assert "        diagnostic  Check ECS service status             ecs.describe_services  line 41" in shown
    assert "redis.info, needs $REDIS_HOST, $REDIS_PASSWORD" in shown
    assert "\033[" not in shown


def test_the_cluster_that_a_metric_of_ecs_lacks_is_taken_from_describe_services_and_said() -> None:
    metric = next(step for step in steps_of(SHIPPED) if step.line == 73)
    call = classify_step(metric).actions[0].call
    assert isinstance(call, AwsCall)
    assert call.parameters["Dimensions"] == [
        {"Name": "ClusterName", "Value": "rodistaa-production"},
        {"Name": "ServiceName", "Value": "rodistaa-backend-prod"},
    ]
    [said] = [message for line, message in problems(SHIPPED) if line == 73]
    assert said == (
        "Metrics of AWS/ECS have ClusterName beside ServiceName, and it is not given here: "
        "rodistaa-production is taken from line 41."
    )


def test_a_metric_of_ecs_without_any_cluster_is_warned_of() -> None:
    step = one_step(
        "aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name CPUUtilization --period 60 "
        "--start-time 2026-01-01 --end-time 2026-01-02 --dimensions Name=ServiceName,Value=api"
    )
    assert "add Name=ClusterName" in classify_step(step).hints[0]


def test_a_variable_that_is_not_set_is_a_warning_with_its_line() -> None:
    told = problems(SHIPPED, "PGHOST", "PGUSER", "REDIS_HOST")
    unset = [(line, message) for line, message in told if "is not set" in message]
    assert unset == [
        (
            118,
            "$PGDATABASE is not set, and the command here (also at line 122, line 249) cannot run without it. "
            "Set it where Tocsin runs.",
        ),
        (
            258,
            "$REDIS_PASSWORD is not set, and the command here cannot run without it. Set it where Tocsin runs.",
        ),
    ]


def test_variables_that_are_needed_at_the_same_lines_are_one_warning() -> None:
    told = [message for _, message in problems(SHIPPED) if "not set" in message]
    assert told == [
        "$PGHOST, $PGUSER and $PGDATABASE are not set, and the command here (also at line 122, line 249) cannot run "
        "without them. Set them where Tocsin runs.",
        "$REDIS_HOST and $REDIS_PASSWORD are not set, and the command here cannot run without them. "
        "Set them where Tocsin runs.",
    ]


def test_a_typo_is_a_warning() -> None:
    text = (
        "## P0 INCIDENT: X\n### Symptoms\n- a\n### Fix\n```bash\naws ecs describe-service --cluster c\n```\n"
    )
    assert problems(parse_runbook(text)) == [(6, "aws ecs describe-service: did you mean describe-services?")]


def test_a_comment_above_a_fence_names_the_remediation_that_a_script_stands_for() -> None:
    plain = classify_step(one_step("./scripts/fix.sh"))
    assert plain.kind is StepKind.MANUAL
    step = one_step("./scripts/fix.sh", "<!-- tocsin: remediation ecs.rollback -->\n")
    meaning = classify_step(step)
    assert (meaning.kind, meaning.runs) == (StepKind.REMEDIATION, "ecs.rollback")


def test_a_comment_keeps_a_diagnostic_from_running_by_itself_and_never_makes_one() -> None:
    assert classify_step(one_step("aws ecs list-clusters")).kind is StepKind.DIAGNOSTIC
    careful = classify_step(one_step("aws ecs list-clusters", "<!-- tocsin: never by itself -->\n"))
    assert (careful.kind, careful.runs) == (StepKind.PROBE, "ecs.list_clusters")
    bold = classify_step(one_step("aws ecs delete-cluster --cluster c", "<!-- tocsin: never by itself -->\n"))
    assert bold.kind is StepKind.REMEDIATION


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        ("Immediate Actions", StepKind.PROBE), ("Investigation", StepKind.PROBE), ("Verification", StepKind.PROBE),
        ("Fix", StepKind.REMEDIATION), ("Common Fixes", StepKind.REMEDIATION), ("Resolution Steps",
         StepKind.REMEDIATION),
        ("How to resolve it", StepKind.REMEDIATION), ("Remediation", StepKind.REMEDIATION), ("Mitigation",
         StepKind.REMEDIATION),
        ("Recovery", StepKind.REMEDIATION), ("Roll back", StepKind.REMEDIATION), ("Workaround", StepKind.REMEDIATION),
    ],
)  # fmt: skip
def test_what_is_posted_in_a_section_that_fixes_changes_something(section: str, kind: StepKind) -> None:
    both = "curl -X POST https://api.example.com/status\n\ncurl https://api.example.com/status"
    text = f"## P0 INCIDENT: X\n\n### {section}\n\n```bash\n{both}\n```\n"
    text += "\n### Look\n\n```bash\ncurl -X POST https://api.example.com/status\n```\n"
    kinds = [classify_step(step).kind for step in steps_of(classify_steps(parse_runbook(text)))]
    assert kinds == [kind, StepKind.DIAGNOSTIC, StepKind.PROBE]


def test_a_comment_names_the_variables_that_a_fence_may_use_and_never_a_secret() -> None:
    fence = "aws elbv2 describe-target-health --target-group-arn $TARGETS"
    assert classify_step(one_step(fence)).needs == ("TARGETS",)
    allowed = classify_step(one_step(fence, "<!-- tocsin: variables CLUSTER, TARGETS -->\n"))
    assert (allowed.kind, allowed.needs) == (StepKind.DIAGNOSTIC, ("$TARGETS",))
    for name in ("SLACK_BOT_TOKEN", "TOCSIN_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "MY_SECRET"):
        step = one_step(f"curl https://x.example/?a=${name}", f"<!-- tocsin: variables {name} -->\n")
        assert classify_step(step).kind is StepKind.MANUAL


def test_a_comment_holds_for_the_fence_right_below_it_and_is_seen_by_nobody() -> None:
    text = (
        "## P0 INCIDENT: X\n### Symptoms\n- a\n### Fix\n<!-- tocsin: never by itself; loudly -->\n\n"
        "```bash\naws ecs list-clusters\n```\n\nThen\n\n```bash\naws rds describe-db-clusters\n```\n"
    )
    runbook = classify_steps(parse_runbook(text))
    assert [classify_step(step).kind for step in steps_of(runbook)] == [StepKind.PROBE, StepKind.DIAGNOSTIC]
    assert "tocsin:" not in json.dumps(build_json(runbook))
    [(line, message)] = problems(runbook)
    assert line == 5
    assert "loudly" in message


def test_a_runbook_of_two_thousand_lines_is_understood_in_a_moment() -> None:

    commands = "\n\n".join(
        f"# {n}\naws ecs describe-services --cluster c{n} --services s | head -{n}" for n in range(650)
    )
    text = f"## P0 INCIDENT: X\n### Symptoms\n- a\n### Fix\n```bash\n{commands}\n```\n"
    classify_steps(SHIPPED)
    runbook = bound_processor_time(3, lambda: classify_steps(parse_runbook(text)))
    assert Counter(classify_step(step).kind for step in steps_of(runbook)) == {StepKind.DIAGNOSTIC: 650}


@pytest.mark.parametrize(
    "commands",
    [
        [f"aws {name} list-things" for name in sorted(load_services())],
        ["a " + "<" * 11_000 + str(number) for number in range(50)],
        [f"aws ecs describe-services --services s --cluster c{number}" for number in range(4_900)],
        ["psql -c 'SELECT " + "(" * 1_500 + f"{number}'" for number in range(400)],
        ["aws " + "x" * 900_000],
    ],
    ids=["services", "brackets", "many", "nested", "long"],
)
def test_any_runbook_is_understood_in_bounded_time(commands: list[str]) -> None:
    text = "## P0 INCIDENT: X\n### Symptoms\n- a\n### Fix\n```bash\n" + "\n\n".join(commands) + "\n```\n"
    runbook = parse_runbook(text)
    meanings = bound_processor_time(
        3, lambda: [classify_step(step) for step in steps_of(classify_steps(runbook))]
    )
    assert len(meanings) == len(commands)
    assert all(meaning.why for meaning in meanings)


def check(runbook: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return TEMPLATE.run(["check", str(runbook), *words], os.environ)


def test_check_says_it_all_and_an_unset_variable_is_no_error(tmp_path: Path) -> None:
    copy = tmp_path / "runbook.md"
    copy.write_text((ROOT / "templates" / "runbook.md").read_text())
    (tmp_path / "DATABASE_INCIDENTS.md").write_text("# Database")
    told = check(copy)
    assert told.returncode == 0, told.stderr
    assert (
        "21 commands: 18 run by themselves, 1 probe, 2 to run yourself; 4 links, 2 to do yourself"
        in told.stdout
    )
    assert "The link “Network Issues” is a broken link: ./NETWORK_INCIDENTS.md was not found." in told.stdout
    assert "DATABASE_INCIDENTS.md is not there" not in told.stdout
    kinds = Counter(
        step["kind"]
        for load in json.loads(check(copy, "--json").stdout)["playbooks"]
        for step in load["steps"]
    )
    assert kinds == {"diagnostic": 18, "probe": 1, "remediation": 2, "link": 4, "manual": 2}


def test_a_link_that_leaves_the_folder_is_warned_of(tmp_path: Path) -> None:
    copy = tmp_path / "runbook.md"
    copy.write_text("# R\n\n## Runbooks\n- [Passwords](../elsewhere.md)\n- [Odd](./a\0b.md)\n")
    told = check(copy)
    assert "../elsewhere.md is outside of the runbook's folder." in told.stdout
