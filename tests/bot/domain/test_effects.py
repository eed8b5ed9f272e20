"""Effects as outbox rows keep them."""

import json
from dataclasses import fields

import pytest

from bot.domain import effects as e


def test_every_effect_comes_back_from_its_row_as_it_was() -> None:
    kept = [
        e.MentionPeople(
            incident=1, people=("U1", "U2"), missing=(("CTO", "no Slack handle"),), change="declared"
        ),
        e.EnsureIncidentsChannel(name="incident-response"),
        e.RemindOfUpdate(incident=3, promise=1_700_000_000, stage=2, missed=0, draft="wörds"),
    ]
    for effect in kept:
        kind, payload = e.dump_effect(effect)
        assert e.parse_effect(kind, json.loads(payload)) == effect


@pytest.mark.parametrize(
    "payload",
    [
        {"incident": "one"},
        {"incident": True},
        {"incident": [1]},
        {"incident": 1, "people": "U1"},
        {"incident": 1, "people": [1]},
        {"incident": 1, "people": ["U1"], "missing": [["CTO"]], "change": "x"},
        {"incident": 1, "people": ["U1"], "missing": [], "change": None},
    ],
)
def test_a_value_of_another_type_is_not_taken_for_one_that_can_be_performed(
    payload: dict[str, object],
) -> None:
    with pytest.raises(TypeError):
        e.parse_effect("MentionPeople", payload)


@pytest.mark.parametrize("kind", sorted(e.KINDS))
def test_the_types_of_the_fields_of_every_kind_are_such_as_are_checked(kind: str) -> None:
    for field in fields(e.KINDS[kind]):
        with pytest.raises(TypeError, match=f"^{field.name} is object"):
            e.parse_effect(kind, {field.name: object()})


def test_keys_tell_incidents_people_and_stages_apart() -> None:
    assert e.PageResponder(incident=1, person="U1", contact="CTO").key == "page:1:U1"
    assert e.PageResponder(incident=11, person="U1", contact="CTO").key == "page:11:U1"
    assert e.RemindOfUpdate(incident=1, promise=5, stage=0, missed=0, draft="").key == "reminder:1:5:0"


def test_the_messages_of_a_room_share_one_lane_and_pages_have_each_their_own() -> None:
    assert e.PostAlert(incident=4).lane == e.PostUpdate(incident=4, update=9).lane == "room:4"
    assert e.PageResponder(incident=4, person="U1", contact="CTO").lane == "page:4:U1"


def test_what_needs_the_channel_waits_for_it_and_pages_wait_for_nothing() -> None:
    assert e.PostAlert(incident=4).after == e.OpenChannel(incident=4).key
    assert e.PinAlert(incident=4).after == e.PostAlert(incident=4).key
    assert e.PageResponder(incident=4, person="U1", contact="CTO").after is None


def test_paging_is_the_most_urgent_of_all() -> None:
    assert e.PageResponder.urgency == min(kind.urgency for kind in e.KINDS.values())


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 10), (60, 10)])
def test_the_wait_doubles_up_to_ten_seconds(attempts: int, seconds: float) -> None:
    assert e.compute_backoff_s(attempts, chance=0) == seconds
    assert seconds < e.compute_backoff_s(attempts, chance=1) <= seconds * 1.2 + 0.001
