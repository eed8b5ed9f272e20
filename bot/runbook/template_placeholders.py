"""What belongs into the gaps of a message template, judged by labels, by words and by position."""

import re

from bot.runbook.markdown.inline import build_slug
from bot.runbook.severity_names import SPELLED

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
    "commander": "incident commander, commander, ic, incident lead, incident manager, lead, incident owner,"
    " owner, assigned to, assignee, assigned, investigator, responder, point of contact, incident responder",
    "feature": "feature, service, feature/service, service/feature, affected service, affected services,"
    " component, affected feature, affected component, feature name, service name",
    "cadence": "updates, update frequency, update cadence, updates every, update interval",
    "title": "issue, title, incident title, incident, brief description, summary, incident name, "
    "short description",
    "duration": "duration, total duration, incident duration, outage duration, downtime, total downtime, "
    "start time - end time",
    "root_cause": "root cause, cause, root cause summary, brief root cause",
    "resolution": "resolution, fix, what was done, fix applied, how it was fixed, actions taken",
    "reference": "incident id, incident number, incident no, incident ref, incident key, "
    "incident reference, reference, reference number, ref, inc, inc id, inc number, inc no",
    "timestamp": "timestamp, time stamp, current time, current timestamp, now, update time, time of update, "
    "last updated, updated at, posted at, reported at, as of",
    "ended": "resolved at, end time, ended, ended at, time resolved, resolution time, restored at, time of resolution",
    "postmortem_date": "post-mortem, post-mortem date, post-incident review, post-incident review date",
}
BY_PHRASE = {phrase.strip(): name for name, phrases in _PHRASES.items() for phrase in phrases.split(",")}

LABELS = {
    "time": "timestamp",
    "date": "timestamp",
    "date/time": "timestamp",
    "resolved": "ended",
    "id": "reference",
}
"""What is understood as a label only: in running text `[time]` may be any."""

REFERENCE = re.compile(
    r"INC(?:(?:IDENT)?-(?:\[[^\[\]\n]{1,20}\]|<[^<>\n]{1,20}>|\{{1,2}[^{}\n]{1,20}\}{1,2}|[YXNMD#?]{2,}|\d+)"
    r"|[_ #]?(?:[YXNMD#?]{2,}|\d+))(?:-(?:[YXNMD#?]{2,}|\d+))*(?![\w-])"
)
"""How runbooks write the number of an incident: `INC-YYYY-NNNN`, `INC-###`, `INC-2024-001`."""

LEVEL = re.compile(
    r"(?:\bP|\bSEV|\bSev)[- ]?(?:\[(?:[xXnN#?]|\d(?:[-\u2013/|,]P?\d)*)\]|<[xXnN#]>|\{[xXnN#]\}|[XN#](?![\w-]))"
)
"""A severity whose number is left open: `P[X]`, `SEV-[1-4]`, `SEV-X`."""

STAMP = re.compile(
    r"\bYYYY[-/.]MM[-/.]DD(?:[ T]+HH:MM(?::SS)?)?|\bDD[-/.]MM[-/.]YYYY(?:[ T]+HH:MM(?::SS)?)?|\bHH:MM(?::SS)?"
)
TIMED = re.compile(r"time|date|stamp|hour|HH|\d:\d", re.I)
ZONE = re.compile(r"\s*\(?\b(?:UTC|GMT|[A-Z]{2,3}T)\b\)?")
"""A moment that is left open, and the zone behind one: times are shown in the reader's own."""

JOINED = re.compile(r"_+|(?<=\w)[.-](?=\w)|(?<=[a-z])(?=[A-Z])")
"""What is between the words of a name that a program made."""

LISTED = frozenset({"actions", "resolution"})
"""Placeholders that hold a list: one line each."""

SPAN = (
    r"(?:(?:\d+(?:\s*(?:-|\u2013|to)\s*\d+)?|X+|N|XX)\s*(?:min(?:ute)?s?|h(?:ou)?rs?|h|m)"
    r"|(?:half[ -](?:an[ -])?)?hour)\b"
)
SAID = (
    ("cadence", re.compile(rf"\bupdates?(?: will be \w+)?\s+every\s+(?P<value>{SPAN})", re.I)),
    ("next_update", re.compile(rf"\bnext update\s*:?\s*(?P<value>(?:in|within)\s+{SPAN})", re.I)),
    ("severity", re.compile(rf"(?P<value>{SPELLED.pattern})", re.I)),
)
"""Values that are written out in running text although they change from incident to incident."""

BEFORE = (
    ("postmortem_date", re.compile(r"(post-?mortem|post-incident review|retrospective|\brca\b)[^.]*$", re.I)),
    ("next_update", re.compile(r"next update(\s+(in|at|by|within|is))?\W*$", re.I)),
    ("cadence", re.compile(r"\bupdates?\s+every\W*$", re.I)),
    ("started", re.compile(r"\b(started|began|begun|since|starting|detected)(\s+(at|on|around))?\W*$", re.I)),
    ("ended", re.compile(r"\b(resolved|restored|recovered|ended|fixed)(\s+(at|on|around))?\W*$", re.I)),
    ("timestamp", re.compile(r"\b(as of|updated|posted|reported)(\s+(at|on))?\W*$", re.I)),
    (
        "feature",
        re.compile(
            r"\b(issues?|problems?|outage|disruption|degradation|trouble)\s+(with|affecting|in|to|on|of)(\s+the)?\W*$",
            re.I,
        ),
    ),
    ("reference", re.compile(r"\bincident\s*(?:#|no\.?|number|id)\W*$", re.I)),
    ("commander", re.compile(r"\b(commander|\bIC)(\s+is)?\W*$", re.I)),
    ("war_room", re.compile(r"\b(join|war room)(\s+(us\s+)?(in|at|on))?\W*$", re.I)),
    (
        "duration",
        re.compile(
            r"\b(lasted|duration(?: of)?|total of|(?:resolved|restored|recovered|fixed) after)(\s+(for|about))?\W*$",
            re.I,
        ),
    ),
)
EXPECTED = re.compile(r"\b(?:eta|expect\w*|estimat\w*|by|until|before|after)\W*$", re.I)
REVIEW = re.compile(r"post-?mortem|post-incident review|retrospective", re.I)
WHEN = re.compile(r"date|time|day|when|tbd", re.I)


def find_by_label(label: str) -> str | None:
    """The placeholder that a label such as `Next Update` announces."""
    phrase = fold_phrase(label)
    return BY_PHRASE.get(phrase) or LABELS.get(phrase)


def find_by_place(content: str, before: str) -> str | None:
    """The placeholder of a bracket in running text, by its own words or by the words before it."""
    own = "reference" if REFERENCE.fullmatch(content) else find_by_words(content)
    if own and own not in ("started", "timestamp"):
        return own
    if own == "timestamp" and EXPECTED.search(before):
        return None
    return _find_announcement(content, before) or own or _find_by_words(content)


def find_by_words(content: str) -> str | None:
    """The placeholder that the words of a gap name, also as programs write them: `INCIDENT_ID`, `{{incidentId}}`."""
    return BY_PHRASE.get(fold_phrase(content)) or BY_PHRASE.get(fold_phrase(JOINED.sub(" ", content)))


def _find_announcement(content: str, before: str) -> str | None:
    """The placeholder that the words before a bracket announce."""
    names = (name for name, pattern in BEFORE if pattern.search(before))
    return next((name for name in names if name != "postmortem_date" or WHEN.search(content)), None)


def _find_by_words(content: str) -> str | None:
    """The placeholder of a bracket that says in full what is meant: `date of the review`, `P0/P1/P2`."""
    if REVIEW.search(content) and WHEN.search(content):
        return "postmortem_date"
    choices = re.split(r"[/|,]", content)
    return "severity" if all(SPELLED.fullmatch(choice.strip()) for choice in choices) else None


def build_free_name(words: str) -> str:
    """A name for a gap that only people can fill."""
    return build_slug(words, "_")[:40].strip("_") or "text"


def fold_phrase(words: str) -> str:
    """A label or the words of a gap as they are looked up."""
    return (
        re.sub(r"\s*\((.*?)\)\s*", " ", " ".join(words.casefold().split()))
        .strip(" *_.:#")
        .replace("postmortem", "post-mortem")
    )
