"""Any other address of the runbook: what a GET brings, and a probe of an endpoint that somebody clicked for."""

import asyncio
import json
import re
from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.commands import filtered
from bot.step import HttpCall
from diagnostics.answers import line
from diagnostics.bodies import told
from diagnostics.finding import CannotTell, Cause, Finding, Verdict
from diagnostics.question import Question
from diagnostics.redaction import redacted, redacted_value
from diagnostics.shapes import LONGEST_TEXT as LONGEST_SHOWN
from diagnostics.shapes import as_table, as_text
from diagnostics.web import Answer, Web

HEALTHY = re.compile(r"/(?:health[\w-]*|livez|readyz|ready|alive|ping|status|heartbeat|up)/?$", re.I)
"""Paths that say how their service is."""

SLOW = 2.0
"""Seconds from when on an answer to a probe is slow."""

LONGEST_TEXT = 20_000
"""Letters of a text that are looked at for secrets: more than the 4,000 that are shown, so that none is cut in two."""

NEVER_REACHED = frozenset({Cause.TIMEOUT, Cause.UNREACHABLE})


def interpret(answer: Answer, call: HttpCall, question: Question) -> Finding:
    """A probe, and an address that says how its service is, are judged by the status; for the rest there is no rule."""
    host = line(urlsplit(call.url).hostname)
    took = f"in {1000 * answer.seconds:.0f} ms"
    if call.method not in ("GET", "HEAD"):
        return _probed(answer, host, took, question)
    if HEALTHY.search(urlsplit(call.url).path):
        if answer.status >= 500:
            return _found(
                Verdict.BAD, f"{host} answers {answer.status} {took}: it is not well.", answer, question
            )
        if 200 <= answer.status < 300:
            own = told(answer.text())
            says = f": it says “{own.state}”" if own.verdict is not Verdict.OK else ""
            return _found(own.verdict, f"{host} answers {answer.status} {took}{says}.", answer, question)
    said = f"{host} answers {answer.status} {took}; there is no rule for this."
    return replace(_found(Verdict.UNKNOWN, said, answer, question), verdict=Verdict.UNKNOWN)


def _probed(answer: Answer, host: str, took: str, question: Question) -> Finding:
    status = answer.status
    if status >= 500:
        return _found(Verdict.BAD, f"{host} answers {status} {took}: the endpoint fails.", answer, question)
    if status in (401, 403):
        said = f"{host} answers {status}: the endpoint is alive and wants a signature."
        return _found(Verdict.WARN, said, answer, question)
    if status in (404, 405, 410):
        return _found(
            Verdict.BAD, f"{host} answers {status}: nothing takes this request there.", answer, question
        )
    if status >= 300:
        return _found(Verdict.WARN, f"{host} answers {status} {took}.", answer, question)
    own = told(answer.text())
    if own.verdict is not Verdict.OK:
        said = f"{host} answers {status}, but it says “{own.state}”."
        return _found(own.verdict, said, answer, question)
    if answer.body.lstrip()[:1] == b"<":
        said = (
            f"{host} answers {status} with a page: is it the endpoint that answers, or something before it?"
        )
        return _found(Verdict.WARN, said, answer, question)
    if answer.seconds > SLOW:
        return _found(
            Verdict.WARN, f"{host} answers {status}, but {took} (limit {SLOW:.0f} s).", answer, question
        )
    return _found(Verdict.OK, f"{host} answers {status} {took}.", answer, question)


def _found(verdict: Verdict, said: str, answer: Answer, question: Question) -> Finding:
    value = _value(answer)
    table = as_table(value)
    return Finding(
        verdict,
        said,
        question.now,
        Cause.NO_RULE if verdict is Verdict.UNKNOWN else None,
        measure=str(answer.status),
        table=table,
        text="" if table else value if isinstance(value, str) else as_text(value),
    )


def _value(answer: Answer) -> Any:
    text = answer.text()
    try:
        return redacted_value(json.loads(text))
    except (ValueError, RecursionError):
        return _shown(text)


def _shown(text: str) -> str:
    """The beginning of a text, redacted; what is not shown is counted and not read."""
    if len(text) <= LONGEST_TEXT:
        return as_text(redacted(text))
    beginning = redacted(text[:LONGEST_TEXT])[:LONGEST_SHOWN]
    return f"{beginning}\n… and {len(text) - len(beginning):,} more characters"


class Http:
    """Made of the bot's HTTP client."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def look(self, question: Question, by: float) -> Finding:
        """One request, as the runbook types it; never repeated. What its pipe makes of the answer is the text."""
        call = question.action.call
        assert isinstance(call, HttpCall)
        headers = dict(call.headers)
        if call.credentials is not None:
            headers["Authorization"] = f"Basic {b64encode(call.credentials.encode()).decode()}"
        try:
            answer = await self._web.ask(
                call.method,
                call.url,
                by if call.limit is None else min(by, asyncio.get_running_loop().time() + call.limit),
                headers=headers,
                content=call.body.encode() if call.body is not None else None,
                verify=call.verify,
                redirects=call.redirects,
            )
        except CannotTell as why:
            probed = call.method not in ("GET", "HEAD") or HEALTHY.search(urlsplit(call.url).path)
            if why.cause not in NEVER_REACHED or not probed:
                raise
            said = f"It does not answer: {why.said}"
            return Finding(Verdict.BAD, said, question.now, measure="none", next_look=why.next_look)
        try:
            async with asyncio.timeout_at(by):
                return await asyncio.to_thread(_judged, answer, call, question)
        except TimeoutError:
            said = f"{line(urlsplit(call.url).hostname)} answered too much to be read in time."
            raise CannotTell(Cause.TIMEOUT, said, "Ask for less of it.") from None


def _judged(answer: Answer, call: HttpCall, question: Question) -> Finding:
    """The finding, with what the runbook's filters make of the answer. Takes a second for a large one."""
    found = interpret(answer, call, question)
    if not question.action.filters:
        return found
    made = filtered(question.action.filters, answer.text())
    if made.trouble:
        raise CannotTell(Cause.NOT_UNDERSTOOD, redacted(made.trouble))
    return replace(found, table=None, text=_shown(made.text))
