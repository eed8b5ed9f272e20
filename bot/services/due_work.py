"""What has fallen due: all kinds are asked for at once, since mostly nothing is."""

from bot.ports.due_work import DueWork
from bot.services.context import ServiceContext
from bot.services.page_grouping import RINGS_FOR


async def find_due_work(desk: ServiceContext) -> frozenset[DueWork]:
    """The kinds of which anything is due. Raises DatabaseUnavailable."""
    severities = [severity.id for severity in desk.runbook_versions.current.runbook.severities]
    return await desk.store.find_due_work(severities, RINGS_FOR)
