"""Logs of pods, compared with the hour before by the same engine as CloudWatch's."""

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources import batch_v1, core_v1

from bot.command_parsers import run_filters
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import Filter
from diagnostics.analysis.log_lines import EarlierLines, build_log_snapshot, render_tail
from diagnostics.analysis.log_patterns import LogLine
from diagnostics.analysis.log_spikes import interpret
from diagnostics.clients.kubernetes import ALL, build_path, check_name
from diagnostics.clients.response_parsing import catch_inconclusive, clean_line, parse_instant
from diagnostics.systems.kubernetes.models import format_selector
from diagnostics.systems.kubernetes.reader import WORKLOADS, ObjectReader
from diagnostics.systems.kubernetes.request import KubernetesRequest, parse_go_duration

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
    tail = _read_tail(reader)
    window = _window(reader, question.now)
    is_open = previous or (tail and not _names_time(reader))
    since = None if is_open else HOUR + (window.end - window.begin)
    places = _list_containers(pods, reader)
    logs = await _read_logs(reader, places[:MOST_LOGS], since)
    first = max((log[0].at for log in logs if len(log) >= MOST_LINES), default=0)
    left_out = len(places) - len(logs)
    if tail:
        logs, window = _keep_tail(logs, tail, window, limit=not is_open)
    if previous and tail:  # nothing is compared with what that container wrote before
        logs = [[line for line in log if line.at >= window.begin.timestamp() * 1000] for log in logs]
    lines = sorted(itertools.chain.from_iterable(logs), key=lambda line: line.at)
    finding = await asyncio.to_thread(_judge_lines, reader, question, window, lines, first)
    if not left_out:
        return finding
    more = f" {left_out} of {len(places)} containers' logs were not read."
    return replace(finding, headline=f"{finding.headline}{more}")


async def _read_logs(
    reader: ObjectReader, places: Iterable[tuple[str, str]], since: timedelta | None
) -> list[list[LogLine]]:
    """The logs that could be read, side by side. Raises Inconclusive where none could."""
    asked = [_read_log(reader, pod, container, since) for pod, container in places]
    answers = await asyncio.gather(*map(catch_inconclusive, asked))
    logs = [answer for answer in answers if not isinstance(answer, Inconclusive)]
    if not logs:
        raise next(answer for answer in answers if isinstance(answer, Inconclusive))
    return logs


def _read_tail(reader: ObjectReader) -> int:
    """How many of the newest lines of each log are asked for; 0 for all. Raises Inconclusive."""
    text = reader.request.text("tail")
    if text in ("", "-1"):
        return 0
    if not text.isascii() or not text.isdigit() or not int(text):
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"--tail {clean_line(text)} is no number of lines.")
    return min(int(text), MOST_LINES)


def _names_time(reader: ObjectReader) -> bool:
    return any(reader.request.text(option) for option in ("since", "since-time"))


def _keep_tail(
    logs: Sequence[list[LogLine]], tail: int, window: TimeWindow, *, limit: bool
) -> tuple[list[list[LogLine]], TimeWindow]:
    """Of each log the newest lines, and those that are older than all of these, to compare with; and the time that the
    newest ones span until now. `limit` where they must not be older than the window says."""
    edge = int(window.begin.timestamp() * 1000) if limit else 0
    asked = [[line for line in log[-tail:] if line.at >= edge] for log in logs]
    begins = min((log[0].at for log in asked if log), default=None)
    if begins is None:
        return list(logs), window
    kept = [
        [line for line in log if line.at < begins] + newest for log, newest in zip(logs, asked, strict=True)
    ]
    return kept, TimeWindow(min(_at(begins, window.end), window.end), window.end)


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
    selectors = [format_selector(owner.spec.selector) for owner in found if owner.spec]
    pods = await asyncio.gather(*(reader.fetch_all(core_v1.Pod, labels) for labels in selectors if labels))
    return [pod for answer in pods for pod in answer]


def _list_containers(pods: Iterable[core_v1.Pod], reader: ObjectReader) -> list[tuple[str, str]]:
    """Pod and container of each log: the one that is named, all with --all-containers, else each pod's first."""
    named, every = reader.request.text("container"), reader.request.has("all-containers")
    found = []
    for pod in pods:
        if pod.metadata is None or pod.spec is None:
            continue
        names = [container.name for container in pod.spec.containers]
        chosen = [named] if named else names if every else [_choose_usual(pod.metadata, names)]
        found += [(pod.metadata.name or "", container) for container in chosen]
    return found


def _choose_usual(pod: ObjectMeta, names: Sequence[str]) -> str:
    usual = (pod.annotations or {}).get("kubectl.kubernetes.io/default-container", "")
    return usual if usual in names else names[0]


async def _read_log(reader: ObjectReader, pod: str, container: str, since: timedelta | None) -> list[LogLine]:
    path = f"{build_path(core_v1.Pod, reader.namespace)}/{check_name(pod)}/log"
    query = {
        "container": check_name(container),
        "timestamps": "true",
        "tailLines": str(MOST_LINES),
        "sinceSeconds": "" if since is None else str(int(since.total_seconds())),
        "previous": "true" if reader.request.has("previous") else "",
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
    is_previous = reader.request.has("previous")
    if is_previous and lines:
        window = TimeWindow(_instant(lines[0], question.now), _instant(lines[-1], question.now))
    filters = question.action.filters
    kept, words = _filter_lines(filters, lines)
    edge = _milliseconds(window.begin)
    now = [line for line in kept if line.at >= edge]
    before = TimeWindow(window.begin - HOUR, window.begin)
    lacking = _explain_nothing_earlier(is_previous, first, before)
    snapshot = build_log_snapshot(
        words,
        _name_pods(reader.request),
        window,
        (TimeWindow(max(window.begin, min(_at(first, window.begin), window.end)), window.end),),
        now,
        lacking or EarlierLines(before, [line for line in kept if line.at < edge]),
        answer=_print_filtered(filters, now if words else lines),
        silent=None if lines or first else window.end - before.begin,
    )
    return interpret(snapshot, question)


def _explain_nothing_earlier(is_previous: bool, first: int, before: TimeWindow) -> Inconclusive | None:
    """Why there is nothing to compare with; None where there is."""
    if is_previous:
        return Inconclusive(UnknownCause.NO_DATA, "These are the last lines of a container that has ended.")
    if first > _milliseconds(before.begin):
        return Inconclusive(UnknownCause.NO_DATA, "There are more lines than are read.")
    return None


def _name_pods(request: KubernetesRequest) -> str:
    """What the command calls the pods: by their names, else by their labels."""
    names = " ".join(itertools.chain.from_iterable(request.names.values()))
    return names or request.labels or "the pods"


def _print_filtered(filters: Sequence[Filter], lines: Sequence[LogLine]) -> str | None:
    """What the command with its filters prints; None where it has none."""
    if not filters:
        return None
    printed = run_filters(filters, render_tail(lines))
    return printed.trouble or printed.text


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


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
    is_inverted = any("v" in option for option in _options(filters[0]))
    return kept, "" if is_inverted else filters[0].words[-1]


def _keeps_lines(grep: Filter) -> bool:
    return LINES_ONLY.issuperset(_options(grep))


def _options(grep: Filter) -> list[str]:
    return [word for word in grep.words if word.startswith("-")]
