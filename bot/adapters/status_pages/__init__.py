"""Status pages behind the port: our own one and those at providers. Imported when one is set."""

from bot.adapters.status_pages.page_gateway import StatusPageGateway, list_page_names

__all__ = ["StatusPageGateway", "list_page_names"]
