"""Kubernetes: pods, workloads, nodes, events and logs, as `kubectl get`, `describe`, `logs` and their like ask."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.command_parsers import parse_text_output, run_filters
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.domain.playbook import Action, KubernetesCall
from bot.text.redaction import redact
from diagnostics.clients.kubernetes import ALL, KubernetesClients
from diagnostics.clients.response_parsing import catch_inconclusive
from diagnostics.systems.kubernetes.judgement import ORDER, JudgedKind, Moment, find_suspect
from diagnostics.systems.kubernetes.log_reader import judge_logs
from diagnostics.systems.kubernetes.reader import KIND_READERS, RESOURCES, WORKLOADS, ObjectReader
from diagnostics.systems.kubernetes.request import KubernetesRequest, read_request

__all__ = ["Kubernetes"]

DESCRIBED = ("describe", "rollout status")
"""Verbs that also look at what belongs to an object: its pods and its events."""


class Kubernetes:
    """Made of the bot's clients, one for each context."""

    def __init__(self, clients: KubernetesClients) -> None:
        self._clients = clients

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """What a kubectl of the runbook shows, judged. Raises Inconclusive."""
        call = question.action.call
        assert isinstance(call, KubernetesCall)
        request = read_request(call)
        cluster = await self._clients.open(request.context)
        reader = ObjectReader(
            cluster, request, request.namespace or cluster.namespace, Moment(question.now, question.began), by
        )
        command = question.command or " ".join(("kubectl", *call.words))
        if request.verb == "logs":
            return replace(await judge_logs(reader, question), command=command)
        kinds, unread = await _read_kinds(reader, request)
        return replace(_summarise(kinds, unread, reader, question), command=command)

    async def read_text(self, action: Action, by: float) -> str:
        """What `kubectl get -o name` and the like print for another command that takes it. Raises Inconclusive."""
        call = action.call
        assert isinstance(call, KubernetesCall)
        request = read_request(call)
        shape = parse_text_output(request.text("output"))
        if shape is None:
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "What this kubectl get prints is not known here.")
        cluster = await self._clients.open(request.context)
        namespace = request.namespace or cluster.namespace
        reader = ObjectReader(cluster, request, namespace, Moment(datetime.now(UTC), None), by)
        found = [item.to_dict() for item in await reader.fetch(request.kinds[0], RESOURCES[request.kinds[0]])]
        is_one = len(request.names.get(request.kinds[0], ())) == 1
        through = run_filters(action.filters, shape.format(request.kinds[0], found, is_one))
        if through.trouble is not None:
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, through.trouble)
        return redact(through.text)


async def _read_kinds(
    reader: ObjectReader, request: KubernetesRequest
) -> tuple[list[JudgedKind], Sequence[str]]:
    """All kinds side by side. Raises Inconclusive where none of them could be read."""
    asked = [KIND_READERS[_reader_name(request.verb, kind)](reader, kind) for kind in request.kinds]
    answers = await asyncio.gather(*map(catch_inconclusive, asked))
    kinds = [answer for answer in answers if not isinstance(answer, Inconclusive)]
    missed = {
        kind: answer
        for kind, answer in zip(request.kinds, answers, strict=True)
        if isinstance(answer, Inconclusive)
    }
    if not kinds:
        raise next(iter(missed.values()))
    unread = [f"{kind}: {why.said}" for kind, why in missed.items()]
    if request.verb in DESCRIBED and any(request.names.values()):
        more = await catch_inconclusive(_read_belongings(reader, request))
        if isinstance(more, Inconclusive):
            unread.append(f"what belongs to it: {more.said}")
        else:
            kinds += more
    return kinds, unread


def _reader_name(verb: str, kind: str) -> str:
    return {"top": f"top {kind}", "rollout history": "history"}.get(verb, kind)


async def _read_belongings(reader: ObjectReader, request: KubernetesRequest) -> list[JudgedKind]:
    """The pods of named workloads, and the events about everything that is named or found."""
    found: list[JudgedKind] = []
    names = set(itertools.chain.from_iterable(request.names.values()))
    if any(kind in WORKLOADS for kind in request.kinds):
        pods = await reader.read_pods_of_workloads()
        names |= {pod.name for pod in pods.judged}
        found.append(pods)
    if reader.namespace != ALL:
        events = await reader.read_events_about(names)
        found += [events] if events.ill else []
    return found


def _summarise(
    kinds: Sequence[JudgedKind], unread: Sequence[str], reader: ObjectReader, question: CheckRequest
) -> Finding:
    """The worst kind speaks first; what could not be read is said and never fine."""
    ranked = sorted((kind for kind in kinds if kind.judged), key=lambda kind: ORDER.index(kind.verdict))
    if not ranked:
        nouns = " and no ".join(kind.noun for kind in kinds)
        said = f"Nothing that matches is in {_name_place(reader)}: no {nouns}."
        raise Inconclusive(UnknownCause.NO_DATA, said, "Check the name, the labels and the namespace.")
    worst = ranked[0]
    ill = [kind for kind in ranked if kind.verdict is not Verdict.OK]
    told = " ".join(kind.headline() for kind in (ill or ranked)[:3])
    finding = Finding(
        worst.verdict,
        f"{told} Not read: {'; '.join(unread)}" if unread else told,
        question.now,
        measure=_measure(worst),
        table=worst.table(),
        suspect=find_suspect(ranked),
        next_look=NEXT_LOOKS.get(worst.noun, "") if ill else "",
    )
    if unread and not ill:
        return replace(finding, verdict=Verdict.UNKNOWN, cause=UnknownCause.FORBIDDEN)
    return finding


def _name_place(reader: ObjectReader) -> str:
    if reader.request.kinds == ("nodes",):
        return "this cluster"
    return "all namespaces" if reader.namespace == ALL else f"namespace {reader.namespace}"


def _measure(kind: JudgedKind) -> str:
    return f"{len(kind.judged) - kind.ill}/{len(kind.judged)}"


NEXT_LOOKS: Mapping[str, str] = {
    "pods": "Look at its logs with --previous, and at what was deployed last.",
    "deployments": "Look at its pods and at the revision before.",
    "nodes": "Look at what runs on the node.",
}
