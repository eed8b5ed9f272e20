"""Paging providers and on-call sources. Their libraries are imported when needed."""

from bot.adapters.paging.paging_gateway import PagingGateway, build_account

__all__ = ["PagingGateway", "build_account"]
