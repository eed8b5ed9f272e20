"""The monitored Redis: INFO with a verdict, any other read-only command as text."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis as Client
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    MaxConnectionsError,
    NoPermissionError,
    RedisError,
    ResponseError,
)
from redis.exceptions import (
    ConnectionError as Broken,
)
from redis.exceptions import (
    TimeoutError as Slow,
)

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.domain.playbook import RedisCall
from bot.text.redaction import is_secret_name, redact, redact_value
from diagnostics.rendering.tables import build_table, format_text, truncate_value
from diagnostics.systems.redis.models import APART, RedisSample, RedisSamples, parse_sample
from diagnostics.systems.redis.rules import interpret_nodes

__all__ = ["Redis"]

CONNECT, READ = 2.0, 3.0
DENIED = re.compile(r"'([\w|-]+)' command")
FULL = "max number of clients reached"


class Redis:
    """`environment` are the `REDIS_…` names; its password goes only to its own host."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def describe_missing(self, call: RedisCall) -> str:
        """What is not configured, in a sentence."""
        if call.host or self._environment.get("REDIS_HOST"):
            return ""
        return "Redis skipped: REDIS_HOST is not set."

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """INFO, whichever of its sections the runbook names, twice; else the command's answer without a judgement."""
        call = question.action.call
        assert isinstance(call, RedisCall)
        host = self._host(call)
        try:
            async with asyncio.timeout_at(by), self._open_connection(call) as client:
                if call.words[0].lower() == "info":
                    return await self._info(client, question)
                answer = await client.execute_command(*call.words)
                return await asyncio.to_thread(_build_finding, answer, call.words, question)
        except BusyLoadingError:
            said = f"Redis at {redact(host)} is loading its data from disk: it is not serving yet."
            return _bad(said, "loading", question)
        except (RedisError, OSError) as error:
            if FULL in str(error).lower() or isinstance(error, MaxConnectionsError):
                said = f"Redis at {redact(host)}: all connections are in use, so nobody can connect."
                return _bad(said, "full", question)
            if "connect call failed" in str(error).lower() or "refused" in str(error).lower():
                said = f"Redis at {redact(host)} refuses connections: nothing is listening there."
                return _bad(said, "refused", question)
            raise _explain(error, host, call) from None

    async def _info(self, client: Any, question: CheckRequest) -> Finding:
        loop = asyncio.get_running_loop()
        first, began = await _sample_nodes(client), loop.time()
        if not any(sample.is_loading for sample in first.values()):
            await asyncio.sleep(APART)
        last = await _sample_nodes(client)
        seconds = max(0.1, loop.time() - began)
        # A node that came in between has nothing to be compared with yet.
        return interpret_nodes(
            {name: RedisSamples(first.get(name, sample), sample, seconds) for name, sample in last.items()},
            question,
        )

    @asynccontextmanager
    async def _open_connection(self, call: RedisCall) -> AsyncIterator[Any]:
        options: dict[str, Any] = {
            "host": self._host(call),
            "port": call.port or int(self._environment.get("REDIS_PORT") or 6379),
            "username": call.user,
            "password": self._password(call),
            "socket_connect_timeout": CONNECT,
            "socket_timeout": READ,
            "protocol": 2,  # neither HELLO nor a client's name: a role with +info alone gets in, and so do old servers
            "decode_responses": True,
            "encoding_errors": "replace",
        }
        if call.tls:
            options |= {"ssl": True, "ssl_ca_certs": self._environment.get("REDIS_CACERT") or None}
        if call.cluster:
            client: Any = RedisCluster(**options)
        else:
            client = Client(**options, db=call.database or 0, retry=Retry(NoBackoff(), 0))
        try:
            yield client
        finally:
            await client.aclose()

    def _password(self, call: RedisCall) -> str | None:
        """The runbook's, else REDIS_PASSWORD; the latter never goes to a host that only a runbook names."""
        own = self._environment.get("REDIS_PASSWORD")
        if self._host(call) == self._environment.get("REDIS_HOST"):
            return call.password or own
        return None if call.password == own else call.password

    def _host(self, call: RedisCall) -> str:
        return call.host or self._environment.get("REDIS_HOST", "")


async def _sample_nodes(client: Any) -> dict[str, RedisSample]:
    """One INFO of each node, by its name."""
    if not isinstance(client, RedisCluster):
        return {"": parse_sample(await client.info("all"))}
    told = await client.info("all", target_nodes=RedisCluster.ALL_NODES)
    nodes = told if told and all(isinstance(node, dict) for node in told.values()) else {"": told}
    return {redact(str(name)): parse_sample(node) for name, node in nodes.items()}


def _bad(said: str, measure: str, question: CheckRequest) -> Finding:
    return Finding(Verdict.BAD, said, question.now, measure=measure)


def _redact_answer(answer: Any, words: tuple[str, ...]) -> Any:
    """An answer without what its own texts do not tell to be secret: the command names the field that was asked for,
    and the slow log keeps the values that were written."""
    if [word.lower() for word in words[:2]] == ["slowlog", "get"] and isinstance(answer, list):
        return [[*entry[:3], [*entry[3][:2], *("?" for _ in entry[3][2:])], *entry[4:]] for entry in answer]
    telling = next((word for word in words[1:] if is_secret_name(word)), "")
    return answer if isinstance(answer, int) else redact_value(answer, telling)


def _build_finding(answer: Any, words: tuple[str, ...], question: CheckRequest) -> Finding:
    value = redact_value(_redact_answer(truncate_value(answer), words))
    table = build_table(value)
    count = len(answer) if isinstance(answer, list | dict) else 1
    return Finding(
        Verdict.UNKNOWN,
        f"{count:,} value{'' if count == 1 else 's'}; there is no rule for this.",
        question.now,
        UnknownCause.NO_RULE,
        measure=str(count),
        table=table,
        text="" if table else format_text(value),
    )


def _hung_up(where: str, call: RedisCall) -> Inconclusive:
    """It took the connection and let go of it; through TLS it cannot say why."""
    look = "Check whether it listens with TLS: --tls."
    if call.tls:
        look = "Through TLS it cannot say why: every connection may be taken (maxclients), or it listens without TLS."
    return Inconclusive(UnknownCause.UNREACHABLE, f"{where} hangs up.", look)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why Redis did not answer: the error, where it was asked, and by which call."""

    error: Exception
    where: str
    call: RedisCall

    @property
    def words(self) -> str:
        """The error's own words, redacted."""
        return redact(" ".join(str(self.error).split()))[:160]

    def is_a(self, *kinds: type[Exception]) -> bool:
        return isinstance(self.error, kinds)

    def is_broken(self, *words: str) -> bool:
        """Whether the connection broke, with one of the words."""
        return self.is_a(Broken) and any(word in self.words.lower() for word in words)

    @property
    def is_of_tls(self) -> bool:
        cause = self.error.__cause__ or self.error.__context__
        return self.is_a(Broken) and (isinstance(cause, ssl.SSLError) or self.is_broken("ssl"))

    @property
    def has_no_address(self) -> bool:
        return self.is_broken("-2", "-5") or (self.is_broken("name") and self.is_broken("known"))


def _denial(its: _Refusal) -> Inconclusive:
    found = DENIED.search(its.words)
    denied = found[1] if found else its.call.words[0].lower()
    grant = f"Allow it: ACL SETUSER … +{denied}."
    return Inconclusive(
        UnknownCause.FORBIDDEN, f"{its.where} denies {denied.replace('|', ' ').upper()}.", grant
    )


def _no_tls(its: _Refusal) -> Inconclusive:
    look = "Check --tls and REDIS_CACERT, the authority's certificate."
    return Inconclusive(UnknownCause.UNREACHABLE, f"{its.where}: no agreement on TLS ({its.words}).", look)


REFUSALS: tuple[tuple[Callable[[_Refusal], bool], Callable[[_Refusal], Inconclusive]], ...] = (
    (
        lambda its: its.is_a(AuthenticationError),
        lambda its: Inconclusive(
            UnknownCause.FORBIDDEN, f"{its.where} does not take the password.", "Check REDIS_PASSWORD."
        ),
    ),
    (lambda its: its.is_a(NoPermissionError, AuthorizationError), _denial),
    (
        lambda its: its.is_a(TimeoutError),
        lambda its: Inconclusive(UnknownCause.TIMEOUT, f"{its.where} has not answered in time."),
    ),
    (
        lambda its: its.is_a(Slow),
        lambda its: Inconclusive(UnknownCause.TIMEOUT, f"{its.where} has not answered in {READ:.0f} s."),
    ),
    (lambda its: its.is_of_tls, _no_tls),
    (
        lambda its: its.is_broken("reset by peer", "closed"),
        lambda its: _hung_up(its.where, its.call),
    ),
    (
        lambda its: its.has_no_address,
        lambda its: Inconclusive(
            UnknownCause.UNREACHABLE,
            f"{its.where} has no address: its name is not known.",
            "Check REDIS_HOST.",
        ),
    ),
    (
        lambda its: its.call.tls and its.is_a(Broken) and its.words.lower().startswith("error connecting"),
        lambda its: _hung_up(its.where, its.call),
    ),
    (
        lambda its: its.is_a(Broken, OSError),
        lambda its: Inconclusive(UnknownCause.UNREACHABLE, f"{its.where} cannot be reached: {its.words}"),
    ),
    (
        lambda its: its.is_a(ResponseError) and its.words.startswith(("NOAUTH", "WRONGPASS")),
        lambda its: Inconclusive(
            UnknownCause.FORBIDDEN, f"{its.where} wants a password.", "Set REDIS_PASSWORD."
        ),
    ),
)
"""Why Redis did not answer, and what is said of it; the first that holds."""


def _explain(error: Exception, host: str, call: RedisCall) -> Inconclusive:
    """Why Redis did not answer."""
    refusal = _Refusal(error, f"Redis at {redact(host)}", call)
    for holds, cannot_tell in REFUSALS:
        if holds(refusal):
            return cannot_tell(refusal)
    command = " ".join(call.words[:2]).upper()
    return Inconclusive(
        UnknownCause.NOT_UNDERSTOOD, f"{refusal.where} did not take {command}: {refusal.words}"
    )
