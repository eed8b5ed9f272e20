"""Whom a sentence calls: one reader of its clauses, wherever in a runbook the sentence stands."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from bot.runbook import languages
from bot.runbook.contacts import is_of_the_team, is_told_only, means_people
from bot.runbook.durations import is_at_once, parse_duration
from bot.runbook.escalation_words import is_time, parse_delay
from bot.runbook.markdown.inline import split_label, strip_markdown
from bot.runbook.severity_names import find_levels

CALLED = r"page|call|phone|ring|wake(?:\s+up)?|alert|ping|contact|reach\s+out\s+to|start\s+with"
CALLED += r"|escalates?(?:\s+(?:immediately|at\s+once|directly))?(?:\s+to)?"
CALLED += rf"|{languages.CALLED}"
TOLD = r"notify|inform|tell"
PASSIVE = r"(?:auto[- ]?)?paged|called|phoned|alerted|woken(?:\s+up)?|pinged|contacted"
HEARS = r"notified|informed|told"

FIRST_WORDS = r"\W*(?:(?:then|first|next|immediately|also|please|and|always)\s+)*"
SOMEBODY = r"\W*(?P<who>[\w@][^,.;:]{1,50}?)\s+(?:(?:is|are|gets?|will\s+be|must\s+be)\s+)?(?:also\s+|then\s+|next\s+)?"
MOVES = r"go(?:es)?|sent|send|rout(?:es?|ed)|forward(?:s|ed)?|hand(?:s|ed)?\s+over|escalate[sd]?"
RELATIONS = tuple(
    (re.compile(pattern, re.I), is_firm)
    for pattern, is_firm in (
        (rf"{FIRST_WORDS}(?:{CALLED})\s+(?P<who>\S.*)", True),
        (rf"{FIRST_WORDS}(?:{TOLD})\s+(?P<who>\S.*)", False),
        (rf"[^,;:]{{0,60}}?\b(?:alerts?|alarms?|monitors?)\s+(?:{CALLED})s?\s+(?P<who>\S.*)", True),
        (rf".*?\b(?:{MOVES})\b[^.;]{{0,30}}?\bto\s+(?P<who>\S.*)", True),
        (rf"{SOMEBODY}(?:{PASSIVE})\b.*", True),
        (rf"{SOMEBODY}(?:{HEARS})\b.*", False),
        (rf"{SOMEBODY}joins?\b.*", True),
        (r"\W*(?:the\s+page|pages?|it)\s+(?:goes\s+)?to\s+(?P<who>\S.*)", True),
        (r"\W*(?:after\b[^,:]*|then)[,:]?\s+(?:to\s+)?(?P<who>(?:the|an?|our)\s+\S.*)", True),
    )
)
"""How a clause names somebody, and whether that person is called or only told."""

END = re.compile(
    r"[.;:(\u2013\u2014]|,?\s+(?:via|through|using|over|so|who|to|and\s+(?:open|post|declare|start|create|update|notify"
    r"|inform|wait)|by|listed|within|immediately|at\s+once|right\s+away|straight\s+away|directly|in\s+(?:#|slack|discord|teams)|if|when|unless"
    r"|after|at\s+\d|for\s+(?:P|S|SEV)\w*[-\s]?\d|\d)\b|,\s",
    re.I,
)
"""Where the name of who is called ends."""

TURN = re.compile(
    r"(?<=[.;])\s+|,\s+(?:and\s+)?(?=(?:then|after|afterwards|next)\b)|\s+(?:and\s+)?then\s+(?=the\b)", re.I
)
"""What stands between what is done and what is done next."""

CONDITION = re.compile(
    r"\b(?:if|when|unless|(?<!at )once|until|in case|as needed|optional\w*|where)\b|\?", re.I
)
UNANSWERED = re.compile(
    r"\b(?:no|not|nobody|cannot|can't|un\w+|without|still|fails?)\b[^.;]{0,40}?"
    r"\b(?:answer\w*|ack\w*|respon\w*|repl\w+|solved?|resolved?|joins?)"
    r"|\b(?:unack\w*|unanswered|unresolved|unsolved)\b|\bthat fails\b",
    re.I,
)
"""Of a condition, that whoever was called did not answer: then it is who is called next."""

OF_A_CASE = re.compile(r"\W*escalates?\s+to\b[^.;]*?\s+for\s+", re.I)
"""`Escalate to the database owner for slow queries`: somebody who is called in some case."""

NEXT = re.compile(r"\W*(?:then|next|after(?:wards)?)\b", re.I)
BEGIN = re.compile(r"^(?:the|an?|our|your|all|os?|as|el|las?|los|les?|der|die|das|il)\s+", re.I)
RESPONDS = re.compile(
    r"on[- ]?call|\bduty\b|\bengineers?\b|commander|responders?|\b(?:tech|incident|team) leads?\b|\bDRI\b|@",
    re.I,
)
"""Who is called and not only told: `Notify the on-call team`."""

NOT_CALLED = re.compile(
    r"customer|\busers?\b|client|public|stakeholder|leadership|executive|all staff|everyone|directory"
    r"|vendor|provider|support\b",
    re.I,
)
"""Those who are told of an incident and have nothing to do for it."""

AT_ONCE_FOR = re.compile(r"\b(?:immediately|at once|right away)\s+(?:for|on|at)\s+(?P<levels>[^.,;]+)", re.I)
"""For which severities somebody hears of it at once: `Notify the owner, immediately for P1`."""

MENTIONED = re.compile(
    r"page|call|wake|alert|ping|contact|joins|reach|notif|inform|escalat|rout|goes|told|tell|phone|ring|start with"
    rf"|to the\b|{languages.CALLED}",
    re.I,
)
"""The words of which every clause that calls somebody has one."""

FIRST_PLACE = (
    r"(?:who (?:to|we) )?(?:first|1st)(?: (?:call|contact|page|responder))?"
    r"|(?:call|page|contact) first|start with"
)
LATER_PLACE = (
    r"then|next|second|2nd|third|3rd|finally|last(?:ly)?|if (?:there is )?no (?:answer|response|ack\w*)"
    r"|(?:second|third|next) (?:call|contact|page)"
)
GRADED = re.compile(r"(?:for\s+)?(?P<levels>[^:,]{2,30})[:,]\s+", re.I)
"""What stands in front of a clause and may be the severities that it is for."""

BY_PAGER = re.compile(r"\W*(?:pager ?duty|opsgenie|pager|page|paging|phone|call)\W*", re.I)
"""Labels of the ways by which somebody is paged: `PagerDuty: the on-call rotation for P1`."""

IN_ORDER = ((re.compile(FIRST_PLACE, re.I), timedelta(0)), (re.compile(LATER_PLACE, re.I), None))
"""Labels that say in which turn whoever stands behind them is called."""

MAX_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class CallMention:
    """Somebody whom a clause calls. `after` is None where only the order is given, `levels` the severities that it is
    for, all where there are none."""

    who: str
    after: timedelta | None
    levels: tuple[str, ...]


def mentions_several(text: str) -> bool:
    """Whether a text may call several people: a quick look before it is read."""
    first = MENTIONED.search(text)
    return first is not None and MENTIONED.search(text, first.end()) is not None


@lru_cache(maxsize=1024)  # a line is looked at for what it is, and then read
def parse_calls(text: str) -> tuple[CallMention, ...]:
    """The calls of a paragraph's line or a list's item, in their order."""
    if placed := _parse_placed(text):
        return (placed,)
    if not MENTIONED.search(text):
        return ()
    label, words = _split_scope(text)
    scope = _list_ids(label)
    found: list[CallMention] = []
    for clause in TURN.split(strip_markdown(words)):
        if call := _parse_clause(clause, scope, is_first=not found):
            found.append(call)
    return tuple(found)


def _parse_placed(text: str) -> CallMention | None:
    """`First call: the engineer on duty`, `Then: the lead`."""
    label, value = split_label(text) or ("", "")
    who = _cut_name(strip_markdown(value))
    if BY_PAGER.fullmatch(label) and is_called(who):
        return CallMention(who, timedelta(0), _list_ids(value))
    for place, after in IN_ORDER:
        if place.fullmatch(label) and who and is_called(who):
            return CallMention(who, after if parse_delay(value) is None else parse_delay(value), ())
    return None


def _split_scope(text: str) -> tuple[str, str]:
    """The label in front of a text, and the text that it is about; a label that calls somebody is part of the text."""
    pair = split_label(text)
    if not pair or not pair[1]:
        return "", text
    label, value = pair
    if find_levels(label) and not CONDITION.search(label) and parse_duration(label) is None:
        return label, value
    is_part = CONDITION.search(label) or is_time(label) or any(way.match(label) for way, _ in RELATIONS)
    return ("", text) if is_part or parse_duration(label) is not None else ("", value)


def _parse_clause(clause: str, scope: tuple[str, ...], is_first: bool) -> CallMention | None:
    scope, clause = _split_levels(clause, scope)
    is_next = UNANSWERED.search(clause) is not None
    if not is_next and _is_of_a_case(clause):
        return None
    at_once = AT_ONCE_FOR.search(clause)
    body = _leave_condition(clause) if is_next or NEXT.match(clause) else clause
    who = _find_called(body, is_at_once=at_once is not None)
    if not who:
        return None
    levels = _list_ids(at_once["levels"] if at_once else clause) or scope
    return CallMention(who, _find_delay(clause, is_first, is_next), levels)


def _split_levels(clause: str, scope: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The severities of a clause, in front of it (`For P1: page the lead`) or those of `scope`, and what it says."""
    graded = GRADED.match(clause)
    if graded and parse_duration(graded["levels"]) is None and (own := _list_ids(graded["levels"])):
        return own, clause[graded.end() :]
    return scope, clause


def _list_ids(text: str) -> tuple[str, ...]:
    return tuple(level.id for level in find_levels(text))


def _is_of_a_case(clause: str) -> bool:
    """Whether somebody is called in some case only, and that case is no severity."""
    is_conditional = CONDITION.search(clause) or OF_A_CASE.match(clause)
    return is_conditional is not None and not find_levels(clause)


def _find_called(body: str, is_at_once: bool) -> str:
    """Whom a clause calls, or tells `is_at_once` or as somebody who responds; empty where that is nobody."""
    for relation, is_firm in RELATIONS:
        said = relation.fullmatch(body)
        who = _cut_name(said["who"]) if said else ""
        if is_called(who) and (is_firm or is_at_once or RESPONDS.search(who)):
            return who
    return ""


def _leave_condition(clause: str) -> str:
    """What is done of `If nobody answers in 10 minutes, page the lead`."""
    head = re.match(
        r"\W*(?:if|when|unless)\b[^,:\u2192]*(?:[,:\u2192]|->)\s*"
        r"|\W*(?:if|when|unless)\b.*?(?=\bthe page\b|\bit goes\b|\bpages?\b)",
        clause,
        re.I,
    )
    return clause[head.end() :] if head else clause


def _cut_name(words: str) -> str:
    return BEGIN.sub("", END.split(words.strip())[0].strip(" ,*_`"), count=1)


def is_called(who: str) -> bool:
    """Whether words are somebody of the team who has something to do."""
    return (
        len(who) <= MAX_NAME_LENGTH
        and means_people(who)
        and not NOT_CALLED.search(who)
        and not is_told_only(who)
        and is_of_the_team(who)
    )


def _find_delay(clause: str, is_first: bool, is_next: bool) -> timedelta | None:
    """When whoever a clause names is called: at once where it says nothing else and nobody stands before."""
    span = parse_delay(clause)
    if span and (is_next or not re.search(r"\b(?:with)?in\b", clause) or not is_first):
        return span
    if is_next or (NEXT.match(clause) and not is_at_once(clause)):
        return None
    return timedelta(0)
