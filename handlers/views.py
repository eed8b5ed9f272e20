"""Forms that were filled in: checked beside each field, then one call; the words are kept when it cannot be done."""

import hashlib
import html
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import lifecycle
from bot.errors import Refused
from bot.incident import Outcome, Status
from bot.lifecycle import Declaration, Request
from bot.ports import Message
from bot.runbook import gaps_of, step_at
from handlers.front import Front, Problem, request
from templates import actions, answers, filling, modals
from templates.letters import cut

LONGEST_ERROR = 1000
"""Characters under a field: whom to reach and where to look must fit in when the database is away."""


@dataclass(frozen=True, slots=True)
class Form:
    """One submission: the fields by block id, and what the form carried along."""

    fields: Mapping[str, str]
    carried: Mapping[str, Any]
    request: Request

    def text(self, name: str) -> str:
        """What was typed in a field, without the spaces around it; empty when nothing was."""
        return self.fields.get(name, "").strip()

    def gaps(self) -> dict[str, str]:
        """What was typed for the own gaps of the message's template, by their names; empty where it was taken out."""
        return {
            name.removeprefix(actions.GAP): self.text(name)
            for name in self.fields
            if name.startswith(actions.GAP)
        }


class Unfit(Exception):
    """Something in the form cannot be taken; `errors` has a sentence for each field's block id."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = errors
        super().__init__(", ".join(errors))


Row = Callable[[Front, Form], Awaitable[Outcome]]


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register every form."""
    for callback_id, (row, first_field) in ROWS.items():
        bolt.view(callback_id)(_listener(front, row, first_field))


def _listener(front: Front, row: Row, first_field: str) -> Callable[..., Awaitable[None]]:
    async def listener(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        form = _form(body, view)

        async def ask() -> dict[str, Any]:
            await front.must_be_allowed(form.request.actor)
            try:
                return await _reply(front, form, await row(front, form), first_field)
            except Unfit as unfit:
                return {"response_action": "errors", "errors": dict(unfit.errors)}

        came = await front.attempt(ask)
        await ack(**(_beside(front, first_field, came.message) if isinstance(came, Problem) else came))

    return listener


async def _reply(front: Front, form: Form, outcome: Outcome, first_field: str) -> dict[str, Any]:
    """What the form becomes: an error beside a field, the answer, or nothing and it closes."""
    if outcome.did in BESIDE_THE_FIELD:
        return _beside(front, first_field, answers.answer(outcome))
    if outcome.did == "declared":
        return {"response_action": "update", "view": modals.declared(answers.answer(outcome))}
    if outcome.did == "updated_meanwhile" and outcome.incident is not None:
        view = await front.open_view(outcome.incident, form.request.actor)
        text, typed = form.text(actions.UPDATE_TEXT), form.gaps()
        again = modals.update_meanwhile(view, text=text, carried=form.carried, typed=typed)
        return {"response_action": "update", "view": again}
    return {}


def _beside(front: Front, field: str, message: Message) -> dict[str, Any]:
    """The message under a field, where Slack shows plain text only: no markup, and people by their names."""

    def plain(token: re.Match[str]) -> str:
        return f"@{front.name(token[1][1:])}" if token[1].startswith("@") else token[2] or token[1]

    return {
        "response_action": "errors",
        "errors": {field: cut(html.unescape(TOKEN.sub(plain, message.text)), LONGEST_ERROR)},
    }


TOKEN = re.compile(r"<([^<>|]*)\|?([^<>]*)>")
"""A mention, link or time in Slack's markup; what a person would read of it stands behind the bar."""

BESIDE_THE_FIELD = frozenset({"refused", "resolved_already", "draft_outdated"})
"""Outcomes that leave the form open, with the words in it."""


def _form(body: dict[str, Any], view: dict[str, Any]) -> Form:
    fields = {
        block_id: _value(next(iter(elements.values())))
        for block_id, elements in view["state"]["values"].items()
    }
    typed = json.dumps(fields, sort_keys=True, ensure_ascii=False)
    # The same words twice are one submission; mended words after an error are another one of the same view.
    key = f"{view['id']}:{view.get('hash', '')}:{hashlib.sha256(typed.encode()).hexdigest()[:16]}"
    carried = json.loads(view.get("private_metadata") or "{}")
    return Form(fields, carried, request("view", key, body["user"]["id"]))


def _value(element: dict[str, Any]) -> str:
    if (option := element.get("selected_option")) is not None:
        return str(option["value"])
    if (chosen := element.get("selected_options")) is not None:
        return " ".join(str(option["value"]) for option in chosen)
    if (moment := element.get("selected_date_time")) is not None:
        return str(moment)
    return (element.get("value") or "").replace("\x00", "␀")


def _checked(form: Form, required: tuple[str, ...], longest: Mapping[str, int]) -> None:
    """Raises Unfit for a required field with nothing but spaces, and for one that is too long."""
    errors = {name: EMPTY.get(name, "Write a few words here.") for name in required if not form.text(name)}
    for name, limit in longest.items():
        if len(form.text(name)) > limit:
            errors[name] = (
                f"This has {len(form.text(name))} characters; {limit} is the most. Nothing was recorded."
            )
    if errors:
        raise Unfit(errors)


EMPTY = {actions.SEVERITY: "Choose one."}
"""What is said under an empty field in which nobody can write."""


async def _declare(front: Front, form: Form) -> Outcome:
    others = [name for name in form.fields if name not in DECLARE_FIELDS]
    free = (actions.IMPACT, actions.AFFECTED_USERS, *others)
    longest = {actions.TITLE: modals.TITLE_LENGTH, **dict.fromkeys(free, modals.TEXT_LENGTH)}
    _checked(form, (actions.SEVERITY, actions.TITLE), longest)
    chosen = form.text(actions.PLAYBOOK)
    said = Declaration(
        severity=form.text(actions.SEVERITY),
        title=form.text(actions.TITLE),
        playbook=PLAYBOOKS.get(chosen, chosen),
        impact=form.text(actions.IMPACT),
        affected_users=form.text(actions.AFFECTED_USERS),
        fields={name: form.text(name) for name in others if form.text(name)},
        quote=str(form.carried.get("quote", "")),
        link=str(form.carried.get("link", "")),
        private=bool(form.text(actions.PRIVATE)),
        drill=bool(form.carried.get("drill")),
    )
    return await lifecycle.declare(front.desk, form.request, said)


PLAYBOOKS = {"": None, modals.FITTING: None, modals.NO_PLAYBOOK: ""}
"""Choices of the playbook menu that are no playbook's id: None is found from the title, empty is none at all."""

DECLARE_FIELDS = frozenset(
    {
        actions.SEVERITY,
        actions.TITLE,
        actions.PLAYBOOK,
        actions.IMPACT,
        actions.AFFECTED_USERS,
        actions.PRIVATE,
    }
)


async def _declare_with_severity(front: Front, form: Form) -> Outcome:
    _checked(form, (actions.SEVERITY,), {})
    said = Declaration(
        severity=form.text(actions.SEVERITY),
        title=str(form.carried["title"]),
        private=bool(form.carried.get("private")),
        drill=bool(form.carried.get("drill")),
    )
    return await lifecycle.declare(front.desk, form.request, said)


async def _update(front: Front, form: Form) -> Outcome:
    _checked(form, (actions.UPDATE_TEXT,), _limits(form, actions.UPDATE_TEXT))
    chosen = form.text(actions.STATUS)
    # What the form began with was nobody's choice: meanwhile somebody may have set another.
    status = Status(chosen) if chosen and chosen != form.carried.get("status") else None
    return await lifecycle.post_update(
        front.desk,
        form.request,
        int(form.carried["incident"]),
        form.text(actions.UPDATE_TEXT),
        status,
        form.carried.get("seen"),
        form.gaps(),
    )


def _limits(form: Form, *names: str) -> dict[str, int]:
    gaps = [name for name in form.fields if name.startswith(actions.GAP)]
    return dict.fromkeys((*names, *gaps), modals.TEXT_LENGTH)


async def _resolve(front: Front, form: Form) -> Outcome:
    _checked(form, (actions.RESOLUTION,), _limits(form, actions.RESOLUTION, actions.ROOT_CAUSE))
    moment = form.text(actions.POSTMORTEM)
    return await lifecycle.resolve(
        front.desk,
        form.request,
        int(form.carried["incident"]),
        form.text(actions.RESOLUTION),
        form.text(actions.ROOT_CAUSE),
        datetime.fromtimestamp(int(moment), UTC) if moment else None,
        form.gaps(),
    )


async def _fill(front: Front, form: Form) -> Outcome:
    number, line, file = int(form.carried["incident"]), int(form.carried["line"]), str(form.carried["file"])
    view = await front.view(number, form.request.actor)
    step = step_at(view.runbook, file, line)
    gaps = gaps_of(step)
    names = {gap: f"{actions.FILL}{place}" for place, gap in enumerate(gaps)}
    if step is None or set(form.fields) != set(names.values()):
        raise Refused("The runbook has another command there now. Nothing was run.")
    _checked(form, tuple(names.values()), dict.fromkeys(names.values(), filling.LONGEST_VALUE))
    inputs = {gap: form.text(name) for gap, name in names.items()}
    if (found := await lifecycle.misfit(step, inputs)) is not None:
        gap, why = found
        raise Unfit({names[gap]: why})
    return await lifecycle.run_step(front.desk, form.request, number, file, line, inputs)


ROWS: dict[str, tuple[Row, str]] = {
    actions.FILL_FORM: (_fill, f"{actions.FILL}0"),
    actions.DECLARE_FORM: (_declare, actions.TITLE),
    actions.SEVERITY_FORM: (_declare_with_severity, actions.SEVERITY),
    actions.UPDATE_FORM: (_update, actions.UPDATE_TEXT),
    actions.RESOLVE_FORM: (_resolve, actions.RESOLUTION),
}
"""What each form does, by its callback id, and the field beside which a general problem is shown."""
