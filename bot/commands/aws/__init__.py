"""`aws SERVICE OPERATION ...` by botocore's own service models, read as data when the first one is met."""

from bot.commands.aws.calls import read_aws

__all__ = ["read_aws"]
