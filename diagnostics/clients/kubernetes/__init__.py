"""Asks a Kubernetes API server by GET only, so that nothing can change. Answers become lightkube's typed models."""

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
import msgspec
from lightkube.config.client_adapter import AsyncClient, ConnectionParams
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.decoders import decode_list, decode_object
from lightkube.core.exceptions import ConfigError
from lightkube.core.resource import NamespacedResource, Resource, api_info

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.kubernetes.connection import load_connection
from diagnostics.clients.response_parsing import clean_line

Item = TypeVar("Item", bound=Resource)

NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
"""Names of objects, namespaces and containers: what is filled in must not lead to another path."""

CHUNK, MAX_ITEMS, MAX_BYTES = 500, 2_000, 30_000_000
"""Objects a request, objects that are read at most, and bytes of one answer."""

ALL = "*"
"""All namespaces."""

CAUSES = {
    400: UnknownCause.NOT_UNDERSTOOD,
    401: UnknownCause.FORBIDDEN,
    403: UnknownCause.FORBIDDEN,
    404: UnknownCause.NOT_FOUND,
    429: UnknownCause.THROTTLED,
    503: UnknownCause.UNREACHABLE,
    504: UnknownCause.TIMEOUT,
}
NEXT = {
    UnknownCause.FORBIDDEN: "Give its account the role of docs/OPERATING.md.",
    UnknownCause.NOT_FOUND: "Check the name and the namespace.",
}


@dataclass(slots=True)
class KubernetesClients:
    """One client for each context. `kubeconfig` is None in a pod: then its service account is used."""

    kubeconfig: Path | None = None
    _clients: dict[str, tuple[SingleConfig, httpx2.AsyncClient]] = field(default_factory=dict)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self, context: str = "") -> "ClusterReader":
        """The cluster of a context. Raises Inconclusive where it cannot or must not be used."""
        async with self._making:  # steps that are asked side by side share one client
            if context not in self._clients:
                self._clients[context] = await asyncio.to_thread(self._make, context)
        return ClusterReader(*self._clients[context])

    def _make(self, context: str) -> tuple[SingleConfig, httpx2.AsyncClient]:
        config = load_connection(self.kubeconfig, context)
        try:
            return config, AsyncClient(config, ConnectionParams(timeout=httpx2.Timeout(8, connect=3)))
        except (ConfigError, OSError, ValueError, ssl.SSLError) as error:
            said = f"Kubernetes skipped: its certificates or token cannot be read ({type(error).__name__})."
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, "Check the kubeconfig.") from error

    async def aclose(self) -> None:
        """Close what is open."""
        for _, client in self._clients.values():
            await client.aclose()


@dataclass(frozen=True, slots=True)
class ClusterReader:
    """One cluster. Every question has to be answered by an instant of the loop's clock, and raises Inconclusive."""

    config: SingleConfig
    client: httpx2.AsyncClient

    @property
    def namespace(self) -> str:
        """Where objects are looked for when a step names no namespace."""
        return self.config.namespace

    async def fetch_list(
        self, kind: type[Item], namespace: str, by: float, *, labels: str = "", fields: str = ""
    ) -> list[Item]:
        """The objects of a kind, two thousand at most; `namespace` counts for nothing where a kind has none."""
        query = {"labelSelector": labels, "fieldSelector": fields, "limit": str(CHUNK)}
        found: list[Item] = []
        going_on = ""
        while True:
            body = await self._get(build_path(kind, namespace), {**query, "continue": going_on}, by)
            more, items = _decode_list(body, kind)
            found += items
            if not more or len(found) >= MAX_ITEMS:
                return found[:MAX_ITEMS]
            going_on = more

    async def fetch_object(self, kind: type[Item], namespace: str, name: str, by: float) -> Item:
        """One object by its name."""
        body = await self._get(f"{build_path(kind, namespace)}/{check_name(name)}", {}, by)
        try:
            found: Item = decode_object(body, kind)
        except msgspec.MsgspecError as error:
            raise _explain_shape(error) from error
        return found

    async def fetch_text(self, path: str, query: Mapping[str, str], by: float) -> str:
        """The text of an address, such as a log."""
        return (await self._get(path, query, by)).decode(errors="replace")

    async def fetch_items(self, path: str, by: float, labels: str = "") -> Sequence[Mapping[str, Any]]:
        """The `items` of an extension that lightkube has no model of, such as `metrics.k8s.io`."""
        body = await self._get(path, {"labelSelector": labels}, by)
        try:
            return msgspec.json.decode(body, type=_Items).items
        except msgspec.MsgspecError as error:
            raise _explain_shape(error) from error

    async def _get(self, path: str, query: Mapping[str, str], by: float) -> bytes:
        asked = {name: value for name, value in query.items() if value}
        try:
            async with asyncio.timeout_at(by), self.client.stream("GET", path, params=asked) as answer:
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > MAX_BYTES:
                        said = "Kubernetes answered with more than 30 MB."
                        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Narrow it with -l or a name.")
        except TimeoutError:
            raise Inconclusive(UnknownCause.TIMEOUT, "Kubernetes has not answered in time.") from None
        except (httpx2.HTTPError, ConfigError) as error:
            said = f"Kubernetes cannot be reached ({type(error).__name__})."
            raise Inconclusive(
                UnknownCause.UNREACHABLE, said, "Check the cluster's address and its network."
            ) from error
        if answer.status_code >= 400:
            raise _explain_status(answer.status_code, bytes(body))
        return bytes(body)


class _Items(msgspec.Struct):
    items: list[dict[str, Any]]


class _Status(msgspec.Struct):
    """A `Status` object of Kubernetes, of which only the sentence is read."""

    message: str = ""


def build_path(kind: type[Resource], namespace: str) -> str:
    """`apis/apps/v1/namespaces/shop/deployments`."""
    info = api_info(kind)
    group = f"apis/{info.resource.group}" if info.resource.group else "api"
    is_global = namespace == ALL or not issubclass(kind, NamespacedResource)
    within = "" if is_global else f"namespaces/{check_name(namespace)}/"
    return f"{group}/{info.resource.version}/{within}{info.plural}"


def check_name(name: str) -> str:
    """The name as a part of a path. Raises Inconclusive for what is no name of Kubernetes."""
    if not NAME.fullmatch(name):
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"“{clean_line(name)}” is no name of Kubernetes.")
    return quote(name, safe="")


def _decode_list(body: bytes, kind: type[Item]) -> tuple[str, list[Item]]:
    try:
        more, _, items = decode_list(body, kind)
    except msgspec.MsgspecError as error:
        raise _explain_shape(error) from error
    return more or "", items


def _explain_shape(error: Exception) -> Inconclusive:
    said = f"Kubernetes answered in a shape that I do not know ({clean_line(error)})."
    return Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Run the command yourself.")


def _explain_status(status: int, body: bytes) -> Inconclusive:
    try:
        message = msgspec.json.decode(body, type=_Status).message
    except msgspec.MsgspecError:
        message = ""
    cause = CAUSES.get(status, UnknownCause.UNREACHABLE if status >= 500 else UnknownCause.NOT_UNDERSTOOD)
    said = f"Kubernetes answers {status}{f': {clean_line(message)}' if message else ''}."
    return Inconclusive(cause, said, NEXT.get(cause, ""))
