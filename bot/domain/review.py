"""The post-incident review: what only people know, asked as questions; each answer stays as it was typed."""

from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """What one person wrote. `question` is the id of its question."""

    question: str
    person: str
    text: str
    at: datetime
