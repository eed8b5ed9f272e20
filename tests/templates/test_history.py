"""The record: who took command from whom, the words of updates and of the end, and what was found, old entries too."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.incident import EntryKind, IncidentRole, Status, StatusUpdate, TimelineEntry
from bot.domain.notices import parse_notice
from bot.domain.timeline_details import parse_detail
from templates import notices, timeline
from templates.incident_view import IncidentViewModel
from tests.templates.looks import DENIED, LOGS, SERVICE, result
from tests.templates.reading import read_aloud
from tests.templates.worlds import START, incident, posted, view

ANA, BRUNO, DEVIKA = "U0ANA", "U0BRUNO", "U0DEVIKA"


def after(
    kind: EntryKind, actor: str, detail: Mapping[str, str], of: IncidentViewModel | None = None
) -> IncidentViewModel:
    """An incident whose timeline has this one entry."""
    drawn = of or view()
    entry = TimelineEntry(START + timedelta(minutes=20), actor, parse_detail(kind, detail))
    return replace(drawn, situation=replace(drawn.situation, entries=(entry,)))


@pytest.mark.parametrize(
    ("actor", "detail", "said"),
    [
        (DEVIKA, {"before": ANA, "to": DEVIKA}, "@U0DEVIKA took command from @U0ANA"),
        (DEVIKA, {"before": ANA, "to": DEVIKA, "by": ""}, "@U0DEVIKA took command from @U0ANA"),
        (
            DEVIKA,
            {"before": ANA, "to": DEVIKA, "by": ANA},
            "@U0DEVIKA took command from @U0ANA, who had offered it",
        ),
        (
            DEVIKA,
            {"before": ANA, "to": DEVIKA, "by": BRUNO},
            "@U0DEVIKA took command from @U0ANA, offered by @U0BRUNO",
        ),
        (ANA, {"before": ANA, "to": DEVIKA}, "@U0ANA handed command to @U0DEVIKA"),
        (BRUNO, {"before": ANA, "to": DEVIKA}, "@U0BRUNO gave command of @U0ANA to @U0DEVIKA"),
        (DEVIKA, {"to": DEVIKA}, "@U0DEVIKA took command"),
        ("", {"before": ANA, "to": DEVIKA}, "Tocsin gave command of @U0ANA to @U0DEVIKA"),
    ],
)
def test_a_change_of_command_says_who_took_it_from_whom(
    actor: str, detail: Mapping[str, str], said: str
) -> None:
    changed = after(EntryKind.COMMANDER_CHANGED, actor, detail)
    for drawn in (timeline.render_timeline(changed), timeline.render_catchup(changed)):
        assert [line.endswith(f"  {said}") for line in read_aloud(drawn).splitlines()].count(True) == 1


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (
            {"person": DEVIKA, "before": ANA, "by": ""},
            "@U0DEVIKA is now incident commander. They took command from @U0ANA.",
        ),
        (
            {"person": DEVIKA, "before": ANA, "by": ANA},
            "@U0DEVIKA is now incident commander. They took command from @U0ANA, who had offered it.",
        ),
        (
            {"person": DEVIKA, "before": ANA, "by": BRUNO},
            "@U0DEVIKA is now incident commander. They took command from @U0ANA, offered by @U0BRUNO.",
        ),
        ({"person": DEVIKA}, "@U0DEVIKA is now incident commander."),  # as an older version asked for it
    ],
)
def test_the_room_mentions_who_commanded_before(detail: Mapping[str, str], said: str) -> None:
    assert (
        read_aloud(notices.render_notice(view(), parse_notice("commander_changed", detail.items()))) == said
    )


def test_every_change_of_command_is_in_the_catch_up_though_much_happened_since() -> None:
    drawn = view()
    turn = TimelineEntry(
        START + timedelta(minutes=5),
        DEVIKA,
        parse_detail(EntryKind.COMMANDER_CHANGED, {"before": ANA, "to": DEVIKA}),
    )
    notes = tuple(
        TimelineEntry(
            START + timedelta(minutes=6 + minute),
            ANA,
            parse_detail(EntryKind.NOTE_ADDED, {"text": f"note {minute}"}),
        )
        for minute in range(9)
    )
    busy = replace(drawn, situation=replace(drawn.situation, entries=(turn, *notes)))
    text = read_aloud(timeline.render_catchup(busy))
    assert "@U0DEVIKA took command from @U0ANA" in text
    assert "note 8" in text and "note 2" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Rolled back to 1.42, errors fall.", "posted a status update: Rolled back to 1.42, errors fall."),
        ("Rolled back.\nWatching the error rate.", "posted a status update: Rolled back. Watching the error"),
        ("<!channel> *now*", "posted a status update: <!channel> *now*"),
    ],
)
def test_the_timeline_has_the_words_of_an_update(text: str, said: str) -> None:
    drawn = view()
    drawn = replace(drawn, situation=replace(drawn.situation, updates=(posted(text),)))
    assert said in read_aloud(
        timeline.render_timeline(after(EntryKind.UPDATE_POSTED, ANA, {"update": "7"}, drawn))
    )


@pytest.mark.parametrize(
    ("kind", "actor", "detail", "said"),
    [
        (
            EntryKind.ROLE_ASSIGNED,
            ANA,
            {"role": "communications", "to": BRUNO},
            "made @U0BRUNO communications lead",
        ),
        (EntryKind.ROLE_ASSIGNED, ANA, {"role": "scribe", "to": BRUNO}, "made @U0BRUNO scribe"),
        (
            EntryKind.PAGE_ACCEPTED,
            "",
            {"contact": "CTO", "how": "pagerduty:user/PCTO001"},
            "paged CTO: PagerDuty",
        ),
        (
            EntryKind.PAGE_ACCEPTED,
            "",
            {"contact": "CTO", "how": "pagerduty:service/…00e1"},
            "CTO: PagerDuty service",
        ),
        (
            EntryKind.PAGE_ACCEPTED,
            "",
            {"contact": "CTO", "how": "apprise:CTO_SMS"},
            "paged CTO: message by CTO_SMS",
        ),
    ],
)
def test_roles_and_pages_are_told_in_words_and_not_as_they_are_stored(
    kind: EntryKind, actor: str, detail: Mapping[str, str], said: str
) -> None:
    assert read_aloud(timeline.render_timeline(after(kind, actor, detail))).endswith(said)


def test_each_update_has_its_own_words_and_one_that_is_gone_has_none() -> None:
    drawn = view()
    second = StatusUpdate(8, START + timedelta(minutes=29), ANA, Status.MONITORING, "All green.", None)
    entries = tuple(
        TimelineEntry(
            START + timedelta(minutes=14 + turn),
            ANA,
            parse_detail(EntryKind.UPDATE_POSTED, {"update": number}),
        )
        for turn, number in enumerate(("7", "8", "9"))
    )
    drawn = replace(
        drawn, situation=replace(drawn.situation, updates=(posted("First."), second), entries=entries)
    )
    said = [
        line.partition("posted")[2] for line in read_aloud(timeline.render_timeline(drawn)).splitlines()[1:]
    ]
    assert said == [" a status update: First.", " a status update: All green.", " a status update"]


@pytest.mark.parametrize(
    ("detail", "known", "said"),
    [
        (
            {"cause": "A bad deploy", "done": "Rolled back"},
            {},
            "resolved it. Done: Rolled back. Cause: A bad deploy",
        ),
        ({"cause": "", "done": "Rolled back."}, {}, "resolved it. Done: Rolled back."),
        (
            {"cause": "A", "done": "Rolled back\n- Scaled up"},
            {},
            "resolved it. Done: Rolled back; Scaled up. Cause: A",
        ),
        # An older version wrote nothing of it there: the incident has the words of its last resolution.
        ({}, {"resolution": "Scaled up", "root_cause": "Load"}, "resolved it. Done: Scaled up. Cause: Load"),
        ({}, {}, "resolved it"),
    ],
)
def test_the_timeline_has_cause_and_actions_of_a_resolution(
    detail: Mapping[str, str], known: Mapping[str, str], said: str
) -> None:
    drawn = view()
    ended = replace(drawn, situation=replace(drawn.situation, incident=incident(**known)))
    drawn = after(EntryKind.RESOLVED, ANA, detail, ended)
    assert read_aloud(timeline.render_timeline(drawn)).endswith(f"@U0ANA {said}")


def test_of_two_resolutions_each_has_its_own_words_and_an_old_one_none_of_a_later_one() -> None:
    drawn = view(resolution="Scaled up", root_cause="Load")
    entries = (
        TimelineEntry(START, ANA, parse_detail(EntryKind.RESOLVED, {})),
        TimelineEntry(START, ANA, parse_detail(EntryKind.REOPENED, {"before": "resolved"})),
        TimelineEntry(START, ANA, parse_detail(EntryKind.RESOLVED, {"cause": "Load", "done": "Scaled up"})),
    )
    drawn = replace(drawn, situation=replace(drawn.situation, entries=entries))
    first, _, second = read_aloud(timeline.render_timeline(drawn)).splitlines()[1:]
    assert first.endswith("@U0ANA resolved it")
    assert second.endswith("@U0ANA resolved it. Done: Scaled up. Cause: Load")


FOUND = "Check ECS service status: 4 of 6 tasks running.\nHealth check: It returned 503."


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (
            {"bad": "2", "ok": "6", "found": FOUND},
            "ran API COMPLETELY DOWN. Failing: Check ECS service status: 4 of 6 tasks running. "
            "Health check: It returned 503.",
        ),
        (
            {"bad": "5", "found": FOUND},
            "ran API COMPLETELY DOWN. Failing: Check ECS service status: 4 of 6 tasks running. "
            "Health check: It returned 503. And 3 more are failing.",
        ),
        (
            {"bad": "3", "found": FOUND},
            "ran API COMPLETELY DOWN. Failing: Check ECS service status: 4 of 6 tasks running. "
            "Health check: It returned 503. And 1 more is failing.",
        ),
        (
            {"warn": "1", "ok": "6", "found": "Health check: It takes 2 s."},
            "ran API COMPLETELY DOWN. Warning: Health check: It takes 2 s.",
        ),
        (
            {"bad": "1", "found": "Health check: It returned 503.", "points": "backend:42; its tasks die"},
            "ran API COMPLETELY DOWN. Points to backend:42; its tasks die. Failing: Health check: It returned 503.",
        ),
        ({"ok": "8", "found": ""}, "ran API COMPLETELY DOWN: 8 OK"),
        ({"ok": "7", "unknown": "1", "found": ""}, "ran API COMPLETELY DOWN: 7 OK, 1 without a verdict"),
        ({"found": ""}, "ran API COMPLETELY DOWN: nothing to run"),
        (
            {"unknown": "2", "found": "", "stopped": "resolved"},
            "ran API COMPLETELY DOWN, stopped when it was resolved: 2 without a verdict",
        ),
        # As an older version wrote it.
        ({"bad": "3", "ok": "5"}, "ran API COMPLETELY DOWN: 3 failing, 5 OK"),
    ],
)
def test_the_timeline_says_what_was_found(detail: Mapping[str, str], said: str) -> None:
    kept = {"what": "API COMPLETELY DOWN", "digest": "8ae84163ec4b" * 5, **detail}
    text = read_aloud(timeline.render_timeline(after(EntryKind.LOOKED, "", kept)))
    assert text.endswith(f"Tocsin {said}")
    assert "sha256" not in text and "8ae84163" not in text


def test_the_catch_up_has_what_was_found_the_worst_first_and_who_has_which_role() -> None:
    drawn = view()
    fine = result(5, "Health check", "ok", "It returned 200.")
    drawn = replace(
        drawn,
        situation=replace(
            drawn.situation,
            evidence=(fine, LOGS, DENIED, SERVICE),
            roles={IncidentRole.SCRIBE: BRUNO, IncidentRole.COMMUNICATIONS: DEVIKA},
        ),
    )
    lines = read_aloud(timeline.render_catchup(drawn)).splitlines()
    assert "Commander: @U0ANA · scribe: @U0BRUNO · communications: @U0DEVIKA" in lines
    (at,) = [place for place, line in enumerate(lines) if "Evidence: " in line]
    assert "1 failing, 1 warning, 1 OK, 1 not checked" in lines[at]
    assert lines[at + 1].endswith(f"{SERVICE.title}  {SERVICE.headline}")
    assert lines[at + 2].endswith(f"{LOGS.title}  {LOGS.headline}")
    assert not any(DENIED.headline in line for line in lines)


def test_a_catch_up_of_what_is_all_fine_says_so_and_before_the_first_answer_nothing() -> None:
    drawn = view()
    fine = tuple(result(place, f"Check {place}", "ok", "Fine.") for place in range(3))
    all_fine = replace(drawn, situation=replace(drawn.situation, evidence=fine))
    assert "Evidence: all 3 checks are OK." in read_aloud(timeline.render_catchup(all_fine))
    assert "Evidence" not in read_aloud(timeline.render_catchup(drawn))


@pytest.mark.parametrize(("to", "said"), [(ANA, "took the role scribe"), (BRUNO, "made @U0BRUNO scribe")])
def test_a_role_that_somebody_takes_themselves_is_not_given_to_them(to: str, said: str) -> None:
    drawn = timeline.render_timeline(after(EntryKind.ROLE_ASSIGNED, ANA, {"to": to, "role": "scribe"}))
    assert f"@U0ANA {said}" in read_aloud(drawn)


def test_the_catch_up_tells_the_last_escalation_and_names_who_asked_for_it_once() -> None:
    drawn = view()
    first = {"why": "Nobody has acknowledged.", "to": "On-Call Engineer", "step": "1"}
    second = {"why": f"<@{ANA}> asked for more people.", "to": "DevOps Lead", "step": "2"}
    entries = tuple(
        TimelineEntry(START + timedelta(minutes=at), actor, parse_detail(EntryKind.ESCALATED, kept))
        for at, (actor, kept) in enumerate((("", first), (ANA, second)), 5)
    )
    busy = replace(drawn, situation=replace(drawn.situation, entries=entries))
    told = read_aloud(timeline.render_catchup(busy))
    assert told.count("escalated") == 1
    assert "@U0ANA escalated, step 2: DevOps Lead\n" in told and "asked for more people" not in told
    everything = read_aloud(timeline.render_timeline(busy))
    assert "Tocsin escalated, step 1: On-Call Engineer. Nobody has acknowledged." in everything
    nobody = parse_detail(EntryKind.ESCALATED, {**first, "to": ""})
    alone = replace(drawn, situation=replace(drawn.situation, entries=(TimelineEntry(START, "", nobody),)))
    assert "escalated, step 1: nobody new. Nobody" in read_aloud(timeline.render_timeline(alone))
