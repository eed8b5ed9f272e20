"""Which of a vendor's questions stands behind words that no command spells: links, symptoms, instructions."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.domain.playbook import Action, AwsCall, ParsedStep, Playbook, SqlCall, Step, StepKind, VendorCall
from bot.runbook.grafana_links import parse_grafana_link
from bot.runbook.step_classifier import classify_step

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
class ResourceNames:
    """What other steps of the runbook call the places: cluster and service at ECS, cluster at RDS."""

    cluster: str = ""
    service: str = ""
    database: str = ""


def find_resource_names(playbooks: tuple[Playbook, ...]) -> ResourceNames:
    """The first of each that a command of the runbook names."""
    found: dict[str, str] = {}
    for playbook in playbooks:
        for step in playbook.steps():
            for action in classify_step(step).actions:
                if isinstance(action.call, AwsCall):
                    for name, value in _list_names(action.call):
                        found.setdefault(name, value)
    return ResourceNames(**found)


def _list_names(call: AwsCall) -> Iterator[tuple[str, str]]:
    parameters = call.parameters
    if call.service == "ecs":
        cluster, services = parameters.get("cluster"), parameters.get("services")
        if isinstance(cluster, str):
            yield "cluster", cluster
        if isinstance(services, list | tuple) and services:
            yield "service", str(services[0])
    if call.service == "rds" and isinstance(parameters.get("DBClusterIdentifier"), str):
        yield "database", str(parameters["DBClusterIdentifier"])


def infer_checks(step: Step, names: ResourceNames) -> tuple[Action, ...]:
    """What may be asked for a step that is a link or an instruction, or as the preview of a remediation."""
    meaning = classify_step(step)
    if meaning.kind is StepKind.REMEDIATION:
        return _previews(meaning)
    if meaning.kind not in (StepKind.LINK, StepKind.MANUAL):
        return ()
    text = f"{step.title}\n{step.note}\n{step.command or ''}"
    found = [call for url in ADDRESS.findall(text) for call in _behind_link(url)] or _behind_words(
        text, names
    )
    return tuple(Action(call.what, call) for call in found)


def _previews(meaning: ParsedStep) -> tuple[Action, ...]:
    """Of a remediation: whose sessions it would end."""
    return tuple(
        Action("postgres.preview", action.call)
        for action in meaning.actions
        if isinstance(action.call, SqlCall) and "pg_terminate_backend" in action.call.sql
    )


def _behind_words(text: str, names: ResourceNames) -> list[VendorCall]:
    """What an instruction without a link asks for."""
    if PATTERN.search(text):
        return [VendorCall("crashlytics.pattern")]
    if not RESOURCES.search(text):
        return []
    told = {"cluster": names.cluster, "service": names.service, "db_cluster": names.database}
    return [VendorCall("ecs.utilisation", {name: value for name, value in told.items() if value})]


def _behind_link(url: str) -> Iterator[VendorCall]:
    try:
        parts = urlsplit(url)
    except ValueError:  # it only looks like an address
        return
    for read in LINKS:
        call = read(parts.hostname or "", parts.path)
        if call is not None:
            yield call
            return
    yield from parse_grafana_link(url)


def _behind_sentry(host: str, path: str) -> VendorCall | None:
    named = SENTRY.match(path)
    is_theirs = host == "sentry.io" or host.endswith(".sentry.io")
    if not is_theirs and not ("sentry" in host and named):
        return None
    if named:
        told = {name: value for name, value in named.groupdict().items() if value}
        return VendorCall("sentry.issues", told)
    own = host.removesuffix(".sentry.io")
    is_organisation = own not in SENTRYS_OWN and "." not in own
    return VendorCall("sentry.issues", {"organisation": own} if is_organisation else {})


def _behind_razorpay(host: str, path: str) -> VendorCall | None:
    return VendorCall("razorpay.payments") if host == "dashboard.razorpay.com" else None


def _behind_firebase(host: str, path: str) -> VendorCall | None:
    found = FIREBASE.match(path) if host == "console.firebase.google.com" else None
    return VendorCall("crashlytics.crashes", {"project": found["project"]}) if found else None


def _behind_play(host: str, path: str) -> VendorCall | None:
    is_console = host == "play.google.com" and path.startswith("/console")
    return VendorCall("play.crash_rate") if is_console else None


LINKS: tuple[Callable[[str, str], VendorCall | None], ...] = (
    _behind_sentry,
    _behind_razorpay,
    _behind_firebase,
    _behind_play,
)
"""Whose page a link may be, by host and path; any other may be one of Grafana's."""


def infer_symptom_checks(playbook: Playbook) -> Iterator[tuple[str, int, Action]]:
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
