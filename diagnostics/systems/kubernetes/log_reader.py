"""Logs of pods, compared with the hour before by the same engine as CloudWatch's."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lightkube.resources import batch_v1, core_v1

from bot.command_parsers import run_filters
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import Filter
from diagnostics.analysis.log_lines import EarlierLines, build_log_snapshot, render_tail
from diagnostics.analysis.log_patterns import LogLine
from diagnostics.analysis.log_spikes import interpret
from diagnostics.clients.kubernetes import ALL, build_path, check_name
from diagnostics.clients.response_parsing import catch_inconclusive, parse_instant
from diagnostics.systems.kubernetes.models import format_selector
from diagnostics.systems.kubernetes.reader import WORKLOADS, ObjectReader
from diagnostics.systems.kubernetes.request import parse_go_duration

USUAL, HOUR = timedelta(minutes=10), timedelta(hours=1)
"""What is looked at when the runbook names no time, and with what it is compared."""

MOST_LOGS, MOST_LINES = 10, 20_000
"""Containers whose logs are read, and the newest lines of each."""

LINES_ONLY = frozenset(
    {"-i", "-E", "-F", "-P", "-v", "-w", "-x", "-e", "--ignore-case", "-iE", "-Ei", "-vi", "-iv"}
)
"""Options of grep that keep whole lines; with others it prints something else."""


async def judge_logs(reader: ObjectReader, question: CheckRequest) -> Finding:
    """The lines of the pods that a `kubectl logs` means. Raises Inconclusive."""
    pods = await _find_pods(reader)
    if not pods:
        raise Inconclusive(
            UnknownCause.NO_DATA, "No pod matches, so there is no log.", "Check the name and the labels."
        )
    previous = reader.request.has("previous")
    window = _window(reader, question.now)
    since = None if previous else HOUR + (window.end - window.begin)
    places = _list_containers(pods, reader)
    asked = [_read_log(reader, pod, container, since) for pod, container in places[:MOST_LOGS]]
    answers = await asyncio.gather(*map(catch_inconclusive, asked))
    read = [answer for answer in answers if not isinstance(answer, Inconclusive)]
    if not read:
        raise next(answer for answer in answers if isinstance(answer, Inconclusive))
    lines = sorted((line for log in read for line in log), key=lambda line: line.at)
    first = max((log[0].at for log in read if len(log) >= MOST_LINES), default=0)
    left_out = len(places) - len(read)
    found = await asyncio.to_thread(_judge_lines, reader, question, window, lines, first)
    if not left_out:
        return found
    return _say_more(found, f" {left_out} of {len(places)} containers' logs were not read.")


def _say_more(found: Finding, words: str) -> Finding:
    return replace(found, headline=f"{found.headline}{words}")


def _window(reader: ObjectReader, now: datetime) -> TimeWindow:
    request = reader.request
    if text := request.text("since"):
        return TimeWindow(now - timedelta(seconds=parse_go_duration(text)), now)
    if text := request.text("since-time"):
        try:
            return TimeWindow(min(parse_instant(text), now), now)
        except ValueError:
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "--since-time is no instant.") from None
    return TimeWindow(now - USUAL, now)


async def _find_pods(reader: ObjectReader) -> Sequence[core_v1.Pod]:
    """The pods by name, by label, or those that a workload or service selects."""
    [kind] = reader.request.kinds
    if reader.namespace == ALL:
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "kubectl logs reads one namespace; name it with -n.")
    if kind == "pods":
        return await reader.fetch("pods", core_v1.Pod)
    resources: dict[str, type[Any]] = {**WORKLOADS, "jobs": batch_v1.Job, "services": core_v1.Service}
    found = await reader.fetch(kind, resources[kind])
    labels = [format_selector(each.spec.selector) for each in found if each.spec]
    pods = await asyncio.gather(*(reader.fetch_all(core_v1.Pod, each) for each in labels if each))
    return [pod for answer in pods for pod in answer]


def _list_containers(pods: Iterable[core_v1.Pod], reader: ObjectReader) -> list[tuple[str, str]]:
    """Pod and container of each log: the one that is named, all with --all-containers, else each pod's first."""
    named, every = reader.request.text("container"), reader.request.has("all-containers")
    found = []
    for pod in pods:
        if pod.metadata is None or pod.spec is None:
            continue
        usual = (pod.metadata.annotations or {}).get("kubectl.kubernetes.io/default-container", "")
        names = [each.name for each in pod.spec.containers]
        chosen = [named] if named else names if every else [usual if usual in names else names[0]]
        found += [(pod.metadata.name or "", container) for container in chosen]
    return found


async def _read_log(reader: ObjectReader, pod: str, container: str, since: timedelta | None) -> list[LogLine]:
    path = f"{build_path(core_v1.Pod, reader.namespace)}/{check_name(pod)}/log"
    query = {
        "container": check_name(container),
        "timestamps": "true",
        "tailLines": str(MOST_LINES),
        "sinceSeconds": "" if since is None else str(int(since.total_seconds())),
        "previous": "true" if since is None else "",
    }
    text = await reader.cluster.fetch_text(path, query, reader.by)
    return [line for raw in text.splitlines() if (line := _parse_line(raw, f"{pod}/{container}")) is not None]


def _parse_line(raw: str, stream: str) -> LogLine | None:
    """A line as `timestamps=true` writes it; None where no instant stands before it."""
    stamp, _, text = raw.partition(" ")
    try:
        return LogLine(int(parse_instant(stamp).timestamp() * 1000), text, stream)
    except ValueError:
        return None


def _judge_lines(
    reader: ObjectReader, question: CheckRequest, window: TimeWindow, lines: Sequence[LogLine], first: int
) -> Finding:
    """`first` is since when (milliseconds) every line was read; 0 where all were."""
    if reader.request.has("previous") and lines:
        window = TimeWindow(_instant(lines[0], question.now), _instant(lines[-1], question.now))
    filters = question.action.filters
    kept, words = _filter_lines(filters, lines)
    edge = int(window.begin.timestamp() * 1000)
    now = [line for line in kept if line.at >= edge]
    before = TimeWindow(min(window.begin - HOUR, window.begin), window.begin)
    earlier: EarlierLines | Inconclusive = EarlierLines(before, [line for line in kept if line.at < edge])
    if reader.request.has("previous"):
        earlier = Inconclusive(
            UnknownCause.NO_DATA, "These are the last lines of a container that has ended."
        )
    elif first > int(before.begin.timestamp() * 1000):
        earlier = Inconclusive(UnknownCause.NO_DATA, "There are more lines than are read.")
    names = " ".join(name for each in reader.request.names.values() for name in each) or reader.request.labels
    answer = None
    if filters:
        came = run_filters(filters, render_tail(now if words else lines))
        answer = came.trouble or came.text
    seen = build_log_snapshot(
        words,
        names or "the pods",
        window,
        (TimeWindow(max(window.begin, min(_at(first, window.begin), window.end)), window.end),),
        now,
        earlier,
        answer=answer,
        silent=window.end - before.begin if not lines and not first else None,
    )
    return interpret(seen, question)


def _instant(line: LogLine, now: datetime) -> datetime:
    return min(_at(line.at, now), now)


def _at(milliseconds: int, otherwise: datetime) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, otherwise.tzinfo) if milliseconds else otherwise


def _filter_lines(filters: Sequence[Filter], lines: Sequence[LogLine]) -> tuple[Sequence[LogLine], str]:
    """The lines that a first grep keeps, and what it looks for, as CloudWatch's own filter would."""
    if not filters or filters[0].program != "grep" or not _keeps_lines(filters[0]):
        return lines, ""
    texts = [line.text.replace("\n", " ") for line in lines]
    came = run_filters(filters[:1], "".join(f"{text}\n" for text in texts))
    if came.trouble:
        return lines, ""
    kept, left = [], iter(came.text.splitlines())
    wanted = next(left, None)
    for line, text in zip(lines, texts, strict=True):
        if text == wanted:
            kept.append(line)
            wanted = next(left, None)
    looks_for = (
        "" if any("v" in word for word in filters[0].words if word.startswith("-")) else filters[0].words[-1]
    )
    return kept, looks_for


def _keeps_lines(grep: Filter) -> bool:
    return all(word in LINES_ONLY for word in grep.words if word.startswith("-"))
