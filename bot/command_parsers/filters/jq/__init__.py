"""jq itself, in a process of its own with an empty environment; what reaches beyond its answer is refused."""

from bot.command_parsers.filters.jq.command import parse_jq, parse_jq_words

__all__ = ["parse_jq", "parse_jq_words"]
