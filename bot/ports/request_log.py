"""The requests in the database: which were carried out, what came of them, and what was kept for later."""

from collections.abc import Mapping
from typing import Any, Protocol

from bot.domain.results import CommandResult


class RequestLog(Protocol):
    """What came of requests, and those that are kept."""

    async def answer(self, key: str) -> CommandResult:
        """What came of the request that took this key."""

    async def outcome(self, key: str) -> CommandResult | None:
        """The same; None when no request has taken it."""

    async def save_request(self, key: str, actor: str, payload: Mapping[str, Any]) -> None:
        """Keep what somebody asked for, for when they ask for it to be done; what was kept before stays."""

    async def find_saved_request(self, key: str, actor: str) -> Mapping[str, Any] | None:
        """What this person asked for; None when nothing of theirs was kept under the key."""

    async def forget_old_requests(self) -> None: ...
