"""The pages of our own status page: readable without JavaScript, in light and dark, and by a screen reader."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from bot.domain.incident import Status
from bot.domain.public_page import PublicEntry, PublicIncident, PublicPage, list_bad_days
from bot.domain.public_update import ComponentState, PageComponent, PageImpact
from templates.escaping import cut, isolate_bidi

CSS = "".join((Path(__file__).with_name("page.css")).read_text(encoding="utf-8").splitlines())
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
MAX_INDEX_BYTES = 29_000
AMOUNTS = ((10, 5, 1000), (10, 2, 400), (10, 1, 160), (5, 1, 80))
"""How many open incidents, texts of each and characters of each the front page shows; the first that fits."""

MAX_PAST, BAR_DAYS = 10, 90
DESCRIPTIONS = {
    PageImpact.NONE: "All Systems Operational",
    PageImpact.MINOR: "Partially Degraded Service",
    PageImpact.MAJOR: "Partial System Outage",
    PageImpact.CRITICAL: "Major System Outage",
}
BAD = {
    ComponentState.MAINTENANCE: 0,
    ComponentState.DEGRADED: 0,
    ComponentState.PARTIAL_OUTAGE: 1,
    ComponentState.MAJOR_OUTAGE: 2,
}


def render_index(page: PublicPage) -> str:
    """The front page: how it stands, what is open, the components, what was lately."""
    for amount in AMOUNTS:
        drawn = _render_index(page, *amount)
        if len(drawn.encode()) <= MAX_INDEX_BYTES:
            return drawn
    return drawn


def _render_index(page: PublicPage, incidents: int, texts: int, letters: int) -> str:
    open_ones = [
        _incident(incident, "incidents/", texts=texts, letters=letters) for incident in page.open[:incidents]
    ]
    left = len(page.open) - incidents
    if left > 0:
        open_ones.append(f'<p><a href="history.html">{left} more open incidents</a></p>')
    past = [incident for incident in page.incidents if not incident.status.is_open][:MAX_PAST]
    banner = f'<p class="banner {page.impact}">{DESCRIPTIONS[page.impact]}</p>'
    body = [
        f'<div role="status">{banner}</div>',
        *(["<h2>Now</h2>", *open_ones] if open_ones else []),
        *_components(page),
        "<h2>Lately</h2>",
        _list(past, "incidents/")
        if past
        else f'<p class="dim">Nothing {"else " if open_ones else ""}has been reported.</p>',
    ]
    return _document(page, page.name, body, "")


def render_history(page: PublicPage) -> str:
    """Everything that was reported, by month, the newest first."""
    months: dict[str, list[PublicIncident]] = {}
    for incident in page.incidents:
        months.setdefault(f"{incident.started_at.astimezone(UTC):%B %Y}", []).append(incident)
    body = ["<h2>History</h2>"]
    for month, listed in months.items():
        body += [f"<h3>{month}</h3>", _list(listed, "incidents/")]
    if not months:
        body.append('<p class="dim">Nothing has been reported.</p>')
    return _document(page, f"History · {page.name}", body, "")


def render_incident(page: PublicPage, incident: PublicIncident) -> str:
    """Everything that was said about one incident."""
    title = f"{incident.title} · {page.name}"
    body = [_incident(incident, "", link=False), _touched(page, incident)]
    return _document(page, title, body, "../")


def _document(page: PublicPage, title: str, body: Iterable[str], up: str) -> str:
    """A whole page; `up` leads from where it stands to the front page."""
    feeds = (("atom", "application/atom+xml"), ("rss", "application/rss+xml"))
    heads = "".join(
        f'<link rel="alternate" type="{kind}" href="{up}history.{name}" title="{escape(page.name)}">'
        for name, kind in feeds
    )
    last = f'<p class="dim">Last published {_time(page.updated_at)}</p>' if page.incidents else ""
    nav = f'<nav aria-label="Pages"><a href="{up}history.html">History</a> · <a href="{up}history.atom">Atom</a> · '
    nav += f'<a href="{up}history.rss">RSS</a> · <a href="{up}api/v2/summary.json">JSON</a></nav>'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">{heads}<style>{CSS}</style></head><body>'
        f'<header><h1><a href="{up}index.html">{_text(page.name)}</a></h1></header>'
        f"<main>{''.join(body)}</main>"
        f"<footer>{nav}{last}</footer></body></html>\n"
    )


def _incident(
    incident: PublicIncident, where: str, *, link: bool = True, texts: int = 1000, letters: int = 100_000
) -> str:
    title = _text(incident.title)
    head = f'<a href="{where}{incident.token}.html">{title}</a>' if link else title
    shown = incident.entries[::-1][:texts]
    more = len(incident.entries) - len(shown)
    rest = f'<p><a href="{where}{incident.token}.html">{more} earlier updates</a></p>' if more else ""
    promise = ""
    if incident.promised_at is not None and incident.status.is_open:
        promise = f'<p class="dim">Next update by {_time(incident.promised_at)}</p>'
    level = "h3" if link else "h2"
    said = "".join(_entry(entry, letters) for entry in shown)
    colour = incident.impact if incident.status.is_open else PageImpact.NONE
    return f'<article class="incident {colour}"><{level}>{head}</{level}>{promise}{said}{rest}</article>'


def _entry(entry: PublicEntry, letters: int) -> str:
    status = "Resolved" if entry.status is Status.RESOLVED else entry.status.capitalize()
    text = _text(cut(entry.text, letters))
    return f'<div class="update"><p><b>{status}</b> {_time(entry.at)}</p><p>{text}</p></div>'


def _list(incidents: Sequence[PublicIncident], where: str) -> str:
    rows = [
        f'<li><a href="{where}{incident.token}.html">{_text(incident.title)}</a> '
        f'<span class="dim">{incident.status}</span> {_time(incident.started_at)}</li>'
        for incident in incidents
    ]
    return f"<ul>{''.join(rows)}</ul>"


def _components(page: PublicPage) -> list[str]:
    if not page.components:
        return []
    rows = "".join(_component(page, component) for component in page.components)
    return ["<h2>Components</h2>", f'<ul class="parts">{rows}</ul>']


def _component(page: PublicPage, component: PageComponent) -> str:
    state = page.find_state(component.id)
    said = f'<span class="state-{state}">{state.replace("_", " ").capitalize()}</span>'
    return f"<li><span>{_text(component.name)}</span>{said}{_bar(page, component)}</li>"


def _bar(page: PublicPage, component: PageComponent) -> str:
    """The days with trouble since the first incident that was published here: before it nothing is known."""
    if not page.incidents:
        return ""
    first = page.incidents[-1].started_at
    days = min(BAR_DAYS, (page.made_at.date() - first.date()).days + 1)
    states = list_bad_days(page, component.id, days)
    bad = [(place, BAD[state]) for place, state in enumerate(states) if state in BAD]
    rects = "".join(f'<rect class="bad{how}" x="{place}" width="1" height="4"/>' for place, how in bad)
    told = f"{len(bad)} of the last {days} days with trouble" if days > 1 else "Today"
    return (
        f'<svg role="img" aria-label="{told}" viewBox="0 0 {days} 4" preserveAspectRatio="none">'
        f'<rect class="bar" width="{days}" height="4"/>{rects}</svg>'
    )


def _touched(page: PublicPage, incident: PublicIncident) -> str:
    names = {component.id: component.name for component in page.components}
    touched = [_text(names.get(id, id)) for id in incident.components]
    return f"<p>Affected: {', '.join(touched)}</p>" if touched else ""


def _text(text: str) -> str:
    return escape(isolate_bidi(text))


def _time(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f'<time datetime="{utc:%Y-%m-%dT%H:%M:%SZ}">{utc:%d %b %Y, %H:%M} UTC</time>'
