"""What a link into Grafana shows: a panel or a dashboard by its uid, a query in Explore."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.domain.playbook import VendorCall

DASHBOARD = re.compile(r"^(?P<base>.*?)/d(?:-solo)?/(?P<uid>[\w-]{1,40})(?:/|$)")
EXPLORE = re.compile(r"^(?P<base>.*?)/explore/?$")
TELLING = frozenset({"orgId", "viewPanel", "panelId", "fullscreen", "refresh"})
"""Parameters that Grafana's addresses have."""


def parse_grafana_link(url: str) -> Iterator[VendorCall]:
    """`grafana.panel` with `base`, `uid`, `panel` and `var-NAME`; `grafana.explore` with `base`, `source`, `query`."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    told = {"link": url}
    if (found := EXPLORE.match(parts.path)) and (shown := _parse_explore(asked)):
        base = f"{parts.scheme}://{parts.netloc}{found['base']}"
        yield VendorCall("grafana.explore", {**told, "base": base, **shown})
    elif (found := DASHBOARD.match(parts.path)) and _is_grafana(parts.netloc + found["base"], asked):
        panel = (asked.get("viewPanel") or asked.get("panelId") or [""])[0].removeprefix("panel-")
        told |= {"base": f"{parts.scheme}://{parts.netloc}{found['base']}", "uid": found["uid"]}
        told |= {"panel": panel} if panel else {}
        told |= {name: "|".join(values) for name, values in asked.items() if name.startswith("var-")}
        yield VendorCall("grafana.panel", told)


def _is_grafana(place: str, asked: Mapping[str, list[str]]) -> bool:
    return "grafana" in place or any(name in TELLING or name.startswith("var-") for name in asked)


def _pane(asked: Mapping[str, list[str]]) -> Any:
    """The first pane, as Grafana wrote it at any time."""
    name = "panes" if "panes" in asked else "left"
    told = json.loads(asked[name][0])
    pane = next(iter(told.values())) if name == "panes" else told
    if isinstance(pane, list):  # [from, to, source, query], as Grafana 6 wrote it
        return {"datasource": pane[2], "queries": pane[3:]}
    return pane


def _parse_explore(asked: Mapping[str, list[str]]) -> dict[str, str]:
    """The first query of the first pane; empty for what is none, such as a search in logs."""
    try:
        pane = _pane(asked)
        query = pane["queries"][0]
        given = query.get("datasource") or pane.get("datasource") or ""
        kind, source = (given.get("type"), given.get("uid")) if isinstance(given, dict) else ("", given)
        if "prometheus" not in (kind or "prometheus") or not query.get("expr"):
            return {}
        by = {} if isinstance(given, dict) else {"by": "name"}
        return {"source": str(source or ""), "query": str(query["expr"]), **by}
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, StopIteration, RecursionError):
        return {}
