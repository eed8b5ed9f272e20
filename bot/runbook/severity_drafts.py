"""One level while it is being read: from a heading, or from a line, and property by property."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.runbook import languages
from bot.runbook.call_clauses import parse_calls
from bot.runbook.contacts import EVERYONE
from bot.runbook.durations import NO_CLOCK, has_no_deadline, is_at_once, parse_duration
from bot.runbook.escalation_words import LINK, is_time
from bot.runbook.markdown.inline import (
    MAX_TEXT_LENGTH,
    join_soft_breaks,
    split_label,
    strip_markdown,
    strip_number,
)
from bot.runbook.section_kinds import DOES, RESPONSE
from bot.runbook.severity_names import WORD, find_level, find_level_word, find_shared_levels, strip_grade

EXAMPLES = re.compile(r"example|e\.g\.|such as", re.I)
ACTION = re.compile(
    r"action|notif|page\b|who\b|escalat|responders?\b|call\b|contact|team|assign|owner|handled by", re.I
)
CALLED = re.compile(r"\b(?:notify|page|call)s?:?\s+(?P<who>[^.;]+)", re.I)
APART = re.compile(r"\s+[\u2013\u2014-]\s+|[():;,|]")
LEVELS = re.compile(rf"\bsev|priorit|level|classif|respon|sla\b|{languages.SEVERITY}", re.I)
ESCALATES = re.compile(rf"escalat|{languages.ESCALATION}", re.I)
SUMMARY = re.compile(r"desc|defin|impact|meaning|criteria|summary", re.I)
NAME = re.compile(r"name|label|title", re.I)
OF_PROCESS = re.compile(r"\b(?:phase|step|stage|part)\W*$", re.I)
"""What stands before a number that is no level: `Phase P1: declare`."""

IN_A_SENTENCE = re.compile(r",|\w\. |(?:\w+\W+){6}|\b(?:for|on|to|in|of|if|when|until|during)\s*$", re.I)
"""What stands before a level that a sentence only mentions."""

WHOM_TO_CALL = re.compile(r"\W*(?:page|call|notify|escalate|inform|contact|wake)\b", re.I)
"""How a line begins that tells whom to call for a level, and not what the level is."""

ASKED = re.compile(r"\W*(?:page|call|notify|alert|wake)\s+(?:the\s+)?(?P<who>[^?]+)\?\W*", re.I)
YES = re.compile(r"\W*(?:yes|true|✅|✓|✔|x\b)", re.I)
"""A column that asks whether somebody is called: `Page on-call?`, and what says so."""

INVOLVED = re.compile(
    r"\W*(?!whom?\b)(?P<who>[\w /-]*[a-z])[ -]+(?:involvement|involved|paged|called|engaged)\W*", re.I
)
"""A column that says when somebody comes in: `Product owner involvement`."""

NEXT = re.compile(r"\W*escalates?\s+to\s+(?:the\s+)?", re.I)
"""How a step begins that calls somebody next."""

CALLING = re.compile(r"\b(?:page|call|wake|notify)\b(?!\s*(?:immediately|at once|out)?\s*[,;.]|\s*$)", re.I)
"""What calls somebody among the words of a response."""

OF_THE_END = re.compile(r"\W*(?:mitigat|resol|restor|fix)\w*\b[^.;:]{0,20}:", re.I)
"""What of a response tells how soon an incident ends: `Mitigation target: 4 h`."""

JOINS = re.compile(r"\bjoins?\b", re.I)
ALL_HANDS = re.compile(r"\ball[- ]hands\b", re.I)
ONLY_TOLD = re.compile(r"\bnotifications?(?:\s+required)?\W*$", re.I)
"""Of an action, that those it names only hear of it: `Management notification required`."""

TIME = re.compile(r"\W*(?:time|when|how soon|how fast|deadline)\W*", re.I)
NO_RESPONSE = re.compile(rf"{DOES.pattern}|.*(?:team|who)", re.I)
"""Labels that speak of a response and give no time: `Response team`, `Start the response`."""

ROLE = re.compile(
    r"^\W*(?:incident )?(?:commander|coordinator|lead(?:er)?|on-?call|responsible|primary|first responder"
    rf"|{languages.ON_CALL}"
    r"|verantwortlich\w*|responsável|responsable|responsabile|ответственн\w+)\b[^:]{0,20}$",
    re.I,
)
"""Labels of who answers for a severity: `Incident commander: the lead on duty`."""

TO_WHOM = re.compile(
    r"^\W*(?:immediate(?:ly)?|at once|directly)\s+(?:(?:escalat\w+|pag\w+|call\w*)\s+(?:to\s+)?|to\s+)(?:the\s+)?",
    re.I,
)
"""How an action begins that names only who is called: `Immediate escalation to the on-call engineer`."""

OF_WHAT = re.compile(rf"^(\W*{WORD.pattern})\s+(?:alerts?|incidents?|issues?|alarms?)(?=\W*:)", re.I)
"""A level that goes by a word, with what is of it: `Critical alerts: 5 minutes`."""

BREAK = re.compile(r"<br\s*/?>|\n", re.I)
"""What stands between the lines of a cell."""

BETWEEN = re.compile(r"\s*[(:\u2013\u2014]\s*|\s+-\s+")
"""What stands between the name of a level and what it means."""


@dataclass(slots=True)
class SeverityDraft:
    """A level while its properties are being collected: each as the runbook has it. `also` are further levels of which
    the same is said."""

    id: str
    line: int
    name: str
    summary: str
    also: tuple[str, ...] = ()
    response: str = ""
    action: str = ""
    role: str = ""
    examples: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)

    def learn(self, label: str, value: str) -> None:
        """Take a property by its label; the labels of runbooks vary."""
        value = value[:MAX_TEXT_LENGTH]
        if _asks_for_people(label):
            self._learn_people(label, strip_markdown(value))
        elif EXAMPLES.search(label):
            self.examples += _split_enumeration(value)
        elif not self.response and _is_of_response(label, strip_markdown(value)):
            self._learn_response(value)
        elif ESCALATES.search(label) and (parse_duration(strip_markdown(value)) or parse_duration(label)):
            return  # who is called next, and when: the escalation's, not the first call's
        elif ROLE.search(label):
            self.role = "; ".join(filter(None, (self.role, join_soft_breaks(value))))
        elif ACTION.search(label) or ESCALATES.search(label):
            self._learn_action(label, TO_WHOM.sub("", join_soft_breaks(value)))
        else:
            self._learn_words(label, strip_markdown(value))

    def _learn_people(self, label: str, answer: str) -> None:
        """Whom the label of a column names, where the cell says that or when that one is called."""
        if (asked := ASKED.fullmatch(label)) and YES.match(answer):
            when = "" if is_at_once(answer) else f" ({answer})"
            self.action = "; ".join(filter(None, (self.action, f"{asked['who']}{when}")))
        elif (involved := INVOLVED.fullmatch(label)) and is_at_once(answer) and not self.action:
            self.action = involved["who"]

    def _learn_action(self, label: str, words: str) -> None:
        """What is done, and whom that calls: not who comes next of a chain or of several steps."""
        if ONLY_TOLD.search(words):
            return
        if ESCALATES.search(label):
            words = LINK.split(words)[0].strip()
        elif self.action and NEXT.match(words):
            return
        self.action = "; ".join(filter(None, (self.action, words)))

    def learn_line(self, words: str) -> None:
        """Take a line without a label: whom it calls, or what the level is."""
        if calls := [call.who for call in parse_calls(words) if call.after == timedelta(0)]:
            self.action = "; ".join(filter(None, (self.action, *calls)))
        self.unlabelled.append(words)

    def _learn_response(self, value: str) -> None:
        """How soon somebody answers, and whom the further lines of the cell call: `Immediate<br>• Page on-call`."""
        lines = [line for part in BREAK.split(value) if (line := strip_markdown(part))]
        timed = (line for line in lines if parse_duration(line) or is_at_once(line) or has_no_deadline(line))
        self.response = next(timed, strip_markdown(value))
        called = [line for line in lines if line != self.response and WHOM_TO_CALL.match(line)]
        called = called or _list_calls(self.response)
        self.action = "; ".join(filter(None, (self.action, *called)))

    def _learn_words(self, label: str, words: str) -> None:
        """What a level means and how it is called: the first that says so counts."""
        if SUMMARY.search(label) and not self.summary:
            self.summary = words
        elif NAME.search(label) and not self.name:
            self.name = words

    def split(self) -> Iterator["SeverityDraft"]:
        """The level, and each further one of which the same is said."""
        yield self
        for id in self.also:
            yield replace(self, id=id, also=())

    def complete(self, further: "SeverityDraft") -> None:
        """Add what a second mention of the level says."""
        for name in ("name", "summary", "response", "action", "role"):
            if not getattr(self, name):
                setattr(self, name, getattr(further, name))
        self.examples = self.examples or further.examples


def parse_heading(title: str, line: int) -> SeverityDraft | None:
    """A level from words such as `P0 - CRITICAL (Complete Outage)`, `Critical (P0)` or `SEV-1: API down`."""
    words = strip_grade(re.sub(r"^[^\w(\[]+", "", strip_number(title)))
    level, name = find_level(words), ""
    if level is not None and (
        OF_PROCESS.search(words[: level.start]) or IN_A_SENTENCE.search(words[: level.start])
    ):
        return None
    if level is None:
        level = find_level_word(words)
        if level is None or not re.match(r"\W*$|\s*[(:\u2013\u2014-]", words[level.end :]):
            return None
        name = level.id
    elif re.search(r"\w", words[: level.start]):
        name = words[: level.start].strip(" ([:-\u2013\u2014|/")
    also, end = find_shared_levels(words, level) if find_level(level.id) else ((), level.end)
    name, summary = _name_and_summary(name, words[end:].strip(" )]:=-\u2013\u2014|/"))
    word = find_level_word(summary)
    if not name and word and word.end == len(summary):
        name, summary = summary, ""
    return SeverityDraft(level.id, line, name.rstrip("("), summary, also)


def _name_and_summary(name: str, rest: str) -> tuple[str, str]:
    """What stands behind a level: its name, where it has none in front, and what it means."""
    if rest.startswith("(") or name:
        return name, rest.strip("() ")
    name, _, summary = (part.strip() for part in BETWEEN.sub("\0", rest, count=1).partition("\0"))
    is_closed = summary.count("(") == summary.count(")")
    return name, summary if is_closed else summary.strip("() ")


def parse_label(text: str, line: int) -> SeverityDraft | None:
    """The level that a line names, by its label where it has one."""
    pair = split_label(text)
    return parse_heading(pair[0] if pair else strip_markdown(text), line) if text else None


def parse_line(text: str, line: int, about: str) -> SeverityDraft | None:
    """A level from one line: `**SEV1 (Critical)**: full outage, respond within 15 minutes`."""
    draft = parse_label(OF_WHAT.sub(r"\1", text), line)
    if draft is None or (find_level(draft.id) is None and not LEVELS.search(about)):
        return None
    pair = split_label(text)
    if pair is None and WHOM_TO_CALL.match(strip_markdown(text)):
        return None
    words = strip_markdown(pair[1] if pair else text)
    parts = [part.strip()[:MAX_TEXT_LENGTH] for part in APART.split(strip_markdown(text))]
    draft.name = draft.name or next(filter(WORD.fullmatch, parts), "")
    if words:
        draft.response = _response(words, parts, about)
        draft.action = _find_callee(words)
    if pair and not RESPONSE.search(about):
        draft.summary = draft.summary or words
    return draft


def _asks_for_people(label: str) -> bool:
    return ASKED.fullmatch(label) is not None or INVOLVED.fullmatch(label) is not None


def _is_of_response(label: str, words: str) -> bool:
    """Whether a label speaks of how soon somebody answers."""
    if TIME.fullmatch(label):
        return is_time(words) or is_at_once(words) or has_no_deadline(words)
    return RESPONSE.search(label) is not None and not NO_RESPONSE.match(label)


def _list_calls(response: str) -> list[str]:
    """Whom the words of a response call: `Keep the evidence, page the lead and the owner immediately`, all hands."""
    said = " ".join(part for part in re.split(r"(?<=[.;])\s+", response) if not OF_THE_END.match(part))
    parts = re.split(r"[,;.]\s+|\s+[-\u2013\u2014]\s+", said)
    return [part for part in parts if EVERYONE.search(part) or CALLING.match(part) or _joins(part)]


def _joins(part: str) -> bool:
    """Whether a part of a response says who comes in: `the security lead joins`."""
    return JOINS.search(part) is not None and any(call.after == timedelta(0) for call in parse_calls(part))


def _find_callee(words: str) -> str:
    """Whom a line says to call."""
    called = CALLED.search(words)
    everyone = ALL_HANDS.search(words)
    return called["who"].strip() if called else everyone[0] if everyone else ""


def _response(words: str, parts: list[str], about: str) -> str:
    """What says of a line how soon somebody answers: all of it, or the part that is a time."""
    said = (part for part in parts if RESPONSE.search(part) and parse_duration(part))
    if answered := next(said, ""):
        return answered
    has_time = parse_duration(words) or is_at_once(words) or has_no_deadline(words)
    if has_time and (RESPONSE.search(words) or RESPONSE.search(about)):
        return words
    return next((part for part in parts if is_time(part) or NO_CLOCK.search(part)), "")


def _split_enumeration(text: str) -> list[str]:
    """The parts of an enumeration; commas inside brackets do not separate."""
    parts = re.split(
        r"(?:[,;]|<br\s*/?>)(?![^()]*\))\s*", strip_markdown(text) if "<br" not in text else text
    )
    return [strip_markdown(part).strip(" .") for part in parts if part.strip(" .")]
