"""Incidents to draw: ordinary, empty, hostile and very long ones, on the shipped runbook and on a strange one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.contacts import Handle, HandleKind
from bot.domain.checklist import ChecklistItem
from bot.domain.incident import (
    EntryKind,
    Incident,
    IncidentDurations,
    PostedMessage,
    Situation,
    Status,
    StatusUpdate,
    TimelineEntry,
)
from bot.domain.page_attempts import EscalationState, JoinedPage, PageAttempt, SlackPage
from bot.domain.page_provider import OnCallPerson, OnCallResult
from bot.domain.timeline_details import DeclaredDetail, parse_detail
from bot.domain.timeline_proof import TimelineHead
from bot.runbook import Runbook, classify_steps, parse_runbook
from templates.incident_view import IncidentViewModel
from templates.on_call_messages import ContactStatus

START = datetime(2026, 11, 23, 3, 2, tzinfo=UTC)
HOSTILE = (
    "<!channel> <@U1> & *bold* `code` _it_ :fire: &lt;!here&gt; \u202egnp.exe "
    + "👩‍👩‍👧" * 50
    + "🇮🇳" * 20
    + "😀" * 50
)
STRANGE = """# Runbook of [Team]

## Severities
### SEV1 - <!channel> *all* & `everything`
- **Response Time**: <!here> < 5 minutes *really*
- **Examples**: {long}
- **Action**: page <!channel>

## SEV1 INCIDENT: <!channel> *DOWN* & `out` {long}
### Symptoms
- <!channel> <@U1> & *x*
### Actions
```bash
# 1. Do <!channel> & *this* {long}
echo {long}
```
{many}

## COMMUNICATION TEMPLATES
### Initial Incident Notification
```
🚨 [Severity] <!channel> *x* {long} [Incident Commander] at [Time]
Odd: [Name of the odd thing]
{many}
```
### Status Page Update
```
We are currently experiencing issues with [Feature] <!here>
{many}
```
### Resolution Notification
```
<!channel> Resolved: [Brief description]
{many}
```
"""


@cache
def users_runbook() -> Runbook:
    """The runbook that is shipped: the user's own."""
    return classify_steps(parse_runbook((Path(__file__).parents[2] / "templates" / "runbook.md").read_text()))


@cache
def crowded_runbook() -> Runbook:
    """30 severities without examples, 120 playbooks, the first with 100 steps; no templates, no checklist."""
    steps = "\n\n".join(f"# {n}. Check part {n}\necho part {n}" for n in range(1, 101))
    titles = [f"NUMBER {n} {'WITH A LONG TITLE ' * 6}" for n in range(120)]
    playbooks = [f"## P0 INCIDENT: {title}\n### Symptoms\n- x" for title in titles]
    first = playbooks[0] + f"\n### Actions\n```bash\n{steps}\n```"
    known = parse_runbook("\n\n".join(["# R\n## Severity Levels\n### P0 - BAD", first, *playbooks[1:]]))
    (worst,) = known.severities
    many = [replace(worst, id=f"P{n}", name=f"level {n} " * 12, rank=n) for n in range(30)]
    return replace(known, severities=tuple(many))


@cache
def strange_runbook() -> Runbook:
    """A runbook with hostile and endless words."""
    many = "\n".join(f"- {number} <!channel> {'word ' * 60}" for number in range(150))
    return parse_runbook(STRANGE.replace("{long}", "x" * 1000).replace("{many}", many))


def incident(**values: Any) -> Incident:
    """INC-42, just declared; `values` replace its fields."""
    known: dict[str, Any] = {
        "number": 42,
        "title": "API is down",
        "severity": "P0",
        "status": Status.INVESTIGATING,
        "commander": "U0ANA",
        "declared_by": "U0ANA",
        "declared_at": START,
        "edition": "e",
        "playbook": "api-completely-down",
        "impact": "Nobody can log in",
        "affected_users": "all",
        "cadence": timedelta(minutes=15),
        "next_update_at": START + timedelta(minutes=15),
        "notice_at": START + timedelta(minutes=15),
        "channel": "C0ROOM",
    }
    return Incident(**{**known, **values})


def view(runbook: Runbook | None = None, now: datetime | None = None, **values: Any) -> IncidentViewModel:
    """An ordinary incident half an hour old, drawn with the shipped runbook."""
    return IncidentViewModel(
        situation=Situation(
            incident=incident(
                acknowledged_at=START + timedelta(seconds=130), acknowledged_by="U0BRUNO", **values
            ),
            pages=(
                SlackPage("U0BRUNO", "CTO", START, START, "", START + timedelta(seconds=130)),
                SlackPage("U0DEVIKA", "DevOps Lead", START, START),
            ),
            entries=(
                TimelineEntry(
                    START,
                    "U0ANA",
                    parse_detail(EntryKind.DECLARED, {"severity": "P0", "title": "API is down"}),
                ),
                TimelineEntry(
                    START + timedelta(seconds=130),
                    "U0BRUNO",
                    parse_detail(EntryKind.ACKNOWLEDGED, {"seconds": "130"}),
                ),
            ),
            updates=(posted(),),
            items=items(),
            posts={"resolution:42": PostedMessage("resolution:42", "C0ROOM", "1795400000.000100")},
            head=TimelineHead(42, 2, "3f9a" * 16),
        ),
        runbook=runbook or users_runbook(),
        incidents_channel="C0INCIDENTS",
        workspace_url="https://team.slack.example/",
        runbook_url="https://git.example/runbook.md",
        call_url="https://meet.example/bridge",
        now=now or START + timedelta(minutes=30),
    )


def posted(
    text: str = "Rolled back to 1.42, errors fall.", status: Status = Status.IDENTIFIED
) -> StatusUpdate:
    """The one update of these incidents."""
    at = START + timedelta(minutes=14)
    return StatusUpdate(7, at, "U0ANA", status, text, at + timedelta(minutes=15))


def items(count: int | None = None, text: str = "", done: int = 1) -> tuple[ChecklistItem, ...]:
    """The shipped checklist, or `count` items with one text; the first `done` are ticked."""
    if count is None:
        listed = [(window.within, item.text) for window in users_runbook().windows for item in window.items]
    else:
        listed = [(timedelta(hours=1 + number % 3), text) for number in range(count)]
    return tuple(
        ChecklistItem(
            number,
            within,
            words,
            330 + number,
            START + timedelta(hours=1) + within,
            "U0ANA" if number < done else None,
            START + timedelta(hours=1) if number < done else None,
        )
        for number, (within, words) in enumerate(listed)
    )


def _ended(**values: Any) -> dict[str, Any]:
    return {
        "status": Status.RESOLVED,
        "resolved_at": START + timedelta(minutes=72),
        "resolved_by": "U0ANA",
        "next_update_at": None,
        "notice_at": None,
        **values,
    }


def views() -> dict[str, IncidentViewModel]:
    """One view for each kind of situation that a template must bear."""
    bare = Situation(incident(playbook=None, impact="", affected_users="", channel=None))
    no_clock: dict[str, Any] = {"cadence": None, "next_update_at": None, "notice_at": None, "severity": "P3"}
    long = "very long words " * 187
    long_ones: dict[str, Any] = {
        "title": "T" * 300,
        "impact": long,
        "affected_users": long,
        "root_cause": long,
        "resolution": "\n".join(["done " * 20] * 300),
        "fields": {f"field_{n}": long for n in range(5)} | {"feature": long},
    }
    hostile: dict[str, Any] = dict.fromkeys(
        ("title", "impact", "affected_users", "root_cause", "resolution"), HOSTILE
    )
    return {
        "ordinary": view(),
        "called": being_called(view()),
        "called, hostile": being_called(with_situation(view(**hostile), HOSTILE), HOSTILE),
        "called, many": being_called(view(), count=60),
        "called no more": milder(view()),
        "called no more, hostile": milder(with_situation(view(**hostile), HOSTILE)),
        "waiting": view(ladder=EscalationState.WAITING, look_at=START + timedelta(hours=6)),
        "bare": IncidentViewModel(bare, users_runbook()),
        "runbook without anything": IncidentViewModel(bare, parse_runbook("# Nothing\n\nYet.\n")),
        "no clock": view(**no_clock),
        "monitoring": view(status=Status.MONITORING),
        "resolved": view(**_ended(root_cause="A bad deploy", resolution="Rolled back\n- Scaled up")),
        "resolved bare": IncidentViewModel(replace(bare, incident=incident(**_ended())), users_runbook()),
        "closed": view(
            **_ended(status=Status.CLOSED, closed_at=START, closed_by="U0ANA", close_reason=HOSTILE)
        ),
        "hostile": with_situation(view(**hostile, fields={"feature": HOSTILE}), HOSTILE),
        "hostile and over": with_situation(view(**_ended(**hostile), fields={"feature": HOSTILE}), HOSTILE),
        "long": crowded(view(**long_ones)),
        "long and over": crowded(view(**_ended(**long_ones))),
        "long and closed": crowded(view(**_ended(**long_ones, status=Status.CLOSED, close_reason=long))),
        "strange runbook": view(
            strange_runbook(), severity="SEV1", playbook=strange_runbook().playbooks[0].id
        ),
        "strange and over": view(strange_runbook(), severity="SEV1", **_ended(resolution="x")),
        "crowded runbook": view(crowded_runbook(), playbook=crowded_runbook().playbooks[0].id),
        "no channel": without_channel(
            view(channel=None), "Slack refused conversations.create: restricted_action"
        ),
        "no channel, hostile": without_channel(view(channel=None, **hostile), HOSTILE),
        "strange and watched": view(strange_runbook(), severity="SEV1", status=Status.MONITORING),
    }


TO_PEOPLE = frozenset({EntryKind.COMMANDER_CHANGED, EntryKind.COMMAND_OFFERED, EntryKind.ROLE_ASSIGNED})
"""Entries whose `to` is a person."""


def with_situation(of: IncidentViewModel, words: str) -> IncidentViewModel:
    """The same with these words wherever people wrote something."""
    pages = (SlackPage("U0BRUNO", words, START, failed=words), SlackPage("U0DEVIKA", words, START))
    names = (
        "how",
        "names",
        "who",
        "page",
        "step",
        "why",
        "name",
        "text",
        "contact",
        "severity",
        "title",
        "to",
        "before",
        "from",
        "into",
        "role",
        "reason",
        "what",
        "digest",
        "bad",
        "found",
        "points",
        "done",
        "cause",
        "impact",
        "impact_before",
        "affected_users",
        "affected_users_before",
    )
    said = dict.fromkeys(names, words) | {"seconds": "130", "left": "2", "link": "", "channel": "C0ROOM"}
    entries = tuple(
        TimelineEntry(
            START,
            "U0ANA",
            parse_detail(
                kind,
                {
                    **said,
                    "person": "U0BRUNO",
                    "people": "U0BRUNO",
                    "to": "U0BRUNO" if kind in TO_PEOPLE else words,
                    "before": "U0ANA" if kind is EntryKind.COMMANDER_CHANGED else words,
                    "by": "U0DEVIKA",
                },
            ),
        )
        for kind in EntryKind
        if kind is not EntryKind.CHANNEL_FAILED
    )
    updates = (posted(words),)
    changed = replace(of.situation, pages=pages, entries=entries, updates=updates, items=items(12, words, 6))
    return replace(of, situation=changed)


TIMES = {42: IncidentDurations(timedelta(seconds=130), timedelta(minutes=42))}
"""How long the incidents of these worlds took."""


def standings(words: str = "") -> list[ContactStatus]:
    """Contacts in every state: on call by a schedule and a group, with ways of their own, without any."""
    person = OnCallPerson(
        words or "Devika",
        (Handle(HandleKind.PAGERDUTY_USER, "PDEV001"), Handle(HandleKind.PHONE, "+15550100")),
        START,
    )
    stranger = OnCallPerson(words or "Eve")
    nobody = OnCallResult(problem=words or "The on-call calendar oncall.ics has nobody on call now.")
    asked = (("PagerDuty schedule", OnCallResult((person, stranger)), ()), ("calendar", nobody, ()))
    return [
        ContactStatus(words or "On-Call Engineer", ("P0", "P2"), asked, ("phone",)),
        ContactStatus("SRE", (), (("Slack user group", OnCallResult(), ("U0ANA", "U0BRUNO")),)),
        ContactStatus(
            words or "CTO",
            ("P0",),
            (),
            ("Slack", "PagerDuty user", "phone"),
            (words or "apprise:CTO_SMS needs the setting CTO_SMS, not set yet",),
        ),
        ContactStatus(words or "AWS Support", ("P0",)),
        ContactStatus(words or "Senior engineers", ("P1",), is_contact=False),
    ]


def without_channel(of: IncidentViewModel, why: str) -> IncidentViewModel:
    """The same when Slack refused to make a channel."""
    entry = TimelineEntry(START, "", parse_detail(EntryKind.CHANNEL_FAILED, {"why": why}))
    announced = PostedMessage("announcement:42", "C0INCIDENTS", "1795402921.000100")
    situation = replace(
        of.situation, entries=(*of.situation.entries, entry), posts={announced.key: announced}
    )
    return replace(of, situation=situation)


def calling_everyone(of: IncidentViewModel, why: str) -> IncidentViewModel:
    """The same when the declaration calls the whole incidents channel."""
    first, *rest = of.situation.entries
    assert isinstance(first.detail, DeclaredDetail)
    entries = (replace(first, detail=replace(first.detail, everyone=why)), *rest)
    return replace(of, situation=replace(of.situation, entries=entries))


def being_called(of: IncidentViewModel, words: str = "CTO", count: int = 1) -> IncidentViewModel:
    """The same while people are called by all kinds of ways, each `count` times."""
    later = START + timedelta(minutes=2)
    ways: list[PageAttempt] = []
    for number in range(count):
        name = words if count == 1 else f"{words} {number}"
        kinds: list[tuple[str, dict[str, Any]]] = [
            ("pagerduty:user/PCTO001", {"failed": "PagerDuty refused (403)."}),
            ("pagerduty:service/…00e1", {"accepted_at": later, "delivered_at": later}),
            ("pagerduty:policy/PPOL001", {"accepted_at": later, "acknowledged_at": later}),
            ("apprise:CTO_SMS", {"accepted_at": later}),
            ("pagerduty:user/PDEV001", {}),
            ("tel:+15550100", {}),
        ]
        for place, (handle, marks) in enumerate(kinds):
            contact = f"{name} {place}"
            ways.append(PageAttempt(len(ways), 42, contact, 0, handle, requested_at=START, **marks))
    called = replace(
        of.incident, ladder=EscalationState.CLIMBING, look_at=later, acknowledged_by="Bruno <@U1> (PagerDuty)"
    )
    return replace(of, situation=replace(of.situation, incident=called, ways=tuple(ways)))


def milder(of: IncidentViewModel) -> IncidentViewModel:
    """The same when a change of the severity ended the call of everybody."""
    at = START + timedelta(minutes=8)
    changed = TimelineEntry(
        at, "U0ANA", parse_detail(EntryKind.SEVERITY_CHANGED, {"before": "P0", "to": "P2", "reason": ""})
    )
    situation = replace(
        of.situation,
        incident=replace(of.incident, severity="P2"),
        pages=tuple(replace(page, ended_at=at) for page in of.situation.pages),
        entries=(*of.situation.entries, changed),
    )
    return replace(of, situation=situation)


def joined(of: IncidentViewModel, count: int = 2) -> IncidentViewModel:
    """The same when pages of other incidents joined the one of U0DEVIKA, who has not acknowledged."""
    until = START + timedelta(minutes=2)
    notes = [
        JoinedPage("U0DEVIKA", 43 + n, of.incident.title, "P1", "C0ROOM" if n else None, until)
        for n in range(count)
    ]
    pages = tuple(
        replace(page, acknowledged_at=None) if page.person == "U0DEVIKA" else replace(page, held_until=until)
        for page in of.situation.pages
    )
    return replace(of, situation=replace(of.situation, joined=tuple(notes), pages=pages))


def crowded(of: IncidentViewModel) -> IncidentViewModel:
    """The same with 300 people, 200 timeline entries, 40 updates and 200 long checklist items."""
    long = "a long wording that goes on " * 12
    changed = replace(
        of.situation,
        pages=tuple(SlackPage(f"U0PERSON{n}", f"Contact {n} {long}", START) for n in range(300)),
        entries=tuple(TimelineEntry(START, "U0ANA", parse_detail(EntryKind.JOINED, {})) for _ in range(200)),
        updates=tuple(replace(posted(long * 8), id=n) for n in range(40)),
        items=items(200, long, 90),
    )
    return replace(of, situation=changed)
