"""Asks whether links still lead somewhere."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class LinkChecker(Protocol):
    """Asks public addresses, without any credentials."""

    async def find_dead(self, urls: Sequence[str]) -> Mapping[str, str]:
        """Those of the links that are not there any more, with what was answered. One that cannot be asked, or gives no
        answer in time, is not among them. Nothing is raised."""
