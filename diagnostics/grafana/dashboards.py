"""What a dashboard of Grafana asks its data sources: the panels' queries with the values of their variables. Pure.

Shape: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model, and there panels,
targets and templating; variables: .../dashboards/variables/variable-syntax.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.answers import line

VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)(?::\w+)?\]\]")
BUILT_IN = {
    "__rate_interval": "5m",
    "__interval": "1m",
    "__range": "1h",
    "__interval_ms": "60000",
    "__range_s": "3600",
}
EVERYTHING = ("$__all", "All")
PLACEHOLDERS = frozenset({"-- Mixed --", "-- Dashboard --", "-- Grafana --"})


@dataclass(frozen=True, slots=True)
class Query:
    """One query of Prometheus. `source` is the uid of its data source, or as old dashboards have it its name, empty for
    Grafana's default one."""

    title: str
    source: str
    text: str
    is_uid: bool = True


@dataclass(frozen=True, slots=True)
class Panels:
    """What a dashboard asks; `others` are the titles of panels that ask something else, or in a way not known here."""

    title: str
    queries: tuple[Query, ...]
    others: tuple[str, ...]


def panels(dashboard: Mapping[str, Any], names: Mapping[str, str]) -> Panels | None:
    """The queries of the panel that `names` has as `panel`, else of all; `var-NAME` in it is a value that the link
    gives to a variable. None when there is no such panel. Raises what `understood` turns into words otherwise."""
    values = _variables(dashboard, names)
    wanted = names.get("panel", "")
    chosen = [each for each in _flat(dashboard) if not wanted or str(each["id"]) == wanted]
    if wanted and not chosen:
        return None
    found: list[Query] = []
    others: list[str] = []
    for panel in chosen:
        title = line(panel.get("title")) or f"panel {panel.get('id')}"
        for target in panel.get("targets") or ():
            if target.get("hide"):
                continue
            query = _query(title, panel, target, values)
            if query is None:
                others.append(title)
            else:
                found.append(query)
    return Panels(line(dashboard.get("title")), tuple(found), tuple(dict.fromkeys(others)))


def _flat(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Panels, those inside of a folded row too; and as Grafana 4 kept them."""
    rows: Sequence[Mapping[str, Any]] = dashboard.get("rows") or ()
    for panel in [
        *(dashboard.get("panels") or ()),
        *(each for row in rows for each in row.get("panels") or ()),
    ]:
        yield panel
        yield from panel.get("panels") or ()


def _query(
    title: str, panel: Mapping[str, Any], target: Mapping[str, Any], values: Mapping[str, str]
) -> Query | None:
    """None for what asks no Prometheus, and where a variable has no value."""
    usable = (target.get("datasource"), panel.get("datasource"))
    given = next((each for each in usable if each and _uid(each) not in PLACEHOLDERS), "")
    kind = str(given.get("type") or "") if isinstance(given, Mapping) else ""
    text = target.get("expr")
    if not isinstance(text, str) or not text or (kind and "prometheus" not in kind):
        return None
    asked, source = _filled(text, values), _filled(_uid(given), values)
    if asked is None or source is None:
        return None
    is_uid = isinstance(given, Mapping) and source not in ("", "default")
    return Query(title, "" if source == "default" else source, asked, is_uid)


def _uid(given: Mapping[str, Any] | str) -> str:
    return str(given.get("uid") or "") if isinstance(given, Mapping) else given


def _filled(text: str, values: Mapping[str, str]) -> str | None:
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
    for each in (dashboard.get("templating") or {}).get("list") or ():
        current = (each.get("current") or {}).get("value")
        chosen = [
            str(value) for value in (current if isinstance(current, list) else [current]) if value is not None
        ]
        if chosen:
            found[str(each["name"])] = _joined(chosen, str(each.get("allValue") or ".*"))
    told = {name.removeprefix("var-"): value for name, value in names.items() if name.startswith("var-")}
    return found | {name: _joined(value.split("|"), ".*") for name, value in told.items()}


def _joined(values: Sequence[str], everything: str) -> str:
    if any(each in EVERYTHING for each in values):
        return everything
    return values[0] if len(values) == 1 else f"({'|'.join(values)})"
