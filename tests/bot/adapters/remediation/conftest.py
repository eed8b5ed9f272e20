"""AWS for remediations: moto's server in this process, with what it lacks."""

from collections.abc import Iterator

import pytest

from sandbox.monitored_systems.names import REGION


@pytest.fixture(scope="session")
def aws_address() -> str:
    """Where it listens; it is started once in a process."""
    from sandbox.monitored_systems.aws import _start

    return _start()[0]


@pytest.fixture(scope="module")
def cluster(aws_address: str) -> Iterator[str]:
    """The same, with the settings by which clients find it."""
    with pytest.MonkeyPatch.context() as settings:
        settings.delenv("AWS_PROFILE", raising=False)
        for name, value in {
            "AWS_ENDPOINT_URL": aws_address,
            "AWS_ACCESS_KEY_ID": "AKIASANDBOXWORLD0001",
            "AWS_SECRET_ACCESS_KEY": "secret/not/for/any/account",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            settings.setenv(name, value)
        yield aws_address
