"""Around a command: watch, timeout, cd and the filters after it."""

from collections.abc import Sequence

import pytest

from bot.command_parsers import ParseContext, classify_command
from bot.command_parsers.parse_context import ShellCommand
from bot.command_parsers.parsed_command import ParsedCommand
from bot.command_parsers.scripts import parse_script
from bot.command_parsers.shell.grammar import parse_shell
from bot.command_parsers.shell.pipelines import LocatedCommand, PipelineInterpreter, select_worst
from bot.domain.playbook import Filter, GitCall, StepKind
from bot.errors import UnsupportedCommand


def ask(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    words = tuple(word.text for word in command.words[1:])
    return ParsedCommand(StepKind.DIAGNOSTIC, "it asks", "it.ask", GitCall("asked", {}, words, folder=folder))


def change(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    return ParsedCommand(StepKind.REMEDIATION, "it changes")


def found(text: str) -> Sequence[LocatedCommand]:
    given = ParseContext()
    return list(
        PipelineInterpreter({"ask": ask, "change": change}, parse_script, given).read(
            parse_shell(text, given)
        )
    )


def test_filters_are_kept_in_order_with_their_words() -> None:
    text = r"""ask | grep -oP 'Error: \K[^"]+' | sort | uniq -c | sort -rn | head -10"""
    [one] = found(text)
    assert one.action and one.action.filters == (
        Filter("grep", ("-oP", 'Error: \\K[^"]+')),
        Filter("sort", ()),
        Filter("uniq", ("-c",)),
        Filter("sort", ("-rn",)),
        Filter("head", ("-10",)),
    )


@pytest.mark.parametrize(
    "filter_",
    [
        "jq .",
        "jq -r '.a | .b'",
        "grep -i -A 3 x",
        "grep -E 'a|b' -v",
        "grep -c -e x",
        "tail -n 20",
        "tail -n +2",
        "wc -l",
        "head -n 5",
        "sort -k2 -t ,",
        "sort -t: -k 2nr",
        "uniq",
        "jq --arg a b .",
        "egrep x",
        "tail -5",
    ],
)
def test_a_filter_that_only_looks_changes_nothing(filter_: str) -> None:
    [one] = found(f"ask | {filter_}")
    assert one.part.kind is StepKind.DIAGNOSTIC
    assert one.action and len(one.action.filters) == 1


@pytest.mark.parametrize(
    "filter_",
    [
        "sort -o f",
        "sort --output=f",
        "sort f",
        "uniq a b",
        "jq . f",
        "jq -f f",
        "jq --slurpfile a f .",
        "grep x f",
        "grep -r x",
        "grep -f f",
        "head f",
        "tail -f",
        "wc f",
        "tee f",
        "xargs rm",
        "sh",
        "awk '{}'",
        "sed -i s/a/b/ f",
        "cat",
        "change",
        "ask",
        "jq -n input_filename -L x",
        "grep",
        "head -n x",
        "sort --compress-program=rm",
    ],
)
def test_a_pipe_into_anything_else_is_left_to_a_person(filter_: str) -> None:
    with pytest.raises(UnsupportedCommand):
        found(f"ask | {filter_}")


@pytest.mark.parametrize(
    ("text", "every", "limit", "words"),
    [
        ("watch -n 5 'ask a \"b c\"'", 5, None, ("a", "b c")),
        ("watch -n5 -d ask a", 5, None, ("a",)),
        ("watch ask a", 2, None, ("a",)),
        ("watch --interval=0.5 ask a", 0.5, None, ("a",)),
        ("timeout 5 ask a", None, 5, ("a",)),
        ("timeout -k 1 2m ask a", None, 120, ("a",)),
        ("timeout 30 watch -n 1 'ask a | head -1'", 1, 30, ("a",)),
        ("watch -n 1 'timeout 4 ask a'", 1, 4, ("a",)),
    ],
)
def test_watch_and_timeout_are_taken_off(
    text: str, every: float | None, limit: float | None, words: tuple[str, ...]
) -> None:
    [one] = found(text)
    assert one.action and (one.action.every, one.action.limit) == (every, limit)
    assert one.action.call == GitCall("asked", {}, words)


@pytest.mark.parametrize(
    "text",
    [
        "watch -n",
        "watch",
        "watch -n x ask",
        "timeout ask",
        "timeout 5",
        "watch ask | head",
        "watch 'ask $(rm x)'",
        "watch 'ask' '>' f",
        "timeout --wrong 5 ask",
        "watch 'ask; exit 1 &'",
        "watch 'ask || change'",
    ],
)
def test_what_watch_and_timeout_are_not_told_rightly_is_left_to_a_person(text: str) -> None:
    with pytest.raises(UnsupportedCommand):
        found(text)


def test_a_list_is_as_dangerous_as_its_worst_part() -> None:
    assert select_worst(found("ask && ask")).kind is StepKind.DIAGNOSTIC
    assert select_worst(found("ask && change && ask")).kind is StepKind.REMEDIATION
    assert select_worst(found("watch 'ask; change'")).kind is StepKind.REMEDIATION
    assert select_worst(found("ask\nrm -rf /")).kind is StepKind.MANUAL


def test_cd_leads_into_a_folder() -> None:
    told = found("cd packages\ncd shipper && ask a\ncd /x; ask b")
    assert [each.action.call for each in told if each.action] == [
        GitCall("asked", {}, ("a",), folder="packages/shipper"),
        GitCall("asked", {}, ("b",), folder="/x"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("./scripts/rollback-production.sh", StepKind.REMEDIATION),
        ("bash scripts/restart_workers.sh prod", StepKind.REMEDIATION),
        ("./scripts/health.sh", StepKind.MANUAL),
        ("docker restart api", StepKind.REMEDIATION),
        ("docker compose up -d", StepKind.REMEDIATION),
        ("docker logs api", StepKind.MANUAL),
        ("ssh host uptime", StepKind.MANUAL),
        ("sudo systemctl restart x", StepKind.MANUAL),
        ("bash -c 'aws ecs describe-clusters'", StepKind.MANUAL),
        ("open https://grafana.example.com/d/1", StepKind.LINK),
        ("open file.txt", StepKind.MANUAL),
        ("rm -rf /", StepKind.MANUAL),
        ("cd x", StepKind.MANUAL),
    ],
)
def test_programs_known_from_the_outside_only(text: str, kind: StepKind) -> None:
    meaning = classify_command(text)
    assert (meaning.kind, meaning.actions) == (kind, ())
    assert meaning.why
