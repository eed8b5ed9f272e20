"""Which clusters are asked, with whose rights, through one client each."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.finding import Inconclusive
from diagnostics.clients.kubernetes import KubernetesClients
from diagnostics.clients.kubernetes.connection import load_connection
from sandbox.monitored_systems.kubernetes import write_kubeconfig

Told = dict[str, Any]

CONNECTIONS: list[tuple[str, Told, Told, str]] = [
    (
        "exec",
        {"exec": {"apiVersion": "v1", "command": "/bin/touch"}},
        {},
        "runs a program for its token (exec)",
    ),
    ("auth-provider", {"auth-provider": {"name": "gcp"}}, {}, "uses an auth-provider"),
    ("insecure", {"token": "t"}, {"insecure-skip-tls-verify": True}, "insecure-skip-tls-verify is set"),
    ("plain", {"token": "t"}, {"server": "http://cluster.example"}, "the cluster's address is not https"),
]


@pytest.mark.parametrize(
    ("user", "cluster", "said"), [row[1:] for row in CONNECTIONS], ids=[r[0] for r in CONNECTIONS]
)
def test_programs_and_unchecked_clusters_are_never_used(
    user: Told, cluster: Told, said: str, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    if "exec" in user:
        user = {"exec": {**user["exec"], "args": [str(mark)]}}
    config = json.loads(write_kubeconfig("https://cluster.example", **user))
    config["clusters"][0]["cluster"] |= cluster
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    with pytest.raises(Inconclusive, match=said.replace("(", r"\(").replace(")", r"\)")):
        load_connection(path)
    assert not mark.exists()


@pytest.mark.parametrize("text", ["", "[]", "a: [", "clusters: 7", "{}"])
def test_a_kubeconfig_that_is_none_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(Inconclusive, match=r"cannot be used|No current context"):
        load_connection(path)


def test_a_pod_uses_its_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("token", "t"), ("namespace", "tools"), ("ca.crt", "")):
        (tmp_path / name).write_text(text)
    with pytest.raises(Inconclusive, match="this is no pod with a service account"):
        load_connection(None, account=tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    config = load_connection(None, account=tmp_path)
    assert (config.cluster.server, config.namespace) == ("https://10.0.0.1:443", "tools")
    with pytest.raises(Inconclusive, match="names the context eu"):
        load_connection(None, "eu", tmp_path)


async def test_steps_that_are_asked_side_by_side_share_one_client(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(write_kubeconfig("http://127.0.0.1:1"))
    clients = KubernetesClients(config)
    readers = await asyncio.gather(*(clients.open() for _ in range(5)))
    assert len({id(reader.client) for reader in readers}) == 1
    await clients.aclose()
    assert all(reader.client.is_closed for reader in readers)
