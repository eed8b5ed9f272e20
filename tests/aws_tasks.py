"""What a process for a remediation in AWS is given, in tests."""

import time
from typing import Any

import pytest

from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan
from sandbox.monitored_systems.names import CLUSTER, SERVICE

ROLE = "arn:aws:iam::123456789012:role/tocsin-remediation"


def build_aws_task(kind: str, plan: Plan | None = None, /, **parameters: str) -> Task:
    """A task of this kind for the sandbox's service, with the approved plan where there is one."""
    keys = {
        "aws_role": "",
        "aws_remediation_role": ROLE,
        "scale_cap": 20,
        "github_token": None,
        "github_repository": "",
        "github_api_url": "",
        "libpq": {},
    }
    return Task(
        "",
        kind,
        {"cluster": CLUSTER, "service": SERVICE, **parameters},
        keys,
        dict(plan.action) if plan else {},
        plan.target if plan else "",
        "tocsin-inc-1-r1",
        not_after=time.time() + 9,
        receipt={},
    )


def watch_sessions(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What STS is asked from now on."""
    from moto.sts.models import STSBackend

    assumed, asked = STSBackend.assume_role, []

    def watch(self: STSBackend, **given: Any) -> Any:
        asked.append(given)
        return assumed(self, **given)

    monkeypatch.setattr(STSBackend, "assume_role", watch)
    return asked
