"""Other lists of `gh` (runs, pull requests, issues), as a table without a verdict."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.domain.playbook import GitCall
from diagnostics.analysis.repository_query import describe_ignored_options
from diagnostics.clients.response_parsing import clean_line

MAX_ROWS = 12
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


def build_request(wanted: GitCall) -> tuple[str, dict[str, str]]:
    """The path in the repository, and the parameters. Raises Inconclusive when it is not said what to view."""
    path, options, _ = LISTS[wanted.what]
    if path.endswith("/"):
        if not wanted.names:
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "gh is told to view something, and not what.")
        path += quote(wanted.names[0], safe="")
    params = {there: str(wanted.options[here]) for here, there in options.items() if here in wanted.options}
    return path, {**params, "per_page": str(wanted.options.get("limit") or 30)}


def build_finding(wanted: GitCall, told: Any, now: datetime) -> Finding:
    """The answer as a table."""
    fields = LISTS[wanted.what][2]
    if isinstance(told, dict):
        told = next((value for value in told.values() if isinstance(value, list)), [told])
    rows = [
        tuple(_format_value(item.get(name)) for name in fields) for item in told if "pull_request" not in item
    ]
    heads = tuple(name.replace("_", " ") for name in fields)
    table = EvidenceTable(heads, tuple(rows[:MAX_ROWS]), max(0, len(rows) - MAX_ROWS))
    first = f", the newest: {', '.join(filter(None, rows[0]))}" if rows else ""
    said = f"GitHub lists {len(rows)} {wanted.what}{first}. {describe_ignored_options(wanted)}".strip()
    return Finding(Verdict.UNKNOWN, said, now, UnknownCause.NO_RULE, table=table if rows else None)


def _format_value(value: Any) -> str:
    return clean_line(value.get("login") if isinstance(value, dict) else value)
