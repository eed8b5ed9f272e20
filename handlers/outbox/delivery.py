"""The deliveries of a bot: to paging providers from the start on, and to Slack once it has said who the bot is."""

import logging
from dataclasses import replace

from bot.adapters.paging import PagingGateway
from bot.adapters.slack import SlackGateway, list_required_scopes
from bot.ports import BotIdentity
from bot.workers.slack_identity import wait_for_identity, wait_for_workspace
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.restore_monitor import RestoreMonitor
from handlers.outbox.worker import OutboxWorker
from handlers.transport.health_endpoints import HealthMonitor

log = logging.getLogger(__name__)


async def page_providers(hands: EffectContext, pagers: PagingGateway, restores: RestoreMonitor) -> None:
    """Ask the paging providers, from the start on: Slack may be away."""
    await pagers.warm(handle for handles in hands.services.book.handles.values() for handle in handles)
    await OutboxWorker(hands, paging=True, may_act=restores.may_act).run()


async def deliver_to_slack(
    hands: EffectContext,
    chat: SlackGateway,
    identity: BotIdentity | None,
    health: HealthMonitor,
    restores: RestoreMonitor,
) -> None:
    """Perform effects as soon as Slack has said who the bot is. Nothing where the database is another workspace's."""
    if identity is None:
        identity = await wait_for_identity(chat)
        health.check_scopes(identity, list_required_scopes())
    health.workspace = await wait_for_workspace(hands.services.store, identity)
    if health.workspace:
        log.error("%s", health.workspace)
        return
    delivery = OutboxWorker(replace(hands, identity=identity), may_act=restores.may_post)
    health.locked_out = lambda: delivery.locked_out
    await delivery.run()
