"""`aws SERVICE OPERATION ...` by botocore's own service models, read as data when the first one is met."""

from bot.command_parsers.aws.calls import parse_aws

__all__ = ["parse_aws"]
