"""What is sent to AWS for a command is what the AWS CLI sends for it, request by request."""

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import boto3
import pytest
from awscli.clidriver import CLIDriver, create_clidriver
from botocore.config import Config
from botocore.exceptions import ClientError

from bot.command_parsers import classify_command
from bot.domain.playbook import AwsCall, StepKind
from tests.bot.command_parsers.recording import Recorder, Request, recording

pytestmark = pytest.mark.filterwarnings("ignore")

ROLLED = re.compile(rb"<CallerReference>[\w-]+<")
LINES = Path(__file__).with_name("aws_commands.txt").read_text().splitlines()
"""Commands as runbooks have them: reads and changes, a hundred and more."""


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """One for all: it is what every test of this file talks to."""
    with recording() as server:
        yield server


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recorder: Recorder) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": recorder.address,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    recorder.taken()


@lru_cache(maxsize=1)
def cli() -> CLIDriver:
    return create_clidriver()


@lru_cache(maxsize=1)
def session() -> boto3.Session:
    return boto3.Session()


def sent_by_the_cli(words: list[str], recorder: Recorder) -> list[Request]:
    with suppress(SystemExit):
        cli().main([*words, "--endpoint-url", recorder.address])
    return recorder.taken()


def sent_by_us(call: AwsCall, recorder: Recorder) -> list[Request]:
    config = Config(retries={"total_max_attempts": 1})
    client = session().client(
        call.service, region_name=call.region, config=config, endpoint_url=recorder.address
    )
    method = next(name for name, each in client.meta.method_to_api_mapping.items() if each == call.operation)
    limits = {"MaxItems": call.max_items, "PageSize": call.page_size, "StartingToken": call.starting_token}
    with pytest.raises(ClientError):
        if call.pages:
            list(client.get_paginator(method).paginate(**call.parameters, PaginationConfig=limits))
        else:
            getattr(client, method)(**call.parameters)
    return recorder.taken()


def alike(requests: list[Request]) -> list[tuple[object, ...]]:
    """Requests without the one value that the CLI rolls dice for."""
    return [
        tuple(ROLLED.sub(b"<", part) if isinstance(part, bytes) else part for part in request)
        for request in requests
    ]


@pytest.mark.parametrize("text", LINES)
def test_the_request_is_the_one_the_cli_makes(
    text: str, recorder: Recorder, capfd: pytest.CaptureFixture[str]
) -> None:
    meaning = classify_command(text)
    assert meaning.actions, meaning.why
    [action] = meaning.actions
    assert isinstance(action.call, AwsCall)
    theirs = sent_by_the_cli(shlex.split(text)[1:], recorder)
    assert theirs, capfd.readouterr().err
    ours = sent_by_us(action.call, recorder)
    assert alike(ours[:1]) == alike(theirs[:1])


def test_there_are_more_than_a_hundred_commands() -> None:
    assert len(set(LINES)) > 200


@pytest.mark.parametrize(
    "text",
    [
        "aws ecs describe-service --cluster prod",
        "aws ecs describe-services --cluser prod --services api",
        "aws ecs describe-services --cluster prod",
        "aws ecs update-service --service api --desired-count six",
        "aws rds describe-db-instances prod-1",
        "aws ec2 describe-instances --filters Nme=x,Values=y",
        "aws ec2 describe-instances --filters x",
        "aws ec2 describe-instances --filters '{Name: x}'",
        "aws ec2 describe-instances --filters Name=a,Name=b",
        "aws ecs describe-services --cluster prod --services api --no-such",
        "aws esc list-clusters",
        "aws rds wait db-instance-there --db-instance-identifier x",
        "aws ecs list-tasks --cluster a b",
    ],
)
def test_what_the_cli_refuses_is_refused(
    text: str, recorder: Recorder, capfd: pytest.CaptureFixture[str]
) -> None:
    assert sent_by_the_cli(shlex.split(text)[1:], recorder) == []
    meaning = classify_command(text)
    assert meaning.why
    assert meaning.actions == ()
    assert meaning.kind is StepKind.MANUAL
