"""kubectl: its verb decides."""

from bot.commands.given import Command, Given
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
WITH_VALUE = frozenset({"-n", "--namespace", "--context", "--cluster", "-l", "--selector", "-o", "--output"})
ELSEWHERE = (
    "--server",
    "-s",
    "--token",
    "--kubeconfig",
    "--as",
    "--raw",
    "-f",
    "--filename",
    "-k",
    "--kustomize",
)


def read_kubectl(command: Command, given: Given, folder: str | None) -> Part:
    """The verb decides, and nothing that may print a secret or ask another server is a diagnostic."""
    words = [word.text for word in command.words[1:]]
    named = [text for text, before in zip(words, ["", *words], strict=False) if not text.startswith("-")
             and before not in WITH_VALUE]  # fmt: skip
    if not named:
        raise Unclear("kubectl is given nothing to do")
    verb = named[0]
    if verb == "rollout" and len(named) > 1 and named[1] in ROLLOUT_READS:
        verb = f"rollout {named[1]}"
    elif verb in CHANGES:
        return Part(
            Kind.REMEDIATION, f"kubectl {' '.join(named[: 2 if verb == 'rollout' else 1])} changes something"
        )
    elif verb not in READS:
        raise Unclear(f"kubectl {verb[:30]} is for a person's own terminal")
    for text in words:
        option = text.partition("=")[0]
        if option in ELSEWHERE and not (verb == "logs" and option == "-f"):
            raise Unclear(f"kubectl {option} leads elsewhere than the cluster's own objects")
    if any("-file=" in text for text in words):
        raise Unclear("kubectl reads a file of this machine")
    if any("secret" in text.lower() for text in words):
        raise Unclear("kubectl would show secrets")
    call = KubernetesCall(verb, tuple(words))
    return Part(Kind.DIAGNOSTIC, f"kubectl {verb} only reads", f"kubectl.{verb.replace(' ', '_')}", call)
