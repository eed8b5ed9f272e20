"""Action items as the message book shows them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.action_item import ActionItem, ActionKind, ActionState
from bot.domain.earlier_incident import EarlierIncident
from bot.domain.incident_statistics import DurationSpread, IncidentStatistics, SeverityStatistics
from bot.domain.review import ReviewAnswer
from bot.domain.runbook_draft import DraftState, RunbookDraft
from bot.domain.runbook_hunk import RunbookHunk
from bot.domain.timeline_details import LearningsSharedDetail
from bot.ports import SlackPayload
from bot.ports.action_repository import ListedAction
from templates import action_views, incident_statistics, review_messages, runbook_draft
from templates.earlier_incidents import render_earlier_incidents
from templates.incident_times import render_times
from templates.incident_view import IncidentViewModel
from templates.shared_learnings import render_learnings
from tests import meeting_samples

BRUNO = "U0BRUNO"
TODAY = date(2026, 11, 25)
OWN = ActionItem(
    incident=42,
    number=2,
    text="Add an index on orders(status)",
    added_by="U0ANA",
    added_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    purpose=ActionKind.PREVENT,
    owner=BRUNO,
    due_on=date(2026, 11, 27),
)
LATE = replace(OWN, number=1, text="Alert on waiting connections", due_on=date(2026, 11, 24))
BARE = replace(OWN, number=3, text="Write down who may fail over", owner=None, due_on=None)

STATISTICS = IncidentStatistics(
    timedelta(days=90),
    (
        SeverityStatistics(
            "P0",
            False,
            4,
            1,
            DurationSpread(4, timedelta(seconds=140), timedelta(seconds=410)),
            DurationSpread(3, timedelta(minutes=31), timedelta(minutes=58)),
            DurationSpread(3, timedelta(minutes=47), timedelta(hours=1, minutes=20)),
            11,
            12,
        ),
        SeverityStatistics(
            "P2", False, 1, 0, resolve=DurationSpread(1, timedelta(hours=3), timedelta(hours=3)), promised=1
        ),
        SeverityStatistics("P1", True, 1, 0, DurationSpread(1, timedelta(seconds=50), timedelta(seconds=50))),
    ),
    actions_done=3,
    actions_in_time=2,
    actions_left=4,
    causes_said=3,
    causes_pointed=2,
)

REVIEW = (
    ReviewAnswer("summary", "U0ANA", "A deploy filled the pool.", datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ReviewAnswer("went_well", BRUNO, "The rollback took a minute.", datetime(2026, 11, 23, 11, tzinfo=UTC)),
)

DRAFT = RunbookDraft(
    7,
    42,
    DraftState.DRAFTED,
    "U0ANA",
    "# Runbook\n\n## P0 INCIDENT: API DOWN\n",
    (
        RunbookHunk("INC-42 took 47 min.", 3, ("", "> Measured: INC-42 took 47 min.")),
        RunbookHunk(
            "Typed in the room of INC-42, in no step yet: kubectl get pods",
            3,
            ("", "<!-- tocsin: never by itself -->", "```bash", "kubectl get pods", "```"),
            kind="diagnostic",
        ),
    ),
    secrets=1,
)

ANSWERS = {
    "action_added": {"action": "2", "text": OWN.text, "owner": BRUNO, "due": "2026-11-27"},
    "action_ended": {"action": "2", "text": OWN.text, "state": "done"},
    "action_ended_already": {"action": "2", "state": "done"},
    "action_reopened": {"action": "2", "text": OWN.text},
    "action_open_already": {"action": "2"},
    **meeting_samples.ANSWERS,
    "review_answered": {"sections": "Summary\nRoot cause"},
    "review_file_asked": {},
    "runbook_asked": {},
    "runbook_chosen": {"count": "3"},
    "learnings_shared": {"channels": "C0GENERAL C0ENGINEER"},
    "no_actions": {"reason": "the vendor mended it"},
}


def list_messages(over: IncidentViewModel) -> Iterator[tuple[str, SlackPayload]]:
    """Every message about action items, by what it is for."""
    yield "An action item", action_views.render_action(OWN)
    yield "An action item without owner and day", action_views.render_action(BARE)
    ended = replace(OWN, state=ActionState.DONE, ended_by=BRUNO)
    yield "An action item that is done", action_views.render_action(ended)
    linked = replace(OWN, ticket="#12", ticket_url="https://github.com/acme/shop/issues/12")
    yield "An action item at the tracker", action_views.render_action(linked)
    away = replace(OWN, ticket_problem="GitHub cannot be reached. I keep trying.")
    yield "An action item, while the tracker is away", action_views.render_action(away)
    gone = replace(linked, is_ticket_gone=True)
    yield "An action item that was deleted at the tracker", action_views.render_action(gone)
    listed = [
        ListedAction(LATE, "API is down", "C0ROOM"),
        ListedAction(OWN, "API is down"),
        ListedAction(BARE, "API"),
    ]
    yield "Open action items", action_views.render_open_actions(listed, TODAY)
    yield "No open action items", action_views.render_open_actions([], TODAY)
    before = EarlierIncident(
        17,
        "Checkout fails",
        datetime(2026, 11, 2, tzinfo=UTC),
        ("14 queries wait for 9.5 s",),
        has_same_playbook=True,
        actions=(replace(OWN, incident=17),),
    )
    named = EarlierIncident(9, "API is down", datetime(2026, 9, 1, tzinfo=UTC), has_same_title=True)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    yield "Earlier incidents like this one", render_earlier_incidents([before, named], now)
    yield from meeting_samples.list_meeting_messages(over)
    yield "The review, with two answers", review_messages.render_review_state(over, REVIEW)
    yield "What the runbook could learn", runbook_draft.render_draft(over, DRAFT, "docs/runbook.md")
    nothing = replace(DRAFT, hunks=())
    yield "Nothing for the runbook", runbook_draft.render_draft(over, nothing, "docs/runbook.md")
    shared = LearningsSharedDetail(share="7f3a", channels=("C0GENERAL",), text="Why: no index.\nWe add one.")
    yield "What was learned, in another channel", render_learnings(over, "U0ANA", shared)
    yield "The times of an incident", render_times(over.situation)
    yield "The digest of a month", incident_statistics.render_digest(STATISTICS, "November 2026")
    yield "Statistics", incident_statistics.render_statistics(STATISTICS)
    yield (
        "Statistics of nothing",
        incident_statistics.render_statistics(IncidentStatistics(timedelta(days=7))),
    )
    yield "An action item is due", action_views.render_reminder(over, OWN, BRUNO, date(2026, 11, 26))
    yield (
        "An action item is overdue, for the commander",
        action_views.render_reminder(over, LATE, "U0ANA", TODAY),
    )
    left = action_views.render_reminder(over, OWN, "U0ANA", TODAY, gone=True)
    yield "The owner of an action item has left", left
