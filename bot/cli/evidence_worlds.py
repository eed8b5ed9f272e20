"""What is broken in each scene of `./tocsin bench evidence`, and what is right to say of it.

Written by what each world breaks (sandbox/monitored_systems), before anything was asked, and not by what was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.cli.checkout_path import ROOT

EVERYTHING = "everything"
"""The cheap checks of all playbooks, as when nobody says which one fits."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is broken. `kind` and `names` are of the suspect, both empty where no single one is (a cache that is full
    shows as slow answers); one of `words` stands in a finding that has seen it. `seen_by` are the playbooks that look
    there."""

    kind: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    seen_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class EvidenceWorld:
    """A team's systems. `playbooks` are words of the titles in its runbook by short names, `truths` what is right by
    what is broken, `lacking` by the same which playbook is run without which key."""

    runbook: Path
    playbooks: Mapping[str, str]
    truths: Mapping[str, Truth]
    lacking: Mapping[str, tuple[str, str]]


BACKEND = ("rodistaa-backend-prod:42", "v2.15.0")
"""The same deployment, as ECS and as GitHub name it."""

API = EvidenceWorld(
    ROOT / "templates" / "runbook.md",
    {
        "deployment": "API COMPLETELY DOWN",
        "database": "DATABASE UNAVAILABLE",
        "payments": "PAYMENT GATEWAY FAILING",
        "errors": "HIGH ERROR RATE",
        "crashes": "MOBILE APP CRASHES",
        "slow": "SLOW API RESPONSES",
    },
    {
        "deployment": Truth(
            "deployment", BACKEND, (*BACKEND, "Cannot find module"), frozenset({"deployment"})
        ),
        "database": Truth(
            "connections",
            ("connections",),
            ("connections are in use", "Connections of"),
            frozenset({"database", "deployment"}),
        ),
        "payments": Truth("vendor", ("Razorpay",), ("Razorpay", "razorpay"), frozenset({"payments"})),
        "errors": Truth(
            "deployment", BACKEND, (*BACKEND, "Cannot read properties"), frozenset({"errors", "deployment"})
        ),
        "crashes": Truth("release", ("5.3.0",), ("5.3.0",), frozenset({"crashes"})),
        "slow": Truth("", (), ("evicted", "trucks"), frozenset({"slow"})),
    },
    {
        "deployment": ("deployment", "AWS_ACCESS_KEY_ID"),
        "database": ("database", "PGHOST"),
        "payments": ("payments", "RAZORPAY_KEY_ID"),
        "errors": ("errors", "SENTRY_AUTH_TOKEN"),
        "crashes": ("crashes", "GOOGLE_OAUTH_ACCESS_TOKEN"),
        "slow": ("slow", "REDIS_HOST"),
    },
)
"""The shipped runbook's team: AWS, PostgreSQL, Redis, Razorpay, Sentry, Crashlytics, GitHub."""

ROLLOUT = ("web revision 8", "main (9c41d07)")
"""The same deployment, as Kubernetes and as GitLab name it."""
TOLD = ("revision 8", "9c41d07")
"""The same in a sentence."""

SHOP = EvidenceWorld(
    ROOT / "sandbox" / "monitored_systems" / "shop_runbook.md",
    {
        "kubernetes": "PODS ARE NOT READY",
        "prometheus": "THE NUMBERS ARE BAD",
        "grafana": "THE DASHBOARD IS RED",
        "gitlab": "SOMETHING WAS CHANGED",
    },
    {
        "rollout": Truth(
            "deployment", ROLLOUT, ("crashes again", *TOLD), frozenset({"kubernetes", "gitlab"})
        ),
        "memory": Truth("", (), ("ran out of memory", "OOMKilling"), frozenset({"kubernetes"})),
        "node": Truth("", (), ("node-2",), frozenset({"kubernetes"})),
        "error rate": Truth(
            "deployment",
            ROLLOUT,
            ("12%", *TOLD),
            frozenset({"prometheus", "grafana", "kubernetes", "gitlab"}),
        ),
        "latency": Truth("", (), ("1800 ms",), frozenset({"prometheus", "grafana"})),
    },
    {
        "rollout": ("kubernetes", "KUBECONFIG"),
        "memory": (EVERYTHING, "KUBECONFIG"),
        "node": ("kubernetes", "KUBECONFIG"),
        "error rate": (EVERYTHING, "GITLAB_TOKEN"),
        "latency": ("grafana", "GRAFANA_SERVICE_ACCOUNT_TOKEN"),
    },
)
"""A second team: Kubernetes, Prometheus, Grafana, GitLab. Whatever is broken, a deployment to staging failed five
minutes ago, and one pod ran out of memory two days ago."""

WORLDS: Mapping[str, EvidenceWorld] = {"api": API, "shop": SHOP}
