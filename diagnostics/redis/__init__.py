"""The monitored Redis: INFO judged, any other command that only reads shown as text."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
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

from bot.step import RedisCall
from diagnostics.finding import CannotTell, Cause, Finding, Verdict
from diagnostics.question import Question
from diagnostics.redaction import is_telling, redacted, redacted_value
from diagnostics.redis.judged import of_nodes
from diagnostics.redis.seen import APART, Sample, Seen, sample
from diagnostics.shapes import as_table, as_text, bounded

__all__ = ["Redis"]

CONNECT, READ = 2.0, 3.0
DENIED = re.compile(r"'([\w|-]+)' command")
FULL = "max number of clients reached"


class Redis:
    """`environment` are the `REDIS_…` names; its password goes only to its own host."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def lacks(self, call: RedisCall) -> str:
        """What is not configured, in a sentence."""
        if call.host or self._environment.get("REDIS_HOST"):
            return ""
        return "Redis is not asked: REDIS_HOST is not set."

    async def look(self, question: Question, by: float) -> Finding:
        """INFO, whichever of its sections the runbook names, twice; else the command's answer without a judgement."""
        call = question.action.call
        assert isinstance(call, RedisCall)
        host = self._host(call)
        try:
            async with asyncio.timeout_at(by), self._connected(call) as client:
                if call.words[0].lower() == "info":
                    return await self._info(client, question)
                answer = await client.execute_command(*call.words)
                return await asyncio.to_thread(_shown, answer, call.words, question)
        except BusyLoadingError:
            said = f"Redis at {redacted(host)} is loading its data from disk: it serves nobody yet."
            return _bad(said, "loading", question)
        except (RedisError, OSError) as error:
            if FULL in str(error).lower() or isinstance(error, MaxConnectionsError):
                said = f"Redis at {redacted(host)}: every connection is taken, nobody gets in."
                return _bad(said, "full", question)
            if "connect call failed" in str(error).lower() or "refused" in str(error).lower():
                said = f"Redis at {redacted(host)} refuses connections: nothing listens there."
                return _bad(said, "refused", question)
            raise _told(error, host, call) from None

    async def _info(self, client: Any, question: Question) -> Finding:
        loop = asyncio.get_running_loop()
        first, began = await _sampled(client), loop.time()
        if not any(each.is_loading for each in first.values()):
            await asyncio.sleep(APART)
        last = await _sampled(client)
        seconds = max(0.1, loop.time() - began)
        # A node that came in between has nothing to be compared with yet.
        return of_nodes(
            {name: Seen(first.get(name, each), each, seconds) for name, each in last.items()}, question
        )

    @asynccontextmanager
    async def _connected(self, call: RedisCall) -> AsyncIterator[Any]:
        host, port = self._host(call), call.port or int(self._environment.get("REDIS_PORT") or 6379)
        own = host == self._environment.get("REDIS_HOST")
        password = call.password
        if password == self._environment.get("REDIS_PASSWORD") and not own:
            password = None  # it is not sent to a host that only a runbook names
        known: dict[str, Any] = {
            "host": host,
            "port": port,
            "username": call.user,
            "password": password or (self._environment.get("REDIS_PASSWORD") if own else None),
            "socket_connect_timeout": CONNECT,
            "socket_timeout": READ,
            "protocol": 2,  # neither HELLO nor a client's name: a role with +info alone gets in, and so do old servers
            "decode_responses": True,
            "encoding_errors": "replace",
        }
        if call.tls:
            known |= {"ssl": True, "ssl_ca_certs": self._environment.get("REDIS_CACERT") or None}
        if call.cluster:
            client: Any = RedisCluster(**known)
        else:
            client = Client(**known, db=call.database or 0, retry=Retry(NoBackoff(), 0))
        try:
            yield client
        finally:
            await client.aclose()

    def _host(self, call: RedisCall) -> str:
        return call.host or self._environment.get("REDIS_HOST", "")


async def _sampled(client: Any) -> dict[str, Sample]:
    """One INFO of each node, by its name."""
    if not isinstance(client, RedisCluster):
        return {"": sample(await client.info("all"))}
    told = await client.info("all", target_nodes=RedisCluster.ALL_NODES)
    nodes = told if told and all(isinstance(each, dict) for each in told.values()) else {"": told}
    return {redacted(str(name)): sample(each) for name, each in nodes.items()}


def _bad(said: str, measure: str, question: Question) -> Finding:
    return Finding(Verdict.BAD, said, question.now, measure=measure)


def _tamed(answer: Any, words: tuple[str, ...]) -> Any:
    """An answer without what its own texts do not tell to be secret: the command names the field that was asked for,
    and the slow log keeps the values that were written."""
    if [word.lower() for word in words[:2]] == ["slowlog", "get"] and isinstance(answer, list):
        return [[*each[:3], [*each[3][:2], *("?" for _ in each[3][2:])], *each[4:]] for each in answer]
    telling = next((word for word in words[1:] if is_telling(word)), "")
    return answer if isinstance(answer, int) else redacted_value(answer, telling)


def _shown(answer: Any, words: tuple[str, ...], question: Question) -> Finding:
    value = redacted_value(_tamed(bounded(answer), words))
    table = as_table(value)
    count = len(answer) if isinstance(answer, list | dict) else 1
    return Finding(
        Verdict.UNKNOWN,
        f"{count:,} value{'' if count == 1 else 's'}; there is no rule for this.",
        question.now,
        Cause.NO_RULE,
        measure=str(count),
        table=table,
        text="" if table else as_text(value),
    )


def _told(error: Exception, host: str, call: RedisCall) -> CannotTell:
    """Why Redis did not answer."""
    where, said = f"Redis at {redacted(host)}", redacted(" ".join(str(error).split()))[:160]
    command = " ".join(call.words[:2]).upper()
    match error:
        case AuthenticationError():
            return CannotTell(
                Cause.FORBIDDEN, f"{where} does not take the password.", "Look at REDIS_PASSWORD."
            )
        case NoPermissionError() | AuthorizationError():
            found = DENIED.search(said)
            denied = found[1] if found else call.words[0].lower()
            grant = f"Allow it: ACL SETUSER … +{denied}."
            return CannotTell(Cause.FORBIDDEN, f"{where} denies {denied.replace('|', ' ').upper()}.", grant)
        case TimeoutError():
            return CannotTell(Cause.TIMEOUT, f"{where} has not answered in time.")
        case Slow():
            return CannotTell(Cause.TIMEOUT, f"{where} has not answered in {READ:.0f} s.")
        case Broken() if (
            isinstance(error.__cause__ or error.__context__, ssl.SSLError) or "ssl" in said.lower()
        ):
            return CannotTell(
                Cause.UNREACHABLE,
                f"{where}: no agreement on TLS ({said}).",
                "Look at --tls and at REDIS_CACERT, the authority's certificate.",
            )
        case Broken() if "reset by peer" in said.lower() or "closed" in said.lower():
            other = "without TLS" if call.tls else "with TLS: --tls"
            return CannotTell(Cause.UNREACHABLE, f"{where} hangs up.", f"Look whether it listens {other}.")
        case Broken() if ("name" in said.lower() and "known" in said.lower()) or "-2" in said or "-5" in said:
            return CannotTell(
                Cause.UNREACHABLE, f"{where} has no address: its name is not known.", "Look at REDIS_HOST."
            )
        case Broken() | OSError():
            return CannotTell(Cause.UNREACHABLE, f"{where} cannot be reached: {said}")
        case ResponseError() if said.startswith(("NOAUTH", "WRONGPASS")):
            return CannotTell(Cause.FORBIDDEN, f"{where} wants a password.", "Set REDIS_PASSWORD.")
    return CannotTell(Cause.NOT_UNDERSTOOD, f"{where} did not take {command}: {said}")
