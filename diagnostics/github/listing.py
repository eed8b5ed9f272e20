"""What `gh` lists beside commits and releases (runs, pull requests, issues), as a table that no rule judges."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.step import GitCall
from diagnostics.answers import line
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict
from diagnostics.revisions import unapplied

MOST_ROWS = 12
LISTS: Mapping[str, tuple[str, Mapping[str, str], Sequence[str]]] = {
    "runs": (
        "actions/runs",
        {"branch": "branch", "event": "event", "status": "status", "user": "actor", "created": "created"},
        ("created_at", "name", "display_title", "head_branch", "status", "conclusion"),
    ),
    "run": ("actions/runs/", {}, ("created_at", "name", "display_title", "status", "conclusion")),
    "pulls": (
        "pulls",
        {"state": "state", "base": "base"},
        ("updated_at", "number", "title", "user", "state"),
    ),
    "pull": ("pulls/", {}, ("updated_at", "number", "title", "user", "state", "merged_at")),
    "issues": (
        "issues",
        {"state": "state", "label": "labels"},
        ("updated_at", "number", "title", "user", "state"),
    ),
    "release": ("releases/tags/", {}, ("published_at", "tag_name", "name", "author")),
    "workflows": ("actions/workflows", {}, ("updated_at", "name", "path", "state")),
}
"""What `gh` lists: the path (a name follows its last slash), its options by their names there, the fields shown."""


def asked(wanted: GitCall) -> tuple[str, dict[str, str]]:
    """The path in the repository, and the parameters. Raises CannotTell when it is not said what to view."""
    path, options, _ = LISTS[wanted.what]
    if path.endswith("/"):
        if not wanted.names:
            raise CannotTell(Cause.NOT_UNDERSTOOD, "gh is told to view something, and not what.")
        path += quote(wanted.names[0], safe="")
    params = {there: str(wanted.options[here]) for here, there in options.items() if here in wanted.options}
    return path, {**params, "per_page": str(wanted.options.get("limit") or 30)}


def found(wanted: GitCall, told: Any, now: datetime) -> Finding:
    """The answer as a table."""
    fields = LISTS[wanted.what][2]
    if isinstance(told, dict):
        told = next((each for each in told.values() if isinstance(each, list)), [told])
    rows = [tuple(_shown(each.get(name)) for name in fields) for each in told if "pull_request" not in each]
    heads = tuple(name.replace("_", " ") for name in fields)
    table = Table(heads, tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS))
    first = f", the newest: {', '.join(filter(None, rows[0]))}" if rows else ""
    said = f"GitHub lists {len(rows)} {wanted.what}{first}. {unapplied(wanted)}".strip()
    return Finding(Verdict.UNKNOWN, said, now, Cause.NO_RULE, table=table if rows else None)


def _shown(value: Any) -> str:
    return line(value.get("login") if isinstance(value, dict) else value)
