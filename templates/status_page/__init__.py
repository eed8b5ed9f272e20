"""A status page of our own as files: HTML, feeds, and JSON in the public shape of Atlassian's Statuspage."""

from templates.status_page.site import build_site, find_content_type

__all__ = ["build_site", "find_content_type"]
