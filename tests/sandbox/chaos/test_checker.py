"""The checker of chaos: it passes what was promised, and names everything else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox.chaos import find_violations
from sandbox.chaos.promises import RequestRecord, SlackState

DECLARED = "INC-1 is declared: P0 Outage ana 001\nPaged: CTO, DevOps Lead.\n@channel posted."
TOLD = [
    RequestRecord("ana", "declare", 0, "Outage ana 001", "accepted", DECLARED),
    RequestRecord("ana", "declare", 0, "Outage ana 002", "refused", "Nothing was recorded"),
    RequestRecord("ana", "declare", 0, "Outage ana 003", "in doubt"),
    RequestRecord("ana", "update", 1, "Step ana 004", "accepted", "Update to INC-1 posted."),
    RequestRecord("ana", "update", 1, "Step ana 005", "in doubt"),
    RequestRecord("ana", "update", 1, "Step ana 006", "refused"),
    RequestRecord("ana", "update", 1, "Step ana 007", "accepted"),
    RequestRecord("ana", "status", 1, "identified", "accepted"),
    RequestRecord("ana", "resolve", 1, "", "accepted"),
    RequestRecord("ana", "tick", 1, "Document root cause", "in doubt"),
    RequestRecord("ana", "tick", 1, "Update status page", "accepted"),
]
ROOM = "inc-1-outage-ana-001"
EARLIER = "This was here before:\nINC-9 Outage ana 002 (today): the same title."
ALERT = "INCIDENT ALERT - P0\nP0: Outage ana 001 (INC-1)"
SAID = [
    ALERT,
    "@Bruno Keller you're being paged for INC-1, P0: Outage ana 001",
    "What changed by @Ana:\n> Step ana 004",
    "What changed by @Ana:\n> Step ana 007",
    "@Ana changed status: investigating → identified.",
    "INCIDENT RESOLVED",
    "Post-incident checklist: 1 of 12 done\n☑ Update status page · done by @Ana at 20:27\n☐ Document root cause",
]
WELL = SlackState(
    rooms={ROOM: SAID},
    pinned={ROOM: [ALERT]},
    announced=[ALERT, SAID[2], SAID[3]],
    direct={"bruno": ["P0: Outage ana 001"], "devika": ["P0: Outage ana 001"], "chidi": []},
)


def room(change: Callable[[list[str]], list[str]]) -> SlackState:
    """The well-kept world with another course of its room."""
    return replace(WELL, rooms={ROOM: change(list(SAID))})


def test_a_world_in_which_every_promise_was_kept_passes() -> None:
    assert find_violations(TOLD, WELL) == []


def test_what_is_in_doubt_may_be_there_or_not() -> None:
    late = "What changed by @Ana:\n> Step ana 005"
    for both in ([*SAID[:3], late, *SAID[3:]], [*SAID, late]):
        for announced in ([ALERT, SAID[2], late, SAID[3]], [ALERT, SAID[2], SAID[3], late]):
            shown = replace(WELL, rooms={ROOM: both}, announced=announced)
            assert find_violations(TOLD, shown) == []


def test_a_room_may_be_told_once_of_earlier_incidents() -> None:
    assert find_violations(TOLD, room(lambda said: [*said, EARLIER])) == []


def test_a_page_that_joined_another_one_or_was_not_needed_any_more_is_no_lost_one() -> None:
    note = "P0: Outage bob 009\nAlso paged: P0: Outage ana 001 (INC-1); rings once you acknowledge this"
    waits = replace(WELL, direct={**WELL.direct, "bruno": [note]})
    assert find_violations(TOLD, waits) == []
    rang = replace(WELL, direct={**WELL.direct, "bruno": [note, "P0: Outage ana 001"]})
    assert find_violations(TOLD, rang) == []
    held = [
        replace(TOLD[0], answer=f"{TOLD[0].answer}\nOn hold until they acknowledge another page: CTO."),
        *TOLD[1:],
    ]
    counted = replace(WELL, direct={**WELL.direct, "bruno": ["P0: Outage bob 009\n… and 3 more"]})
    assert find_violations(held, counted) == []
    assert find_violations(TOLD, counted) != [], "it was to ring at once"
    dropped = room(lambda said: [*said, "CTO: the page on hold is no longer needed. It never rang."])
    assert find_violations(TOLD, replace(dropped, direct={**WELL.direct, "bruno": []})) == []


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (room(lambda said: [said[0], *said]), "alerts: 2 where 1 should be"),
        (room(lambda said: said[1:]), "alerts: 0 where 1 should be"),
        (room(lambda said: [*said, said[3]]), "'Step ana 007' (accepted) is 2 times in its room"),
        (room(lambda said: [*said[:3], *said[4:]]), "'Step ana 007' (accepted) is 0 times in its room"),
        (room(lambda said: [*said[:2], said[3], said[2], *said[4:]]), "updates out of order in its room"),
        (room(lambda said: [*said, "What changed by @Ana:\n> Step ana 006"]), "(refused) is 1 times"),
        (room(lambda said: [*said, said[4]]), "status was accepted 1 times (0 in doubt), its room says so 2"),
        (room(lambda said: [*said[:4], *said[5:]]), "status was accepted 1 times (0 in doubt), its room says so 0"),
        (room(lambda said: [*said, said[5]]), "resolve was accepted 1 times (0 in doubt), its room says so 2"),
        (room(lambda said: [*said, said[6]]), "checklists: 2 where 1 should be"),
        (room(lambda said: [*said[:6], said[6].replace("☑", "☐")]), "'Update status page' was ticked and is not"),
        (room(lambda said: [*said, "Hello"]), "nobody asked for this: 'Hello'"),
        (room(lambda said: [*said, EARLIER, EARLIER]), "earlier incidents are told 2 times"),
        (replace(WELL, announced=[ALERT, *WELL.announced]), "announcements: 2 where 1 should be"),
        (replace(WELL, announced=[ALERT, SAID[3], SAID[2]]), "updates out of order in the incidents channel"),
        (replace(WELL, pinned={ROOM: []}), "pinned alerts: 0 where 1 should be"),
        (replace(WELL, direct={**WELL.direct, "bruno": []}), "direct messages to bruno: 0 where 1 should be"),
        (replace(WELL, direct={**WELL.direct, "devika": ["Outage ana 001"] * 2}), "devika: 2 where 1 should be"),
        (replace(WELL, direct={**WELL.direct, "chidi": ["Outage ana 001"] * 2}), "chidi: 2 where 1 should be"),
        (replace(WELL, rooms={}, pinned={}), "INC-1 has no room"),
        (
            replace(WELL, rooms={**WELL.rooms, "inc-2-x": ["INCIDENT ALERT Outage ana 002"]}, pinned=WELL.pinned),
            "refused, and yet it is in",
        ),
        (
            replace(WELL, announced=[*WELL.announced, *["INCIDENT ALERT Outage ana 003"] * 2]),
            "in doubt, and there twice",
        ),
    ],
)  # fmt: skip
def test_what_is_lost_doubled_misplaced_or_invented_is_named(shown: SlackState, words: str) -> None:
    found = find_violations(TOLD, shown)
    assert any(words in each for each in found), found
