"""The whole page as files, in the order in which they are to be published: what is linked to comes first."""

import json

from bot.domain.public_page import PublicPage
from templates.status_page.site_feeds import render_atom, render_rss
from templates.status_page.site_html import render_history, render_incident, render_index
from templates.status_page.site_json import build_documents

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
}


def build_site(page: PublicPage) -> dict[str, bytes]:
    """Every file by its path."""
    files = {
        f"incidents/{incident.token}.html": render_incident(page, incident) for incident in page.incidents
    }
    files["history.html"] = render_history(page)
    files["history.atom"], files["history.rss"] = render_atom(page), render_rss(page)
    for path, document in build_documents(page).items():
        files[f"api/v2/{path}"] = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    files["index.html"] = render_index(page)
    return {path: text.encode() for path, text in files.items()}


def find_content_type(path: str) -> str:
    """The media type of a file of the page."""
    return CONTENT_TYPES[path.rpartition(".")[2]]
