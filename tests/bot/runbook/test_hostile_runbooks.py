"""Whatever is read: never an exception, never long."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.runbook import (
    Literal,
    Runbook,
    UndecodableFile,
    add_problems,
    build_json,
    decode_text,
    find_best_playbook,
    format_report,
    parse_runbook,
)
from tests.machine_speed import bound_processor_time
from tests.samples import examples

FIVE_MB = 5_000_000
MARKS = (
    "# ~## ~P0~SEV-1~P1 INCIDENT: ~Severity~Templates~Contacts~Checklist~**~**Symptoms:** ~- ",
    "- [ ] ~1. ~> ~    ~\t~\n~\n\n~```\n~```bash\n~```console\n~```sql\n~$ ~\\\n~<<EOF\n~EOF\n~'~\"~-- ~|",
    "|-|-|\n~| a | b |\n~---\n~<!--~-->~<div>~[~]~[x](y.md)~{{~}}~<a>~https://a.b~<@U012ABCDE>~a@b.co",
    "+91 98765 43210~Within 1 hour:~Response Time: < 5 min~Action: page CTO~Next Update: In 5 minutes",
    "https://[x/d/abc~```sh\ncurl https://[x/a\npsql postgresql://[x/a -c 'select 1'\n```~",
    "every 3 m~\r~\0~🚨~ðŸš¨~\u2028~a ~:~,",
)
PIECES = st.sampled_from([mark for marks in MARKS for mark in marks.split("~")])


@settings(max_examples=examples(400))
@given(st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join))
def test_reading_never_raises(text: str) -> None:
    runbook = parse_runbook(text)
    last = text.count("\n") + text.count("\r") + 1
    assert all(1 <= problem.line <= last for problem in runbook.problems)
    assert all(1 <= step.line <= last for playbook in runbook.playbooks for step in playbook.steps())
    assert len({playbook.id for playbook in runbook.playbooks}) == len(runbook.playbooks)
    json.dumps(build_json(runbook))
    format_report(runbook, colour=True)
    find_best_playbook(runbook, text, None)


@settings(max_examples=examples(200))
@given(
    (st.binary(max_size=20) | st.text(max_size=50).map(str.encode)).filter(
        lambda raw: b"\xef\xbf\xbd" not in raw
    )
)
def test_bytes_are_decoded_or_refused_in_a_sentence(raw: bytes) -> None:
    try:
        text, _ = decode_text(raw)
    except UndecodableFile as refused:
        text = f"refused: {refused}"
    assert not {"\0", "\r"} & set(text)
    if text.startswith("refused: "):
        assert text.endswith(".")
        assert raw.startswith((b"\xff\xfe", b"\xfe\xff")) or "\ufffd" in raw.decode("utf-8", "replace")


def test_a_template_full_of_facts_and_an_item_full_of_commands_are_read_in_bounded_time() -> None:
    facts = "14:30 45% @a 2031-02-03 " * 150 + "\n"
    commands = "`kubectl get pods x` " * 1500
    text = f"# R\n## Communication\n### Initial alert\n```\n{facts * 20}```\n"
    text += f"## Incident: x\n### Symptoms\n- {commands}\n"
    found = bound_processor_time(5, lambda: parse_runbook(text))
    posted = [
        part.text
        for line in found.templates["alert"].lines
        for part in line.parts
        if isinstance(part, Literal)
    ]
    assert not any("14:30" in words or "45%" in words for words in posted)


def read(raw: bytes) -> Runbook:
    decoded, mended = decode_text(raw)
    runbook = add_problems(parse_runbook(decoded, mended), lambda name: True, lambda path: None)
    build_json(runbook)
    return runbook


PLAYBOOK = "# R\n## P0: x\n```bash\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- " * 10_000 + "a", id="10,000 nested lists"),
        pytest.param(">" * 10_000 + " a", id="10,000 nested quotes"),
        pytest.param("".join("  " * depth + "- a\n" for depth in range(1000)), id="lists nested by indent"),
        pytest.param("- a\n" * (FIVE_MB // 4), id="5 MB of list items"),
        pytest.param("word " * (FIVE_MB // 5), id="5 MB in one line"),
        pytest.param("[" * FIVE_MB, id="5 MB of brackets"),
        pytest.param("|a|b|\n|-|-|\n" + "|1|2|\n" * (FIVE_MB // 6), id="5 MB of table"),
        pytest.param("## P0 INCIDENT: a\n**Symptoms:** b\n" * 20_000, id="20,000 playbooks of one name"),
        pytest.param(PLAYBOOK + "a" * 1_000_000 + "\n```", id="a fence of 1 MB"),
        pytest.param(PLAYBOOK + "echo 'a\n" * 100_000, id="an unclosed fence of unclosed quotes"),
        pytest.param(PLAYBOOK + "cat <<EOF\n" * 100_000, id="unclosed here-documents"),
        pytest.param(PLAYBOOK + "# 1. a\n" * 100_000, id="nothing but comments"),
        pytest.param("> " * 20 + "a\n" + "b\n" * 100_000, id="lazy lines below quotes"),
        pytest.param("## P0: " + "**a" * 300_000, id="unclosed emphasis in a heading"),
        pytest.param("## Templates\n```\n" + "[a] " * 200_000 + "\n```", id="200,000 gaps in a line"),
        pytest.param(
            "## Templates\n```\nAlert: " + "a | b: " * 100_000 + "\n```", id="100,000 columns in a line"
        ),
        pytest.param(
            "## Severity\n### P0\n- **Action**: " + "page cto, " * 90_000, id="90,000 people to page"
        ),
        pytest.param("## Contacts\n- a: " + "1-" * 400_000, id="an endless phone number"),
        pytest.param("## Links\n- " + "http://a " * 100_000, id="100,000 links in a line"),
        pytest.param("<!-- \n" * 100_000, id="unclosed comments"),
        pytest.param(PLAYBOOK + "aws ecs list-clusters\n" * 45_000 + "```", id="45,000 commands in a fence"),
        pytest.param(PLAYBOOK + "cat x" + " | grep a" * 11_000 + "\n```", id="a pipeline of 100 kB"),
        pytest.param(PLAYBOOK + "echo " + "$(" * 33_000 + ")" * 33_000, id="a nested command of 100 kB"),
        pytest.param(PLAYBOOK + "(" * 50_000 + ")" * 50_000, id="subshells of 100 kB"),
        pytest.param(PLAYBOOK + "echo " + "'a\"b" * 25_000, id="100 kB of quotes that are not closed"),
        pytest.param(
            PLAYBOOK + "".join(f"# {n}. c\necho {'$(' * 3000}{n}\n\n" for n in range(100)),
            id="100 commands that are hard to read",
        ),
        pytest.param(
            "# R\n## P0: x\n```sql\nselect " + "(" * 50_000 + ")" * 50_000 + ";\n```", id="SQL of 100 kB"
        ),
        pytest.param(
            "## P0: a\n<!-- tocsin: " + "x;" * 100_000 + " -->\n```bash\nls\n```\n", id="a comment of 200 kB"
        ),
        pytest.param(
            "## Severity\n||" + "SEV1|" * 300 + "\n|" + "-|" * 301 + "\n" + ("|" + "x|" * 301 + "\n") * 1_500,
            id="450,000 cells of a table",
        ),
        pytest.param("|" + "SEV1|" * 50_000 + "\n|" + "-|" * 50_000 + "\n", id="a table with 50,000 columns"),
        pytest.param(
            "## Escalation\n" + "".join(f"### Level {n}: Lead (after {n} min)\n" for n in range(9_000)),
            id="9,000 levels of an escalation",
        ),
        pytest.param("- > " * 5_000 + "a", id="10,000 lists and quotes in each other"),
        pytest.param("\0" * 1_000_000, id="nothing but NUL bytes"),
        pytest.param("- [a](./b.md)\n" * (FIVE_MB // 14), id="5 MB of links to other runbooks"),
        pytest.param("ðŸš¨ " * 600_000, id="5 MB that were encoded twice"),
        pytest.param(
            "## Severity\n### P0 - x\n- Action: "
            + ", ".join(f"lead {n}" for n in range(300))
            + "\n## Contacts\n"
            + "".join(f"- **Lead {n}**: <@U0{n:07d}>\n" for n in range(30_000)),
            id="30,000 contacts",
        ),
    ],
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    raw = text.encode()
    assert bound_processor_time(2, lambda: read(raw)).problems


HEADINGS = {
    "sections": "# Runbook\n" + "".join(f"## Section {n}\ntext {n}\n" for n in range(3_000)),
    "severities": "# Incident runbook\n## Severity levels\n"
    + "".join(f"### P{n % 5} - Thing {n}\n- **Response Time**: {n % 60} minutes\n" for n in range(3_000)),
    "levels": "# Incident runbook\n## Escalation contacts\n"
    + "".join(f"### Level {n}: Lead {n}\n- Phone: +1 202 555 {n:04}\n" for n in range(3_000)),
    "playbooks": "# Incident runbook\n"
    + "".join(
        f"## P{n % 4} Incident: Thing {n}\n### Symptoms\n- x\n### Diagnosis\n`kubectl get pods -n a{n}`\n"
        for n in range(1_000)
    ),
    "deep": "# Runbook\n" + "".join(f"{'#' * (2 + n % 5)} Heading {n}\n- x\n\n" for n in range(3_000)),
}


@pytest.mark.parametrize("shape", HEADINGS)
def test_3000_headings_are_read_in_a_second(shape: str) -> None:
    raw = HEADINGS[shape].encode()
    assert bound_processor_time(1, lambda: read(raw)).problems


HOSTILE = """\
aws ecs list-clusters --cluster "$(rm -rf /)"
aws ecs list-clusters; rm -rf /
aws ecs list-clusters `rm -rf /`
aws ecs list-clusters <(rm -rf /)
psql -c "select 1" <<< "drop table x"
aws ecs list-clusters "not closed
aws ecs list-clusters \N{EN DASH}\N{EN DASH}cluster x
curl \N{NON-BREAKING HYPHEN}X POST https://example.com
aws ecs describe\N{HYPHEN}services --cluster x
{long}
"""


def test_hostile_commands_are_for_a_person_with_line_and_reason() -> None:
    lines = HOSTILE.replace("{long}", "aws ecs list-clusters " + "--cluster x " * 9_000).splitlines()
    text = "# R\n## P0 INCIDENT: a\n" + "".join(f"```bash\n{line}\n```\n" for line in lines)
    steps = build_json(parse_runbook(text))["playbooks"][0]["steps"]
    assert [step["line"] for step in steps] == [4 + 3 * number for number in range(len(lines))]
    assert {step["kind"] for step in steps} == {"manual"}
    assert all(step["why"] and step["runs"] is None for step in steps)


def test_a_nul_byte_is_told_at_its_line() -> None:
    text, mended = decode_text(b"# R\n## P0 INCIDENT: a\n```bash\naws ecs\0 list-clusters\n```\n")
    assert [problem.line for problem in parse_runbook(text, mended).problems if "NUL" in problem.message] == [
        4
    ]


def test_a_file_that_is_too_long_is_an_error_at_the_line_where_reading_stopped() -> None:
    runbook = parse_runbook("# R\n" + "text\n" * 20_000)
    assert [(p.line, p.message[:26]) for p in runbook.errors() if p.line > 1] == [
        (10_000, "The runbook is too long an")
    ]


def test_lists_that_are_nested_too_deep_are_a_warning_at_their_line() -> None:
    runbook = parse_runbook("# R\n\n" + "- " * 10_000 + "a")
    assert [problem.line for problem in runbook.problems if "nested deeper" in problem.message] == [3]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# R\n\n```bash\nls\n", 3, "fenced block is not closed"),
        ("# R\n1. a\n   ```bash\n   ls\n2. b\n", 3, "fenced block is not closed"),
        ("# R\n\n<!-- hidden\n\n## P0: x\n", 3, "comment is not closed"),
    ],
)
def test_what_is_not_closed_is_a_warning_at_its_line(text: str, line: int, words: str) -> None:
    assert [problem.line for problem in parse_runbook(text).problems if words in problem.message] == [line]


def test_closed_fences_are_no_problem() -> None:
    text = "# R\n1. a\n   ```bash\n   ls\n   ```\n> ~~~~\n> x\n> ~~~~~\n\n```\n```\n"
    assert not [problem for problem in parse_runbook(text).problems if "not closed" in problem.message]


def test_a_runbook_of_2000_lines_is_read_fast() -> None:
    section = "## P{} INCIDENT: Case {}\n### Symptoms\n- It is slow\n### Fix\n"
    section += "```bash\n# 1. Look\nls -l\n\n# 2. Act\nrm x\n```\n"
    text = "# R\n" + "".join(section.format(n % 4, n) for n in range(180))
    assert text.count("\n") >= 1980
    runbook = bound_processor_time(1, lambda: parse_runbook(text))
    assert len(runbook.playbooks) == 180
