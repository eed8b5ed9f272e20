"""jq, the small part of it that runbooks use: nothing of it reads files or the environment, or goes on for ever."""

from bot.commands.filters.jq.apply import read_jq, read_jq_words

__all__ = ["read_jq", "read_jq_words"]
