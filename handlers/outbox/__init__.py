"""The outbox worker and its effect handlers: each effect is performed once, in order within its lane."""

from handlers.outbox.delivery import deliver_to_slack, page_providers
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.effect_handlers import EFFECT_HANDLERS
from handlers.outbox.restore_monitor import RestoreMonitor
from handlers.outbox.unsupported_watch import UnsupportedEffectsMonitor
from handlers.outbox.worker import OutboxWorker

__all__ = [
    "EFFECT_HANDLERS",
    "EffectContext",
    "OutboxWorker",
    "RestoreMonitor",
    "UnsupportedEffectsMonitor",
    "deliver_to_slack",
    "page_providers",
]
