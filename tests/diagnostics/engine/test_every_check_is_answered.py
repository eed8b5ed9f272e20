"""Whatever the recogniser calls a diagnostic or a probe, somebody here asks: no answer is promised that never comes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.command_parsers import classify_command, git, kubectl, kubernetes_targets
from bot.domain.playbook import Action, StepKind, VendorCall
from bot.runbook import inferred_checks
from bot.settings.monitored_systems import MonitoredSettings
from diagnostics.engine.registry import build_registry
from diagnostics.systems.github.listing import LISTS
from diagnostics.systems.kubernetes.reader import KIND_READERS
from diagnostics.systems.kubernetes.request import EVERYTHING

NOBODY = "Tocsin cannot run this"
CORPORA = Path(__file__).parents[2] / "bot" / "command_parsers"
VENDORS = (
    *("health.check", "razorpay.payments", "sentry.issues", "crashlytics.pattern", "crashlytics.crashes"),
    *("play.crash_rate", "grafana.panel", "grafana.explore", "ecs.utilisation", "load_balancer.traffic"),
)


def kubectls() -> Iterator[str]:
    """Every verb with every kind that it takes."""
    for kind in {*kubernetes_targets.KINDS.values()} - {"all"}:
        yield from (f"kubectl get {kind}", f"kubectl describe {kind} x")
    yield from (
        f"kubectl rollout {verb} {kind}/x"
        for verb in kubectl.ROLLOUT_READS
        for kind in kubernetes_targets.ROLLED_OUT
    )
    yield from (f"kubectl logs {kind}/x" for kind in kubernetes_targets.LOGGED)
    yield from (f"kubectl top {kind}" for kind in kubernetes_targets.MEASURED)
    yield from ("kubectl get all", "kubectl events")


def commands() -> Iterator[str]:
    """Every kind of command that is recognised, and the recogniser's own corpora."""
    yield from kubectls()
    yield from (f"gh {one} {two} 1" if two == "view" else f"gh {one} {two}" for one, two in git.LISTS)
    yield from (
        "git log --oneline",
        "psql -c 'SELECT 1'",
        "curl https://a.example",
        "curl -I https://a.example",
    )
    for name in ("aws_commands.txt", "requests.txt"):
        yield from (CORPORA / name).read_text().splitlines()


@pytest.fixture(scope="module")
def lacking() -> set[str]:
    """The names of checks that nobody asks, over all that is recognised."""
    registry = build_registry(MonitoredSettings.model_validate({}))
    actions = [action for command in commands() for action in classify_command(command).actions]
    actions += [Action(what, VendorCall(what)) for what in VENDORS]
    assert len({action.runs for action in actions}) > 40
    return {action.runs for action in actions if registry.describe_missing(action).startswith(NOBODY)}


def test_each_check_that_is_recognised_has_a_system_that_answers(lacking: set[str]) -> None:
    assert lacking == set()


def test_a_name_that_nobody_knows_is_found_out() -> None:
    registry = build_registry(MonitoredSettings.model_validate({}))
    assert registry.describe_missing(Action("other.thing", VendorCall("other.thing"))).startswith(NOBODY)


@pytest.mark.parametrize("command", sorted(kubectls()))
def test_each_kubectl_that_is_a_diagnostic_has_a_reader(command: str) -> None:
    meaning = classify_command(command)
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why
    for kind in EVERYTHING if command == "kubectl get all" else meaning.actions[0].call.kinds:  # type: ignore[union-attr]
        verb = f"top {kind}" if command.startswith("kubectl top") else kind
        assert verb in KIND_READERS or command.startswith("kubectl logs")


def test_each_list_of_gh_is_one_that_github_is_asked_for() -> None:
    assert set(git.LISTS.values()) - {"releases"} == set(LISTS)


def test_what_a_runbook_implies_is_in_the_list_above() -> None:
    room = Path(inferred_checks.__file__).parent
    source = "".join((room / name).read_text() for name in ("inferred_checks.py", "grafana_links.py"))
    systems = "|".join(sorted({name.partition(".")[0] for name in VENDORS}))
    named = set(re.findall(rf'"((?:{systems})\.[a-z_]+)"', source)) - {"sentry.io"}  # an address
    assert named == set(VENDORS)
