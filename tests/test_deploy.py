"""The files for containers and clouds are in step with the code, with the locks and with each other."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from bot.settings import list_setting_names
from tests.containerfile import Stage, parse_containerfile

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
UID = 65532
SIGNED = ["/slack/events", "/webhooks/"]
"""The paths that are signed: what may be published."""


def blocks(lock: Path) -> dict[str, str]:
    """Each package of a lock with its hashes."""
    found = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)
    return {re.split("[= ;]", block)[0]: block.rstrip() for block in found if block.strip()}


@pytest.mark.parametrize("name", ["runtime.lock", "build.lock"])
def test_a_smaller_lock_says_nothing_that_the_lock_does_not_say(name: str) -> None:
    whole = blocks(ROOT / "requirements.lock")
    assert [each for each, block in blocks(DEPLOY / name).items() if whole.get(each) != block] == []


def needed(packages: list[str]) -> set[str]:
    """Everything that these stand on, on any system, as far as it is installed here."""
    found: set[str] = set()
    asked = [Requirement(text) for text in packages]
    while asked:
        one = asked.pop()
        name = canonicalize_name(one.name)
        for extra in ["", *one.extras]:
            if f"{name}[{extra}]" in found:
                continue
            found.add(f"{name}[{extra}]")
            try:
                told = [Requirement(text) for text in requires(one.name) or []]
            except PackageNotFoundError:
                continue
            asked += [each for each in told if _applies(each, extra)]
    return {each.partition("[")[0] for each in found}


def _applies(one: Requirement, extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})


@pytest.mark.parametrize(
    ("name", "packages"), [("runtime.lock", PROJECT["dependencies"]), ("build.lock", ["hatchling"])]
)
def test_a_smaller_lock_has_all_that_is_needed(name: str, packages: list[str]) -> None:
    assert needed(packages) - set(blocks(DEPLOY / name)) == set()
    tests_only = {"pytest", "mypy", "moto", "playwright", "ruff", "flask", "jinja2"}
    assert tests_only & set(blocks(DEPLOY / name)) == set()


@pytest.fixture(scope="module")
def image() -> Stage:
    """The stage that a container is made of."""
    return parse_containerfile((ROOT / "Containerfile").read_text())[-1]


def load(path: Path) -> list[dict[str, Any]]:
    with path.open() as file:
        return [each for each in YAML(typ="safe", pure=True).load_all(file) if each]


@pytest.fixture(scope="module")
def kubernetes() -> dict[str, dict[str, Any]]:
    """The manifests by their kind."""
    return {
        each["kind"]: each for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) for each in load(path)
    }


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return load(ROOT / "compose.yml")[0]


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    """The resources of the CloudFormation template."""

    class Reader(YAML):
        """Takes `!Ref` and its like as what stands behind them."""

    reader = Reader(typ="rt", pure=True)
    with (DEPLOY / "ecs-fargate.yaml").open() as file:
        template = reader.load(file)
    resources: dict[str, Any] = template["Resources"]
    return resources


@pytest.fixture(scope="module")
def task(stack: dict[str, Any]) -> dict[str, Any]:
    """The container of the CloudFormation template."""
    container: dict[str, Any] = stack["Task"]["Properties"]["ContainerDefinitions"][0]
    return container


def test_a_task_may_read_what_the_checks_ask_for_and_nothing_else(stack: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "OPERATING.md").read_text()
    table = page.partition("## What Tocsin reads in AWS")[2].partition("\n## ")[0]
    told = {
        action
        for row in re.findall(r"^\|.*", table, re.MULTILINE)
        for action in re.findall(r"`(\w+:\w+)`", row)
    }
    (policy,) = stack["TaskRole"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert sorted(statement["Action"]) == sorted(told)


def test_every_setting_that_is_named_exists(
    kubernetes: dict[str, Any], compose: dict[str, Any], task: dict[str, Any], image: Stage
) -> None:
    container = kubernetes["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    named = {each["name"] for each in container["env"]} | set(compose["services"]["tocsin"]["environment"])
    named |= set(compose["services"]["tocsin"]["secrets"])
    named |= {each["Name"] for each in (*task["Environment"], *task["Secrets"])}
    named |= set(re.findall(r"LoadCredential=([A-Z_]+):", (DEPLOY / "tocsin.service").read_text()))
    named |= {name for name in image.environment if name.startswith("TOCSIN_")}
    known = {*list_setting_names(), "AWS_REGION", "TOCSIN_SECRETS_DIR"}
    assert named - known == set()
    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "TOCSIN_DATABASE_URL"} <= named


def test_the_version_stands_everywhere(
    compose: dict[str, Any], image: Stage, kubernetes: dict[str, Any]
) -> None:
    version = PROJECT["version"]
    assert f'org.opencontainers.image.version="{version}"' in image.texts("LABEL")[0]
    assert compose["services"]["tocsin"]["image"] == f"tocsin:{version}"
    container = kubernetes["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"].endswith(f"/tocsin:{version}")


def test_nobody_is_root_and_nothing_is_written_but_two_folders(
    kubernetes: dict[str, Any], compose: dict[str, Any], task: dict[str, Any], image: Stage
) -> None:
    pod = kubernetes["Deployment"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert image.texts("USER") == [f"{UID}:{UID}"] == [task["User"]]
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, UID)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert task["ReadonlyRootFilesystem"] is True
    assert compose["services"]["tocsin"]["read_only"] is True
    written = {"/state", "/tmp"}
    empty = {each["name"] for each in pod["volumes"] if "emptyDir" in each}
    assert {each["mountPath"] for each in container["volumeMounts"] if each["name"] in empty} == written
    assert {each["ContainerPath"] for each in task["MountPoints"]} == written
    assert {each.partition(":")[0] for each in compose["services"]["tocsin"]["tmpfs"]} == written


def test_two_replicas_are_told_apart_waited_for_and_kept(kubernetes: dict[str, Any]) -> None:
    deployment = kubernetes["Deployment"]["spec"]
    pod = deployment["template"]["spec"]
    container, labels = pod["containers"][0], deployment["selector"]["matchLabels"]
    assert deployment["replicas"] == 2
    assert kubernetes["PodDisruptionBudget"]["spec"]["minAvailable"] == 1
    (spread,) = pod["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["matchLabelKeys"]) == (
        "kubernetes.io/hostname",
        ["pod-template-hash"],
    )
    # Else the service's name makes variables that begin as our settings do.
    assert pod["enableServiceLinks"] is False
    assert pod["terminationGracePeriodSeconds"] > 10
    probes = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    assert probes == {"startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/livez"}
    for kind, place in (
        ("Service", "selector"),
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
    ):
        chosen = kubernetes[kind]["spec"][place]
        assert chosen.get("matchLabels", chosen) == labels


def test_one_port_is_meant_by_all(kubernetes: dict[str, Any], compose: dict[str, Any], image: Stage) -> None:
    (port,) = image.texts("EXPOSE")
    assert image.environment["TOCSIN_HTTP"] == f"0.0.0.0:{port}"
    assert f"127.0.0.1:{port}/livez" in image.health[-1]
    assert kubernetes["Service"]["spec"]["ports"][0]["port"] == int(port)
    assert kubernetes["NetworkPolicy"]["spec"]["ingress"][0]["ports"][0]["port"] == int(port)
    assert compose["services"]["tocsin"]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_only_what_is_signed_is_published(kubernetes: dict[str, Any]) -> None:
    paths = kubernetes["Ingress"]["spec"]["rules"][0]["http"]["paths"]
    assert [each["path"] for each in paths] == SIGNED
    nginx = (DEPLOY / "proxy" / "nginx.conf").read_text()
    passed = re.findall(r"location (?:= )?(\S+)\s+\{ proxy_pass", nginx)
    assert passed == SIGNED
    assert re.search(r"location /\s+\{ return 404; \}", nginx)
    caddy = (DEPLOY / "proxy" / "Caddyfile").read_text()
    assert re.findall(r"path (.*)", caddy) == ["/slack/events /webhooks/*"]


def test_what_compose_is_given_is_never_committed(compose: dict[str, Any]) -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    folders = {each["file"].split("/")[1] for each in compose["secrets"].values()}
    folders |= {each.split("/")[1].partition(":")[0] for each in compose["services"]["tocsin"]["volumes"]}
    assert {f"/{each}/" for each in folders} <= set(ignored)


def test_no_file_has_a_secret(compose: dict[str, Any]) -> None:
    for path in (ROOT / "compose.yml", *DEPLOY.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_text()
            assert not re.search(r"xox[bp]-[0-9A-Za-z]{6}|xapp-[0-9A-Za-z]{6}", text), path
    assert all(set(each) == {"file"} for each in compose["secrets"].values())
