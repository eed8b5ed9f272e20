"""An executor of remediations that carries out what a test says, and counts what it was asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.domain.remediation import Remediation, RemediationKind
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationExecutor, RemediationUnavailable

PLAN = Plan(
    target="aws:ap-south-1:123456789012:ecs:rodistaa-production/rodistaa-backend-prod",
    title="Roll back rodistaa-backend-prod to revision 41",
    changes=(Change("Task definition", "rodistaa-backend-prod:42", "rodistaa-backend-prod:41"),),
    meanwhile="Nothing more than is down already.",
    affected="Everybody who uses the API.",
    undo="Roll forward to rodistaa-backend-prod:42.",
    command="aws ecs update-service --cluster rodistaa-production --service rodistaa-backend-prod",
    supports=("0 of 6 tasks run.",),
    against=("The deployment began before the first alarm.",),
    unchecked=("The image's digest.",),
    fingerprint={"task definition": "rodistaa-backend-prod:42", "desired count": "6"},
    action={"task_definition": "rodistaa-backend-prod:41"},
    reverse={"cluster": "c", "service": "s", "revision": "42"},
    measure="0/6 running",
)


@dataclass
class StagedRemediator(RemediationExecutor):
    """What it reads is `read`, what its call gives `receipt`, what is seen of it `seen`, one after the other."""

    read: Plan | Refusal | RemediationUnavailable = PLAN
    receipt: Receipt = field(default_factory=lambda: Receipt(True, "AWS took it.", {"request": "req-1"}))
    seen: list[Observation] = field(
        default_factory=lambda: [
            Observation(True, measure="2/6 running", sentence="Two tasks run."),
            Observation(True, True, True, "6/6 running", "Six of six tasks run."),
        ]
    )
    carried_out: list[Remediation] = field(default_factory=list)
    previews: list[tuple[RemediationKind, dict[str, str]]] = field(default_factory=list)
    returns: list[Observation] = field(default_factory=list)
    held: asyncio.Event | None = None
    unready: str = ""

    async def preview(self, kind: RemediationKind, parameters: Mapping[str, str]) -> Plan | Refusal:
        self.previews.append((kind, dict(parameters)))
        if isinstance(self.read, RemediationUnavailable):
            raise self.read
        return self.read

    async def carry_out(self, asked: Remediation) -> Receipt:
        self.carried_out.append(asked)
        if self.held is not None:
            await self.held.wait()
        return self.receipt

    async def observe(self, asked: Remediation) -> Observation:
        return self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]

    async def find_return(self, asked: Remediation) -> Observation:
        return self.returns.pop(0) if self.returns else Observation(False)

    def explain_unready(self, kind: RemediationKind) -> str:
        return self.unready

    async def prepare(self) -> None:
        return None

    async def aclose(self) -> None:
        return None


def moved(plan: Plan, **fingerprint: str) -> Plan:
    """The same plan after something changed that it depends on."""
    return replace(plan, fingerprint={**plan.fingerprint, **fingerprint})


class HeldRemediator(StagedRemediator):
    """Reading waits while `reading` is not set."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = asyncio.Event()
        self.reading.set()
        self.waiting = 0

    async def preview(self, kind: RemediationKind, parameters: Mapping[str, str]) -> Plan | Refusal:
        self.waiting += 1
        await self.reading.wait()
        self.waiting -= 1
        return await super().preview(kind, parameters)
