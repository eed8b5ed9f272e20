"""The post-incident review: what only people know, asked as questions; each answer stays as it was typed."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.action_item import ActionItem
from bot.domain.diagnostic_run import BAD, OK, WARN, StepResult
from bot.domain.earlier_incident import EarlierIncident
from bot.domain.incident import Situation
from bot.domain.remediation import Remediation
from bot.text.mentions import find_mentioned


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """One question. `id` is its name in rows and forms, `section` the heading of its answers in the document."""

    id: str
    section: str
    text: str


QUESTIONS = (
    ReviewQuestion("summary", "Summary", "What happened, in two sentences?"),
    ReviewQuestion("detection", "Detection", "How was it noticed, and could it have been noticed earlier?"),
    ReviewQuestion("cause", "Root cause", "Why did it happen?"),
    ReviewQuestion("went_well", "What went well", "What went well?"),
    ReviewQuestion("went_badly", "What went badly", "What went badly?"),
    ReviewQuestion("lucky", "Where we were lucky", "Where were we lucky?"),
)

POINTER = ReviewQuestion("finding", "Finding that pointed at it", "Which finding pointed at the cause?")
"""Chosen from what the checks found and not typed; the last answer counts, in the statistics too. It stands in the
section of the root cause, and says none."""

NO_FINDING = "none"
"""The answer that no finding did."""


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """What one person wrote. `question` is the id of its question."""

    question: str
    person: str
    text: str
    at: datetime


def build_finding_key(result: StepResult) -> str:
    """A short name of the step that found it, for a form."""
    return hashlib.sha256("\n".join(map(str, result.step)).encode()).hexdigest()[:16]


def describe_finding(result: StepResult) -> str:
    """What is kept of the finding that pointed at the cause."""
    return f"{result.headline} ({result.title}, line {result.line})"


def list_findings(situation: Situation) -> list[StepResult]:
    """What could have pointed at the cause: the failing checks in front."""
    order = {BAD: 0, WARN: 1, OK: 2}
    found = [result for result in situation.evidence if result.verdict in order]
    return sorted(found, key=lambda result: order[str(result.verdict)])


@dataclass(frozen=True, slots=True)
class ReviewChart:
    """The picture of what a check saw, of each step the one with the worst verdict. `look` is the id of its diagnostic
    run and `place` that of the step in it; `words` say what the picture shows."""

    look: int
    place: int
    title: str
    line: int
    verdict: str
    headline: str
    words: str
    digest: str
    seen_at: datetime

    @property
    def name(self) -> str:
        """The name of its file: another picture never has the same one."""
        return f"{self.look}-{self.place}-{self.digest[:12]}.png"


@dataclass(frozen=True, slots=True)
class ReviewRecords:
    """What a review is made of beside the incident itself. `unread` counts the remediations of kinds that only a newer
    version knows."""

    answers: Sequence[ReviewAnswer] = ()
    actions: Sequence[ActionItem] = ()
    remediations: Sequence[Remediation] = ()
    earlier: Sequence[EarlierIncident] = ()
    charts: Sequence[ReviewChart] = ()
    unread: int = 0

    def list_people(self, situation: Situation) -> set[str]:
        """Everybody whom the review names, by Slack id."""
        named = [
            *situation.people,
            *(entry.actor for entry in situation.entries),
            *(page.person for page in situation.pages),
            *(guest.person for guest in (situation.meeting.guests if situation.meeting else ())),
            *(answer.person for answer in self.answers),
            *(item.owner for item in self.actions),
            *(item.owner for each in self.earlier for item in each.actions),
            *(person for each in self.remediations for person in (each.asked_by, each.approved_by)),
            *find_mentioned(self._list_texts(situation)),
        ]
        return {person for person in named if person}

    def _list_texts(self, situation: Situation) -> Iterator[str]:
        """What people wrote, and what the timeline's entries keep."""
        incident = situation.incident
        yield from (incident.title, incident.impact, incident.affected_users)
        yield from (incident.resolution, incident.root_cause)
        yield from (update.text for update in situation.updates)
        yield from (answer.text for answer in self.answers)
        yield from (item.text for item in self.actions)
        for entry in situation.entries:
            for value in vars(entry.detail).values():
                yield from (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
