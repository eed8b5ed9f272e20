"""A query of Prometheus, asked at its own interface or through Grafana's proxy: where it stands now and how it went.

Shapes: prometheus.io/docs/prometheus/latest/querying/api, instant and range queries.
"""

import math
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bot.step import HttpCall
from diagnostics.answers import items, line, understood
from diagnostics.curves import Curve, interpret
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.question import Question
from diagnostics.web import Answer, Web, checked

PATH = re.compile(r"/api/v1/query(?:_range)?$")
PROXY = "/api/datasources/proxy/"


def curves(answer: Mapping[str, Any]) -> tuple[Curve, ...]:
    """The answer's series. Raises what `understood` turns into words for any other shape."""
    if answer["status"] != "success":
        raise ValueError("the query failed")
    told = answer["data"]
    if told["resultType"] in ("scalar", "string"):
        return (Curve("", _points([told["result"]])),)
    return tuple(
        Curve(_labels(each["metric"]), _points(each["values"] if "values" in each else [each["value"]]))
        for each in items(told["result"])
    )


def _points(given: Sequence[Any]) -> tuple[tuple[datetime, float], ...]:
    found = [(datetime.fromtimestamp(float(at), UTC), float(value)) for at, value in given]
    return tuple(each for each in found if math.isfinite(each[1]))


def _labels(metric: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name}={value}" for name, value in metric.items() if name != "__name__")
    return line(told or metric.get("__name__", ""))


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
            seen = curves(answer.json())
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
