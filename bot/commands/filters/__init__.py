"""Programs of a pipeline that only look at the text they are handed: understood, and applied without starting one."""

from bot.commands.filters.apply import Filtered, filtered, read_filter
from bot.commands.filters.jq import read_jq

__all__ = ["Filtered", "filtered", "read_filter", "read_jq"]
