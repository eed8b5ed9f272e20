"""A person's words in the apps' banner: one parameter of Remote Config, once, and put back as it was."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.remediation import firebase_banner
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan, explain_difference
from bot.ports.remediation import Refusal, RemediationUnavailable
from sandbox.monitored_systems.firebase import READS, RemoteConfig, write_service_key
from tests.remote_config_server import ServedConfig, serve_config

WORDS = "Payments fail at the moment. We are working on it."
NAME = "incident_banner"


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_service_key(tmp_path_factory.mktemp("google") / "key.json")


@pytest.fixture
def served() -> Iterator[ServedConfig]:
    other = {"min_version": {"defaultValue": {"value": "5.2.1"}}}
    with serve_config(RemoteConfig(other)) as running:
        yield running


@pytest.fixture
def keys(served: ServedConfig, key_file: Path) -> dict[str, Any]:
    return {
        "google_token": READS,
        "google_credentials": None,
        "firebase_project": "shop-prod",
        "firebase_banner": NAME,
        "addresses": {
            "https://firebaseremoteconfig.googleapis.com": served.address,
            "https://oauth2.googleapis.com": served.address,
        },
        "remediation_google_credentials": str(key_file),
    }


def task(keys: dict[str, Any], plan: Plan | None = None, /, **parameters: str) -> Task:
    action = dict(plan.action) if plan else {}
    return Task("", "firebase.banner", parameters, keys, action, key="tocsin-inc-1-r1", receipt={})


def planned(keys: dict[str, Any], **parameters: str) -> Plan:
    found = firebase_banner.preview(task(keys, None, **parameters))
    assert isinstance(found, Plan), found
    return found


def refused(keys: dict[str, Any], **parameters: str) -> str:
    found = firebase_banner.preview(task(keys, None, **parameters))
    assert isinstance(found, Refusal), found
    return found.sentence


def test_the_words_are_published_once_after_firebase_was_asked_and_nothing_else_is_touched(
    served: ServedConfig, keys: dict[str, Any]
) -> None:
    plan = planned(keys, text=WORDS)
    assert (plan.changes[0].now, plan.changes[0].then) == ("nothing", f"“{WORDS}”")
    assert "Everybody who has an app of shop-prod" in plan.affected and "as typed" in plan.affected
    assert any("within 12 h" in each for each in plan.details)
    assert f"{len(WORDS)} of 200 letters." in plan.details
    assert firebase_banner.observe(task(keys, plan)).was_done is False
    receipt = firebase_banner.carry_out(task(keys, plan))
    assert (receipt.is_accepted, dict(receipt.facts)) == (True, {"version": "2"})
    assert served.sent == [{"validateOnly": "true"}, {}]
    assert json.loads(served.config.values[NAME]) == {"text": WORDS}
    assert served.config.values["min_version"] == "5.2.1"
    seen = firebase_banner.observe(task(keys, plan))
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, f"“{WORDS}”")
    assert "version 2" in seen.sentence and "fetch next" in seen.sentence
    assert "already" in refused(keys, text=WORDS)


def test_undo_puts_the_old_parameter_back_and_takes_away_what_was_none(
    served: ServedConfig, keys: dict[str, Any]
) -> None:
    plan = planned(keys, text=WORDS)
    assert firebase_banner.carry_out(task(keys, plan)).is_accepted
    back = planned(keys, **plan.reverse)
    assert (back.title, back.changes[0].then) == ("Take the apps' banner away", "nothing")
    assert firebase_banner.carry_out(task(keys, back)).is_accepted
    assert NAME not in served.config.values
    again = planned(keys, **back.reverse)
    assert firebase_banner.carry_out(task(keys, again)).is_accepted
    assert json.loads(served.config.values[NAME]) == {"text": WORDS}
    assert planned(keys, off="yes").changes[0].then == "nothing"


def test_undo_leaves_what_others_wrote_there_since(served: ServedConfig, keys: dict[str, Any]) -> None:
    plan = planned(keys, text=WORDS)
    assert firebase_banner.carry_out(task(keys, plan)).is_accepted
    served.config.publish_elsewhere("min_version", "5.3.0")
    assert planned(keys, **plan.reverse).changes[0].then == "nothing", (
        "another parameter is none of its business"
    )
    served.config.publish_elsewhere(NAME, "The team's own words")
    assert "“The team's own words” by now, which somebody else has published" in refused(keys, **plan.reverse)
    assert planned(keys, off="yes").changes[0].then == "nothing"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ({"defaultValue": {"value": "old"}, "valueType": "STRING"}, WORDS),
        ({"defaultValue": {"useInAppDefault": True}}, WORDS),
        (
            {
                "defaultValue": {"value": '{"text": "", "enabled": false, "link": "/help"}'},
                "valueType": "JSON",
            },
            {"text": WORDS, "enabled": True, "link": "/help"},
        ),
    ],
)
def test_a_parameter_keeps_its_own_shape_also_in_a_group(
    keys: dict[str, Any], served: ServedConfig, parameter: dict[str, Any], value: object
) -> None:
    served.config = RemoteConfig(groups={"App": {"parameters": {NAME: {**parameter, "description": "ours"}}}})
    plan = planned(keys, text=WORDS)
    assert firebase_banner.carry_out(task(keys, plan)).is_accepted
    found = served.config.published[-1]["parameterGroups"]["App"]["parameters"][NAME]
    assert found["description"] == "ours"
    said = found["defaultValue"]["value"]
    assert (said if isinstance(value, str) else json.loads(said)) == value


def test_another_shape_and_conditions_are_said(served: ServedConfig, keys: dict[str, Any]) -> None:
    served.config = RemoteConfig({NAME: {"defaultValue": {"value": "7"}, "valueType": "NUMBER"}})
    assert "of a shape that I do not know" in refused(keys, text=WORDS)
    served.config = RemoteConfig(
        {NAME: {"defaultValue": {"value": ""}, "conditionalValues": {"Hindi": {"value": "नमस्ते"}}}}
    )
    assert planned(keys, text=WORDS).red_lines[0].startswith("Where the condition Hindi holds")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Say what the banner says"),
        ("…!", "Say what the banner says"),
        ("x" * 201, "200 letters at most"),
        ("<b>Down</b>", "plain words"),
        ("Down *now*", "plain words"),
        ("Ask dana@acme.example", "e-mail address"),
        ("See https://status.acme.com", "host or an address"),
        ("@dana looks at it", "names a person"),
        ("Wrong key sk_live_4eC39HqLyjWDarjtT1zdp7dc", "secret"),
    ],
)
def test_words_that_are_not_for_everybody_are_refused(keys: dict[str, Any], text: str, words: str) -> None:
    assert words in refused(keys, text=text)


def test_a_vendor_in_the_words_is_a_red_line(keys: dict[str, Any]) -> None:
    assert planned(keys, text="Razorpay is down").red_lines == ("“Razorpay” names a vendor.",)


def test_an_etag_that_moved_voids_it_and_is_never_overwritten(
    served: ServedConfig, keys: dict[str, Any]
) -> None:
    plan = planned(keys, text=WORDS)
    served.config.publish_elsewhere("min_version", "5.3.0")
    assert "version is 2 (etag-2) now, it was 1 (etag-1)" in explain_difference(
        plan, planned(keys, text=WORDS)
    )
    receipt = firebase_banner.carry_out(task(keys, plan))
    assert (receipt.is_accepted, served.sent) == (False, [])
    assert "published by somebody else meanwhile" in receipt.sentence
    assert firebase_banner.observe(task(keys, plan)).was_done is False


def test_what_others_publish_after_it_is_told(served: ServedConfig, keys: dict[str, Any]) -> None:
    plan = planned(keys, text=WORDS)
    assert firebase_banner.carry_out(task(keys, plan)).is_accepted
    served.config.publish_elsewhere("min_version", "5.3.0")
    assert firebase_banner.observe(task(keys, plan)).has_worked is True
    served.config.publish_elsewhere(NAME, "other words")
    seen = firebase_banner.observe(task(keys, plan))
    assert (seen.was_done, seen.has_worked) == (True, False)
    assert "version 2, and replaced by version 4" in seen.sentence


@pytest.mark.parametrize(("mode", "found"), [("drops", True), ("down", False)])
def test_a_lost_answer_is_looked_for_by_our_key_and_not_repeated(
    served: ServedConfig, keys: dict[str, Any], mode: str, found: bool
) -> None:
    plan = planned(keys, text=WORDS)
    served.mode = mode
    assert firebase_banner.carry_out(task(keys, plan)).is_accepted is None
    assert served.sent == [{"validateOnly": "true"}, {}]
    assert firebase_banner.observe(task(keys, plan)).was_done is found
    other = replace(task(keys, plan), key="tocsin-inc-2-r1")
    assert firebase_banner.observe(other).was_done is False, "somebody else's"


def test_keys_that_do_not_open_are_said(served: ServedConfig, keys: dict[str, Any], tmp_path: Path) -> None:
    plan = planned(keys, text=WORDS)
    no_key = tmp_path / "no.json"
    no_key.write_text("{}")
    receipt = firebase_banner.carry_out(task({**keys, "remediation_google_credentials": str(no_key)}, plan))
    assert receipt.is_accepted is False and "no service account's key" in receipt.sentence
    with pytest.raises(RemediationUnavailable, match="Viewer"):
        firebase_banner.preview(task({**keys, "google_token": "other"}, None, text=WORDS))
    with pytest.raises(RemediationUnavailable, match="neither"):
        firebase_banner.preview(task({**keys, "google_token": None}, None, text=WORDS))
    assert "TOCSIN_FIREBASE_PROJECT" in refused({**keys, "firebase_project": ""}, text=WORDS)
    away = {"https://firebaseremoteconfig.googleapis.com": "http://127.0.0.1:9"}
    with pytest.raises(RemediationUnavailable, match="did not answer"):
        firebase_banner.preview(task({**keys, "addresses": away}, None, text=WORDS))
    assert served.sent == []
