"""Parses a Grafana dashboard: the panels' queries with the values of their variables. Pure.

Shape: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model, and there panels,
targets and templating; variables: .../dashboards/variables/variable-syntax.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.clients.response_parsing import clean_line

VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)(?::\w+)?\]\]")
BUILT_IN = {
    "__rate_interval": "5m",
    "__interval": "1m",
    "__range": "1h",
    "__interval_ms": "60000",
    "__range_s": "3600",
}
EVERYTHING = frozenset({"$__all", "All"})
PLACEHOLDERS = frozenset({"-- Mixed --", "-- Dashboard --", "-- Grafana --"})


@dataclass(frozen=True, slots=True)
class PanelQuery:
    """One query of Prometheus. `source` is the uid of its data source, or as old dashboards have it its name, empty for
    Grafana's default one."""

    title: str
    source: str
    text: str
    is_uid: bool = True


@dataclass(frozen=True, slots=True)
class DashboardPanels:
    """What a dashboard asks; `others` are the titles of panels that ask something else, or in a way not known here."""

    title: str
    queries: tuple[PanelQuery, ...]
    others: tuple[str, ...]


def parse_panels(dashboard: Mapping[str, Any], names: Mapping[str, str]) -> DashboardPanels | None:
    """The queries of the panel that `names` has as `panel`, else of all; `var-NAME` in it is a value that the link
    gives to a variable. None when there is no such panel. Raises what `guard_parsing` turns into words otherwise."""
    values = _variables(dashboard, names)
    wanted = names.get("panel", "")
    chosen = [panel for panel in _flat(dashboard) if not wanted or str(panel["id"]) == wanted]
    if wanted and not chosen:
        return None
    found: list[PanelQuery] = []
    others: dict[str, None] = {}
    for title, panel, target in _targets(chosen):
        query = _query(title, panel, target, values)
        if query is None:
            others[title] = None
        else:
            found.append(query)
    return DashboardPanels(clean_line(dashboard.get("title")), tuple(found), tuple(others))


def _targets(
    chosen: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Each question of a panel that is not hidden, with the panel and its title."""
    for panel in chosen:
        title = clean_line(panel.get("title")) or f"panel {panel.get('id')}"
        for target in panel.get("targets") or ():
            if not target.get("hide"):
                yield title, panel, target


def _flat(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Panels, those inside of a folded row too; and as Grafana 4 kept them."""
    rows: Sequence[Mapping[str, Any]] = dashboard.get("rows") or ()
    for panel in [
        *(dashboard.get("panels") or ()),
        *(panel for row in rows for panel in row.get("panels") or ()),
    ]:
        yield panel
        yield from panel.get("panels") or ()


def _query(
    title: str, panel: Mapping[str, Any], target: Mapping[str, Any], values: Mapping[str, str]
) -> PanelQuery | None:
    """None for what asks no Prometheus, and where a variable has no value."""
    text = target.get("expr")
    given = _source(target, panel)
    is_by_uid = isinstance(given, Mapping)
    kind = str(given.get("type") or "") if isinstance(given, Mapping) else ""
    if not isinstance(text, str) or not text or (kind and "prometheus" not in kind):
        return None
    asked, source = _fill_variables(text, values), _fill_variables(_uid(given), values)
    if asked is None or source is None:
        return None
    if source in ("", "default"):
        return PanelQuery(title, "", asked, False)
    return PanelQuery(title, source, asked, is_by_uid)


def _source(target: Mapping[str, Any], panel: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """Whom a question is asked: its own source, else that of its panel, else empty for the usual one."""
    usable = (target.get("datasource"), panel.get("datasource"))
    return next((source for source in usable if source and _uid(source) not in PLACEHOLDERS), "")


def _uid(given: Mapping[str, Any] | str) -> str:
    return str(given.get("uid") or "") if isinstance(given, Mapping) else given


def _fill_variables(text: str, values: Mapping[str, str]) -> str | None:
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name = found[1] or found[2] or found[3]
        missing = missing or name not in values
        return values.get(name, "")

    filled = VARIABLE.sub(value, text)
    return None if missing else filled


def _variables(dashboard: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """The variables' values as the dashboard was saved, or as the link says; several as alternatives."""
    found = dict(BUILT_IN)
    for variable in (dashboard.get("templating") or {}).get("list") or ():
        chosen = _read_saved_values(variable)
        if chosen:
            found[str(variable["name"])] = _join_values(chosen, str(variable.get("allValue") or ".*"))
    told = {name.removeprefix("var-"): value for name, value in names.items() if name.startswith("var-")}
    return found | {name: _join_values(value.split("|"), ".*") for name, value in told.items()}


def _read_saved_values(variable: Mapping[str, Any]) -> list[str]:
    """The values of a variable as the dashboard was saved."""
    current = (variable.get("current") or {}).get("value")
    values = current if isinstance(current, list) else [current]
    return [str(value) for value in values if value is not None]


def _join_values(values: Sequence[str], everything: str) -> str:
    if EVERYTHING.intersection(values):
        return everything
    return values[0] if len(values) == 1 else f"({'|'.join(values)})"
