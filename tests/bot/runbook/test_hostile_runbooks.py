"""Whatever is read: never an exception, never long."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.runbook import Unreadable, as_json, as_text, best_playbook, decode, read

FIVE_MB = 5_000_000
MARKS = (
    "# ~## ~P0~SEV-1~P1 INCIDENT: ~Severity~Templates~Contacts~Checklist~**~**Symptoms:** ~- ",
    "- [ ] ~1. ~> ~    ~\t~\n~\n\n~```\n~```bash\n~```console\n~```sql\n~$ ~\\\n~<<EOF\n~EOF\n~'~\"~-- ~|",
    "|-|-|\n~| a | b |\n~---\n~<!--~-->~<div>~[~]~[x](y.md)~{{~}}~<a>~https://a.b~<@U012ABCDE>~a@b.co",
    "+91 98765 43210~Within 1 hour:~Response Time: < 5 min~Action: page CTO~Next Update: In 5 minutes",
    "every 3 m~\r~\0~🚨~ðŸš¨~\u2028~a ~:~,",
)
PIECES = st.sampled_from([mark for marks in MARKS for mark in marks.split("~")])


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join))
def test_reading_never_raises(text: str) -> None:
    runbook = read(text)
    last = text.count("\n") + text.count("\r") + 1
    assert all(1 <= problem.line <= last for problem in runbook.problems)
    assert all(1 <= step.line <= last for playbook in runbook.playbooks for step in playbook.steps())
    assert len({playbook.id for playbook in runbook.playbooks}) == len(runbook.playbooks)
    json.dumps(as_json(runbook))
    as_text(runbook, colour=True)
    best_playbook(runbook, text, None)


@settings(max_examples=200, deadline=None)
@given(
    (st.binary(max_size=20) | st.text(max_size=50).map(str.encode)).filter(
        lambda raw: b"\xef\xbf\xbd" not in raw
    )
)
def test_bytes_are_decoded_or_refused_in_a_sentence(raw: bytes) -> None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or "\ufffd" in raw.decode("utf-8", "replace"):
        with pytest.raises(Unreadable, match=r"\.$"):
            decode(raw)
    else:
        text, _ = decode(raw)
        assert not {"\0", "\r"} & set(text)


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
    ],
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    runbook = read(text)
    as_json(runbook)
    assert time.process_time() - started < 3
    assert runbook.problems


def test_a_file_that_is_too_long_is_an_error_at_the_line_where_reading_stopped() -> None:
    runbook = read("# R\n" + "text\n" * 20_000)
    assert [(p.line, p.message[:26]) for p in runbook.errors() if p.line > 1] == [
        (10_000, "The runbook is too long an")
    ]


def test_lists_that_are_nested_too_deep_are_a_warning_at_their_line() -> None:
    runbook = read("# R\n\n" + "- " * 10_000 + "a")
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
    assert [problem.line for problem in read(text).problems if words in problem.message] == [line]


def test_closed_fences_are_no_problem() -> None:
    text = "# R\n1. a\n   ```bash\n   ls\n   ```\n> ~~~~\n> x\n> ~~~~~\n\n```\n```\n"
    assert not [problem for problem in read(text).problems if "not closed" in problem.message]


def test_a_runbook_of_2000_lines_is_read_fast() -> None:
    section = "## P{} INCIDENT: Case {}\n### Symptoms\n- It is slow\n### Fix\n"
    section += "```bash\n# 1. Look\nls -l\n\n# 2. Act\nrm x\n```\n"
    text = "# R\n" + "".join(section.format(n % 4, n) for n in range(180))
    assert text.count("\n") >= 1980
    started = time.process_time()
    runbook = read(text)
    assert time.process_time() - started < 1
    assert len(runbook.playbooks) == 180
