"""The fast check of what is sent agrees with jsonschema about everything, right or wrong in one place."""

import copy
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from templates.incident_view import IncidentViewModel
from tests.samples import examples
from tests.schemas import checking
from tests.templates.drawn import forms, messages
from tests.templates.worlds import views

GONE = object()
WRONG: tuple[Any, ...] = (
    GONE,
    None,
    True,
    7,
    10**10,
    1.5,
    "",
    "x",
    "x" * 4_000,
    "x" * 50_000,
    [],
    [None],
    ["a"],
    {},
    {"a": 1},
)
TYPES = ("button", "section", "plain_text", "mrkdwn", "divider", "modal")
TRIES = 60


@cache
def sent() -> list[tuple[str, dict[str, Any]]]:
    """A call for each message and modal, of all situations."""
    found: list[tuple[str, dict[str, Any]]] = []
    for view in views().values():
        found += _calls(view)
    return found


def _calls(view: IncidentViewModel) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, each in messages(view):
        yield "chat.postMessage", {"channel": "C1", "text": each.text, "blocks": list(each.blocks)}
    for _, form in forms(view):
        yield "views.open", {"trigger_id": "1.2.3", "view": form}


def _places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Everything that holds something, and where in it."""
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in list(inside):
        yield body, key
        yield from _places(value)


def _spoil(body: Any, chance: random.Random) -> None:
    holder, key = chance.choice(list(_places(body)))
    if key == "type" and chance.random() < 0.5:
        holder[key] = chance.choice(TYPES)
    elif isinstance(holder, dict) and chance.random() < 0.2:
        holder["unheard_of"] = 1
    elif (wrong := chance.choice(WRONG)) is GONE:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(wrong)


@pytest.mark.parametrize("seed", range(2))
def test_what_jsonschema_refuses_the_fast_check_refuses_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    calls, answers = sent(), set()
    for _ in range(examples(TRIES * 5)):
        method, body = copy.deepcopy(chance.choice(calls))
        for _ in range(chance.randint(0, 2)):
            _spoil(body, chance)
        is_right = not any(checking._validator(method).iter_errors(body))
        assert checking._compiler().named(method)(body) == is_right, body
        answers.add(is_right)
    assert answers == {True, False}
