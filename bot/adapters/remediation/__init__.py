"""Reading for remediations and carrying them out: each time a process of its own, with no keys but those it needs."""

from bot.adapters.remediation.task_runner import RemediationProcessClient

__all__ = ["RemediationProcessClient"]
