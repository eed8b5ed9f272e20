"""What the message of a look says first, what it says once, and what it calls what it found."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.diagnostic_run import (
    ALL,
    BAD,
    OK,
    ONE,
    UNKNOWN,
    WARN,
    WHOLE,
    DiagnosticRun,
    StepResult,
    Suspect,
)
from bot.domain.incident import Status
from bot.ports import SlackPayload
from templates.diagnostic_run import format_counts, render_run
from tests.templates import worlds
from tests.templates.looks import CPU, DENIED, LOGS, MIXED, SERVICE, STATUS, UNASKED, ended, result
from tests.templates.reading import button_labels, read_aloud
from tests.templates.worlds import START

READ = result(8, "Saturation", UNKNOWN, "0.42; there is no rule for this.", cause="no_rule")
EXPIRED = "The credentials for AWS have expired. Renew them where Tocsin runs."


def shown(look: DiagnosticRun) -> SlackPayload:
    return render_run(worlds.view(), look)


@pytest.mark.parametrize(
    ("results", "to_come", "said"),
    [
        ((SERVICE, LOGS, CPU, STATUS, DENIED), 0, "1 failing, 1 warning, 2 OK, 1 not checked"),
        ((LOGS, replace(LOGS, place=9)), 0, "2 warnings"),
        ((CPU, STATUS), 0, "all 2 checks are OK"),
        ((CPU,), 0, "the check is OK"),
        ((CPU, STATUS), 1, "2 OK, 1 check running"),
        ((), 8, "8 checks running"),
        ((CPU, STATUS, READ), 0, "2 OK, 1 to read yourself"),
        ((READ, DENIED), 0, "1 to read yourself, 1 not checked"),
        ((), 0, "no automatic checks here"),
    ],
)
def test_the_counts_say_how_it_stands(results: tuple[StepResult, ...], to_come: int, said: str) -> None:
    assert format_counts(results, to_come) == said


def test_a_message_that_stands_before_its_run_began_says_so_and_counts_nothing() -> None:
    assert shown(ended(ended_at=None)).text == "API COMPLETELY DOWN: the checks are starting"
    over = worlds.view(status=Status.RESOLVED)
    assert render_run(over, ended()).text.startswith("API COMPLETELY DOWN: no check was run")
    assert shown(ended()).text.startswith("API COMPLETELY DOWN: no automatic checks here")


def test_how_it_stands_is_larger_than_the_playbook_s_title() -> None:
    message = shown(ended(CPU, STATUS))
    assert message.blocks[0]["text"]["text"] == "🔎 All 2 checks are OK"
    assert "API COMPLETELY DOWN · " in str(message.blocks[-2])
    assert message.text.startswith("API COMPLETELY DOWN: all 2 checks are OK")


def test_steps_that_need_a_click_for_one_reason_are_one_line() -> None:
    note = "needs your click: this sends a request to the other system"
    probes = tuple(
        result(place, title, None, kind="probe", runs="http.get", note=note)
        for place, title in enumerate(("Verify webhook", "Ping the bank"), 20)
    )
    text = read_aloud(shown(ended(CPU, *probes)))
    assert f"✋ Verify webhook; Ping the bank: {note}" in text and text.count(note) == 1


@pytest.mark.parametrize("count", [1, 3, 4, 10, 13])
def test_each_step_that_needs_a_click_has_its_button_or_is_named_with_the_words_for_it(count: int) -> None:
    probes = tuple(
        result(place, f"Probe {place}", None, kind="probe", runs="http.get", note="needs your click")
        for place in range(20, 20 + count)
    )
    message = shown(ended(CPU, *probes))
    titles = [f"Probe {place}" for place in range(20, 20 + count)]
    assert [title for title in button_labels(message) if title.startswith("Run Probe")] == [
        f"Run {title}" for title in titles[:10]
    ]
    left = f"Without a button: {'; '.join(titles[10:])}. Type /incident run TITLE."
    assert (left in read_aloud(message)) == (count > 10)


def test_a_run_of_less_than_a_second_took_no_zero_seconds() -> None:
    look = ended(CPU)
    quick = replace(look, ended_at=look.begun_at + timedelta(milliseconds=300))
    assert "took under 1 s" in read_aloud(shown(quick))


@pytest.mark.parametrize(
    ("scope", "label"), [(WHOLE, "Run again"), (ALL, "Run again"), (ONE, "Run diagnostics")]
)
def test_the_button_says_whether_the_same_is_run_again_or_all_of_it(scope: str, label: str) -> None:
    assert button_labels(shown(ended(CPU, scope=scope)))[-1] == label


def test_one_reason_for_many_is_told_once_with_all_their_names() -> None:
    same = tuple(
        result(place, title, UNKNOWN, EXPIRED, cause="forbidden")
        for place, title in enumerate(("Check ECS service status", "Check RDS", "Check logs"))
    )
    text = shown(ended(*same, CPU)).text
    assert text.count(EXPIRED) == 1
    assert "Check ECS service status; Check RDS; Check logs" in text


def test_one_fault_of_ours_that_hits_all_is_one_line() -> None:
    said = "a fault of mine. The log has it as error 72f98b4a."
    hit = tuple(
        result(place, f"Step {place}", UNKNOWN, f"Step {place}: {said}", cause="bug") for place in range(8)
    )
    text = shown(ended(*hit)).text
    assert text.count("fault of mine") == 1 and "and 3 more  A fault of mine." in text


def test_what_cannot_be_reached_for_one_reason_is_one_line_with_all_names() -> None:
    hosts = ("status.razorpay.com", "api.razorpay.com", "status.aws.amazon.com")
    lost = tuple(
        result(place, f"Step {place}", UNKNOWN, f"{host} cannot be reached: its name is not known here.",
               cause="unreachable")
        for place, host in enumerate(hosts)
    )  # fmt: skip
    other = result(7, "Step 7", UNKNOWN, "db.example cannot be reached: it refuses.", cause="unreachable")
    text = shown(ended(*lost, other)).text
    assert text.count("cannot be reached") == 2
    assert (
        "Step 0; Step 1; Step 2  status.razorpay.com, api.razorpay.com and status.aws.amazon.com "
        "cannot be reached: their names are not known here." in text
    )


@pytest.mark.parametrize("verdict", [BAD, WARN])
def test_what_two_steps_found_alike_is_one_line_with_both_names(verdict: str) -> None:
    both = tuple(result(place, f"Step {place}", verdict, "4 of 6 tasks running.") for place in range(2))
    other = result(2, "Step 2", verdict, "3 of 6 tasks running.")
    text = shown(ended(*both, other)).text
    assert text.count("4 of 6 tasks running.") == 1 and "Step 0; Step 1  4 of 6" in text
    assert "Step 2  3 of 6" in text


BEFORE = replace(SERVICE, headline="4 of 6 tasks running.", measure="COMPLETED")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (replace(BEFORE), "4 of 6 tasks running. (as before)"),
        (replace(BEFORE, headline="3 of 6 tasks running."), "3 of 6 tasks running.\n"),
        (replace(BEFORE, measure="FAILED"), "4 of 6 tasks running. (COMPLETED → FAILED)"),
        (replace(BEFORE, verdict=WARN), "4 of 6 tasks running. (was failing)"),
    ],
)
def test_as_before_is_said_only_of_the_same_sentence(now: StepResult, said: str) -> None:
    look = ended(now, CPU, before={BEFORE.step: BEFORE})
    assert said in shown(look).text


def test_each_verdict_has_a_mark_of_another_shape() -> None:
    text = shown(ended(SERVICE, LOGS, DENIED, CPU)).text
    assert [mark for mark in "🔴🔶❔✅" if text.count(mark) == 1] == list("🔴🔶❔✅")


def test_nothing_is_said_to_be_well_where_nothing_was_asked() -> None:
    text = shown(ended(*UNASKED, scope=ALL, what="")).text
    assert "Nothing could be checked, so this says nothing about which playbook fits. Choose one:" in text
    assert "no check is failing" not in text
    none = shown(ended(CPU, scope=ALL, what=""))
    assert "no check is failing" in none.text and "Choose one:" in none.text
    offered = [block["text"]["text"] for block in none.blocks[-1]["elements"]]
    assert "Use API COMPLETELY DOWN" in offered and "Use DATABASE UNAVAILABLE" in offered
    assert OK not in {each.verdict for each in UNASKED}
    assert "1 failing" in shown(ended(*MIXED)).text


DEPLOYMENT = Suspect(
    "deployment", "rodistaa-backend-prod:42", "its tasks die of memory", START - timedelta(minutes=8)
)


def test_what_the_findings_point_to_is_the_first_line_with_the_playbook_s_next_step() -> None:
    look = ended(replace(SERVICE, suspect=DEPLOYMENT), LOGS, CPU)
    first = shown(look).text.splitlines()[1]
    assert first == (
        "👉 Points to: rodistaa-backend-prod:42, deployed 8 min before; its tasks die of memory. "
        "The playbook's next: step 4, If recent deployment - ROLLBACK IMMEDIATELY"
    )


def test_while_a_check_runs_and_where_findings_differ_nothing_is_pointed_to() -> None:
    suspected = replace(SERVICE, suspect=DEPLOYMENT)
    waiting = replace(CPU, verdict=None, headline="")
    assert "Points to" not in shown(ended(suspected, waiting, ended_at=None)).text
    other = replace(LOGS, suspect=Suspect("vendor", "Razorpay"))
    assert "Points to" not in shown(ended(suspected, other)).text
