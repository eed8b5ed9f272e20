"""kubectl: its verb decides, and every option must be one that only looks."""

from bot.commands.given import Command, Given, Word
from bot.commands.options import Spelling, read_options, spelled
from bot.commands.part import Part
from bot.errors import Unclear
from bot.step import Kind, KubernetesCall

READS = frozenset({"get", "describe", "logs", "top", "events", "explain", "version", "api-resources"})
ROLLOUT_READS = frozenset({"status", "history"})
_CHANGES = """
    annotate apply autoscale cordon create delete drain edit expose label patch replace scale set taint uncordon
    rollout
"""
CHANGES = frozenset(_CHANGES.split())
AROUND = Spelling(
    "kubectl",
    spelled("--warnings-as-errors, --match-server-version"),
    spelled("-n --namespace, --context, --cluster, --request-timeout"),
)
"""What may stand before the verb. Others ask another server, as somebody else, or read files of this machine."""

LOOKS = Spelling(
    "kubectl",
    {
        **AROUND.flags,
        **spelled(
            "-A --all-namespaces, -w --watch, --watch-only, --no-headers, --show-labels, --show-kind, --show-events,"
            " --ignore-not-found, --containers, -f --follow, -p --previous, --timestamps, --all-containers, --prefix,"
            " --ignore-errors, --recursive, --client, --short, --namespaced, --use-protocol-buffers, --sum"
        ),
    },
    {
        **AROUND.values,
        **spelled(
            "-l --selector, --field-selector, -o --output, --sort-by, -L --label-columns, --chunk-size, --for, --types,"
            " --tail, --since, --since-time, -c --container, --limit-bytes, --max-log-requests, --pod-running-timeout,"
            " --revision, --timeout, --api-group, --api-version, --verbs, --subresource"
        ),
    },
)
SHAPES = ("json", "yaml", "wide", "name", "jsonpath=", "jsonpath-as-json=", "custom-columns=", "go-template=")
"""What `-o` may ask for; the others read a file."""


def read_kubectl(command: Command, given: Given, folder: str | None) -> Part:
    """The verb decides, and nothing that may print a secret or ask another server is a diagnostic."""
    named = read_options(command.words[1:], AROUND, until_word=True).rest
    if not named:
        raise Unclear("kubectl is given nothing to do")
    verb, further = named[0], _second(command)
    if verb in CHANGES and not (verb == "rollout" and further in ROLLOUT_READS):
        shown = f"{verb} {further}".strip() if verb == "rollout" else verb
        return Part(Kind.REMEDIATION, f"kubectl {shown} changes something")
    if verb not in READS | {"rollout"}:
        raise Unclear(f"kubectl {verb[:30]} is for a person's own terminal")
    read = read_options(_switched(command), LOOKS)
    if "follow" in read.flags and verb != "logs":
        raise Unclear("kubectl -f reads a file")
    shape = read.last("output")
    if shape is not None and not any(
        shape == each or (each[-1] == "=" and shape.startswith(each)) for each in SHAPES
    ):
        raise Unclear(f"kubectl -o {shape[:30]} is not evaluated")
    words = tuple(word.text for word in command.words[1:])
    if any("secret" in text.lower() for text in words):
        raise Unclear("kubectl would show secrets")
    verb = f"rollout {further}" if verb == "rollout" else verb
    call = KubernetesCall(verb, words)
    return Part(Kind.DIAGNOSTIC, f"kubectl {verb} only reads", f"kubectl.{verb.replace(' ', '_')}", call)


def _switched(command: Command) -> list[Word]:
    """The words with `--watch=true` as `--watch`, and without `--watch=false`."""
    found = []
    for word in command.words[1:]:
        name, _, value = word.text.partition("=")
        switch = name in LOOKS.flags and value in {"true", "false"}
        if not switch or value == "true":
            found.append(Word(name, word.needs) if switch else word)
    return found


def _second(command: Command) -> str:
    """The word after the verb; empty when an option that is not known stands before it."""
    try:
        return [*read_options(_switched(command), LOOKS).rest, "", ""][1]
    except Unclear:
        return ""
