"""What belongs into the gaps of a message template, judged by labels, by words and by position."""

import re

from bot.runbook.inline import slug
from bot.runbook.levels import SPELLED

_PHRASES = {
    "severity": "severity, severity level, priority, sev, sev level, incident severity",
    "status": "status, current status, incident status, state",
    "impact": "impact, user impact, customer impact, description of user impact, impact description",
    "started": "started, started at, start, start time, began, time started, detected, detected at, "
    "time detected",
    "affected_users": "affected users, users affected, customers affected, affected customers, affected",
    "actions": "current actions, actions, current action, what we are doing, what we're doing, "
    "actions in progress",
    "next_update": "next update, next update in, next update at, next update by, next update time",
    "war_room": "war room, slack channel, incident channel, channel, bridge, war room link, war room channel",
    "commander": "incident commander, commander, ic, incident lead, incident manager, lead, incident owner",
    "feature": "feature, service, feature/service, service/feature, affected service, affected services,"
    " component, affected feature, affected component, feature name, service name",
    "cadence": "update frequency, update cadence, updates every, update interval",
    "title": "issue, title, incident title, incident, brief description, summary, incident name, "
    "short description",
    "duration": "duration, total duration, incident duration, outage duration, downtime, "
    "start time - end time",
    "root_cause": "root cause, cause, root cause summary, brief root cause",
    "resolution": "resolution, fix, what was done, fix applied, how it was fixed, actions taken",
    "postmortem_date": "post-mortem, post-mortem date, post-incident review, post-incident review date",
}
BY_PHRASE = {phrase.strip(): name for name, phrases in _PHRASES.items() for phrase in phrases.split(",")}

LISTED = frozenset({"actions", "resolution"})
"""Placeholders that hold a list: one line each."""

SPAN = r"(?:\d+(?:\s*(?:-|\u2013|to)\s*\d+)?|X+|N|XX)\s*(?:min(?:ute)?s?|h(?:ou)?rs?|h|m)\b"
SAID = (
    ("cadence", re.compile(rf"\bupdates?\s+every\s+(?P<value>{SPAN})", re.I)),
    ("next_update", re.compile(rf"\bnext update\s*:?\s*(?P<value>(?:in|within)\s+{SPAN})", re.I)),
    ("severity", re.compile(rf"(?P<value>{SPELLED.pattern})", re.I)),
)
"""Values that are written out in running text although they change from incident to incident."""

BEFORE = (
    ("postmortem_date", re.compile(r"(post-?mortem|post-incident review|retrospective|\brca\b)[^.]*$", re.I)),
    ("next_update", re.compile(r"next update(\s+(in|at|by|within|is))?\W*$", re.I)),
    ("cadence", re.compile(r"\bupdates?\s+every\W*$", re.I)),
    ("started", re.compile(r"\b(started|began|begun|since|starting|detected)(\s+(at|on|around))?\W*$", re.I)),
    (
        "feature",
        re.compile(
            r"\b(issues?|problems?|outage|disruption|degradation|trouble)\s+(with|affecting|in|to|on|of)(\s+the)?\W*$",
            re.I,
        ),
    ),
    ("commander", re.compile(r"\b(commander|\bIC)(\s+is)?\W*$", re.I)),
    ("war_room", re.compile(r"\b(join|war room)(\s+(us\s+)?(in|at|on))?\W*$", re.I)),
    ("duration", re.compile(r"\b(lasted|duration of|total of)(\s+(for|about))?\W*$", re.I)),
)
REVIEW = re.compile(r"post-?mortem|post-incident review|retrospective", re.I)
WHEN = re.compile(r"date|time|day|when|tbd", re.I)


def by_label(label: str) -> str | None:
    """The placeholder that a label such as `Next Update` announces."""
    return BY_PHRASE.get(_phrase(label))


def by_place(content: str, before: str) -> str | None:
    """The placeholder of a bracket in running text, by its own words or by the words before it."""
    own = BY_PHRASE.get(_phrase(content))
    if own and own != "started":
        return own
    for name, pattern in BEFORE:
        if pattern.search(before) and (name != "postmortem_date" or WHEN.search(content)):
            return name
    if own:
        return own
    if REVIEW.search(content) and WHEN.search(content):
        return "postmortem_date"
    if all(SPELLED.fullmatch(each.strip()) for each in re.split(r"[/|,]", content)):
        return "severity"
    return None


def free_name(words: str) -> str:
    """A name for a gap that only people can fill."""
    return slug(words, "_")[:40].strip("_") or "text"


def _phrase(words: str) -> str:
    return (
        re.sub(r"\s*\((.*?)\)\s*", " ", " ".join(words.casefold().split()))
        .strip(" *_.:#")
        .replace("postmortem", "post-mortem")
    )
