"""What a template has from the incident that its writer thought of: dates, times, names and figures, which are never
posted as they stand."""

import re

ZONE = r"(?:\s*\(?\b(?:UTC|GMT|CET|CEST|[ECMP][SD]?T|IST|WAT|BST|JST)\b\)?)?"
CLOCK = (
    r"(?<![\w:.])(?:[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?:\s*[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|1?\d\s?[AaPp][Mm])(?![\w:]|\.\d)"
)
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
DAY = (
    rf"(?<![\w/.-])(?:\d{{4}}[-/.]\d\d[-/.]\d\d|\d{{1,2}}[/.]\d{{1,2}}[/.](?:\d{{4}}|\d\d)"
    rf"|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {MONTH}(?:,? \d{{4}})?)(?![\w/-])"
)
MOMENT = re.compile(
    rf"(?:{DAY}|(?<![\w/.-])\d{{4}}-\d\d-\d\d(?=T))(?:(?:\s*,?\s*(?:at\s+)?|T)(?:{CLOCK}"
    rf"|(?<=T)\d\d:\d\d(?::\d\d)?Z?))?{ZONE}"
    rf"|{CLOCK}{ZONE}"
)
"""A day, a time, or both: `2031-02-03 14:30 PST`, `3 March 2031`, `14:30`."""

MENTION = re.compile(r"(?<![\w.@/<])@(?!(?:here|channel|everyone|all)\b)[A-Za-z][\w.-]*\w")
SHARE = re.compile(r"(?<![\w.])[~≈<>]?\s?\d{1,3}(?:\.\d+)?\s?%(?!\w)")
PERSON = re.compile(
    r"(?:[A-Z][a-zà-ÿ'\u2019-]+|[A-Z]\.)(?:\s+(?:[A-Z][a-zà-ÿ'\u2019-]+|[A-Z]\.)){1,2}(?:\s*\([^()]*\))?"
)
OF_PERSONS = re.compile(
    r"\b(?:by|name|owner|lead|leader|manager|commander|engineer|assignee|assigned(?: to)?|contact|reporter"
    r"|author|responder|investigator"
    r"|scribe|from|sender|signed)\W*$",
    re.I,
)
"""Labels whose values are people."""

STATES = r"(?:investigat|identif|monitor|resolv|updat|alert|detect|declar|activ|ongoing|open|closed)\w*\W*$"
BEFORE_HEADLINE = re.compile(
    r"\b(?:incident|alert|outage|update|resolved)\W{1,4}(?:P|S|SEV)[- ]?(?:\d|\[\w{1,3}\])"
    r"(?P<bracket>[^\[\]]{0,20}\])?$",
    re.I,
)
HEADLINE = re.compile(
    rf"\s*(?P<mark>[-\u2013\u2014:|]\s*)?(?!{STATES})(?P<title>[^\W\d][^\[\]<>{{}}|\n]{{2,80}}\S)", re.I
)
"""What happened in somebody else's incident, behind its severity: `INCIDENT P1 - Shop is out`, `UPDATE: [P1] Shop is
out`. Only behind a bracket no dash is needed."""

LEVEL_ALONE = re.compile(r"(?<![\w-])(?:P|S|SEV)[- ]?(?:\d|\[\w{1,3}\])$", re.I)
BEHIND_LEVEL = re.compile(
    rf"\s*(?:incident|alert|outage)\W{{0,3}}[-\u2013\u2014:]\s*(?!{STATES})(?P<title>[^\W\d][^\[\]<>{{}}|\n]{{2,80}}\S)",
    re.I,
)
"""The same with the level in front: `P1 INCIDENT: Shop is out`."""

NUMBER = re.compile(r"(?<=\bincident )#\d{2,7}\b", re.I)
"""The number of somebody else's incident: `Incident #1234`."""

ADDRESS = (
    r"https?://[^\s<>|()\[\]{}]*(?:"
    r"/(?:incidents?|postmortems?|post-mortems?|tickets?|browse|issues?|events?|maintenances?)/[\w-]*\d[\w-]*"
    r"|(?i:\bINC-?)\d+|[?&](?:id|incident|incident_id|ticket|key)=[\w-]*\d[\w-]*)(?:[^\s<>|()\[\]{}]*[^\s<>|()\[\]{}.,;:!?])?"
)
LINK = re.compile(rf"\[[^\[\]\n]+\]\({ADDRESS}\)|<{ADDRESS}(?:\|[^<>\n]*)?>|{ADDRESS}")
"""A link to somebody else's incident or ticket: `https://status.example/incidents/8842`. Others are the team's own."""

FACTS = (("link", LINK), ("reference", NUMBER), ("time", MOMENT), ("person", MENTION), ("figure", SHARE))
ABOUT = re.compile(
    r"\b(?:reports of|(?:issues?|problems?|trouble|difficulties|outage|disruption) (?:with|affecting|in))\s+"
    r"(?!(?:your|our|this|any|all)\b)(?P<value>[^\W\d][^\[\]{}<>.,;:!?|\n]{2,80}(?<=\S))(?=[.,;:!?]|$)",
    re.I,
)
"""What an incident is about, in a sentence: `we are investigating reports of failed logins`."""

OUTLOOK = re.compile(
    r"\b(?:estimated|expected|anticipated)\b[^.:\n]{0,30}?\s(?P<value>(?:in|within)\s+"
    r"(?:about |approximately |~\s?)?\d{1,3}\s*(?:min(?:ute)?s?|h(?:ou)?rs?))\b",
    re.I,
)
"""When another incident was to be over: `estimated resolution in 30 minutes`."""

OF_AFFECTED = re.compile(r"(?:affected|impacted)\s", re.I)
"""Labels of what is broken."""

OF_OUTLOOK = re.compile(r"(?:eta\b|estimated|expected)", re.I)
"""Labels of when it will be over, which only people know."""

LITERAL_LABELS = {
    "investigating": "commander",
    "update": "",
    "what happened": "title",
    "what is happening": "title",
    "problem": "title",
    "description": "title",
    "incident description": "title",
    "when": "started",
    "where": "feature",
    "eta": "",
    "estimated resolution": "",
    "expected resolution": "",
    "status page": "",
    "statuspage": "",
    "ticket": "",
    "jira": "",
    "jira ticket": "",
    "tracking": "",
    "reported by": "",
    "reporter": "",
    "customers": "affected_users",
    "users": "affected_users",
    "services": "feature",
    "services affected": "feature",
    "affected systems": "feature",
    "systems affected": "feature",
}
"""Labels whose written-out values are examples, and what belongs there; empty where only people know it."""


def find_headline(before: str, rest: str) -> re.Match[str] | None:
    """What happened in somebody else's incident, as the group `title` of `rest`, which a severity stands before."""
    level, found = BEFORE_HEADLINE.search(before), HEADLINE.fullmatch(rest)
    if level and found and (found["mark"] or level["bracket"]):
        return found
    return BEHIND_LEVEL.fullmatch(rest) if LEVEL_ALONE.search(before) else None


def is_person(label: str, value: str) -> bool:
    """Whether the value of a label is somebody's name."""
    return OF_PERSONS.search(label) is not None and PERSON.fullmatch(value.strip()) is not None
