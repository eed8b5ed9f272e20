"""What a PagerDuty account holds: services, people, who is on call, incidents, and the limit on events."""

import hashlib
import hmac
import itertools
import time
from datetime import UTC, datetime
from typing import Any

from sandbox.pagerduty.schemas import PagerDutyIncident, build_reference, build_webhook, format_timestamp
from sandbox.slack.workspace_model import Json

PER_MINUTE = 120


class PagerDutyAccount:
    """One account. `services` are service ids by integration key; `on_call` are user ids by schedule; `users` are
    (name, e-mail) by id, all of this `role`; `policies` are names by id. So many of the next events as `swallows`
    says are accepted and nothing is made of them."""

    def __init__(self) -> None:
        self.api_key = "u+sandboxApiKey0001"
        self.services = {"5a11d0000000000000000000000000e1": "PSRV001"}
        self.users = {
            "PCTO001": ("Bruno", "bruno@team.example"),
            "PDEV001": ("Devika", "devika@team.example"),
            "PBOT001": ("Tocsin", "tocsin@team.example"),
        }
        self.policies = {"PPOL001": "Everybody"}
        self.service_status, self.role = "active", "user"
        self.on_call: dict[str, list[str]] = {"PSCH001": ["PDEV001"]}
        self.incidents: list[PagerDutyIncident] = []
        self.limited = False
        self.swallows = 0
        self.webhook_secrets = ["sandbox-webhook-secret"]
        self._numbers = itertools.count(1)
        self._taken: dict[str, list[float]] = {}

    def open(self, key: str) -> PagerDutyIncident | None:
        """The open incident with this key."""
        return next(
            (
                incident
                for incident in self.incidents
                if incident.key == key and incident.status != "resolved"
            ),
            None,
        )

    def find(self, id: str) -> PagerDutyIncident | None:
        """The incident with this id, open or not."""
        return next((incident for incident in self.incidents if incident.id == id), None)

    def next_number(self) -> int:
        return next(self._numbers)

    def create_incident(self, key: str, service: str, title: str, **more: Any) -> PagerDutyIncident:
        number = self.next_number()
        made = PagerDutyIncident(
            f"Q{number:013}",
            number,
            key,
            service,
            title,
            created_at=format_timestamp(datetime.now(UTC)),
            **more,
        )
        self.incidents.append(made)
        return made

    def deliver_late(self, key: str) -> None:
        """What was accepted and lost appears all the same."""
        self.create_incident(key, next(iter(self.services.values())), "late")

    def build_news(
        self, incident: PagerDutyIncident, person: str = "", kind: str = "", at: datetime | None = None
    ) -> Json:
        """A v3 webhook's body about an incident; `person` is who did it."""
        agent = build_reference(person, "user_reference", self.users[person][0]) if person else None
        return build_webhook(incident, self.users, agent, self.next_number(), kind, at or datetime.now(UTC))

    def signature(self, body: bytes) -> str:
        """The `X-PagerDuty-Signature` of a body: one for each secret, while a secret is being changed."""
        return ",".join(
            "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            for secret in self.webhook_secrets
        )

    def forget_limit(self) -> None:
        """As if a minute had passed."""
        self._taken.clear()

    def take_from_limit(self, routing: str) -> bool:
        """Whether one more event of this integration may come now; then it counts."""
        now = time.monotonic()
        taken = [instant for instant in self._taken.get(routing, []) if instant > now - 60]
        self._taken[routing] = [*taken, now] if len(taken) < PER_MINUTE else taken
        return len(taken) < PER_MINUTE
