"""The health address of the team's own API, asked as its load balancer asks it."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.step import Action
from diagnostics.bodies import told
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict
from diagnostics.limits import Limit, limit
from diagnostics.question import Question
from diagnostics.web import Answer, Web

SLOW = Limit(">", 1000, 5000, "ms")
MEASURE = re.compile(r"latency|response|p9\d", re.I)
TWICE = 2
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Try:
    """One request: `status` is 0 when there was no answer, and `why` says what came instead. `state` is what the body
    says of itself, and `says` what that means."""

    status: int
    milliseconds: float
    state: str = ""
    why: str = ""
    says: Verdict = Verdict.OK


def tried(answer: Answer) -> Try:
    """An answer as a value."""
    said = told(answer.text())
    return Try(answer.status, 1000 * answer.seconds, said.state, says=said.verdict)


def interpret(seen: Sequence[Try], question: Question) -> Finding:
    """The worse of the requests: what fails every other time is no health."""
    allowed = limit(question.thresholds, MEASURE, SLOW)
    judged = [(*_judged(each, allowed), each) for each in seen]
    verdict, said, worst = min(judged, key=lambda each: ORDER.index(each[0]))
    others = {each.status for each in seen} - {worst.status}
    also = f", but {others.pop() or 'no answer'} at the same moment" if others else ""
    rows = tuple(
        (str(each.status or "none"), f"{each.milliseconds:.0f} ms", each.state or each.why) for each in seen
    )
    return Finding(
        verdict,
        f"{said}{also}.",
        question.now,
        measure=str(worst.status or "none"),
        table=Table(("status", "time", "says"), rows),
        next_look="Look at the service behind it and at its last deployment."
        if verdict is Verdict.BAD
        else "",
    )


def _judged(given: Try, allowed: Limit) -> tuple[Verdict, str]:
    says = f", it says “{given.state}”" if given.state else ""
    if not given.status:
        return Verdict.BAD, f"The health address does not answer: {given.why.rstrip('.')}"
    if given.status >= 500:
        return Verdict.BAD, f"The health address answers {given.status}{says}"
    if given.status in (401, 403):
        return Verdict.WARN, f"The health address answers {given.status}: it is alive, and wants a key"
    if given.status == 429:
        return Verdict.WARN, "The health address answers 429: it is alive, and asks us to wait"
    if given.status >= 400:
        why = "nothing is there" if given.status in (404, 410) else "it does not take the request"
        return Verdict.BAD, f"The health address answers {given.status}: {why}"
    if given.status >= 300:
        return (
            Verdict.WARN,
            f"The health address answers {given.status} and sends elsewhere: a page to sign in?",
        )
    if given.says is not Verdict.OK:
        return given.says, f"The health address answers {given.status}{says}"
    slow = allowed.verdict(given.milliseconds)
    if slow is not Verdict.OK:
        return slow, f"The health address takes {given.milliseconds:.0f} ms ({allowed.said(slow)})"
    return Verdict.OK, f"The health address answers {given.status} in {given.milliseconds:.0f} ms"


class Health:
    """Made of the bot's HTTP client and the address to ask (TOCSIN_HEALTH_URL)."""

    def __init__(self, web: Web, url: str) -> None:
        self._web, self._url = web, url

    def lacks(self, action: Action) -> str:
        """What is not configured, in a sentence."""
        return "" if self._url else "The health address is not asked: TOCSIN_HEALTH_URL is not set."

    async def look(self, question: Question, by: float) -> Finding:
        """Two requests at the same moment, neither repeated."""
        seen = await asyncio.gather(*(self._asked(by) for _ in range(TWICE)))
        return interpret(seen, question)

    async def _asked(self, by: float) -> Try:
        began = asyncio.get_running_loop().time()
        try:
            return tried(await self._web.ask("GET", self._url, by - 0.2, redirects=False))
        except CannotTell as why:
            if why.cause not in (Cause.TIMEOUT, Cause.UNREACHABLE):
                raise  # it has answered, or was not asked
            return Try(0, 1000 * (asyncio.get_running_loop().time() - began), why=why.said)
