"""The workspace as a page in the browser: everybody sees what Slack would show them, and nothing else."""

from sandbox.web_ui.app_commands import AppCommands
from sandbox.web_ui.page_routes import build_page_routes

__all__ = ["AppCommands", "build_page_routes"]
