"""Which of a vendor's questions stands behind words that no command spells: links, symptoms, instructions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.looking.grafana_links import behind_grafana
from bot.runbook import meaning_of
from bot.step import Action, AwsCall, Kind, Playbook, SqlCall, Step, VendorCall

ADDRESS = re.compile(r"https?://[^\s)>\]\"'`]+")
SENTRY = re.compile(r"^/organizations/(?P<organisation>[\w.-]+)(?:/projects/(?P<project>[\w.-]+))?")
SENTRYS_OWN = frozenset({"sentry.io", "www", "us", "de", "docs", "status", "blog"})
"""What stands in front of `sentry.io` and is no organisation."""

FIREBASE = re.compile(r"^/project/(?P<project>[\w-]+)/crashlytics")
HEALTH = re.compile(r"health ?check|\b50[34]\b", re.I)
TRAFFIC = re.compile(
    r"zero traffic|no traffic|requests? (?:are )?failing|error rate|\b5xx\b|\b50[0-9]\b|api requests", re.I
)
CRASHES = re.compile(r"crash(?:es|ing)?\b.*\b(?:rate|users?)|crash rate", re.I)
PATTERN = re.compile(r"\bversions?\b.*\b(?:devices?|os)\b|\bdevices?\b.*\bversions?\b", re.I | re.S)
RESOURCES = re.compile(
    r"\b(?:cpu|memory|network)\b.*\bcloudwatch\b|\bcloudwatch\b.*\b(?:cpu|memory)\b", re.I | re.S
)


@dataclass(frozen=True, slots=True)
class Names:
    """What other steps of the runbook call the places: cluster and service at ECS, cluster at RDS."""

    cluster: str = ""
    service: str = ""
    database: str = ""


def names_in(playbooks: tuple[Playbook, ...]) -> Names:
    """The first of each that a command of the runbook names."""
    found: dict[str, str] = {}
    for playbook in playbooks:
        for step in playbook.steps():
            for action in meaning_of(step).actions:
                if isinstance(action.call, AwsCall):
                    for name, value in _named(action.call):
                        found.setdefault(name, value)
    return Names(**found)


def _named(call: AwsCall) -> Iterator[tuple[str, str]]:
    parameters = call.parameters
    if call.service == "ecs":
        cluster, services = parameters.get("cluster"), parameters.get("services")
        if isinstance(cluster, str):
            yield "cluster", cluster
        if isinstance(services, list | tuple) and services:
            yield "service", str(services[0])
    if call.service == "rds" and isinstance(parameters.get("DBClusterIdentifier"), str):
        yield "database", str(parameters["DBClusterIdentifier"])


def behind(step: Step, names: Names) -> tuple[Action, ...]:
    """What may be asked for a step that is a link or an instruction, or as the preview of a remediation."""
    meaning = meaning_of(step)
    if meaning.kind is Kind.REMEDIATION:
        return tuple(
            Action("postgres.preview", action.call)
            for action in meaning.actions
            if isinstance(action.call, SqlCall) and "pg_terminate_backend" in action.call.sql
        )
    if meaning.kind not in (Kind.LINK, Kind.MANUAL):
        return ()
    text = f"{step.title}\n{step.note}\n{step.command or ''}"
    found = [asked for url in ADDRESS.findall(text) for asked in _behind_link(url)]
    if not found and PATTERN.search(text):
        found.append(VendorCall("crashlytics.pattern"))
    if not found and RESOURCES.search(text):
        told = {"cluster": names.cluster, "service": names.service, "db_cluster": names.database}
        found.append(VendorCall("ecs.utilisation", {name: value for name, value in told.items() if value}))
    return tuple(Action(call.what, call) for call in found)


def _behind_link(url: str) -> Iterator[VendorCall]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    named = SENTRY.match(parts.path)
    if host == "sentry.io" or host.endswith(".sentry.io") or ("sentry" in host and named):
        told = {name: value for name, value in named.groupdict().items() if value} if named else {}
        if not named and (own := host.removesuffix(".sentry.io")) not in SENTRYS_OWN and "." not in own:
            told = {"organisation": own}
        yield VendorCall("sentry.issues", told)
    elif host == "dashboard.razorpay.com":
        yield VendorCall("razorpay.payments")
    elif host == "console.firebase.google.com" and (found := FIREBASE.match(parts.path)):
        yield VendorCall("crashlytics.crashes", {"project": found["project"]})
    elif host == "play.google.com" and parts.path.startswith("/console"):
        yield VendorCall("play.crash_rate")
    else:
        yield from behind_grafana(url)


def behind_symptoms(playbook: Playbook) -> Iterator[tuple[str, int, Action]]:
    """(title, line, what is asked) for the symptoms that can be looked at, each question once."""
    asked: set[str] = set()
    for text, line in _symptoms(playbook):
        for pattern, title, what in (
            (HEALTH, "Health check", "health.check"),
            (TRAFFIC, "Traffic and errors", "load_balancer.traffic"),
            (CRASHES, "Crash rate in Google Play", "play.crash_rate"),
        ):
            if what not in asked and pattern.search(text):
                asked.add(what)
                yield title, line, Action(what, VendorCall(what))


def _symptoms(playbook: Playbook) -> Iterator[tuple[str, int]]:
    yield playbook.title, playbook.line
    lines = {
        item.text: item.line
        for section in playbook.sections
        for part in section.parts
        if hasattr(part, "items")
        for item in part.items
    }
    for text in playbook.symptoms:
        yield text, lines.get(text, playbook.line)
