"""Renders a call as a person would type it for the AWS CLI."""

import json
import shlex

from botocore import xform_name

from bot.domain.playbook import AwsCall

COMMANDS = {"s3": "s3api", "codedeploy": "deploy", "config": "configservice"}
"""Services that the command line names otherwise than boto3."""


def render_cli_command(call: AwsCall) -> str:
    """`aws ecs describe-services --cluster production --services backend`, quoted for a shell."""
    words = ["aws", COMMANDS.get(call.service, call.service), xform_name(call.operation, "-")]
    for name, value in call.parameters.items():
        option = xform_name(name, "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        elif isinstance(value, list | tuple) and not any(isinstance(item, list | dict) for item in value):
            words += [f"--{option}", *map(str, value)]
        else:
            words += [
                f"--{option}",
                json.dumps(value, default=str) if isinstance(value, list | dict) else str(value),
            ]
    for option, told in (("query", call.query), ("region", call.region), ("profile", call.profile)):
        words += [f"--{option}", told] if told else []
    return shlex.join(words)
