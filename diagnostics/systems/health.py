"""The health endpoint of the team's own API, requested as its load balancer does."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.domain.playbook import Action
from diagnostics.analysis.health_body import describe_web_page, find_page_title, parse_health_body
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse
from diagnostics.clients.network import format_host
from diagnostics.clients.response_parsing import clean_line

SLOW = Limit(">", 1000, 5000, "ms")
MEASURE = re.compile(r"latency|response|p9\d", re.I)
TAKES = "Health endpoint takes"
TWICE = 2
MAX_NAMES = 3
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)


@dataclass(frozen=True, slots=True)
class HealthProbe:
    """One request: `status` is 0 when there was no answer, and `why` says what came instead; `late` when it was not
    there in time. `state` is what the body says of itself, and `says` what that means; `page` is the title of a web
    page, None when the body is none, and `leads` where a redirect leads."""

    status: int
    milliseconds: float
    state: str = ""
    why: str = ""
    says: Verdict = Verdict.OK
    page: str | None = None
    late: bool = False
    leads: str = ""


def build_probe(answer: HttpResponse) -> HealthProbe:
    """An answer as a value."""
    text = answer.text()
    said = parse_health_body(text)
    return HealthProbe(
        answer.status,
        1000 * answer.seconds,
        said.state,
        says=said.verdict,
        page=find_page_title(text),
        leads=_name_target(answer),
    )


def _name_target(answer: HttpResponse) -> str:
    """Where a redirect leads: another host by its name, a page of the same one by its address without a query."""
    location = httpx.Headers(dict(answer.headers)).get("location", "")
    if not location:
        return ""
    try:
        target, own = urlsplit(urljoin(answer.url, location)), urlsplit(answer.url)
        host = target.hostname or ""
        named = f"{target.scheme}://{host}{target.path}" if host == own.hostname else host
    except ValueError:
        return ""
    return clean_line(named)


def interpret(seen: Sequence[HealthProbe], question: CheckRequest) -> Finding:
    """The worse of the requests: what fails every other time is no health."""
    allowed = find_limit(question.thresholds, MEASURE, SLOW)
    judged = [(*judge(RULES, _View(attempt, allowed)), attempt) for attempt in seen]
    verdict, said, worst = min(judged, key=lambda verdict_and_said: ORDER.index(verdict_and_said[0]))
    others = {attempt.status for attempt in seen} - {worst.status}
    also = f", but {others.pop() or 'no answer'} at the same moment" if others else ""
    look = "Check the service behind it and its last deployment."
    return Finding(
        verdict,
        f"{said}{also}.",
        question.now,
        measure=str(worst.status or "none"),
        table=_table(seen),
        next_look=look if verdict is Verdict.BAD else "",
        is_timed=worst.late or said.startswith(TAKES),
    )


def _table(seen: Sequence[HealthProbe]) -> EvidenceTable:
    rows = (
        (str(attempt.status or "none"), f"{attempt.milliseconds:.0f} ms", attempt.state or attempt.why)
        for attempt in seen
    )
    return EvidenceTable(("status", "time", "says"), tuple(rows))


@dataclass(frozen=True, slots=True)
class _View:
    """One request, and from where on it is slow."""

    given: HealthProbe
    allowed: Limit

    @property
    def status(self) -> int:
        return self.given.status

    @property
    def answers(self) -> str:
        return f"Health endpoint returned {self.status}"

    @property
    def says(self) -> str:
        """What the service says of itself, as a part of the sentence."""
        return f" (“{self.given.state}”)" if self.given.state else ""

    @property
    def where(self) -> str:
        """Where it redirects to, as far as that was said."""
        return f"to {self.given.leads} (a sign-in page?)" if self.given.leads else "(to a sign-in page?)"

    @property
    def speed(self) -> Verdict:
        return self.allowed.verdict(self.given.milliseconds)

    @property
    def takes(self) -> str:
        return f"{TAKES} {self.given.milliseconds:.0f} ms ({self.allowed.describe(self.speed)})"


RULES: tuple[Rule[_View], ...] = (
    Rule(
        lambda its: not its.status,
        Verdict.BAD,
        lambda its: f"Health endpoint did not answer: {its.given.why.rstrip('.')}",
    ),
    Rule(lambda its: its.status >= 500, Verdict.BAD, lambda its: f"{its.answers}{its.says}"),
    Rule(
        lambda its: its.status in (401, 403),
        Verdict.WARN,
        lambda its: f"{its.answers}: it is up but wants credentials",
    ),
    Rule(
        lambda its: its.status == 429,
        Verdict.WARN,
        lambda its: f"{its.answers}: it is up but rate limits us",
    ),
    Rule(
        lambda its: its.status in (404, 410),
        Verdict.BAD,
        lambda its: f"{its.answers}: nothing there",
    ),
    Rule(
        lambda its: its.status >= 400,
        Verdict.BAD,
        lambda its: f"{its.answers}: it rejects the request",
    ),
    Rule(
        lambda its: its.status >= 300,
        Verdict.WARN,
        lambda its: f"{its.answers} and redirects {its.where}",
    ),
    Rule(
        lambda its: its.given.page is not None,
        Verdict.WARN,
        lambda its: f"{its.answers}{describe_web_page(its.given.page or '')}",
    ),
    Rule(
        lambda its: its.given.says is Verdict.BAD,
        Verdict.BAD,
        lambda its: f"{its.answers}{its.says}",
    ),
    Rule(
        lambda its: its.given.says is not Verdict.OK,
        Verdict.WARN,
        lambda its: f"{its.answers}{its.says}",
    ),
    Rule(lambda its: its.speed is Verdict.BAD, Verdict.BAD, lambda its: its.takes),
    Rule(lambda its: its.speed is Verdict.WARN, Verdict.WARN, lambda its: its.takes),
    Rule(
        always,
        Verdict.OK,
        lambda its: f"{its.answers} in {its.given.milliseconds:.0f} ms",
    ),
)
"""Of one request, the first that holds."""


class ServiceHealth:
    """Made of the bot's HTTP client and the address to ask (TOCSIN_HEALTH_URL)."""

    def __init__(self, web: HttpClient, url: str) -> None:
        self._web, self._url = web, url

    def describe_missing(self, action: Action) -> str:
        """What is not configured, in a sentence."""
        return "" if self._url else "Health endpoint skipped: TOCSIN_HEALTH_URL is not set."

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """Two requests at the same moment, neither repeated."""
        seen = await asyncio.gather(*(self._probe_once(by) for _ in range(TWICE)))
        if not any(probe.status or probe.late for probe in seen):
            others = await self._web.reachability.find_similar_failures(format_host(self._url))
            if others:
                named = f"neither can {', '.join(others[:MAX_NAMES])}"
                said = f"{seen[0].why.rstrip('.')}; {named}: it is the way out from here, so this says nothing of it."
                raise Inconclusive(
                    UnknownCause.UNREACHABLE,
                    said,
                    "Check DNS, the proxy and the network where Tocsin runs.",
                )
        return interpret(seen, question)

    async def _probe_once(self, by: float) -> HealthProbe:
        began = asyncio.get_running_loop().time()
        try:
            return build_probe(await self._web.ask("GET", self._url, by - 0.2, redirects=False))
        except Inconclusive as why:
            if why.cause not in (UnknownCause.TIMEOUT, UnknownCause.UNREACHABLE):
                raise  # it has answered, or was not asked
            took = 1000 * (asyncio.get_running_loop().time() - began)
            return HealthProbe(0, took, why=why.said, late=why.cause is UnknownCause.TIMEOUT)
