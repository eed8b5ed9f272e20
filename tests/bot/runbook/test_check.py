"""The command `check` as people and scripts meet it: exit codes, colours, each kind of problem with its line."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot_template import TEMPLATE

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "templates" / "runbook.md"
CALM = {
    name: value
    for name, value in os.environ.items()
    if name not in {"NO_COLOR", "REDIS_HOST", "TOCSIN_CONTACTS"}
}


def check(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return TEMPLATE.run(["check", *map(str, words)], CALM | more)


def on_a_terminal(*words: str | Path, **more: str) -> str:
    """What is printed where standard output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "check", *map(str, words)], cwd=ROOT, env=CALM | more, stdout=theirs
    ):
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65536):
                told += piece
        except OSError:  # the other end is closed: Linux says EIO
            pass
    os.close(ours)
    return told.decode()


def test_there_are_colours_on_a_terminal_only_and_none_where_they_are_not_wanted() -> None:
    assert "\033[32mdiagnostic" in on_a_terminal(GOOD)
    assert "\033" not in on_a_terminal(GOOD, NO_COLOR="1")
    assert "\033" not in on_a_terminal(GOOD, "--json")
    assert "\033" not in check(GOOD).stdout


def test_warnings_only_is_0_and_an_error_is_1(tmp_path: Path) -> None:
    assert check(GOOD).returncode == 0
    bad = tmp_path / "bad.md"
    bad.write_text("# Too long\n" + "a\n" * 10_000)
    for told in (check(bad), check(bad, "--json")):
        assert told.returncode == 1
        assert "The runbook is too long" in told.stdout


def test_a_file_with_nothing_in_it_is_used_and_says_what_is_assumed(tmp_path: Path) -> None:
    empty = tmp_path / "empty.md"
    for text in ("", "# Nothing in it\n", "[a](./b.md)\n", "<html><body>x</body></html>\n"):
        empty.write_text(text)
        told = check(empty, "--json")
        assert told.returncode == 0
        assert "No severities were found: P0 to P3" in told.stdout


def test_what_cannot_be_read_is_2_and_a_sentence(tmp_path: Path) -> None:
    binary = tmp_path / "binary.md"
    binary.write_bytes(b"# R\n\xff\n")
    for path, why in (
        (tmp_path / "gone.md", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (binary, "line 2 has the byte 0xff"),
    ):
        told = check(path)
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr.startswith(f"tocsin: {path} cannot be read: ")
        assert why in told.stderr
        assert "Traceback" not in told.stderr


def test_without_a_name_it_is_the_runbook_in_force(tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("# Our own\n")
    assert check(TOCSIN_RUNBOOK=str(own)).stdout.startswith(f"{own}\nOur own\n")


def test_the_preview_says_who_is_called_when_and_by_which_way_and_the_alert_as_posted(tmp_path: Path) -> None:
    path = tmp_path / "own.md"
    path.write_text(
        "# R\n## Severity levels\n### P0 - DOWN\n- Response Time: 5 minutes\n## Escalation path\n"
        "### Level 1: On-call engineer (0-15 min)\n### Level 2: Team lead (15-30 min)\n## Incident: Shop\n"
        "### Symptoms\n- down\n```bash\nkubectl get pods -n shop\n```\n"
        "## Contacts\n- **On-call engineer**: <@U00000002>\n- **Team lead**: [Phone]\n"
        "## Communication\n### Initial alert\n```\nShop is out\nTime: 2031-02-03 14:30\nLead: Pat Example\n```\n"
    )
    told = check(path, "--preview")
    assert told.returncode == 0
    lines = [line.strip() for line in told.stdout.splitlines()]
    assert lines[:4] == [
        "P0 DOWN (within 5 minutes)",
        "pages at once: On-call engineer by Slack",
        "pages after 15 minutes: Team lead, who is not reached: no contact method",
        "posts:",
    ]
    assert "Lead: @whoever-declared" in lines
    assert "runs by itself for “Shop”: 1 diagnostics" in lines
    assert "2031" not in told.stdout
    assert "Pat" not in told.stdout


def test_a_preview_of_which_the_top_severity_calls_nobody_is_1(tmp_path: Path) -> None:
    path = tmp_path / "own.md"
    path.write_text("# R\n## Severity levels\n### P0 - DOWN\n- Response Time: 5 minutes\n")
    told = check(path, "--preview")
    assert told.returncode == 1
    assert "for nobody is named" in told.stdout


FAULTY = """# R
## Severity Levels
### P1 - HIGH
- Response Time: 15 minutes
- Action: page the CTO
## P1 INCIDENT: Twice
### Symptoms
- a
```bash
aws ecs describe-service --cluster c --services s
```
```bash
redis-cli -h $REDIS_HOST INFO
```
```bash
aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name CPUUtilization \\
  --dimensions Name=ServiceName,Value=s --start-time 2026-01-01T00:00:00Z \\
  --end-time 2026-01-01T01:00:00Z --period 300 --statistics Average
```
## P7: Twice
### Symptoms
- b
## P4: Twice
### Symptoms
- c
## Templates
### Initial alert
```
Region: ${REGION}
```
## Contacts
- **CTO**: [Phone]
- See [the other](./gone.md)
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (9 + 1, "aws ecs describe-service: did you mean describe-services?"),
        (12 + 1, "$REDIS_HOST is not set, and the command here cannot run without it. Set it"),
        (15 + 1, "ClusterName beside ServiceName, and it is not given here: add Name=ClusterName"),
        (20, "The playbook “Twice” is of P7, which is no severity of this runbook. Use one of P1."),
        (23, "at line 6, is named “Twice” too: this one goes by twice-3. Give one of them another name."),
        (23, "The playbook “Twice” is of P4, which is no severity of this runbook. Use one of P1."),
        (29, "“${REGION}” is no placeholder that is understood, so nobody can fill it"),
        (32, "CTO is paged for P1, but “[Phone]” is no Slack id, e-mail address or phone number."),
        (33, "The link “the other” is a broken link: ./gone.md was not found."),
    ],
)
def test_each_kind_of_problem_has_its_line_its_reason_and_what_to_do(
    tmp_path: Path, line: int, words: str
) -> None:
    path = tmp_path / "faulty.md"
    path.write_text(FAULTY)
    problems = json.loads(check(path, "--json").stdout)["problems"]
    assert [problem["line"] for problem in problems if words in problem["message"]] == [line]
