"""The grave problems of a runbook are told first, those of one cause together, broken links last."""

from bot.runbook import Problem, add_problems, format_report, list_causes, parse_runbook

TEXT = """# R
[Other](./gone.md)
[Another](./gone2.md)
## Severity levels
### P0 - DOWN
- Response Time: 5 minutes
"""


def test_that_nobody_is_paged_comes_first_and_broken_links_come_last() -> None:
    found = add_problems(parse_runbook(TEXT), lambda _: False, lambda _: "was not found")
    lines = [line for line in format_report(found, colour=False).splitlines() if line.startswith("  warning")]
    assert "P0 does not say whom to page" in lines[0]
    assert all("is a broken link" in line for line in lines[-2:])
    assert sum("is a broken link" in line for line in lines) == 2


def test_problems_of_one_cause_stand_below_their_count_and_of_many_only_the_first_are_whole() -> None:
    links = "".join(f"[Page {number}](./gone{number}.md)\n\n" for number in range(20))
    found = add_problems(parse_runbook(f"# R\n{links}"), lambda _: False, lambda _: "was not found")
    lines = format_report(found, colour=False).splitlines()
    at = lines.index("  20 × broken links")
    assert sum("is a broken link" in line for line in lines) == 5
    assert lines[at + 6].strip().startswith("and 15 more: line 12, line 14, ")
    assert lines[at + 6].endswith(", …")


CTO = Problem(
    353, "warning", "CTO is paged for P0, but “[Phone]” is no Slack id, e-mail address or phone number."
)
LEAD = Problem(354, "warning", "DevOps Lead is paged for P1, but there is no handle.")
LINK = Problem(366, "warning", "The link “Database Issues” is a broken link: ./D.md was not found.")


def test_problems_of_one_cause_are_one_line_with_their_count_and_places() -> None:
    assert list_causes([CTO, LINK, LEAD]) == [
        f"line 353: {CTO.message} (2 × contacts without a handle, the others at line 354)",
        f"line 366: {LINK.message}",
    ]


def test_problems_that_are_not_alike_are_a_line_each() -> None:
    odd = [Problem(3, "warning", "This is odd."), Problem(4, "warning", "That is odd, too.")]
    assert list_causes(odd) == ["line 3: This is odd.", "line 4: That is odd, too."]


def test_an_error_is_not_told_with_the_warnings_of_its_cause() -> None:
    error = Problem(1, "error", LEAD.message)
    assert len(list_causes([CTO, error])) == 2
