"""Performs what the outbox holds: each effect once, in order within its lane."""

from bot.delivery.loop import Delivery
from bot.delivery.performers import PERFORMERS, Hands

__all__ = ["PERFORMERS", "Delivery", "Hands"]
