"""The feeds of a status page: Atom 1.0 (RFC 4287) and RSS 2.0. An incident is one entry, its texts the newest first."""

from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import quoteattr

from bot.domain.public_page import PublicIncident, PublicPage
from templates.status_page.site_json import build_link, build_page_id

MAX_ENTRIES = 50


def render_atom(page: PublicPage) -> str:
    """The Atom feed."""
    links = f'<link rel="alternate" type="text/html" href={quoteattr(page.url or "index.html")}/>'
    if page.url:
        links += (
            f'<link rel="self" type="application/atom+xml" href={quoteattr(f"{page.url}/history.atom")}/>'
        )
    entries = "".join(_atom_entry(page, incident) for incident in page.incidents[:MAX_ENTRIES])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        f"<id>urn:tocsin:page:{build_page_id(page)}</id><title>{_text(page.name)}</title>"
        f"<updated>{_stamp(page.updated_at)}</updated><author><name>{_text(page.name)}</name></author>{links}"
        f"{entries}</feed>\n"
    )


def _atom_entry(page: PublicPage, incident: PublicIncident) -> str:
    return (
        f"<entry><id>urn:tocsin:incident:{incident.token}</id><title>{_text(incident.title)}</title>"
        f"<published>{_stamp(incident.started_at)}</published><updated>{_stamp(incident.updated_at)}</updated>"
        f'<link rel="alternate" type="text/html" href={quoteattr(build_link(page, incident))}/>'
        f'<content type="html">{escape(_body(incident))}</content></entry>'
    )


def render_rss(page: PublicPage) -> str:
    """The RSS feed."""
    items = "".join(_rss_item(page, incident) for incident in page.incidents[:MAX_ENTRIES])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{_text(page.name)}</title><link>{_text(page.url or 'index.html')}</link>"
        f"<description>{_text(page.name)}: incidents</description>"
        f"<lastBuildDate>{format_datetime(page.updated_at.astimezone(UTC), usegmt=True)}</lastBuildDate>"
        f"{items}</channel></rss>\n"
    )


def _rss_item(page: PublicPage, incident: PublicIncident) -> str:
    return (
        f"<item><title>{_text(incident.title)}</title><link>{_text(build_link(page, incident))}</link>"
        f'<guid isPermaLink="false">urn:tocsin:incident:{incident.token}</guid>'
        f"<pubDate>{format_datetime(incident.updated_at.astimezone(UTC), usegmt=True)}</pubDate>"
        f"<description>{escape(_body(incident))}</description></item>"
    )


def _body(incident: PublicIncident) -> str:
    """The texts as HTML."""
    return "".join(
        f"<p><b>{entry.status.capitalize()}</b> {_stamp(entry.at)}<br>{_lines(entry.text)}</p>"
        for entry in reversed(incident.entries)
    )


def _lines(text: str) -> str:
    return _text(text).replace("\n", "<br>")


def _text(text: str) -> str:
    return escape("".join(letter for letter in text if letter in "\n\t" or ord(letter) >= 32))


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
