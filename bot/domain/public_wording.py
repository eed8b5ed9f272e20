"""What is looked at in a public text before it goes out: words that are nobody's business outside. Pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.incident import Status
from bot.text.person_names import find_names
from bot.text.redaction import MARKS, redact

MAX_SHOWN_LENGTH = 60


class ConcernKind(StrEnum):
    """What is found in a public text."""

    SECRET = "secret"  # noqa: S105 - the name of a kind
    PERSON = "person"
    MAIL = "e-mail"
    HOST = "host"
    CADENCE = "cadence"
    ONGOING = "ongoing"
    TICKET = "ticket"
    VENDOR = "vendor"
    INTERNAL = "internal word"


WHY = {
    ConcernKind.SECRET: "looks like a secret or personal data",
    ConcernKind.PERSON: "names a person",
    ConcernKind.MAIL: "is an e-mail address",
    ConcernKind.HOST: "is a host or an address",
    ConcernKind.CADENCE: "is not what was promised",
    ConcernKind.ONGOING: "does not fit the status",
    ConcernKind.TICKET: "is a ticket's number",
    ConcernKind.VENDOR: "names a vendor",
    ConcernKind.INTERNAL: "is how it works inside",
}

HOLDING = frozenset(
    {
        ConcernKind.SECRET,
        ConcernKind.PERSON,
        ConcernKind.MAIL,
        ConcernKind.HOST,
        ConcernKind.CADENCE,
        ConcernKind.ONGOING,
    }
)
"""What holds a text back until it is removed, or confirmed by a word."""


@dataclass(frozen=True, slots=True)
class WordConcern:
    """One place of a public text, what it is, and why it should not stand there."""

    kind: ConcernKind
    words: str
    why: str

    @property
    def holds(self) -> bool:
        return self.kind in HOLDING


@dataclass(frozen=True, slots=True)
class WordingFacts:
    """What a text is held against: `names` of people whole, `own_names` the parts of the names of who works on it,
    `allowed` what the runbook's own template says, `every` the promised rhythm, `status` what is published with it."""

    names: Collection[str] = ()
    own_names: Collection[str] = ()
    allowed: str = ""
    every: timedelta | None = None
    status: Status = Status.INVESTIGATING


MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>|(?<![\w.])@[A-Za-z][\w.-]+")
HOST = re.compile(
    r"https?://[^\s<>]+"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b"
    r"|\barn:aws[\w:/.-]+"
    r"|(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|net|org|io|dev|app|co|in|uk|de|eu|cloud|ai|local|internal|lan|corp|test|example|amazonaws)\b(?::\d+)?"
    r"|\b(?:ip-(?:\d{1,3}-){3}\d{1,3}|(?:prod|stag(?:e|ing)|dev|db|web|app|api|node|worker|host|srv)(?:-[a-z0-9]+)*-\d{1,4})\b"
    r"|\bi-[0-9a-f]{8,17}\b|\blocalhost(?::\d+)?\b",
    re.IGNORECASE,
)
TICKET = re.compile(r"\b[A-Z][A-Z0-9]{1,9}-\d{1,7}\b|(?<![\w&])#\d{2,7}\b")
VENDORS = re.compile(
    r"\b(?:AWS|Amazon(?: Web Services)?|Google(?: Cloud)?|GCP|Azure|Microsoft|Cloudflare|Fastly|Akamai|Heroku|Vercel"
    r"|Netlify|DigitalOcean|Datadog|New Relic|PagerDuty|Opsgenie|Sentry|Grafana|Stripe|Razorpay|PayPal|Adyen|Twilio"
    r"|SendGrid|Mailgun|GitHub|GitLab|Slack|Auth0|Okta|Firebase|Crashlytics|MongoDB|PostgreSQL|Postgres|MySQL|Redis"
    r"|Kafka|RabbitMQ|Elasticsearch|Kubernetes|Docker|ECS|RDS|EC2|S3|Lambda|CloudFront|CloudWatch|OpenAI)\b",
)
INTERNAL = re.compile(
    r"\b(?:databases?|replicas?|clusters?|pods?|containers?|rollbacks?|rolled back|deploy(?:s|ed|ments?)?|root cause"
    r"|stack ?traces?|queries|migrations?|load balancers?|runbooks?|on-call)\b",
    re.IGNORECASE,
)
ONGOING = re.compile(
    r"\b(?:we (?:are|'re)|we’re|are) (?:currently |still )?(?:experiencing|facing|seeing)\b[^.\n]*",
    re.IGNORECASE,
)
STATUS_LINE = re.compile(
    r"\bstatus\W{1,5}(?P<status>investigating|identified|monitoring|resolved)\b", re.IGNORECASE
)
EVERY = re.compile(r"\bevery\s+(?P<count>\d{1,4}|an?|one)?\s*(?P<unit>minute|min|hour|hr)s?\b", re.IGNORECASE)


def find_concerns(text: str, facts: WordingFacts) -> tuple[WordConcern, ...]:
    """What should not stand in the text, in the order of how bad it is; each words once. What the template itself says
    is the team's own choice."""
    found: dict[tuple[ConcernKind, str], WordConcern] = {}
    for kind, words in _search(text, facts):
        if (words and words not in facts.allowed) or kind in (ConcernKind.CADENCE, ConcernKind.ONGOING):
            shown = _mask_secret(words) if kind is ConcernKind.SECRET else words[:MAX_SHOWN_LENGTH]
            found.setdefault((kind, words.casefold()), WordConcern(kind, shown, _explain(kind, facts)))
    return _drop_contained(sorted(found.values(), key=lambda concern: list(ConcernKind).index(concern.kind)))


def _search(text: str, facts: WordingFacts) -> Iterator[tuple[ConcernKind, str]]:
    yield from ((ConcernKind.SECRET, words) for words in _find_secrets(text))
    yield from ((ConcernKind.PERSON, words) for words in _find_people(text, facts))
    for kind, pattern in PATTERNS:
        yield from ((kind, match[0]) for match in pattern.finditer(text))
    yield from ((ConcernKind.CADENCE, words) for words in _find_other_rhythms(text, facts.every))
    if facts.status in (Status.MONITORING, Status.RESOLVED):
        yield from ((ConcernKind.ONGOING, match[0].strip()) for match in ONGOING.finditer(text))
    for match in STATUS_LINE.finditer(text):
        if match["status"].casefold() != facts.status:
            yield ConcernKind.ONGOING, match[0]


PATTERNS = (
    (ConcernKind.MAIL, MAIL),
    (ConcernKind.HOST, HOST),
    (ConcernKind.TICKET, TICKET),
    (ConcernKind.VENDOR, VENDORS),
    (ConcernKind.INTERNAL, INTERNAL),
)


def _find_secrets(text: str) -> Iterator[str]:
    """The words that redaction would take out, mails apart; a whole line where only the line tells."""
    for line in text.splitlines():
        if not _is_taken_out(line):
            continue
        words = [word for word in line.split() if _is_taken_out(word)]
        yield from words or [line.strip()]


def _is_taken_out(text: str) -> bool:
    without = MAIL.sub("", text)
    return redact(without) != without and any(mark in redact(without) for mark in MARKS)


def _find_people(text: str, facts: WordingFacts) -> Iterator[str]:
    yield from (match[0] for match in MENTION.finditer(MAIL.sub("", text)))
    yield from find_names(text, facts.names, facts.own_names)


def _find_other_rhythms(text: str, every: timedelta | None) -> Iterator[str]:
    """Rhythms that are promised in words and are not the one that is kept."""
    for match in EVERY.finditer(text):
        count = int(match["count"]) if (match["count"] or "").isdigit() else 1
        hours = match["unit"].casefold().startswith("h")
        if timedelta(hours=count) * 1 != every if hours else timedelta(minutes=count) != every:
            yield match[0]


def _explain(kind: ConcernKind, facts: WordingFacts) -> str:
    if kind is ConcernKind.CADENCE:
        if facts.every is None:
            return f"{WHY[kind]}: no rhythm is"
        return f"{WHY[kind]}: that is every {int(facts.every.total_seconds() // 60)} minutes"
    if kind is ConcernKind.ONGOING:
        return f"{WHY[kind]}, {facts.status}"
    return WHY[kind]


def _mask_secret(words: str) -> str:
    return f"{words[:3]}…" if len(words) > 6 else "…"


def _drop_contained(found: list[WordConcern]) -> tuple[WordConcern, ...]:
    """Without what stands within words that are worse already: the vendor in a host's name."""
    kept: list[WordConcern] = []
    for concern in found:
        if not any(concern.words in other.words for other in kept):
            kept.append(concern)
    return tuple(kept)
