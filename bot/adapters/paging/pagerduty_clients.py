"""One PagerDuty account and its HTTP clients: one for each key, made at the first call and reused."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.contacts import Handle, list_missing_settings

if TYPE_CHECKING:
    from bot.adapters.paging.pagerduty_http import EventsClient, RestClient


@dataclass(frozen=True, slots=True)
class PagerDutyAccount:
    """What the settings say of PagerDuty; `named` gives any setting by its name."""

    api_key: SecretStr | None
    sender: str
    service: str
    api_url: str
    events_url: str
    named: Callable[[str], SecretStr | None]

    def lacks(self, handle: Handle) -> tuple[str, ...]:
        """The names of the settings that this handle needs and that are not set."""
        own = {
            "PAGERDUTY_API_KEY": self.api_key,
            "PAGERDUTY_FROM": self.sender,
            "PAGERDUTY_SERVICE": self.service,
        }
        return list_missing_settings(
            handle, lambda name: bool(own[name] if name in own else self.named(name))
        )


class PagerDutyConnections:
    """Used by several threads."""

    def __init__(self, account: PagerDutyAccount) -> None:
        self._account = account
        self._events: dict[str, EventsClient] = {}
        self._rest: RestClient | None = None
        self._making = threading.Lock()

    def events(self, routing: str) -> "EventsClient":
        """The Events API with this integration key."""
        from bot.adapters.paging.pagerduty_http import EventsClient

        with self._making:
            if routing not in self._events:
                self._events[routing] = EventsClient(routing, base_url=self._account.events_url)
            return self._events[routing]

    def rest(self) -> "RestClient":
        """The REST API. Raises ValueError without a key for it."""
        from bot.adapters.paging.pagerduty_http import RestClient

        with self._making:
            if self._rest is None:
                if self._account.api_key is None:
                    raise ValueError("PAGERDUTY_API_KEY is not set")
                sender, address = self._account.sender or None, self._account.api_url
                key = self._account.api_key.get_secret_value()
                self._rest = RestClient(key, default_from=sender, base_url=address)
            return self._rest

    def __len__(self) -> int:
        """How many clients are made."""
        return len(self._events) + (self._rest is not None)

    def close(self) -> None:
        """Close the connections."""
        for client in (*self._events.values(), *([self._rest] if self._rest else [])):
            client.close()
