"""Providers that wake people, and where it is written who is on call. Their libraries are imported when needed."""

from bot.pager.pagers import Pagers, account

__all__ = ["Pagers", "account"]
