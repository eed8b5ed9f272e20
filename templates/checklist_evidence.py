"""What Tocsin itself did towards the items of the post-incident checklist."""

import re
from typing import cast

from bot.domain.action_item import ASKS_FOR_ACTIONS, ActionKind, ActionState
from bot.domain.checklist import ChecklistItem
from bot.domain.timeline_details import (
    ActionAddedDetail,
    ActionEndedDetail,
    ActionReopenedDetail,
    LearningsSharedDetail,
    LookedDetail,
    NoActionsDetail,
    ProposedDetail,
    ReviewAnsweredDetail,
)
from templates.incident_view import IncidentViewModel
from templates.shared_learnings import describe_sharing
from templates.spans import INLINE_DATE_FORMAT, Code, Line, Span, Timestamp, WebLink

CUSTOMERS_KNOW = re.compile(
    r"\bstatus ?page\b|\bsend\b.*\b(?:resolution|customers?)\b|\bnotify\b.*\bcustomers?\b"
)
"""Items that are about what customers read."""


LOGGED = re.compile(r"\bdocument\b.*\btimeline\b|\bincident log\b")
"""Items whose evidence is the review's pull request, with its row of the incident log."""

WATCHES = re.compile(
    r"\b(?:update|improve|extend|adjust|add|tune)\b.*\b(?:monitoring|alerts?|alerting|alarms?|observability)\b"
)
"""Items that ask for what notices a failure to be made better."""

MEETS = re.compile(
    r"\b(?:conduct|hold|schedule|arrange|run|organi[sz]e)\b.*\b(?:post-?mortem|retrospective|debrief|incident review)\b"
    r"|\b(?:post-?mortem|retrospective|debrief)\b.*\bmeeting\b",
    re.IGNORECASE,
)
"""Items that ask for a meeting about the incident."""

REVIEWS = re.compile(
    r"\broot cause\b|\bpost-?mortem|\bretrospective\b|\bdebrief\b|\bincident (?:review|report)\b"
    r"|\breview\b.*\bprocess\b",
    re.IGNORECASE,
)
"""Items that the review answers."""

LEARNS = re.compile(r"\bupdate\b.*\brunbooks?\b", re.IGNORECASE)
"""Items that ask for the runbook to be made better."""

SHARES = re.compile(r"\bshare\b.*\b(?:learnings?|lessons?)\b", re.IGNORECASE)
"""Items that ask for what was learned to be told to others."""


def describe_evidence(view: IncidentViewModel, item: ChecklistItem) -> Line:
    """What the bot itself did towards the item, by the first rule that knows it: offered, never ticked by itself."""
    text = item.text.casefold()
    return next((line for find in EVIDENCE if (line := find(view, text))), ())


def _find_public_end(view: IncidentViewModel, text: str) -> Line:
    standing = view.situation.public
    if standing is None or standing.ended_at is None or not CUSTOMERS_KNOW.search(text):
        return ()
    there: Span = WebLink(standing.link, "status page") if standing.link else "status page"
    return ("  (the ", there, " says resolved since ", Timestamp(standing.ended_at), ". Check this off)")


def _find_resolution(view: IncidentViewModel, text: str) -> Line:
    sent = view.situation.post("published-resolution") or view.situation.post("resolution")
    if sent is None or not re.search(r"\bsend\b.*\bresolution\b", text):
        return ()
    return ("  (I ", view.build_post_link(sent, "posted it"), ". Check this off once customers know)")


def _find_proposal(view: IncidentViewModel, text: str) -> Line:
    proposal = view.situation.proposal
    if proposal is None or not proposal.link or not LOGGED.search(text):
        return ()
    return ("  (in the ", WebLink(proposal.link, "pull request"), " of the review)")


def _find_timeline(view: IncidentViewModel, text: str) -> Line:
    if not view.situation.entries or not re.search(r"\bdocument\b.*\btimeline\b", text):
        return ()
    return (f"  ({len(view.situation.entries)} timeline entries recorded)",)


def _find_shared(view: IncidentViewModel, text: str) -> Line:
    shared = [
        entry.detail for entry in view.situation.entries if isinstance(entry.detail, LearningsSharedDetail)
    ]
    if not shared or not SHARES.search(text):
        return ()
    return ("  (shared in ", *describe_sharing(shared[-1].channels), ". Check this off)")


def _find_actions(view: IncidentViewModel, text: str) -> Line:
    return _describe_actions(view) if ASKS_FOR_ACTIONS.search(text) else ()


def _find_recovery(view: IncidentViewModel, text: str) -> Line:
    """What the last run of checks found."""
    runs = [entry for entry in view.situation.entries if isinstance(entry.detail, LookedDetail)]
    if not runs or not re.search(r"\bverify\b.*\brecover", text):
        return ()
    detail = cast(LookedDetail, runs[-1].detail)
    counts = ((detail.bad, "failing"), (detail.warn, "warning"), (detail.ok, "OK"))
    found = ", ".join(f"{count} {word}" for count, word in counts if count)
    return ("  (the checks at ", Timestamp(runs[-1].at), f": {found})") if found else ()


def _find_cause(view: IncidentViewModel, text: str) -> Line:
    if not re.search(r"\broot cause\b", text):
        return ()
    if "Root cause" in _list_answered(view):
        return ("  (written in the review. Check this off)",)
    return (
        ("  (said at the resolution; ", Code("/incident review"), " adds to it)")
        if view.incident.root_cause
        else ()
    )


def _find_learned(view: IncidentViewModel, text: str) -> Line:
    """The pull request with what the runbook learns."""
    made = [entry.detail for entry in view.situation.entries if isinstance(entry.detail, ProposedDetail)]
    links = [detail.link for detail in made if detail.what == "runbook"]
    if not links or not LEARNS.search(text):
        return ()
    return ("  (", WebLink(links[-1], "proposed"), " as a pull request. Check this off once it is merged)")


def _find_measures(view: IncidentViewModel, text: str) -> Line:
    """How many action items are done."""
    if not re.search(r"\b(?:preventive|preventative|corrective) (?:measures?|actions?)\b", text):
        return ()
    states = _list_states(view).values()
    done = sum(each == ActionState.DONE for each in states)
    return (f"  ({done} of {len(states)} action items done)",) if states else ()


def _find_monitoring(view: IncidentViewModel, text: str) -> Line:
    """The action items that let it be noticed earlier; where there is none, that one can be added."""
    if not WATCHES.search(text) or CUSTOMERS_KNOW.search(text):
        return ()
    details = (entry.detail for entry in view.situation.entries)
    detects = {
        detail.action
        for detail in details
        if isinstance(detail, ActionAddedDetail) and detail.purpose == ActionKind.DETECT
    }
    if not detects:
        return ("  (no action item detects yet: Add action item, kind detect)",)
    states = _list_states(view)
    done = sum(states[action] == ActionState.DONE for action in detects)
    count = "1 action item detects" if len(detects) == 1 else f"{len(detects)} action items detect"
    return (f"  ({count}, {done} done)",)


def _list_states(view: IncidentViewModel) -> dict[int, str]:
    """The last that was said of each action item: empty while it is open."""
    state: dict[int, str] = {}
    for entry in view.situation.entries:
        match entry.detail:
            case ActionAddedDetail(action=action) | ActionReopenedDetail(action=action):
                state[action] = ""
            case ActionEndedDetail(action=action, state=ended):
                state[action] = ended
    return state


def _find_meeting(view: IncidentViewModel, text: str) -> Line:
    """When the meeting is, or was; that there is none, where the review is begun without it."""
    meeting = view.situation.meeting
    if not asks_for_meeting(text):
        return ()
    if meeting is None or not meeting.is_arranged:
        return ("  (no meeting arranged yet; the review is begun)",) if _list_answered(view) else ()
    at, count = Timestamp(meeting.starts_at, INLINE_DATE_FORMAT), len(meeting.invited)
    if view.now is None:
        return ("  (the meeting: ", at, f", {count} invited)")
    if meeting.ends_at <= view.now:
        return ("  (the meeting was ", at, f", {count} invited. Check this off)")
    return ("  (the meeting is ", at, f", {count} invited)")


def asks_for_meeting(text: str) -> bool:
    """Whether an item of the checklist asks for the meeting."""
    return MEETS.search(text) is not None


def _find_lessons(view: IncidentViewModel, text: str) -> Line:
    written = _list_answered(view)
    if not written or not re.search(r"\breview\b.*\bresponse process\b", text):
        return ()
    return (f"  (written in the review: {', '.join(written)})",)


def _list_answered(view: IncidentViewModel) -> list[str]:
    """The sections of the review to which somebody added."""
    details = (entry.detail for entry in view.situation.entries)
    written = [detail.sections for detail in details if isinstance(detail, ReviewAnsweredDetail)]
    return list(dict.fromkeys(section for sections in written for section in sections))


EVIDENCE = (
    _find_public_end,
    _find_resolution,
    _find_proposal,
    _find_timeline,
    _find_cause,
    _find_shared,
    _find_actions,
    _find_recovery,
    _find_learned,
    _find_measures,
    _find_monitoring,
    _find_meeting,
    _find_lessons,
)
"""The rules, in order: each gives what was done towards an item with this text, or nothing."""


def _describe_actions(view: IncidentViewModel) -> Line:
    """How many action items were added, or that it was said why there is none."""
    details = [entry.detail for entry in view.situation.entries]
    added = sum(isinstance(detail, ActionAddedDetail) for detail in details)
    if added:
        return (f"  ({added} action item{'s' if added > 1 else ''} added. Check this off)",)
    if any(isinstance(detail, NoActionsDetail) for detail in details):
        return ("  (it was said why there is none. Check this off)",)
    return ()
