"""The figures over a folder of runbooks: on small ones of each kind, and on one of which everything is wrong."""

import json
from pathlib import Path

from bot.cli.runbook_corpus import measure_corpus, report_corpus

KINDS = Path(__file__).parent / "kinds"
RIGHT = {
    "k01-numbered-alarm": {"playbooks": ["Queue Depth Alarm"], "reading": ["aws sqs get-queue-attributes"]},
    "k04-echo": {"reading": ["aws ecs list-tasks", "curl https://shop.example.com/health"]},
    "k07-cadence": {"cadence": 900, "facts": ["@engineer-name"]},
    "k08-ladder": {"first_call": ["On-Call Engineer"], "contacts": ["On-Call Engineer", "Team Lead"]},
    "k09-mtta": {"severities": {"SEV1": 300, "SEV2": 600}},
    "k14-literal-template": {"templates": {"alert": "INCIDENT P1"}, "facts": ["2031", "14:30", "Pat"]},
    "k15-quote-alert": {"templates": {}},
    "k22-post": {"changing": ["keys/revoke", "-X PUT", "-X DELETE"]},
    "k23-de": {"first_call": ["Bereitschaft"], "severities": {"P1": 900, "P2": 3600}, "checklist": 0},
}


def test_every_figure_is_reached_on_the_small_ones_of_each_kind(tmp_path: Path) -> None:
    for path in KINDS.glob("*.md"):
        (tmp_path / path.name).write_text(path.read_text())
    for name, expected in RIGHT.items():
        (tmp_path / f"{name}.expected.json").write_text(json.dumps(expected))
    figures = measure_corpus(tmp_path)
    assert [figure.name for figure in figures if not figure.reached] == []
    assert next(figure for figure in figures if figure.name == "starts").there == len(
        list(KINDS.glob("*.md"))
    )


def test_what_is_not_found_and_what_is_found_falsely_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# R\n## Incident: Shop\n### Symptoms\n- down\n")
    (tmp_path / "a.expected.json").write_text(json.dumps({"playbooks": ["Till"], "reading": ["curl x"]}))
    said: list[str] = []
    assert report_corpus(tmp_path, said.append) == 1
    assert [line.split() for line in said] == [
        ["starts", "1", "of", "1", "(100%),", "0", "false", "reached"],
        ["reading", "0", "of", "1", "(0%),", "0", "false", "MISSED"],
        ["playbooks", "0", "of", "1", "(0%),", "1", "false", "MISSED"],
    ]
