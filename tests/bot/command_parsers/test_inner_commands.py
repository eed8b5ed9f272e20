"""Commands inside of others: `$(aws ...)` and `$(kubectl get ...)` are asked first, and whatever they answer, nothing
else than a diagnostic runs by itself."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers import ParseContext, classify_command, parse_text_output, read_argument
from bot.domain.playbook import KubernetesCall, StepKind
from tests.samples import examples

TASK = "aws ecs list-tasks --cluster shop --query 'taskArns[0]' --output text"
POD = "kubectl get pods -l app.kubernetes.io/name=api -o jsonpath='{.items[0].metadata.name}'"
NEVER = [
    text
    for text in (Path(__file__).parent / "never_by_itself.txt").read_text(encoding="utf-8").splitlines()
    if "⏎" not in text and "#" not in text
]
OUTER = [
    "aws ecs describe-tasks --cluster shop --tasks {}",
    'aws ecs describe-tasks --cluster shop --tasks "{}"',
    "TASK={}\naws ecs describe-tasks --cluster shop --tasks $TASK",
    "kubectl logs {} --tail=50",
    "kubectl describe pod/{}",
    "redis-cli GET {}",
    "psql -c \"SELECT state FROM jobs WHERE id = '{}'\"",
    "curl https://api.example.com/{}/health",
    "aws elbv2 describe-target-health --target-group-arn {} | grep -c unhealthy",
]


def fill(command: str, *answers: str) -> ParseContext:
    """The answers of a command's inner ones, in the order in which they are asked."""
    inner = classify_command(command).inner_commands
    return ParseContext(inputs={each.need: answer for each, answer in zip(inner, answers, strict=True)})


@pytest.mark.parametrize(
    ("command", "inner", "runs", "open_needs"),
    [
        (f"aws ecs describe-tasks --cluster shop --tasks $({TASK})", [TASK], "ecs.list_tasks, ecs.describe_tasks", ()),
        (f"T=$({TASK})\naws ecs describe-tasks --cluster shop --tasks \"$T\"", [TASK],
         "ecs.list_tasks, ecs.describe_tasks", ()),
        (f"C=shop\nT=$({TASK.replace('shop', '${C}')})\naws ecs describe-tasks --cluster $C --tasks $T", [TASK],
         "ecs.list_tasks, ecs.describe_tasks", ()),
        (f"aws ecs describe-tasks --tasks $({TASK.replace('shop', '<cluster>')})",
         [TASK.replace("shop", "<cluster>")], "ecs.list_tasks, ecs.describe_tasks", ("<cluster>",)),
        (f"aws ecs describe-tasks --tasks $({TASK.replace('shop', '$CLUSTER')})", [TASK.replace("shop", "$CLUSTER")],
         "ecs.list_tasks, ecs.describe_tasks", ("CLUSTER",)),
        ("aws ecs describe-tasks --tasks $(aws ecs list-tasks | jq -r '.taskArns[0]')",
         ["aws ecs list-tasks | jq -r '.taskArns[0]'"], "ecs.list_tasks, ecs.describe_tasks", ()),
        (f"kubectl logs $({POD}) --tail=50", [POD], "kubectl.get, kubectl.logs", ()),
        ("kubectl logs $(kubectl get pods -l app=api -o name | head -1)",
         ["kubectl get pods -l app=api -o name | head -1"], "kubectl.get, kubectl.logs", ()),
    ],
)  # fmt: skip
def test_what_only_reads_one_word_is_asked_first(
    command: str, inner: list[str], runs: str, open_needs: tuple[str, ...]
) -> None:
    meaning = classify_command(command)
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why
    assert [each.text for each in meaning.inner_commands] == inner
    assert (meaning.runs, meaning.open_needs) == (runs, open_needs)


def test_of_commands_inside_of_others_the_innermost_comes_first() -> None:
    clusters = "aws ecs list-clusters --query 'clusterArns[0]' --output text"
    tasks = TASK.replace("shop", f"$({clusters})")
    meaning = classify_command(f"C=$({clusters})\naws ecs describe-tasks --cluster $C --tasks $({tasks})")
    assert [each.text for each in meaning.inner_commands] == [clusters, tasks]


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        ("aws ecs stop-task --task x --output text", "StopTask changes something"),
        (
            "aws secretsmanager get-secret-value --secret-id x --query SecretString --output text",
            "prints a secret",
        ),
        ("aws ecs list-tasks --cluster shop", "--output text only"),
        ("aws logs tail /aws/api --output text", "not one word"),
        ("kubectl delete pod x", "kubectl delete changes something"),
        ("kubectl get secrets -o name", "would show secrets"),
        ("kubectl get pods", "-o name and a few fields"),
        ("kubectl get pods -o jsonpath='{.items[0].metadata.annotations}'", "-o name and a few fields"),
        ("kubectl get pods -o jsonpath='{.items[0].spec.containers[0].env[0].value}'", "may be secrets"),
        ("kubectl get pods --sort-by=.metadata.name -o name", "-o name and a few fields"),
        ("kubectl get events -o name", "-o name and a few fields"),
        ("kubectl exec api-1 -- env", "terminal"),
        (f"{TASK} > /tmp/tasks", "writes to or reads from a file"),
        (f"{TASK}; rm -rf /", "rm is not a program"),
        ("aws ecs list-tasks --cluster $(cat /etc/cluster) --output text", "cat /etc/cluster"),
    ],
)
def test_what_does_more_than_to_read_one_word_leaves_the_step_to_a_person(inner: str, why: str) -> None:
    meaning = classify_command(f"aws ecs describe-tasks --tasks $({inner})")
    assert (meaning.kind, meaning.actions) == (StepKind.MANUAL, ())
    assert why in meaning.why


def test_what_changes_something_stays_so_with_a_command_inside() -> None:
    meaning = classify_command(f"aws ecs stop-task --cluster shop --task $({TASK})")
    assert (meaning.kind, meaning.actions, meaning.inner_commands) == (StepKind.REMEDIATION, (), ())
    posted = classify_command(f"curl -X POST https://hooks.example.com/?task=$({TASK})")
    assert posted.kind in {StepKind.MANUAL, StepKind.REMEDIATION} and not posted.actions


@settings(max_examples=examples(200))
@given(text=st.sampled_from(NEVER), outer=st.sampled_from(OUTER))
def test_nothing_that_never_runs_by_itself_does_so_inside_of_another(text: str, outer: str) -> None:
    meaning = classify_command(outer.format(f"$({text})"))
    assert meaning.kind in {StepKind.MANUAL, StepKind.REMEDIATION}
    assert not meaning.actions


@settings(max_examples=examples(200))
@given(text=st.sampled_from(NEVER), inner=st.sampled_from([TASK, POD]), where=st.integers(0, 40))
def test_nor_with_another_inside_of_it(text: str, inner: str, where: int) -> None:
    words = text.split(" ")
    words.insert(min(where, len(words)), f"$({inner})")
    for command in (f"{text} $({inner})", " ".join(words)):
        meaning = classify_command(command)
        assert meaning.kind in {StepKind.MANUAL, StepKind.REMEDIATION}, command
        assert not meaning.actions


ODD = [
    "--help",
    "-x",
    "a b",
    "a\nb",
    "",
    "x;rm",
    "$(x)",
    "`x`",
    "'",
    '"',
    "a,b",
    "*",
    "../..",
    "x" * 257,
    "é",
]
ANSWERS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [*ODD, "pod/api-1", "arn:aws:ecs:eu-west-1:1:task/shop/1", "deploy/api", "@file", "//x", "x" * 256]
    ),
    st.sampled_from(NEVER),
)


@settings(max_examples=examples(300))
@given(answer=ANSWERS, outer=st.sampled_from(OUTER), inner=st.sampled_from([TASK, POD]))
def test_whatever_comes_fills_its_own_place_or_the_step_is_not_run(
    answer: str, outer: str, inner: str
) -> None:
    command = outer.format(f"$({inner})")
    before = classify_command(command)
    argument = read_argument(answer)
    if argument is None or before.kind is not StepKind.DIAGNOSTIC:
        return
    after = classify_command(command, "bash", fill(command, argument))
    if after.actions:
        assert after.kind is StepKind.DIAGNOSTIC and not after.inner_commands
        assert [each.runs for each in after.actions] == [each.runs for each in before.actions]
        assert [each.filters for each in after.actions] == [each.filters for each in before.actions]


@pytest.mark.parametrize("answer", [each for each in ODD if each != "../.."])
def test_what_is_no_single_plain_argument_is_none(answer: str) -> None:
    assert read_argument(answer) is None


@pytest.mark.parametrize("answer", ["api-7d9", "api-7d9\n", "arn:aws:ecs:eu:1:task/x", "a.b_c@d", "x" * 256])
def test_one_plain_word_is_an_argument(answer: str) -> None:
    assert read_argument(answer) == answer.rstrip("\n")


def test_a_pod_may_be_named_with_its_kind() -> None:
    command = "kubectl logs $(kubectl get pods -l app=api -o name | head -1)"
    [action] = classify_command(command, "bash", fill(command, "pod/api-1")).actions
    assert isinstance(action.call, KubernetesCall) and action.call.names == (("pods", "api-1"),)
    other = classify_command(command, "bash", fill(command, "deploy/api"))
    assert not other.actions


def test_values_of_variables_that_grow_from_line_to_line_end() -> None:
    lines = ["A=$(aws ecs list-clusters --output text)"]
    lines += ["A=$(aws ecs list-tasks --cluster $A --service-name $A --output text)" for _ in range(30)]
    meaning = classify_command("\n".join([*lines, "aws ecs describe-tasks --tasks $A"]))
    assert (meaning.kind, meaning.actions) == (StepKind.MANUAL, ())


@pytest.mark.parametrize(
    ("shape", "printed"),
    [
        ("name", "pod/a\npod/b\n"),
        ("jsonpath={.items[0].metadata.name}", "a"),
        ("jsonpath={.items[*].metadata.name}", "a b"),
        ("jsonpath={.items[7].metadata.name}", ""),
        ("jsonpath={.items[1].spec.containers[*].name}", "web proxy"),
        ("jsonpath={.items[0].spec.nodeName}", ""),
    ],
)
def test_text_is_printed_as_kubectl_does(shape: str, printed: str) -> None:
    objects: list[dict[str, Any]] = [
        {"metadata": {"name": "a"}},
        {"metadata": {"name": "b"}, "spec": {"containers": [{"name": "web"}, {"name": "proxy"}]}},
    ]
    output = parse_text_output(shape)
    assert output is not None and output.format("pods", objects, is_one=False) == printed


def test_one_object_is_printed_without_items() -> None:
    output = parse_text_output("jsonpath={.metadata.name}")
    assert output is not None and output.format("pods", [{"metadata": {"name": "a"}}], is_one=True) == "a"
