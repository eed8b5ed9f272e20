"""The line of a runbook that names the call which people join."""

import json
from pathlib import Path

import pytest

from bot.runbook import build_json, format_report, parse_runbook
from tests.bot.runbook.test_check import GOOD, check

ZOOM = "https://zoom.us/j/91234567890?pwd=a1_B-2"


def found(text: str) -> tuple[str, int] | None:
    """Address and line of the call that is found."""
    call = parse_runbook(f"# Runbook\n\n{text}\n").call
    return (call.url, call.line) if call else None


@pytest.mark.parametrize(
    "line",
    [
        f"Bridge: {ZOOM}",
        f"Zoom: {ZOOM}",
        f"Meet: {ZOOM}",
        f"Call: {ZOOM}",
        f"War room: {ZOOM}",
        f"war room: {ZOOM}",
        f"War-Room: {ZOOM}",
        f"**Bridge**: {ZOOM}",
        f"**Bridge:** {ZOOM}",
        f"__Zoom:__ {ZOOM}",
        f"*Call:* {ZOOM}",
        f"- Bridge: {ZOOM}",
        f"- **Zoom bridge** - {ZOOM}",
        f"* **Google Meet:** <{ZOOM}>",
        f"1. Incident call: {ZOOM} (passcode 123)",
        f"- [ ] Call: {ZOOM}",
        f"> **Bridge:** {ZOOM}",
        f"Bridge: [Join the bridge]({ZOOM})",
        f'**Zoom:** [the room]({ZOOM} "Zoom")',
        f"- [Zoom bridge]({ZOOM})",
        f"[War room call]({ZOOM})",
        f"Zoom link: {ZOOM}.",
        f"📞 Conference bridge: {ZOOM}",
        f"Zoom: `{ZOOM}`",
        f"**Bridge** {ZOOM}",
        f"Bridge = {ZOOM}",
        f"Zoom / Meet: {ZOOM}",
        f"**Our standing bridge line**: {ZOOM}",
    ],
)
def test_a_line_that_names_it_in_any_shape_is_found(line: str) -> None:
    assert found(line) == (ZOOM, 3)


def test_a_cell_of_a_table_is_found_behind_its_name_below_its_head_and_in_itself() -> None:
    assert found(f"| What | Where |\n| --- | --- |\n| Wiki | https://wiki.x |\n| Zoom | {ZOOM} |") == (
        ZOOM,
        6,
    )
    assert found(f"| Team | Bridge |\n| --- | --- |\n| API | {ZOOM} |") == (ZOOM, 5)
    assert found(f"| Team | Where |\n| --- | --- |\n| API | Call: [join]({ZOOM}) |") == (ZOOM, 5)


def test_it_stands_below_its_name_too() -> None:
    assert found(f"**Bridge:**\n{ZOOM}") == (ZOOM, 4)
    assert found(f"## War room\n\n{ZOOM}") == (ZOOM, 5)
    assert found(f"Words\nZoom: {ZOOM}") == (ZOOM, 4)


@pytest.mark.parametrize(
    "text",
    [
        f"```\nBridge: {ZOOM}\n```",
        f"````markdown\n```\nx\n```\nBridge: {ZOOM}\n````",
        f"~~~text\nZoom: {ZOOM}\n~~~",
        f"    Bridge: {ZOOM}",
        f"- a\n\n  ```\n  Bridge: {ZOOM}\n  ```",
        f"<!-- Bridge: {ZOOM} -->",
        f"Words <!-- Bridge: {ZOOM} -->",
        f"~~Zoom: {ZOOM}~~",
        f"- ~~Zoom~~: ~~{ZOOM}~~",
    ],
)
def test_what_is_fenced_hidden_or_struck_out_is_none(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    "line",
    [
        "Zoom: http://zoom.us/j/1",
        "Zoom: zoom.us/j/1",
        "Zoom: ftp://zoom.us/j/1",
        "Zoom: javascript:alert(1)",
        "Zoom: https://",
        "Zoom: https://zoom.us/j/XXXXXXXXXX",
        "Zoom: https://zoom.us/j/[meeting id]",
        "Zoom: https://zoom.us/j/<id>",
        "Zoom: https://zoom.us/j/{id}",
        "Call the CTO: https://wiki.example/cto",
        "Call: ask the CTO, see https://wiki.example/cto",
        "Wiki: https://wiki.example",
        "Zoomed graphs: https://grafana.example",
        "Meeting notes: https://wiki.example/notes",
        "Bridge status: https://status.example",
        "War room: https://acme.slack.com/archives/C0123456789",
        "War Room: #incident-response",
        "Zoom: https://user:secret@zoom.us/j/1",
    ],
)
def test_what_nobody_can_join_is_none(line: str) -> None:
    assert found(line) is None


def test_the_first_one_counts_the_main_runbook_before_those_it_links_to() -> None:
    other = "https://meet.google.com/abc-defg-hij"
    assert found(f"Zoom: http://old.example\n\nMeet: {other}\n\nBridge: {ZOOM}") == (other, 5)
    linked = parse_runbook(f"# Main\n\x1cOTHER.md\n# Other\n\nBridge: {ZOOM}\n").call
    assert linked is not None
    assert (linked.url, linked.line, linked.file) == (ZOOM, 3, "OTHER.md")
    main = parse_runbook(f"# Main\n\nMeet: {other}\n\x1cOTHER.md\n# Other\n\nBridge: {ZOOM}\n").call
    assert main is not None
    assert (main.url, main.file) == (other, "")


def test_one_that_is_not_https_or_has_a_gap_is_a_warning_with_its_line() -> None:
    problems = parse_runbook("# Runbook\n\nZoom: http://zoom.us/j/1\n").problems
    assert [(problem.line, problem.level) for problem in problems if "no call that" in problem.message] == [
        (3, "warning")
    ]
    assert any("https://" in problem.message for problem in problems)
    problems = parse_runbook("# Runbook\n\nZoom: https://zoom.us/j/XXXXXXXXXX\n").problems
    assert [problem.line for problem in problems if "no call that" in problem.message] == [3]


def test_check_says_which_call_it_found_and_at_which_line(tmp_path: Path) -> None:
    book = parse_runbook(f"# Runbook\n\nBridge: {ZOOM}\n")
    assert f"call {ZOOM} (line 3)" in format_report(book, colour=False)
    assert build_json(book)["call"] == {"name": "Bridge", "url": ZOOM, "line": 3}
    assert build_json(parse_runbook("# Runbook\n"))["call"] is None
    path = tmp_path / "runbook.md"
    path.write_text(GOOD.read_text() + f"\nBridge: {ZOOM}\n")
    line = len(path.read_text().splitlines())
    assert f"call {ZOOM} (line {line})" in check(path).stdout
    assert json.loads(check(path, "--json").stdout)["call"]["line"] == line


def test_check_says_that_the_setting_wins(tmp_path: Path) -> None:
    path = tmp_path / "runbook.md"
    path.write_text(GOOD.read_text() + f"\nBridge: {ZOOM}\n")
    told = check(path, TOCSIN_CALL_URL="https://meet.google.com/abc")
    assert "call https://meet.google.com/abc (TOCSIN_CALL_URL)" in told.stdout
    assert ZOOM not in told.stdout.split("\n\n")[1]
    wrong = check(path, TOCSIN_CALL_URL="http://meet.google.com/abc")
    assert "TOCSIN_CALL_URL must be an address that begins with https://" in wrong.stderr
