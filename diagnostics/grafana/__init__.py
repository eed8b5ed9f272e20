"""What a runbook shows in Grafana: a panel, a dashboard, a query in Explore, or one that is posted after a click.

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

from bot.step import Action, HttpCall, VendorCall
from diagnostics.answers import items, line, tried, understood
from diagnostics.curves import curves, interpret
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict, unknown
from diagnostics.grafana import frames
from diagnostics.grafana.dashboards import Panels, Query, panels
from diagnostics.question import Question
from diagnostics.web import Answer, Web, checked

PATH = re.compile(r"/api/ds/query$")
SPAN, STEP = timedelta(hours=1), 60
MOST_QUERIES, MOST_SERIES, MOST_ROWS = 8, 4, 12
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.UNKNOWN, Verdict.OK)
RIGHTS = "Give the service account the role Viewer, and let it query the data source."


class Grafana:
    """The client, GRAFANA_URL and GRAFANA_SERVICE_ACCOUNT_TOKEN, which goes to that address only."""

    def __init__(self, web: Web, url: str = "", token: str = "") -> None:
        self._web, self._url, self._token = web, url.rstrip("/"), token

    def lacks(self, action: Action) -> str:
        """What is not configured, in a sentence; what a runbook posts may have a key of its own."""
        if isinstance(action.call, HttpCall) or (self._url and self._token):
            return ""
        missing = "GRAFANA_SERVICE_ACCOUNT_TOKEN" if self._url else "GRAFANA_URL"
        return f"Grafana is not asked: {missing} is not set."

    async def look(self, question: Question, by: float) -> Finding:
        """`grafana.panel`, `grafana.explore`, and a POST to the query interface. Raises CannotTell."""
        call = question.action.call
        if isinstance(call, HttpCall):
            return await self._posted(call, question, by)
        assert isinstance(call, VendorCall)
        names = call.names
        if names.get("base", "").rstrip("/") != self._url:
            said = f"{line(names.get('base'))} is not the Grafana that GRAFANA_URL names: it is not asked."
            raise CannotTell(Cause.NOT_CONFIGURED, said, "Correct the link or the setting.")
        if call.what == "grafana.explore":
            wanted = Panels(
                "",
                (Query("Explore", names.get("source", ""), names["query"], names.get("by") != "name"),),
                (),
            )
        else:
            wanted = await self._panels(names, by)
        asking = wanted.queries[:MOST_QUERIES]
        named = any(not each.is_uid for each in asking)
        sources = await tried(self._sources(by)) if named else dict[str, str]()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(tried(self._asked(each, sources, question, by))) for each in asking]
        found = [
            (each.title, _told(task.result(), question)) for each, task in zip(asking, tasks, strict=True)
        ]
        left = (*wanted.others, *(each.title for each in wanted.queries[MOST_QUERIES:]))
        return replace(merged(found, left, question), link=names.get("link", ""))

    async def _panels(self, names: Mapping[str, str], by: float) -> Panels:
        answer = await self._get(f"/api/dashboards/uid/{quote(names['uid'], safe='')}", by)
        with understood(self._url):
            found = panels(answer.json()["dashboard"], names)
        if found is None:
            said = f"The dashboard has no panel {line(names.get('panel'))}."
            raise CannotTell(Cause.NOT_FOUND, said, "Copy the panel's link anew.")
        if not found.queries:
            said = f"Nothing in {found.title or 'the dashboard'} asks a Prometheus; other data sources are not asked."
            raise CannotTell(Cause.NO_RULE, said, "Open the link.")
        return found

    async def _sources(self, by: float) -> dict[str, str]:
        """The uids of the data sources by their names; the default one has an empty name."""
        answer = await self._get("/api/datasources", by)
        with understood(self._url):
            listed = items(answer.json())
            known = {str(each["name"]): str(each["uid"]) for each in listed}
            usual = next((str(each["uid"]) for each in listed if each.get("isDefault")), "")
            return {**known, "": usual}

    async def _asked(
        self, query: Query, sources: Mapping[str, str] | CannotTell, question: Question, by: float
    ) -> Finding:
        uid = query.source
        if not query.is_uid:
            if isinstance(sources, CannotTell):
                raise sources
            uid = sources.get(uid, uid)
        if not uid:
            raise CannotTell(Cause.NOT_FOUND, "Grafana has no default data source.")
        path = f"/api/datasources/proxy/uid/{quote(uid, safe='')}/api/v1/query_range"
        begin, end = (int(at.timestamp()) for at in (question.now - SPAN, question.now))
        params: dict[str, str | int] = {"query": query.text, "start": begin, "end": end, "step": STEP}
        answer = await self._get(path, by, params)
        with understood(self._url):
            seen = curves(answer.json())
        return interpret(seen, query.text, question)

    async def _get(self, path: str, by: float, params: Mapping[str, str | int] | None = None) -> Answer:
        headers = {"authorization": f"Bearer {self._token}", "accept": "application/json"}
        return checked(
            await self._web.ask("GET", f"{self._url}{path}", by, headers=headers, params=params), RIGHTS
        )

    async def _posted(self, call: HttpCall, question: Question, by: float) -> Finding:
        headers = {"Content-Type": "application/json", **dict(call.headers)}
        if self._token and self._url and call.url.startswith(f"{self._url}/"):
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["Authorization"] = f"Bearer {self._token}"
        content = None if call.body is None else call.body.encode()
        answer = await self._web.ask(
            call.method, call.url, by, headers=headers, content=content, verify=call.verify
        )
        if answer.status == 400:
            with understood(call.url):
                told = answer.json().get("message") or answer.json().get("results")
            raise CannotTell(Cause.NOT_UNDERSTOOD, f"Grafana does not take the query (400): {line(told)}")
        with understood(call.url):
            seen = frames.series(checked(answer, RIGHTS).json(), question.now)
        words = frames.asked(call.body)
        found = [
            (reference, _judged(each, words.get(reference, ""), question)) for reference, each in seen.items()
        ]
        if not found:
            raise CannotTell(Cause.NO_DATA, "Grafana answered no query.", "Look at what is posted.")
        return merged(found, (), question)


def merged(found: Sequence[tuple[str, Finding]], left: Sequence[str], question: Question) -> Finding:
    """Several queries as one finding: the worst is told, and what could not be checked is never fine."""
    ordered = sorted(found, key=lambda each: ORDER.index(each[1].verdict))
    title, worst = ordered[0]
    if len(found) == 1 and not left:
        return replace(worst, headline=f"“{title}”: {worst.headline}")
    counted = {verdict: sum(each.verdict is verdict for _, each in found) for verdict in ORDER}
    said = f"“{title}”: {worst.headline}"
    if len(found) > 1:
        said += (
            f" {counted[Verdict.OK]} of {len(found)} queries fine, {counted[Verdict.UNKNOWN]} not checked."
        )
    said += (
        f" Not asked: {', '.join(left[:3])}{f' and {len(left) - 3} more' * (len(left) > 3)}." if left else ""
    )
    rows = [(name, each.verdict.value, each.headline) for name, each in ordered]
    verdict, cause = worst.verdict, worst.cause
    if left and verdict is Verdict.OK:
        verdict, cause = Verdict.UNKNOWN, Cause.NO_RULE
    return replace(
        worst,
        verdict=verdict,
        cause=cause,
        headline=said,
        table=Table(("panel", "is", "says"), tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS)),
        series=tuple(curve for _, each in ordered for curve in each.series)[:MOST_SERIES],
        collected_at=question.now,
    )


def _told(found: Finding | CannotTell, question: Question) -> Finding:
    if isinstance(found, CannotTell):
        return unknown(found.cause, found.said, question.now, found.next_look)
    return found


def _judged(seen: Any, words: str, question: Question) -> Finding:
    if isinstance(seen, str):
        return unknown(Cause.NOT_UNDERSTOOD, f"The query fails: {seen}", question.now)
    return interpret(seen, words, question)
