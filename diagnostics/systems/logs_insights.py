"""Logs Insights: the runbook's own query, and p95 by endpoint where its fields tell durations.

A query is billed by what it reads, goes on until it is stopped, and gives what it has so far while it runs:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import AwsCall
from bot.text.redaction import redact
from diagnostics.analysis.cloudwatch_points import parse_cli_instant
from diagnostics.analysis.endpoint_latency import (
    QueryResult,
    build_endpoint_query,
    find_latency_fields,
    interpret,
    parse_query_result,
)
from diagnostics.clients.aws import AwsClients, build_console_url, render_cli_command
from diagnostics.clients.aws.console_links import escape_console_text
from diagnostics.clients.response_parsing import catch_inconclusive

FIRST_PAUSE, LONGEST_PAUSE, GROWS = 0.1, 1.0, 1.6
TO_STOP = 0.8
"""Seconds before the deadline at which a query is stopped, and what came is judged."""

DONE = frozenset({"Complete", "Failed", "Cancelled", "Timeout"})


class LogsInsights:
    """The queries of Logs Insights; `aws` is shared with the other diagnostics."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """Ask both queries side by side until they end or the time does. Raises Inconclusive."""
        call = question.action.call
        if not isinstance(call, AwsCall) or call.operation != "StartQuery":
            raise TypeError("only logs.start_query is asked here")
        if lacking := self._aws.describe_missing(call):
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, lacking, "Set AWS_REGION where Tocsin runs.")
        query = str(call.parameters.get("queryString") or "")
        timed = find_latency_fields(query)
        if timed is None:
            own, slow = await self._run_query(call, by), None
        else:
            derived = replace(
                call, parameters={**call.parameters, "queryString": build_endpoint_query(query, timed)}
            )
            async with asyncio.TaskGroup() as group:
                asked = group.create_task(catch_inconclusive(self._run_query(call, by)))
                beside = group.create_task(catch_inconclusive(self._run_query(derived, by)))
            first, slow = asked.result(), beside.result()
            if isinstance(first, Inconclusive):
                raise first
            own = first
        window = _window(call.parameters, question.now)
        found = interpret(own, slow, timed, question, window)
        link = _link(self._aws.region_of(call), call.parameters, query, window)
        return replace(found, link=link, command=question.command or render_cli_command(call))

    async def _run_query(self, call: AwsCall, by: float) -> QueryResult:
        """One query until it ends or the time does; it never goes on alone."""
        starting = asyncio.ensure_future(self._aws.call(call, by - TO_STOP))
        ended = False
        try:
            query_id = str((await asyncio.shield(starting)).get("queryId") or "")
            if not query_id:
                said = "Logs Insights started no query, and did not say why."
                raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Ask again.")
            answer = await self._poll_results(call, query_id, by - TO_STOP)
            ended = answer.get("status") in DONE
        finally:
            if not ended:
                await asyncio.shield(asyncio.ensure_future(self._stop_query(call, starting)))
        if answer.get("status") == "Failed":
            said = "Logs Insights could not run the query."
            raise Inconclusive(
                UnknownCause.NOT_UNDERSTOOD, said, "Open it in the console: it says what is wrong."
            )
        return parse_query_result(answer)

    async def _poll_results(self, call: AwsCall, query_id: str, by: float) -> dict[str, Any]:
        """The last answer that came; one without a status when none came in time."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        asking = replace(call, operation="GetQueryResults", parameters={"queryId": query_id})
        answer: dict[str, Any] = {}
        while loop.time() + pause < by:
            await asyncio.sleep(pause)
            try:
                answer = await self._aws.call(asking, by)
            except Inconclusive as why:
                if why.cause not in (UnknownCause.TIMEOUT, UnknownCause.THROTTLED):
                    raise
            if answer.get("status") in DONE:
                break
            pause = min(pause * GROWS, LONGEST_PAUSE)
        return answer

    async def _stop_query(self, call: AwsCall, starting: "asyncio.Future[dict[str, Any]]") -> None:
        """Stop what was started, also when nobody waited for its start any more."""
        with contextlib.suppress(Inconclusive):
            query_id = (await starting).get("queryId")
            if query_id:
                stop = replace(call, operation="StopQuery", parameters={"queryId": query_id})
                await self._aws.call(stop, asyncio.get_running_loop().time() + 2 * TO_STOP)


def _window(parameters: Mapping[str, object], now: datetime) -> TimeWindow:
    begin, end = (
        parse_cli_instant(parameters.get(name), now).astimezone(UTC) for name in ("startTime", "endTime")
    )
    return TimeWindow(min(begin, end), end)


def _link(region: str, parameters: Mapping[str, object], query: str, window: TimeWindow) -> str:
    """The console's page of this query: encoded twice with `$` for `%`, and inside of texts once with `*`."""
    groups = parameters.get("logGroupNames") or [parameters.get("logGroupName") or ""]
    named = [str(group) for group in groups] if isinstance(groups, list | tuple) else []
    begin, end = (f"'{at:%Y-%m-%dT%H}*3a{at:%M}*3a{at:%S}.000Z" for at in (window.begin, window.end))
    detail = (
        f"~(end~{end}~start~{begin}~timeType~'ABSOLUTE~tz~'UTC~editorString~'{escape_console_text(redact(query))}"
        f"~source~({''.join(f'~{chr(39)}{escape_console_text(group)}' for group in named)}))"
    )
    twice = {"~": "$257E", "(": "$2528", ")": "$2529", "'": "$2527"}
    encoded = "".join(twice.get(letter, letter) for letter in detail)
    path = f"cloudwatch/home?region={region}#logsV2:logs-insights$3FqueryDetail$3D{encoded}"
    return build_console_url(region, path) if region else ""
