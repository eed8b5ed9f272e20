"""A query of Prometheus, asked at its own interface or through Grafana's proxy: where it stands now and how it went.

Shapes: prometheus.io/docs/prometheus/latest/querying/api, instant and range queries.
"""

import asyncio
import re
from base64 import b64encode
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlsplit

from bot.step import HttpCall
from diagnostics.answers import line, understood
from diagnostics.curves import curves, interpret
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.question import Question
from diagnostics.web import Answer, Web, checked

PATH = re.compile(r"/api/v1/query(?:_range)?$")
PROXY = "/api/datasources/proxy/"


class Prometheus:
    """The client, and the token of a Grafana (GRAFANA_URL), which goes to that host only."""

    def __init__(self, web: Web, grafana: str = "", token: str = "") -> None:
        self._web, self._grafana, self._token = web, grafana.rstrip("/"), token

    async def look(self, question: Question, by: float) -> Finding:
        """The query as the runbook types it, by GET or, after a click, by POST."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        of_grafana = bool(self._grafana) and call.url.startswith(f"{self._grafana}/")
        headers = dict(call.headers)
        content = None if call.body is None else call.body.encode()
        if content is not None and "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self._token and of_grafana:
            headers["Authorization"] = f"Bearer {self._token}"
        elif call.credentials is not None:
            headers["Authorization"] = f"Basic {b64encode(call.credentials.encode()).decode()}"
        answer = await self._web.ask(
            call.method, call.url, by, headers=headers, content=content, verify=call.verify
        )
        _refuse(answer, of_grafana and not self._token)
        with understood(call.url):
            seen = await asyncio.to_thread(lambda: curves(answer.json()))
        query = _query(call)
        return replace(interpret(seen, query, question), link=_link(call.url, query))


def _refuse(answer: Answer, lacks_token: bool) -> None:
    """Raises CannotTell for an answer that is none: with Prometheus' own words for a query that it does not take."""
    if answer.status in (401, 403) and lacks_token:
        said = "Grafana is not asked: GRAFANA_SERVICE_ACCOUNT_TOKEN is not set."
        raise CannotTell(Cause.NOT_CONFIGURED, said, "Make a service account with the role Viewer.")
    if answer.status in (400, 422):
        told = re.search(r'"error"\s*:\s*"([^"]{1,200})', answer.text())
        said = f"Prometheus does not take the query ({answer.status}){f': {line(told[1])}' if told else ''}."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Correct the query in the runbook.")
    checked(answer, "Look at GRAFANA_SERVICE_ACCOUNT_TOKEN.")


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
