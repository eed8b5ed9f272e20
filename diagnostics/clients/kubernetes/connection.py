"""Where a cluster is and with which token it is asked: a pod's service account, or a file that KUBECONFIG names.

A file may hold programs to run for a token (`exec`, `auth-provider`); they are never run. See
https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/.
"""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import yaml
from lightkube.config.kubeconfig import SERVICE_ACCOUNT, KubeConfig, SingleConfig
from lightkube.core.exceptions import ConfigError

from bot.domain.finding import Inconclusive, UnknownCause

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that may be asked without TLS: `kubectl proxy` of this machine."""

THE_WAY = (
    "Make a service account with the role of docs/OPERATING.md, and a kubeconfig with its token;"
    " for EKS one whose token a boto3 script signs and renews."
)


def load_connection(
    kubeconfig: Path | None, context: str = "", account: Path = Path(SERVICE_ACCOUNT)
) -> SingleConfig:
    """The cluster of this context, of the current one where none is named. Raises Inconclusive for what is missing and
    for what is never used: programs, TLS without a check, a token over plain HTTP."""
    try:
        if kubeconfig is None:
            config = _load_account(account, context)
        else:
            config = KubeConfig.from_file(kubeconfig).get(context or None)
    except (
        AttributeError,
        ConfigError,
        OSError,
        KeyError,
        TypeError,
        ValueError,
        yaml.YAMLError,
        msgspec.MsgspecError,
    ) as error:
        place = f"KUBECONFIG ({kubeconfig})" if kubeconfig else "the pod's service account"
        said = f"Kubernetes skipped: {place} cannot be used ({type(error).__name__})."
        if isinstance(error, ConfigError):
            said = f"Kubernetes skipped: {place}: {' '.join(str(error).split())[:200]}."
        raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, THE_WAY) from error
    assert config is not None  # no default is given, so a missing context is an error
    for is_refused, said in REFUSED:
        if is_refused(config):
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, f"Kubernetes skipped: {said}.", THE_WAY)
    return config


def _load_account(account: Path, context: str) -> SingleConfig | None:
    if context:
        said = f"Kubernetes skipped: the step names the context {context[:60]}, and KUBECONFIG is not set."
        raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, "Set KUBECONFIG to a file that has it.")
    if not os.environ.get("KUBERNETES_SERVICE_HOST") or not (account / "token").is_file():
        said = "Kubernetes skipped: KUBECONFIG is not set, and this is no pod with a service account."
        raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, THE_WAY)
    return KubeConfig.from_service_account(account).get()


def _is_open(config: SingleConfig) -> bool:
    parts = urlsplit(config.cluster.server)
    return parts.scheme != "https" and parts.hostname not in LOOPBACK


REFUSED: tuple[tuple[Callable[[SingleConfig], object], str], ...] = (
    (lambda config: config.user is None, "the context names no user"),
    (
        lambda config: config.user and config.user.exec,
        "the kubeconfig runs a program for its token (exec), which Tocsin never does",
    ),
    (
        lambda config: config.user and config.user.auth_provider,
        "the kubeconfig uses an auth-provider, which Tocsin never runs",
    ),
    (
        lambda config: config.cluster.insecure,
        "insecure-skip-tls-verify is set, and the cluster must be checked",
    ),
    (_is_open, "the cluster's address is not https"),
)
"""What makes a connection one that is not used, and its half sentence."""
