"""Fences to steps: what belongs together stays together."""

from bot.domain.playbook import Step
from bot.domain.section_parts import CodeSample
from bot.runbook.markdown.fences import parse_steps


def commands(text: str, language: str = "bash") -> list[tuple[int, str, str | None]]:
    made = parse_steps(text, 10, language, "Fix")
    return [(step.line, step.title, step.command) for step in made if isinstance(step, Step)]


def test_each_comment_begins_a_step() -> None:
    assert commands("# 1. Look\nls\n# 2) Act\n\nrm x\n") == [(10, "Look", "ls"), (12, "Act", "rm x")]


def test_further_comment_lines_are_the_note() -> None:
    [step] = parse_steps("# Look\n# carefully\nls\n# Expected: a, b\n", 10, "bash", "Fix")
    assert step == Step(10, "Fix", "Look", "ls", "bash", "carefully\nExpected: a, b")


def test_a_comment_without_command_is_for_a_person() -> None:
    assert commands("# Ask the DBA\n\n# Look\nls\n") == [(10, "Ask the DBA", None), (12, "Look", "ls")]


def test_commands_without_comments_are_steps_of_their_own() -> None:
    assert commands("ls -l\npwd\n\ndf\n") == [(10, "ls -l", "ls -l"), (11, "pwd", "pwd"), (13, "df", "df")]


def test_lines_that_need_each_other_stay_one_step() -> None:
    for text in (
        "cd /srv\nls",
        "for x in a b; do\n  echo $x\ndone",
        "export A=1\nenv",
        "ls |\n  wc -l",
        "a &&\nb",
    ):
        assert [command for _, _, command in commands(text + "\n")] == [text]


def test_a_comment_inside_quotes_or_a_here_document_begins_nothing() -> None:
    quoted = "psql -c '\n# not a comment\nSELECT 1'"
    here = "cat <<-'END' > x\n# not a comment\n\tEND"
    assert commands(f"{quoted}\n{here}\n") == [(10, "psql -c '", quoted), (13, "cat <<-'END' > x", here)]


def test_an_apostrophe_that_is_never_closed_does_not_swallow_the_rest() -> None:
    assert [title for _, title, _ in commands("# One\necho don't\n\n# Two\nls\n")] == ["One", "Two"]


def test_statements_of_sql_end_at_their_semicolon() -> None:
    assert commands("SELECT 1;\nSELECT a\nFROM b;\n-- Last\nSELECT 2;\n", "sql") == [
        (10, "SELECT 1;", "SELECT 1;"),
        (11, "SELECT a", "SELECT a\nFROM b;"),
        (13, "Last", "SELECT 2;"),
    ]


def test_commands_after_prompts_may_continue() -> None:
    assert parse_steps("# Look\n$ ls \\\n>   -l\ntotal 0\n", 10, "", "Fix") == [
        Step(11, "Fix", "Look", "ls \\\n  -l", ""),
        CodeSample(13, "total 0", ""),
    ]


def test_an_empty_fence_is_nothing() -> None:
    assert parse_steps("\n  \n", 10, "bash", "Fix") == []


def test_a_long_command_has_a_short_title() -> None:
    [(_, title, _)] = commands("curl " + "a" * 100_000)
    assert len(title) == 72
