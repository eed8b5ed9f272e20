"""Whom the action of a severity names: its words against the runbook's contacts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.runbook import languages
from bot.runbook.normalise import stem_word

EVERYONE = re.compile(
    r"\ball[- ]hands(?: on deck)?|\beveryone\b|\beverybody\b|\b(?:entire|whole|full) (?:\w+ )?team\b"
    r"|\ball (?:engineers|engineering|teams|responders|hands|roles)\b|@(?:here|channel|everyone)\b"
    rf"|{languages.EVERYONE}",
    re.I,
)
BETWEEN = re.compile(r"(?:[,;+&/\n]|\band\b|\bthen\b|\bplus\b|\bor\b|\.\s)(?![^()]*\))", re.I)
"""What stands between those who are named, outside of brackets."""

ASIDE = re.compile(r"\s*\((?!\s*(?:if|when|where|only)\b)[^()]*\)?|\s*:\s+.*|\s+[-\u2013\u2014]\s+.*", re.I)
"""What is told of somebody behind the name: `On-call engineer (answers alarms)`, `On-call engineer: looks first`."""

TOLD = re.compile(
    r"(?:(?:all|key|affected|internal|external|other|relevant|senior)\s+)*"
    r"(?:stakeholders?|customers?|users?|clients?|leadership|executives?|everyone else|public)(?:\s+team)?",
    re.I,
)
"""Those who hear of an incident and have nothing to do for it."""

VAGUE = re.compile(
    r"(?:(?:the|all|any|an?|most)\s+)*(?:appropriate|relevant|necessary|right|required|respective|suitable|needed|other"
    r"|additional|concerned)\s+(?:responders?|people|persons?|engineers?|teams?|staff|personnel|parties|contacts?"
    r"|members?|roles?|owners?|experts?)",
    re.I,
)
"""Somebody, and nobody in particular: `the appropriate responders`."""

TEAM = re.compile(
    r"(?:(?:security|platform|legal|engineering|infra(?:structure)?|back-?end|front-?end|operations|ops|ict|network"
    r"|product|compliance|databases?|communications|comms|direction|founders?)(?:\s+(?:and\s+)?(?=\w)|$))+",
    re.I,
)
"""Teams by one word, which is somebody only where nothing else stands: `Legal` among those who are called."""

BY_WHOM = re.compile(
    r"(?:^|(?<=[.;]))\W*(?:the\s+)?(?:first\s+responders?|responders?|on-?call(?:\s+engineer)?)\s+"
    r"(?:acknowledges?\s+(?:it\s+)?(?:and|,)\s+)?(?:pages?|calls?|notif(?:y|ies)|wakes?|alerts?)\s+",
    re.I,
)
"""Who calls others, and is not called: `First responder acknowledges and pages …`."""

ONLY_IF = re.compile(r"\((?:only )?(?:if|when|where)\b", re.I)
"""Who is called in some cases only: `Security team (if security-related)`."""

NOBODY = re.compile(r"\b(?:no|not|don't|never|without|may|optional\w*)\b|\b(?:draft|status check)\W*$", re.I)
AROUND = re.compile(
    r"^(?:(?:please|pagerduty|opsgenie"
    r"|immediately|also|always|first|page|pages|call|notify|alert|wake(?: up)?|contact|involve"
    r"|immediate(?:ly)? (?:notification|escalation) (?:to|of)|(?:immediate|immediately|automatic|automatically) to"
    r"|inform|engage|escalates?(?: to)?|assign(?: to)?|assemble|tell|ping|bring in|loop in|the|a|an|our|your|to"
    r"|with|by|via)\b\s*)+"
    r"|\s*\b(?:for (?:the|any|each|all) (?:affected|impacted|relevant|owning)\b.*"
    r"|immediately|at once|asap|right away|now|on slack|by phone|as needed"
    r"|if (?:needed|necessary|required|unresolved).*|within .*)\W*$",
    re.I,
)
"""Words around a name: what to do with the person, and when."""

BEHIND = re.compile(
    r"\s+(?:(?:notified|paged|called|alerted|is|are|will|must|should|gets?|receives?|acks?|acknowledges?|responds?|answers?"
    r"|checks?|looks?|investigates?"
    r"|tries|takes|handles|owns|triages|joins)\b|(?:via|through|using|over)\s"
    r"|(?:in|on|at)\s+(?:[#@]|slack\b|discord\b|teams\b)).*",
    re.I,
)
"""What stands behind a name: what somebody does, and by which way somebody is called."""

LETTERS = {
    "EM": "engineering manager",
    "TL": "tech lead",
    "IC": "incident commander",
    "SM": "scrum master",
    "SME": "subject matter expert",
    "DRI": "directly responsible individual",
    "Sr": "senior",
    "Eng": "engineer",
}
"""Roles by their letters, each in full; in small letters they are other words."""

LETTERED = re.compile(rf"\b(?:{'|'.join(LETTERS)}|L[1-4])\b")
"""A role by its letters, or a tier of support: `EM`, `L1`."""

ON_ROTA = re.compile(
    r"\b(?:primary|secondary|backup)\s+(?:of|from|on|in)\s+(?:the\s+)?(?:[\w-]+\s+){0,2}(?:rota|rotation|roster|schedule)\b"
    r"|^(?:the\s+)?(?:primary|secondary|backup)$",
    re.I,
)
"""Somebody by the place in a rotation: `the primary of the till rotation`."""

OF_GROUP = re.compile(r"(?<![\w.@])@[\w-]+/[\w-]+")
IN_A_HANDLE = "\ue001"
"""A handle of a team, `@shop/till-team`, and what stands for its stroke, which parts no names."""

HANDLE = re.compile(r"(?<![\w.@])@[A-Za-z][\w-]*")
"""Somebody by a handle that is no address: `@till-oncall`."""

_TITLES = """engineer lead leader manager director head support officer developer specialist admin
    administrator maintainer operator responder architect executive stakeholder staff team"""
TITLES = frozenset(map(stem_word, _TITLES.split()))
"""Words for people that fit too many to choose somebody by them alone."""

_POSTS = """ic cto ceo cio ciso cfo coo cpo dpo rssi vp devops sre dba oncall commander owner founder president
    management exec head chief scribe liaison coordinator advisor principal supervisor captain maintainer author"""
PERSON = TITLES | frozenset(map(stem_word, (*_POSTS.split(), *languages.PEOPLE.split())))
"""Words that show that somebody is meant at all."""

ON_CALL = "oncall"
NOT_FIRST = frozenset(map(stem_word, ("secondary", "backup", "tertiary", "second", "manager", "escalation")))
"""Words of those on call who are called later."""

GENERIC = frozenset({"team", "staff", "member", "the", "of", "our", "on", "duty", "all"})


OTHERS = re.compile(
    r"\b(?:support|vendors?|providers?|jurídico|customers?|clients?|legal|press|pr|media|police|regulators?"
    r"|authorit\w+"
    r"|insurance|hosting|help ?desk|aws|amazon"
    r"|azure|gcp|google|cloudflare|stripe|github|gitlab|vercel|heroku|twilio|sendgrid|mongodb|datadog|supabase"
    r"|hotline|status page)\b",
    re.I,
)
"""Names of those who are not of the team: they are never called for want of anybody else."""


@dataclass(frozen=True, slots=True)
class ActionMatch:
    """Whom an action calls: `everyone`, contacts by name, and words that mean people but fit no contact."""

    everyone: bool
    matched: tuple[str, ...]
    unmatched: tuple[str, ...]


def match_contacts(action: str, names: Sequence[str]) -> ActionMatch:
    """The contacts among `names` that an action means. “DevOps” means “DevOps Lead”; an action without any
    person in it, such as “Regular development process”, means nobody."""
    everyone = bool(EVERYONE.search(action))
    known = _index_names(tuple(names))
    matched: set[str] = set()
    unmatched: dict[str, str] = {}
    whole = OF_GROUP.sub(lambda found: found[0].replace("/", IN_A_HANDLE), action)
    for said in _segments(BY_WHOM.sub(" ", EVERYONE.sub(",", whole))):
        meant = _find_meant(said, known)
        matched.update(meant)
        name = strip_aside(said)
        if not meant and _is_somebody(name):
            unmatched.setdefault(name.casefold(), name)
    return ActionMatch(everyone, tuple(name for name in names if name in matched), tuple(unmatched.values()))


def _is_somebody(name: str) -> bool:
    """Whether a name that fits no contact is that of somebody who is called."""
    return bool(_names_people(name) or TEAM.fullmatch(name)) and not is_told_only(name)


def is_told_only(name: str) -> bool:
    """Whether a name is of those who only hear of an incident, or of nobody in particular."""
    return bool(TOLD.fullmatch(name) or VAGUE.fullmatch(name))


@lru_cache(maxsize=8)  # one runbook's names are asked for again and again
def _index_names(names: tuple[str, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, _words(name)) for name in names)


@lru_cache(maxsize=1024)
def strip_aside(words: str) -> str:
    """A name without what is told of whoever has it, as far as the name alone says that somebody is meant."""
    name = ASIDE.sub("", words).strip(" \t.:!()*_`-")
    if _names_people(name):
        return name
    whole = words.strip(" \t.:!*_`-")
    return whole + ")" * (whole.count("(") - whole.count(")"))


def _find_meant(said: str, known: Sequence[tuple[str, frozenset[str]]]) -> list[str]:
    """The contacts that a part of an action means, by all of its words, by the name in it, by a role in full."""
    ways = (said, strip_aside(said), _spell_out(said))
    found = next(filter(None, (_select_contacts(_words(way), known) for way in ways)), [])
    return found or _select_on_call(_all_words(strip_aside(said)), known)


def _select_on_call(words: frozenset[str], known: Sequence[tuple[str, frozenset[str]]]) -> list[str]:
    """`On-call engineer` is the contact who is on call first, whatever else the name says."""
    if ON_CALL not in words or words - TITLES - {ON_CALL}:
        return []
    return [name for name, own in known if ON_CALL in own and not own & NOT_FIRST][:1]


def is_of_the_team(name: str) -> bool:
    """Whether a contact is a person, a role or a team of the runbook's own."""
    return not OTHERS.search(name)


def means_people(words: str) -> bool:
    """Whether words name a person, a role or a team."""
    return bool(EVERYONE.search(words)) or _names_people(words)


@lru_cache(maxsize=1024)
def _names_people(words: str) -> bool:
    return bool(_all_words(words) & PERSON or any(said.search(words) for said in (LETTERED, ON_ROTA, HANDLE)))


def _spell_out(words: str) -> str:
    """The words with the letters of a role in full: `EM` as `engineering manager`."""
    return LETTERED.sub(lambda found: LETTERS.get(found[0], found[0]), words)


def _segments(action: str) -> Iterator[str]:
    """The parts of an action that name somebody, each without the words around the name."""
    for segment in BETWEEN.split(action):
        if not NOBODY.search(segment) and not ONLY_IF.search(segment):
            said = _cut_behind(segment.strip(" \t.:!()*_`-\u2022"))
            yield (AROUND.sub("", said).strip(" \t.:!()*_`-") or said).replace(IN_A_HANDLE, "/")


def _cut_behind(said: str) -> str:
    """The words without what the one who is named does: `On-call engineer checks the alert`."""
    found = BEHIND.search(said)
    return said[: found.start()] if found and means_people(said[: found.start()]) else said


def _select_contacts(words: frozenset[str], known: Sequence[tuple[str, frozenset[str]]]) -> list[str]:
    """The contacts of which all words are there; where there are none, those that have all the words."""
    is_particular = bool(words - TITLES)
    full = [(name, own) for name, own in known if own and own <= words]
    same = [name for name, own in full if own == words]
    longer = [name for name, own in full if is_particular and own - TITLES]
    return same or longer or [name for name, _ in full] or _select_longer(words, known)


def _select_longer(words: frozenset[str], known: Sequence[tuple[str, frozenset[str]]]) -> list[str]:
    """The contacts that have all the words and further ones, where the words are not only titles."""
    return [name for name, own in known if words <= own] if words - TITLES else []


@lru_cache(maxsize=1024)
def _all_words(text: str) -> frozenset[str]:
    joined = re.sub(r"\bon[- ]call\b", "oncall", text.casefold())
    return frozenset(stem_word(word) for word in re.findall(r"[^\W_]+", joined))


def _words(text: str) -> frozenset[str]:
    words = _all_words(text)
    return words - GENERIC or words
