"""A Prometheus query, sent to its own API or through Grafana's proxy: newest values and trend.

Shapes: prometheus.io/docs/prometheus/latest/querying/api, instant and range queries.
"""

import asyncio
import re
from base64 import b64encode
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlsplit

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import HttpCall
from diagnostics.analysis.query_series import interpret, parse_curves
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse, check_response
from diagnostics.clients.response_parsing import clean_line, guard_parsing

PATH = re.compile(r"/api/v1/query(?:_range)?$")
PROXY = "/api/datasources/proxy/"


class Prometheus:
    """The client, and the token of a Grafana (GRAFANA_URL), which goes to that host only."""

    def __init__(self, web: HttpClient, grafana: str = "", token: str = "") -> None:
        self._web, self._grafana, self._token = web, grafana.rstrip("/"), token

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """The query as the runbook types it, by GET or, after a click, by POST."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        of_grafana = bool(self._grafana) and call.url.startswith(f"{self._grafana}/")
        content = None if call.body is None else call.body.encode()
        headers = self._build_headers(call, of_grafana)
        answer = await self._web.ask(
            call.method, call.url, by, headers=headers, content=content, verify=call.verify
        )
        _refuse(answer, of_grafana and not self._token)
        with guard_parsing(call.url):
            seen = await asyncio.to_thread(lambda: parse_curves(answer.json()))
        query = _query(call)
        return replace(interpret(seen, query, question), link=_link(call.url, query))

    def _build_headers(self, call: HttpCall, of_grafana: bool) -> dict[str, str]:
        """The runbook's headers, with the type of a form where it sends one, and the credentials."""
        headers = dict(call.headers)
        if call.body is not None and "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self._token and of_grafana:
            return {**headers, "Authorization": f"Bearer {self._token}"}
        if call.credentials is not None:
            return {**headers, "Authorization": f"Basic {b64encode(call.credentials.encode()).decode()}"}
        return headers


def _refuse(answer: HttpResponse, lacks_token: bool) -> None:
    """Raises Inconclusive for an answer that is none: with Prometheus' own words for a query that it does not take."""
    if answer.status in (401, 403) and lacks_token:
        said = "Grafana skipped: GRAFANA_SERVICE_ACCOUNT_TOKEN is not set."
        raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, "Make a service account with the role Viewer.")
    if answer.status in (400, 422):
        told = re.search(r'"error"\s*:\s*"([^"]{1,200})', answer.text())
        said = f"Prometheus does not take the query ({answer.status}){f': {clean_line(told[1])}' if told else ''}."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Correct the query in the runbook.")
    check_response(answer, "Check GRAFANA_SERVICE_ACCOUNT_TOKEN.")


def _query(call: HttpCall) -> str:
    """What was asked: it stands in the address, or in the form that was sent."""
    for text in (urlsplit(call.url).query, call.body or ""):
        if found := parse_qs(text).get("query"):
            return found[0]
    return ""


def _link(url: str, query: str) -> str:
    """Prometheus' own page for the query; none through Grafana's proxy, which shows none."""
    parts = urlsplit(url)
    if PROXY in parts.path or not query:
        return ""
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{PATH.sub('', parts.path)}"
    return f"{base}/graph?g0.expr={quote(query, safe='')}"
