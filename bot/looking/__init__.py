"""Runs the looks that were asked for: plans the steps, asks the monitored systems, records what they found."""

from bot.looking.lacking import lacking
from bot.looking.loop import Looking

__all__ = ["Looking", "lacking"]
