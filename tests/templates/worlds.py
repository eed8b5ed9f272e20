"""Incidents to draw: ordinary, empty, hostile and very long ones, on the shipped runbook and on a strange one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.calls import Ladder, Page, Way
from bot.contacts import Handle, Kind
from bot.incident import (
    ChecklistItem,
    EntryKind,
    Incident,
    Measured,
    Post,
    Situation,
    Status,
    StatusUpdate,
    TimelineEntry,
)
from bot.paging import Duty, OnDuty
from bot.runbook import Runbook, read, recognised
from templates.duty import Standing
from templates.view import View

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
    return recognised(read((Path(__file__).parents[2] / "templates" / "runbook.md").read_text()))


@cache
def crowded_runbook() -> Runbook:
    """30 severities without examples, 120 playbooks, the first with 100 steps; no templates, no checklist."""
    steps = "\n\n".join(f"# {n}. Look at part {n}\necho part {n}" for n in range(1, 101))
    titles = [f"NUMBER {n} {'WITH A LONG TITLE ' * 6}" for n in range(120)]
    playbooks = [f"## P0 INCIDENT: {title}\n### Symptoms\n- x" for title in titles]
    first = playbooks[0] + f"\n### Actions\n```bash\n{steps}\n```"
    known = read("\n\n".join(["# R\n## Severity Levels\n### P0 - BAD", first, *playbooks[1:]]))
    (worst,) = known.severities
    many = [replace(worst, id=f"P{n}", name=f"level {n} " * 12, rank=n) for n in range(30)]
    return replace(known, severities=tuple(many))


@cache
def strange_runbook() -> Runbook:
    """A runbook with hostile and endless words."""
    many = "\n".join(f"- {number} <!channel> {'word ' * 60}" for number in range(150))
    return read(STRANGE.replace("{long}", "x" * 1000).replace("{many}", many))


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


def view(runbook: Runbook | None = None, now: datetime | None = None, **values: Any) -> View:
    """An ordinary incident half an hour old, drawn with the shipped runbook."""
    return View(
        situation=Situation(
            incident=incident(
                acknowledged_at=START + timedelta(seconds=130), acknowledged_by="U0BRUNO", **values
            ),
            pages=(
                Page("U0BRUNO", "CTO", START, START, "", START + timedelta(seconds=130)),
                Page("U0DEVIKA", "DevOps Lead", START, START),
            ),
            entries=(
                TimelineEntry(START, "U0ANA", EntryKind.DECLARED, {"severity": "P0", "title": "API is down"}),
                TimelineEntry(
                    START + timedelta(seconds=130), "U0BRUNO", EntryKind.ACKNOWLEDGED, {"seconds": "130"}
                ),
            ),
            updates=(posted(),),
            items=items(),
            posts={"resolution:42": Post("resolution:42", "C0ROOM", "1795400000.000100")},
        ),
        runbook=runbook or users_runbook(),
        incidents_channel="C0INCIDENTS",
        workspace_url="https://team.slack.example/",
        runbook_url="https://git.example/runbook.md",
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


def views() -> dict[str, View]:
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
        "waiting": view(ladder=Ladder.WAITING, look_at=START + timedelta(hours=6)),
        "bare": View(bare, users_runbook()),
        "runbook without anything": View(bare, read("# Nothing\n\nYet.\n")),
        "no clock": view(**no_clock),
        "monitoring": view(status=Status.MONITORING),
        "resolved": view(**_ended(root_cause="A bad deploy", resolution="Rolled back\n- Scaled up")),
        "resolved bare": View(replace(bare, incident=incident(**_ended())), users_runbook()),
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


def with_situation(of: View, words: str) -> View:
    """The same with these words wherever people wrote something."""
    pages = (Page("U0BRUNO", words, START, failed=words), Page("U0DEVIKA", words, START))
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
        "role",
        "reason",
        "what",
        "digest",
        "bad",
    )
    said = dict.fromkeys(names, words) | {"seconds": "130", "left": "2", "link": "", "channel": "C0ROOM"}
    entries = tuple(
        TimelineEntry(
            START,
            "U0ANA",
            kind,
            {
                **said,
                "person": "U0BRUNO",
                "people": "U0BRUNO",
                "to": "U0BRUNO" if kind in TO_PEOPLE else words,
            },
        )
        for kind in EntryKind
        if kind is not EntryKind.CHANNEL_FAILED
    )
    updates = (posted(words),)
    changed = replace(of.situation, pages=pages, entries=entries, updates=updates, items=items(12, words, 6))
    return replace(of, situation=changed)


TIMES = {42: Measured(timedelta(seconds=130), timedelta(minutes=42))}
"""How long the incidents of these worlds took."""


def standings(words: str = "") -> list[Standing]:
    """Contacts in every state: on call by a schedule and a group, with ways of their own, without any."""
    person = OnDuty(
        words or "Devika", (Handle(Kind.PAGERDUTY_USER, "PDEV001"), Handle(Kind.PHONE, "+15550100")), START
    )
    stranger = OnDuty(words or "Eve")
    nobody = Duty(problem=words or "The on-call calendar oncall.ics has nobody on call now.")
    asked = (("PagerDuty schedule", Duty((person, stranger)), ()), ("calendar", nobody, ()))
    return [
        Standing(words or "On-Call Engineer", ("P0", "P2"), asked, ("phone",)),
        Standing("SRE", (), (("Slack user group", Duty(), ("U0ANA", "U0BRUNO")),)),
        Standing(
            words or "CTO",
            ("P0",),
            (),
            ("Slack", "PagerDuty user", "phone"),
            (words or "apprise:CTO_SMS needs it",),
        ),
        Standing(words or "AWS Support", ("P0",)),
        Standing(words or "Senior engineers", ("P1",), is_contact=False),
    ]


def without_channel(of: View, why: str) -> View:
    """The same when Slack refused to make a channel."""
    entry = TimelineEntry(START, "", EntryKind.CHANNEL_FAILED, {"why": why})
    announced = Post("announcement:42", "C0INCIDENTS", "1795402921.000100")
    situation = replace(
        of.situation, entries=(*of.situation.entries, entry), posts={announced.key: announced}
    )
    return replace(of, situation=situation)


def calling_everyone(of: View, why: str) -> View:
    """The same when the declaration calls the whole incidents channel."""
    first, *rest = of.situation.entries
    entries = (replace(first, detail={**first.detail, "everyone": why}), *rest)
    return replace(of, situation=replace(of.situation, entries=entries))


def being_called(of: View, words: str = "CTO", count: int = 1) -> View:
    """The same while people are called by all kinds of ways, each `count` times."""
    later = START + timedelta(minutes=2)
    ways: list[Way] = []
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
            ways.append(Way(len(ways), 42, contact, 0, handle, requested_at=START, **marks))
    called = replace(
        of.incident, ladder=Ladder.CLIMBING, look_at=later, acknowledged_by="Bruno <@U1> (PagerDuty)"
    )
    return replace(of, situation=replace(of.situation, incident=called, ways=tuple(ways)))


def crowded(of: View) -> View:
    """The same with 300 people, 200 timeline entries, 40 updates and 200 long checklist items."""
    long = "a long wording that goes on " * 12
    changed = replace(
        of.situation,
        pages=tuple(Page(f"U0PERSON{n}", f"Contact {n} {long}", START) for n in range(300)),
        entries=tuple(TimelineEntry(START, "U0ANA", EntryKind.JOINED) for _ in range(200)),
        updates=tuple(replace(posted(long * 8), id=n) for n in range(40)),
        items=items(200, long, 90),
    )
    return replace(of, situation=changed)
