"""Around a command: watch, timeout, cd and the filters after it."""

from collections.abc import Sequence

import pytest

from bot.commands import Given, recognise
from bot.commands.given import Command
from bot.commands.grammar import read_shell
from bot.commands.part import Part
from bot.commands.pipelines import Found, Interpreter, worst
from bot.commands.scripts import read_script
from bot.errors import Unclear
from bot.step import Filter, GitCall, Kind


def ask(command: Command, given: Given, folder: str | None) -> Part:
    words = tuple(word.text for word in command.words[1:])
    return Part(Kind.DIAGNOSTIC, "it asks", "it.ask", GitCall("asked", {}, words, folder=folder))


def change(command: Command, given: Given, folder: str | None) -> Part:
    return Part(Kind.REMEDIATION, "it changes")


def found(text: str) -> Sequence[Found]:
    given = Given()
    return list(Interpreter({"ask": ask, "change": change}, read_script, given).read(read_shell(text, given)))


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
    assert one.part.kind is Kind.DIAGNOSTIC
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
    with pytest.raises(Unclear):
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
    with pytest.raises(Unclear):
        found(text)


def test_a_list_is_as_dangerous_as_its_worst_part() -> None:
    assert worst(found("ask && ask")).kind is Kind.DIAGNOSTIC
    assert worst(found("ask && change && ask")).kind is Kind.REMEDIATION
    assert worst(found("watch 'ask; change'")).kind is Kind.REMEDIATION
    assert worst(found("ask\nrm -rf /")).kind is Kind.MANUAL


def test_cd_leads_into_a_folder() -> None:
    told = found("cd packages\ncd shipper && ask a\ncd /x; ask b")
    assert [each.action.call for each in told if each.action] == [
        GitCall("asked", {}, ("a",), folder="packages/shipper"),
        GitCall("asked", {}, ("b",), folder="/x"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("./scripts/rollback-production.sh", Kind.REMEDIATION),
        ("bash scripts/restart_workers.sh prod", Kind.REMEDIATION),
        ("./scripts/health.sh", Kind.MANUAL),
        ("docker restart api", Kind.REMEDIATION),
        ("docker compose up -d", Kind.REMEDIATION),
        ("docker logs api", Kind.MANUAL),
        ("ssh host uptime", Kind.MANUAL),
        ("sudo systemctl restart x", Kind.MANUAL),
        ("bash -c 'aws ecs describe-clusters'", Kind.MANUAL),
        ("open https://grafana.example.com/d/1", Kind.LINK),
        ("open file.txt", Kind.MANUAL),
        ("rm -rf /", Kind.MANUAL),
        ("cd x", Kind.MANUAL),
    ],
)
def test_programs_known_from_the_outside_only(text: str, kind: Kind) -> None:
    meaning = recognise(text)
    assert (meaning.kind, meaning.actions) == (kind, ())
    assert meaning.why
