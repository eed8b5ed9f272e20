"""Any other URL of the runbook: the response of a GET, and a probe of an endpoint that somebody clicked for."""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bot.command_parsers import run_filters
from bot.command_parsers.http import HttpRequest, classify_request
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.domain.playbook import Filter, HttpCall, StepKind
from bot.text.redaction import redact, redact_value
from diagnostics.analysis.health_body import (
    HealthReport,
    describe_web_page,
    find_page_title,
    parse_health_body,
)
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse
from diagnostics.clients.response_parsing import clean_line
from diagnostics.rendering.tables import MAX_TEXT_LENGTH as LONGEST_SHOWN
from diagnostics.rendering.tables import build_table, format_text

HEALTHY = re.compile(r"/(?:health[\w-]*|livez|readyz|ready|alive|ping|status|heartbeat|up)/?$", re.I)
"""Paths that say how their service is."""

SLOW = 2.0
"""Seconds from when on an answer to a probe is slow."""

MAX_TEXT_LENGTH = 20_000
"""Letters of a text that are looked at for secrets: more than the 4,000 that are shown, so that none is cut in two."""

NEVER_REACHED = frozenset({UnknownCause.TIMEOUT, UnknownCause.UNREACHABLE})


UNREAD = HealthReport()


@dataclass(frozen=True, slots=True)
class _ResponseView:
    """An answer as the rules see it."""

    answer: HttpResponse
    host: str
    took: str
    title: str | None = None
    health: HealthReport = UNREAD

    @property
    def status(self) -> int:
        return self.answer.status


def _reports(verdict: Verdict, its: _ResponseView) -> bool:
    return its.health.verdict is verdict


PROBE_RULES: tuple[Rule[_ResponseView], ...] = (
    Rule(
        lambda its: its.status >= 500,
        Verdict.BAD,
        lambda its: f"{its.host} returned {its.status} {its.took}: the endpoint fails.",
    ),
    Rule(
        lambda its: its.status in (401, 403),
        Verdict.WARN,
        lambda its: f"{its.host} returned {its.status}: the endpoint is alive and wants a signature.",
    ),
    Rule(
        lambda its: its.status in (404, 405, 410),
        Verdict.BAD,
        lambda its: f"{its.host} returned {its.status}: nothing takes this request there.",
    ),
    Rule(
        lambda its: its.status >= 300,
        Verdict.WARN,
        lambda its: f"{its.host} returned {its.status} {its.took}.",
    ),
    *(
        Rule(
            partial(_reports, verdict),
            verdict,
            lambda its: f"{its.host} returned {its.status}, but it says “{its.health.state}”.",
        )
        for verdict in (Verdict.BAD, Verdict.WARN)
    ),
    Rule(
        lambda its: its.answer.body.lstrip()[:1] == b"<",
        Verdict.WARN,
        lambda its: (
            f"{its.host} returned {its.status} with a page: is it the endpoint that answers, or something before it?"
        ),
    ),
    Rule(
        lambda its: its.answer.seconds > SLOW,
        Verdict.WARN,
        lambda its: f"{its.host} returned {its.status}, but {its.took} (limit {SLOW:.0f} s).",
    ),
    Rule(always, Verdict.OK, lambda its: f"{its.host} returned {its.status} {its.took}."),
)
"""For a request that somebody clicked for."""

NO_RULE: Rule[_ResponseView] = Rule(
    lambda its: not 200 <= its.status < 300,
    Verdict.UNKNOWN,
    lambda its: f"{its.host} returned {its.status} {its.took}; there is no rule for this.",
)
HEALTH_RULES: tuple[Rule[_ResponseView], ...] = (
    Rule(
        lambda its: its.status >= 500,
        Verdict.BAD,
        lambda its: f"{its.host} returned {its.status} {its.took}: it is not well.",
    ),
    NO_RULE,
    Rule(
        lambda its: its.title is not None,
        Verdict.WARN,
        lambda its: f"{its.host} returned {its.status}{describe_web_page(its.title or '')}.",
    ),
    *(
        Rule(
            partial(_reports, verdict),
            verdict,
            lambda its: f"{its.host} returned {its.status} {its.took}: it says “{its.health.state}”.",
        )
        for verdict in (Verdict.BAD, Verdict.WARN)
    ),
    Rule(always, Verdict.OK, lambda its: f"{its.host} returned {its.status} {its.took}."),
)
"""For an address that says how its service is."""


def interpret(answer: HttpResponse, call: HttpCall, question: CheckRequest) -> Finding:
    """A probe, and an address that says how its service is, are judged by the status; for the rest there is no rule."""
    parts, text = urlsplit(call.url), answer.text()
    host, took = clean_line(parts.hostname), f"in {1000 * answer.seconds:.0f} ms"
    is_read = call.method in ("GET", "HEAD")
    if is_read and not HEALTHY.search(parts.path):
        # A large answer takes long to parse: its state is not looked for where no rule asks for it.
        view = _ResponseView(answer, host, took)
        return _build_finding(NO_RULE.verdict, NO_RULE.sentence(view), answer, question)
    view = _ResponseView(answer, host, took, find_page_title(text), parse_health_body(text))
    verdict, said = judge(HEALTH_RULES if is_read else PROBE_RULES, view)
    return _build_finding(verdict, said, answer, question)


def _build_finding(verdict: Verdict, said: str, answer: HttpResponse, question: CheckRequest) -> Finding:
    value = _value(answer)
    table = build_table(value)
    return Finding(
        verdict,
        said,
        question.now,
        UnknownCause.NO_RULE if verdict is Verdict.UNKNOWN else None,
        measure=str(answer.status),
        table=table,
        text="" if table else value if isinstance(value, str) else format_text(value),
    )


def _value(answer: HttpResponse) -> Any:
    text = answer.text()
    try:
        return redact_value(json.loads(text))
    except (ValueError, RecursionError):
        return _shorten_text(text)


def _shorten_text(text: str) -> str:
    """The beginning of a text, redacted; what is not shown is counted and not read."""
    if len(text) <= MAX_TEXT_LENGTH:
        return format_text(redact(text))
    beginning = redact(text[:MAX_TEXT_LENGTH])[:LONGEST_SHOWN]
    return f"{beginning}\n… and {len(text) - len(beginning):,} more characters"


class Http:
    """Made of the bot's HTTP client."""

    def __init__(self, web: HttpClient) -> None:
        self._web = web

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """One request, as the runbook types it; never repeated. What its pipe makes of the answer is the text."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        verdict = classify_request(HttpRequest(call.method, call.url, call.headers, call.body))
        if verdict.kind not in (StepKind.DIAGNOSTIC, StepKind.PROBE):
            raise Inconclusive(
                UnknownCause.NOT_UNDERSTOOD, f"It is not sent: {verdict.why}.", "Run it yourself."
            )
        try:
            answer = await self._send(call, by)
        except Inconclusive as why:
            probed = call.method not in ("GET", "HEAD") or HEALTHY.search(urlsplit(call.url).path)
            if why.cause not in NEVER_REACHED or not probed:
                raise
            said = f"It does not answer: {why.said}"
            return Finding(Verdict.BAD, said, question.now, measure="none", next_look=why.next_look)
        try:
            async with asyncio.timeout_at(by):
                return await asyncio.to_thread(_judge_response, answer, call, question)
        except TimeoutError:
            said = f"{clean_line(urlsplit(call.url).hostname)} answered too much to be read in time."
            raise Inconclusive(UnknownCause.TIMEOUT, said, "Ask for less of it.") from None

    async def _send(self, call: HttpCall, by: float) -> HttpResponse:
        headers = dict(call.headers)
        if call.credentials is not None:
            headers["Authorization"] = f"Basic {b64encode(call.credentials.encode()).decode()}"
        return await self._web.ask(
            call.method,
            call.url,
            by if call.limit is None else min(by, asyncio.get_running_loop().time() + call.limit),
            headers=headers,
            content=call.body.encode() if call.body is not None else None,
            verify=call.verify,
            redirects=call.redirects,
        )


def _judge_response(answer: HttpResponse, call: HttpCall, question: CheckRequest) -> Finding:
    """The finding, with what the runbook's filters make of the answer. Takes a second for a large one."""
    found = interpret(answer, call, question)
    if not question.action.filters:
        return found
    made = run_filters(question.action.filters, _apply_filters(answer.text(), question.action.filters))
    if made.trouble:
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, redact(made.trouble))
    return replace(found, table=None, text=_shorten_text(made.text))


def _apply_filters(text: str, filters: Sequence[Filter]) -> str:
    """Redacted before jq can take a value away from the name that tells what it is. Other filters leave it there."""
    programs = [filter_.program for filter_ in filters]
    if "jq" not in programs:
        return text
    if programs[0] != "jq":
        return redact(text)
    try:
        return json.dumps(redact_value(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return redact(text)
