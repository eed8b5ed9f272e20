"""Routes each check to the monitored system that answers it."""

import hashlib
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, AwsCall, Call, HttpCall, RedisCall, SqlCall
from diagnostics.engine.runner import Job

Look = Callable[[CheckRequest, float], Awaitable[Finding]]
"""Collects and judges; takes the loop's time by which it has to be done."""


ReadText = Callable[[Action, float], Awaitable[str]]
"""What a command's own program would print, redacted; takes the loop's time by which it has to be done."""


def require_nothing(action: Action) -> str:
    """Everything that is needed is there."""
    return ""


@dataclass(frozen=True, slots=True)
class DiagnosticSource:
    """One system that can be asked. `system` names its turns; `lacks` says in a sentence what is not configured.

    `by_incident` when the judgement depends on the start of the incident: then nobody else's answer serves.
    """

    system: str
    run: Look
    describe_missing: Callable[[Action], str] = require_nothing
    by_incident: bool = False


async def _nothing_to_warm(services: Iterable[str]) -> None:
    return None


async def _no_warnings() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class DiagnosticRegistry:
    """All systems. `sources` by what they answer: a whole name (`logs.start_query`) or its beginning (`ecs.`); the
    longest that fits is asked. `chosen` looks at the call itself first, and gives a name or None.

    `texts` read what one call prints where another command takes it, by the kind of the call.
    `warm` makes ready what takes long to be made, for these services of AWS; `warnings` has a sentence for each key
    that may do too much.
    """

    sources: Mapping[str, DiagnosticSource]
    chosen: Sequence[Callable[[Action], str | None]] = ()
    warm: Callable[[Iterable[str]], Awaitable[None]] = _nothing_to_warm
    warnings: Callable[[], Awaitable[Sequence[str]]] = _no_warnings
    open: AsyncExitStack = field(default_factory=AsyncExitStack)
    texts: Mapping[type[Call], ReadText] = field(default_factory=dict)

    def describe_missing(self, action: Action) -> str:
        """What is not configured for this, in a sentence; empty when it can be asked."""
        source = self._source(action)
        return source.describe_missing(action) if source else "Tocsin cannot run this. Run it yourself."

    def build_job(self, question: CheckRequest) -> Job:
        """The question as a job of the runner. It must not lack anything."""
        source = self._source(question.action)
        assert source is not None, question.action.runs
        began = question.began if source.by_incident else None
        # The instants inside a call move on with the clock; what was typed tells whether it is the same question.
        asked = question.command or repr(question.action)
        what = repr((question.action.runs, question.name, asked, question.thresholds, began))
        key = hashlib.blake2s(what.encode()).hexdigest()

        call = question.action.call
        once = isinstance(call, HttpCall) and call.method not in ("GET", "HEAD")
        place = _place(source.system, question.action)
        return Job(
            key,
            source.system,
            question.name,
            lambda by: source.run(question, by),
            place,
            question.anew,
            once,
        )

    async def read_text(self, action: Action, by: float) -> str:
        """What a command prints for another one that takes it. Raises Inconclusive."""
        if missing := self.describe_missing(action):
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, missing)
        return await self.texts[type(action.call)](action, by)

    async def aclose(self) -> None:
        """Close what the systems hold open."""
        await self.open.aclose()

    def _source(self, action: Action) -> DiagnosticSource | None:
        for choose in self.chosen:
            if (name := choose(action)) is not None:
                return self.sources.get(name)
        fitting = [name for name in self.sources if action.runs == name or _begins(action.runs, name)]
        return self.sources[max(fitting, key=len)] if fitting else None


def _place(system: str, action: Action) -> str:
    """Which one of its kind is asked: what fails together."""
    match action.call:
        case HttpCall(url=url):
            return urlsplit(url).hostname or system
        case AwsCall(region=region, profile=profile) if region or profile:
            return f"{system} in {', '.join(place for place in (region, profile) if place)}"
        case SqlCall(host=host) | RedisCall(host=host) if host:
            return f"{system} at {host}"
    return action.runs.partition(".")[0] if system == "http" else system


def _begins(runs: str, name: str) -> bool:
    return name.endswith(".") and runs.startswith(name)


class LazyDiagnostics:
    """Systems that are made when something is asked that nothing lacks: what they load takes 30 MB and half a second.

    `lacks` tells without them what is not configured.
    """

    def __init__(self, lacks: Callable[[Action], str], make: Callable[[], DiagnosticRegistry]) -> None:
        self._lacks, self._make = lacks, make
        self._made: DiagnosticRegistry | None = None
        self._making = threading.Lock()

    @property
    def made(self) -> DiagnosticRegistry:
        """The systems themselves; not for the event loop the first time."""
        with self._making:
            if self._made is None:
                self._made = self._make()
            return self._made

    def describe_missing(self, action: Action) -> str:
        """What is not configured for this, in a sentence; empty when it can be asked."""
        return self._lacks(action) or self.made.describe_missing(action)

    def build_job(self, question: CheckRequest) -> Job:
        """The question as a job of the runner. It must not lack anything."""
        return self.made.build_job(question)

    async def aclose(self) -> None:
        """Close what was made."""
        if self._made is not None:
            await self._made.aclose()
