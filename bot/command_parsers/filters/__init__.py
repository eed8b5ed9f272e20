"""Programs of a pipeline that only look at the text they are handed: understood, and applied without starting one."""

from bot.command_parsers.filters.jq import parse_jq
from bot.command_parsers.filters.pipeline import FilterResult, parse_filter, run_filters

__all__ = ["FilterResult", "parse_filter", "parse_jq", "run_filters"]
