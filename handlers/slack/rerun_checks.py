"""Looking again from a form: asked for in the click's own transaction, shown in the form when it is there."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.errors import DatabaseUnavailable, RuleViolation
from handlers.slack.request_context import RequestContext
from handlers.transport.request_keys import read_fields
from templates import action_ids, modals
from templates.findings_summary import AGAIN, IN_VAIN
from templates.incident_view import IncidentViewModel

log = logging.getLogger(__name__)

WITHIN, EVERY = 30.0, 0.5
"""Seconds that a form waits for what is found, and between two looks whether it is there."""

EDIT_TIMEOUT_S = 6.0
"""Seconds for the edits themselves."""


@dataclass(slots=True)
class OpenForm:
    """A form on somebody's screen: its id, the hash of what it shows, what stands in its fields, what it carries."""

    id: str
    hash: str
    fields: Mapping[str, str]
    carried: Mapping[str, Any]


def parse_open_form(view: Mapping[str, Any]) -> OpenForm:
    """The form in which somebody clicked."""
    carried = json.loads(view.get("private_metadata") or "{}")
    fields = read_fields(view) if view.get("state") else {}
    return OpenForm(str(view["id"]), str(view.get("hash") or ""), fields, carried)


def follow_rerun(front: RequestContext, seen: IncidentViewModel, actor: str, form: OpenForm) -> None:
    """Show in the form that it is looked again, and what came of it; who resolves need not wait for that."""
    front.errands.run(
        "looking again from a form",
        lambda: _follow(front, seen, actor, form),
        within=WITHIN + EDIT_TIMEOUT_S,
    )


async def _follow(front: RequestContext, seen: IncidentViewModel, actor: str, form: OpenForm) -> None:
    await _show(front, seen, form, AGAIN)
    number, how = seen.incident.number, ""
    try:
        async with asyncio.timeout(WITHIN):
            while await front.services.store.has_open_runs(number):
                await asyncio.sleep(EVERY)
        seen = await front.load_open_view(number, actor)
    except (TimeoutError, DatabaseUnavailable) as error:
        log.warning("what was asked from a form is not there: %s", error or "no answer in time")
        how = IN_VAIN
    except RuleViolation:
        return  # it is over: nothing is resolved by this form any more
    await _show(front, seen, form, how)


async def _show(front: RequestContext, seen: IncidentViewModel, form: OpenForm, looking: str) -> None:
    """Edit the form, unless somebody else's edit came first: Slack tells that by the hash."""
    drawn = modals.build_resolve_form(
        seen,
        text=form.fields.get(action_ids.RESOLUTION, ""),
        postmortem=datetime.now(UTC),
        typed=form.fields,
        carried=form.carried,
        looking=looking,
    )
    edited = await front.client.views_update(view_id=form.id, hash=form.hash, view=drawn)
    form.hash = str(edited["view"]["hash"])
