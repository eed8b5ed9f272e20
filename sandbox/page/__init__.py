"""The workspace as a page in the browser: everybody sees what Slack would show them, and nothing else."""

from sandbox.page.offer import Offer
from sandbox.page.routes import page_of

__all__ = ["Offer", "page_of"]
