"""What came of a request is kept under names that never change, is read again as it was, and an older row loads."""

import importlib
import pkgutil
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from bot import services
from bot.domain.incident_changes import ImpactChange, ManualPage
from bot.domain.results import (
    RESULTS,
    CommandResult,
    DeclaredResult,
    ImpactChangedResult,
    ItemsOpenResult,
    OtherVersionResult,
    PagedResult,
    ResolvedAlreadyResult,
    SeverityChangedResult,
    SnoozedResult,
    UnansweredResult,
    dump_result,
    parse_result,
)
from bot.domain.text_fields import dump_texts, index_members, list_text_fields, parse_texts
from templates import replies
from tests.message_samples import ANSWERS, UNSPOKEN

KEPT = {
    "acknowledged": "actor channel in_room seconds target_seconds uncalled",
    "action_added": "action due owner text", "action_ended": "action state text",
    "action_ended_already": "action state", "action_reopened": "action text", "action_open_already": "action",
    "meeting_arranged": "count is_moved starts_at", "meeting_cancelled": "count", "meeting_cancelled_already": "",
    "no_actions": "reason", "review_answered": "sections", "acknowledged_already": "",
    "asked_before": "file line sent title", "by_hand": "command title why",
    "cancelled": "", "cancelled_already": "", "closed": "", "closed_already": "", "command_offered": "person",
    "commander_already": "person", "commander_changed": "person",
    "declared": "called channel cut drill empty everyone held missing private severity similar title",
    "declared_before": "at by key said seconds severity title", "draft_outdated": "", "escalated": "step",
    "followed": "inside title", "followed_already": "inside title", "impact_already": "",
    "impact_changed": "affected_users affected_users_before impact impact_before", "item_owned": "text",
    "item_owned_already": "", "items_open": "items", "joined": "channel", "joined_already": "channel",
    "looking": "title", "looking_already": "title", "merged": "channel into", "merged_already": "into",
    "nobody_there": "channel remarks", "not_followed": "", "noted": "text", "noted_already": "",
    "nothing_new": "", "nothing_to_snooze": "", "noticed": "", "open_already": "", "other_version": "",
    "paged": "empty person persons remarks text to", "paged_already": "empty remarks to", "pinned": "",
    "playbook_already": "title", "playbook_chosen": "title", "refused": "sentence",
    "remediation_approved": "reference title", "remediation_asked": "reference title",
    "remediation_checked": "reference title", "remediation_ran": "reference title",
    "remediation_called": "reference title",
    "remediation_refused": "sentence", "remediation_rejected": "reference title",
    "remediation_withdrawn": "reference title", "remediations_off": "why", "remediations_off_already": "by why",
    "remediations_on": "", "remediations_on_already": "", "remediations_on_wanted": "", "renamed": "cut title",
    "times_corrected": "began reason", "learnings_shared": "channels",
    "reopened": "into", "resolved": "", "resolved_already": "at by", "role_assigned": "person role",
    "severity_already": "severity", "severity_changed": "before called every reason to", "snoozed": "promise until",
    "snoozed_already": "", "status_already": "status", "status_changed": "status", "still_on_it": "",
    "command_offered_already": "person", "role_assigned_already": "person role", "renamed_already": "",
    "ticked": "text", "ticked_already": "", "unanswered": "", "unfollowed": "", "unticked": "text",
    "unticked_already": "", "updated": "next status", "updated_meanwhile": "",
}  # fmt: skip
"""The names of every result and of its texts, as rows have them that an older version wrote. One may be added."""


def test_no_name_that_a_row_may_have_is_lost() -> None:
    found = {did: {field.name for field in list_text_fields(kind)} for did, kind in RESULTS.items()}
    assert {did: set(names.split()) - found[did] for did, names in KEPT.items()} == {
        did: set() for did in KEPT
    }


def test_every_result_comes_back_as_it_was_kept() -> None:
    for did, kind in RESULTS.items():
        texts = {field.name: "1795400000" for field in list_text_fields(kind)}
        result = parse_result({"did": did, "incident": 7, "facts": texts})
        assert type(result) is kind and result.incident == 7
        assert parse_result(dump_result(result)) == result


@pytest.mark.parametrize(
    ("result", "facts"),
    [
        (
            SeverityChangedResult(42, before="P1", to="P0", called="CTO, DBA", every=900, reason=""),
            {"before": "P1", "to": "P0", "called": "CTO, DBA", "every": "900", "reason": ""},
        ),
        (ImpactChangedResult(42, impact="", impact_before="Slow"), {"impact": "", "impact_before": "Slow"}),
        (ItemsOpenResult(42, items=("one", "two")), {"items": "one\ntwo"}),
        (ResolvedAlreadyResult(42, by="U1", at=None), {"by": "U1", "at": ""}),
        (
            SnoozedResult(
                42, until=datetime(2026, 11, 23, 3, 32, tzinfo=UTC), promise=datetime(1970, 1, 1, tzinfo=UTC)
            ),
            {"until": "1795404720", "promise": "0"},
        ),
        (
            PagedResult(42, to="CTO", person="", persons=("U1", "U2"), text="", remarks="", empty=""),
            {"to": "CTO", "person": "", "persons": "U1 U2", "text": "", "remarks": "", "empty": ""},
        ),
        (UnansweredResult(), {}),
    ],
)
def test_a_row_has_texts_by_plain_names(result: CommandResult, facts: dict[str, str]) -> None:
    kept = {"did": result.did, "incident": result.incident, "facts": facts}
    assert dump_result(result) == kept
    assert parse_result(kept) == result


def test_what_an_older_version_wrote_less_into_is_read_with_what_there_is() -> None:
    facts = {
        "cut": "", "drill": "", "title": "API is down", "called": "CTO", "missing": "", "private": "yes",
        "similar": "", "everyone": "all hands", "severity": "P0",
    }  # fmt: skip
    declared = parse_result({"did": "declared", "incident": 1, "facts": facts})
    assert declared == DeclaredResult(
        1, severity="P0", title="API is down", called="CTO", missing="", everyone="all hands", similar=None,
        cut=None, private=True, drill=False, empty="", held="",
    )  # fmt: skip
    assert parse_texts(ManualPage, {"to": "", "person": "U1", "text": ""}).people == ("U1",)
    assert parse_texts(ImpactChange, {"impact": "Slow"}).affected_users is None


def test_what_another_version_wrote_is_passed_over() -> None:
    newer = {"did": "closed", "incident": 1, "facts": {"by": "U1"}}
    assert dump_result(parse_result(newer)) == {"did": "closed", "incident": 1, "facts": {}}
    unknown = parse_result({"did": "of_next_year", "incident": 1, "facts": {"by": "U1"}})
    assert unknown == OtherVersionResult(1)
    assert replies.render_reply(unknown) == replies.render_nothing()


def test_two_members_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="closed"):
        index_members(type("A", (), {"did": "closed"}) | type("B", (), {"did": "closed"}), "did")


def test_a_result_without_words_is_one_that_is_shown_elsewhere() -> None:
    for did, facts in (ANSWERS | {did: {} for did in UNSPOKEN}).items():
        answer = replies.render_reply(parse_result({"did": did, "incident": 42, "facts": facts}))
        assert bool(answer.text) == (did not in UNSPOKEN), did


def test_every_result_is_given_by_a_service() -> None:
    made = {
        value
        for package in pkgutil.iter_modules(services.__path__, "bot.services.")
        for value in vars(importlib.import_module(package.name)).values()
        if isinstance(value, type)
    }
    by_others = {UnansweredResult, OtherVersionResult}  # the store gives them
    assert {kind for kind in get_args(CommandResult) if kind not in made} == by_others


def test_a_value_that_has_its_default_is_left_out() -> None:
    declared = parse_result({"did": "declared", "incident": 1, "facts": {}})
    assert isinstance(declared, DeclaredResult)
    assert "channel" not in dump_texts(declared)
    assert dump_texts(replace(declared, channel="C1"))["channel"] == "C1"


def test_a_result_is_frozen_and_is_compared_and_shown_by_its_fields() -> None:
    result = ResolvedAlreadyResult(42, by="U1", at=None)
    with pytest.raises(FrozenInstanceError):
        result.by = "U2"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del result.by
    assert (
        result == ResolvedAlreadyResult(42, by="U1", at=None) != ResolvedAlreadyResult(42, by="U2", at=None)
    )
    assert UnansweredResult() != OtherVersionResult()
    assert len({result, replace(result), replace(result, by="U2")}) == 2
    assert repr(result) == "ResolvedAlreadyResult(incident=42, by='U1', at=None)"
