"""Grafana: a panel, a dashboard, a query in Explore, or one that is posted after a click.

Panels and Explore are asked by GET through Grafana's proxy of a data source, which only reads; their own query
interface is a POST and may be given anything, so what a runbook posts there waits for a click. Shapes:
https://grafana.com/docs/grafana/latest/developers/http_api/dashboard and .../data_source (proxy, query a data source).
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict, build_unknown_finding
from bot.domain.playbook import Action, HttpCall, VendorCall
from diagnostics.analysis.query_series import interpret, parse_curves
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse, check_response
from diagnostics.clients.response_parsing import catch_inconclusive, clean_line, guard_parsing, read_items
from diagnostics.systems.grafana import frames
from diagnostics.systems.grafana.dashboards import DashboardPanels, PanelQuery, parse_panels

PATH = re.compile(r"/api/ds/query$")
SPAN, STEP = timedelta(hours=1), 60
MOST_QUERIES, MOST_SERIES, MOST_ROWS = 8, 4, 12
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.UNKNOWN, Verdict.OK)
RIGHTS = "Give the service account the role Viewer, and let it query the data source."


class Grafana:
    """The client, GRAFANA_URL and GRAFANA_SERVICE_ACCOUNT_TOKEN, which goes to that address only."""

    def __init__(self, web: HttpClient, url: str = "", token: str = "") -> None:
        self._web, self._url, self._token = web, url.rstrip("/"), token

    def describe_missing(self, action: Action) -> str:
        """What is not configured, in a sentence; what a runbook posts may have a key of its own."""
        if isinstance(action.call, HttpCall) or (self._url and self._token):
            return ""
        missing = "GRAFANA_SERVICE_ACCOUNT_TOKEN" if self._url else "GRAFANA_URL"
        return f"Grafana skipped: {missing} is not set."

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """`grafana.panel`, `grafana.explore`, and a POST to the query interface. Raises Inconclusive."""
        call = question.action.call
        if isinstance(call, HttpCall):
            return await self._post_query(call, question, by)
        assert isinstance(call, VendorCall)
        names = call.names
        if names.get("base", "").rstrip("/") != self._url:
            said = (
                f"{clean_line(names.get('base'))} is not the Grafana that GRAFANA_URL names: it is not asked."
            )
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, "Correct the link or the setting.")
        wanted = await self._panels(names, by) if call.what != "grafana.explore" else _build_explore(names)
        findings = await self._run_queries(wanted.queries[:MOST_QUERIES], question, by)
        left = (*wanted.others, *(query.title for query in wanted.queries[MOST_QUERIES:]))
        return replace(merge_findings(findings, left, question), link=names.get("link", ""))

    async def _run_queries(
        self, queries: Sequence[PanelQuery], question: CheckRequest, by: float
    ) -> list[tuple[str, Finding]]:
        """The finding of each query with its title; the queries run side by side."""
        named = any(not query.is_uid for query in queries)
        sources = await catch_inconclusive(self._sources(by)) if named else dict[str, str]()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(catch_inconclusive(self._run_query(query, sources, question, by)))
                for query in queries
            ]
        return [
            (query.title, _convert_to_finding(task.result(), question))
            for query, task in zip(queries, tasks, strict=True)
        ]

    async def _panels(self, names: Mapping[str, str], by: float) -> DashboardPanels:
        answer = await self._get(f"/api/dashboards/uid/{quote(names['uid'], safe='')}", by)
        with guard_parsing(self._url):
            found = parse_panels(answer.json()["dashboard"], names)
        if found is None:
            said = f"The dashboard has no panel {clean_line(names.get('panel'))}."
            raise Inconclusive(UnknownCause.NOT_FOUND, said, "Copy the panel's link anew.")
        if not found.queries:
            said = f"Nothing in {found.title or 'the dashboard'} asks a Prometheus; other data sources are not asked."
            raise Inconclusive(UnknownCause.NO_RULE, said, "Open the link.")
        return found

    async def _sources(self, by: float) -> dict[str, str]:
        """The uids of the data sources by their names; the default one has an empty name."""
        answer = await self._get("/api/datasources", by)
        with guard_parsing(self._url):
            listed = read_items(answer.json())
            known = {str(source["name"]): str(source["uid"]) for source in listed}
            usual = next((str(source["uid"]) for source in listed if source.get("isDefault")), "")
            return {**known, "": usual}

    async def _run_query(
        self, query: PanelQuery, sources: Mapping[str, str] | Inconclusive, question: CheckRequest, by: float
    ) -> Finding:
        uid = query.source
        if not query.is_uid:
            if isinstance(sources, Inconclusive):
                raise sources
            uid = sources.get(uid, uid)
        if not uid:
            raise Inconclusive(UnknownCause.NOT_FOUND, "Grafana has no default data source.")
        path = f"/api/datasources/proxy/uid/{quote(uid, safe='')}/api/v1/query_range"
        begin, end = (int(at.timestamp()) for at in (question.now - SPAN, question.now))
        params: dict[str, str | int] = {"query": query.text, "start": begin, "end": end, "step": STEP}
        answer = await self._get(path, by, params)
        with guard_parsing(self._url):
            seen = parse_curves(answer.json())
        return interpret(seen, query.text, question)

    async def _get(self, path: str, by: float, params: Mapping[str, str | int] | None = None) -> HttpResponse:
        headers = {"authorization": f"Bearer {self._token}", "accept": "application/json"}
        return check_response(
            await self._web.ask("GET", f"{self._url}{path}", by, headers=headers, params=params), RIGHTS
        )

    async def _post_query(self, call: HttpCall, question: CheckRequest, by: float) -> Finding:
        headers = self._build_post_headers(call)
        content = None if call.body is None else call.body.encode()
        answer = await self._web.ask(
            call.method, call.url, by, headers=headers, content=content, verify=call.verify
        )
        if answer.status == 400:
            with guard_parsing(call.url):
                told = answer.json().get("message") or answer.json().get("results")
            raise Inconclusive(
                UnknownCause.NOT_UNDERSTOOD, f"Grafana does not take the query (400): {clean_line(told)}"
            )
        with guard_parsing(call.url):
            seen = frames.parse_frame_series(check_response(answer, RIGHTS).json(), question.now)
        words = frames.parse_queries(call.body)
        found = [
            (reference, _judge_series(result, words.get(reference, ""), question))
            for reference, result in seen.items()
        ]
        if not found:
            raise Inconclusive(UnknownCause.NO_DATA, "Grafana answered no query.", "Check what is posted.")
        return merge_findings(found, (), question)

    def _build_post_headers(self, call: HttpCall) -> dict[str, str]:
        """The runbook's headers; to the Grafana of GRAFANA_URL the token goes in place of its credentials."""
        headers = {"Content-Type": "application/json", **dict(call.headers)}
        if not (self._token and self._url and call.url.startswith(f"{self._url}/")):
            return headers
        others = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        return {**others, "Authorization": f"Bearer {self._token}"}


def _build_explore(names: Mapping[str, str]) -> DashboardPanels:
    query = PanelQuery("Explore", names.get("source", ""), names["query"], names.get("by") != "name")
    return DashboardPanels("", (query,), ())


def merge_findings(
    found: Sequence[tuple[str, Finding]], left: Sequence[str], question: CheckRequest
) -> Finding:
    """Several queries as one finding: the worst is told, and what could not be checked is never fine."""
    ordered = sorted(found, key=lambda named: ORDER.index(named[1].verdict))
    title, worst = ordered[0]
    said = f"“{title}”: {worst.headline}"
    if len(found) == 1 and not left:
        return replace(worst, headline=said)
    rows = [(name, finding.verdict.value, finding.headline) for name, finding in ordered]
    verdict, cause = worst.verdict, worst.cause
    if left and verdict is Verdict.OK:
        verdict, cause = Verdict.UNKNOWN, UnknownCause.NO_RULE
    return replace(
        worst,
        verdict=verdict,
        cause=cause,
        headline=f"{said}{_count(found)}{_list_left(left)}",
        table=EvidenceTable(("panel", "is", "says"), tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS)),
        series=tuple(curve for _, finding in ordered for curve in finding.series)[:MOST_SERIES],
        collected_at=question.now,
    )


def _count(found: Sequence[tuple[str, Finding]]) -> str:
    """How many of several queries are fine and how many not checked, as a sentence."""
    if len(found) == 1:
        return ""
    verdicts = [finding.verdict for _, finding in found]
    fine, not_checked = verdicts.count(Verdict.OK), verdicts.count(Verdict.UNKNOWN)
    return f" {fine} of {len(found)} queries fine, {not_checked} not checked."


def _list_left(left: Sequence[str]) -> str:
    if not left:
        return ""
    return f" Skipped: {', '.join(left[:3])}{f' and {len(left) - 3} more' * (len(left) > 3)}."


def _convert_to_finding(found: Finding | Inconclusive, question: CheckRequest) -> Finding:
    if isinstance(found, Inconclusive):
        return build_unknown_finding(found.cause, found.said, question.now, found.next_look)
    return found


def _judge_series(seen: Any, words: str, question: CheckRequest) -> Finding:
    if isinstance(seen, str):
        return build_unknown_finding(UnknownCause.NOT_UNDERSTOOD, f"The query fails: {seen}", question.now)
    return interpret(seen, words, question)
