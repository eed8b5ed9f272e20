"""CloudWatch Logs: lines of a log group against the hour before, their patterns, and the newest.

FilterLogEvents gives the oldest first and 5 answers a second; its pages may be empty and still not be the last:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.command_parsers import run_filters
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import AwsCall, Filter
from diagnostics.analysis.log_lines import (
    EarlierLines,
    build_log_snapshot,
    parse_milliseconds,
    render_tail,
)
from diagnostics.analysis.log_patterns import LogLine
from diagnostics.analysis.log_spikes import interpret
from diagnostics.clients.aws import AwsClients, build_console_url, render_cli_command
from diagnostics.clients.response_parsing import catch_inconclusive

USUAL, HOUR = timedelta(minutes=10), timedelta(hours=1)
"""What is looked at when the runbook names no time, and with what it is compared."""

NEWEST = 0.2
"""The part of the time that is read first: the newest lines come last, and may come too late."""

MOST_LINES, MOST_LETTERS = 50_000, 20_000_000
"""Of the window, and of the hour before."""

A_SECOND = 5
YEAR_3000 = 32_503_680_000_000
TO_JUDGE = 1.5
"""Seconds before the deadline at which reading ends, so that what came can be counted."""


@dataclass(slots=True)
class RequestThrottle:
    """No more than five questions in a second."""

    _asked: list[float] = field(default_factory=list)

    async def wait(self) -> None:
        """Until the next one may be asked."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            self._asked = [at for at in self._asked if now - at < 1]
            if len(self._asked) < A_SECOND:
                self._asked.append(now)
                return
            await asyncio.sleep(1 - (now - self._asked[0]))


@dataclass(slots=True)
class LogRead:
    """What came of one span of time; `whole` when that was read to its end."""

    window: TimeWindow
    lines: list[LogLine] = field(default_factory=list)
    letters: int = 0
    whole: bool = False

    @property
    def covered(self) -> TimeWindow:
        """The part that was read: the oldest lines come first."""
        if self.whole:
            return self.window
        newest = max((parse_milliseconds(line.at) for line in self.lines), default=self.window.begin)
        return TimeWindow(self.window.begin, min(max(newest, self.window.begin), self.window.end))


class CloudWatchLogs:
    """The log groups of AWS; made once, so that all questions together keep to what AWS allows in a second."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws
        self._turns = RequestThrottle()

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """Read the window and the hour before it side by side, then count. Raises Inconclusive."""
        call = question.action.call
        if not isinstance(call, AwsCall) or call.operation != "FilterLogEvents":
            raise TypeError("only logs.filter_log_events is asked here")
        if lacking := self._aws.describe_missing(call):
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, lacking, "Set AWS_REGION where Tocsin runs.")
        window = _window(call.parameters, question.now)
        ends = min(window.begin, question.began) if question.began else window.begin
        before = TimeWindow(ends - HOUR, ends)
        read_by = by - TO_JUDGE
        async with asyncio.TaskGroup() as group:
            newest = group.create_task(catch_inconclusive(self._newest_first(call, window, read_by)))
            older = group.create_task(catch_inconclusive(self._read(call, before, read_by)))
        now, earlier = newest.result(), older.result()
        if isinstance(now, Inconclusive):
            raise now
        silent = await self._silence(call, now, question.now, read_by)
        return await asyncio.to_thread(self._judge_lines, question, call, now, earlier, silent)

    def _judge_lines(
        self,
        question: CheckRequest,
        call: AwsCall,
        reads: Sequence[LogRead],
        earlier: LogRead | Inconclusive,
        silent: timedelta | None,
    ) -> Finding:
        lines = sorted((line for read in reads for line in read.lines), key=lambda line: line.at)
        words, group = str(call.parameters.get("filterPattern") or ""), _group(call.parameters)
        seen = build_log_snapshot(
            words,
            group,
            _window(call.parameters, question.now),
            tuple(read.covered for read in reads),
            lines,
            EarlierLines(earlier.covered, earlier.lines) if isinstance(earlier, LogRead) else earlier,
            answer=_answer(question.action.filters, lines),
            silent=silent,
        )
        link = _link(self._aws.region_of(call), group, words, seen.window)
        return replace(
            interpret(seen, question), link=link, command=question.command or render_cli_command(call)
        )

    async def _newest_first(self, call: AwsCall, window: TimeWindow, by: float) -> list[LogRead]:
        """The newest part, then the rest if there is room and time for it."""
        part = window.end - (window.end - window.begin) * NEWEST
        newest = await self._read(call, TimeWindow(part, window.end), by)
        if not newest.whole:
            return [newest]
        try:
            older = await self._read(call, TimeWindow(window.begin, part), by, newest)
        except Inconclusive as why:
            if why.cause not in (UnknownCause.TIMEOUT, UnknownCause.THROTTLED):
                raise
            return [newest]
        return [newest, older]

    async def _read(
        self, call: AwsCall, window: TimeWindow, by: float, beside: LogRead | None = None
    ) -> LogRead:
        """One span, to its end or as far as time and room allow; `beside` has taken some of the room."""
        read = LogRead(window)
        taken, letters = (len(beside.lines), beside.letters) if beside else (0, 0)
        pages = self._aws.pages(_asking(call, window), by)
        try:
            while asyncio.get_running_loop().time() < by:
                await self._turns.wait()
                page = await anext(pages, None)
                if page is None or page.get("Truncated"):
                    read.whole = page is None
                    break
                for line in _lines(page):
                    read.lines.append(line)
                    read.letters += len(line.text)
                if not page.get("nextToken"):
                    read.whole = True
                    break
                if taken + len(read.lines) >= MOST_LINES or letters + read.letters >= MOST_LETTERS:
                    break
        finally:
            await pages.aclose()
        return read

    async def _silence(
        self, call: AwsCall, reads: Sequence[LogRead], now: datetime, by: float
    ) -> timedelta | None:
        """For how long at least nothing at all was written, when nothing matches; None when there are lines.

        Nothing that matches is good news only from a group that is written to.
        """
        if any(read.lines for read in reads) or not all(read.whole for read in reads):
            return None
        window = TimeWindow(reads[-1].window.begin, reads[0].window.end)
        spans = [window, TimeWindow(min(window.begin, window.end - HOUR), window.end)]
        silent: timedelta | None = None
        for span in dict.fromkeys(spans):
            if not await self._is_silent(call, span, by):
                return silent
            silent = span.end - span.begin
        return silent

    async def _is_silent(self, call: AwsCall, span: TimeWindow, by: float) -> bool:
        """Whether nothing was written in this time. Raises Inconclusive when that could not be read to its end."""
        asked = _asking(call, span)
        parameters = {name: value for name, value in asked.parameters.items() if name != "filterPattern"}
        pages = self._aws.pages(replace(asked, parameters={**parameters, "limit": 1}), by)
        try:
            while True:
                await self._turns.wait()
                page = await anext(pages, None)
                if page is None:
                    return True
                if page.get("Truncated"):
                    said = (
                        "No line matches, and whether anything is written at all could not be read in time."
                    )
                    raise Inconclusive(UnknownCause.TIMEOUT, said)
                if page.get("events"):
                    return False
                if not page.get("nextToken"):
                    return True
        finally:
            await pages.aclose()


def _window(parameters: Mapping[str, object], now: datetime) -> TimeWindow:
    """What the runbook asks for; ten minutes if it does not say."""
    try:
        end = parse_milliseconds(int(str(parameters["endTime"]))) if "endTime" in parameters else now
        begin = (
            parse_milliseconds(int(str(parameters["startTime"])))
            if "startTime" in parameters
            else end - USUAL
        )
        return TimeWindow(begin, max(end, begin + timedelta(seconds=1)))
    except (ValueError, TypeError, OverflowError, OSError):
        said = "The times of this step are no milliseconds since 1970."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Check the step in the runbook.") from None


def _group(parameters: Mapping[str, object]) -> str:
    """The group's name, also from its ARN (`arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`)."""
    identifier = str(parameters.get("logGroupIdentifier") or "")
    of_arn = identifier.partition(":log-group:")[2].partition(":")[0]
    return str(parameters.get("logGroupName") or of_arn or identifier)


def _asking(call: AwsCall, window: TimeWindow) -> AwsCall:
    """The same question about this span. AWS counts both of its ends in; a line at an edge belongs to one span."""
    kept = {name: value for name, value in call.parameters.items() if name not in ("limit", "nextToken")}
    first, last = (int(instant.timestamp() * 1000) for instant in (window.begin, window.end))
    parameters = {**kept, "startTime": first, "endTime": max(first, last - 1)}
    return replace(
        call,
        parameters=parameters,
        query=None,
        pages=True,
        max_items=None,
        page_size=None,
        starting_token=None,
    )


def _lines(page: Mapping[str, Any]) -> Iterable[LogLine]:
    for event in page.get("events") or ():
        when, text = event.get("timestamp"), event.get("message")
        if isinstance(when, int) and 0 <= when < YEAR_3000 and isinstance(text, str):
            yield LogLine(when, text, str(event.get("logStreamName") or ""))


def _answer(filters: tuple[Filter, ...], lines: Sequence[LogLine]) -> str | None:
    """What the runbook's own pipeline makes of the newest lines; None when there is none."""
    if not filters:
        return None
    came = run_filters(filters, render_tail(lines))
    return came.trouble or came.text


def _link(region: str, group: str, words: str, window: TimeWindow) -> str:
    """The console's page of these lines. Values are encoded twice, and `$` stands for `%`."""

    def twice(text: str) -> str:
        return quote(quote(text, safe=""), safe="").replace("%", "$")

    asked = {"filterPattern": twice(words)} if words else {}
    asked |= {
        name: str(int(edge.timestamp() * 1000))
        for name, edge in (("start", window.begin), ("end", window.end))
    }
    typed_in = "$26".join(f"{name}$3D{value}" for name, value in asked.items())
    path = (
        f"cloudwatch/home?region={region}#logsV2:log-groups/log-group/{twice(group)}/log-events$3F{typed_in}"
    )
    return build_console_url(region, path) if region else ""
