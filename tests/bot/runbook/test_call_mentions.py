"""Whoever is called, first and next, in whatever form a runbook says so: sentences, labels, tables, trees, data; the
samples are invented."""

import pytest

from bot.runbook.call_clauses import parse_calls
from tests.bot.runbook.test_relative_calls import LEVELS, list_rungs, name_called, read

CALLED = [
    ("first in a label, next in another",
     "## Response\n\n**First call:** Till engineer\n**Then:** Store lead\n",
     ["Till engineer"], [(15, ("Store lead",))]),
    ("an order that a sentence announces",
     "## Who to contact\n\nContact in this order:\n\n1. Till engineer on duty\n2. Store lead\n3. Director\n",
     ["Till engineer on duty"], [(15, ("Store lead",)), (30, ("Director",))]),
    ("a sentence, and what if nobody answers",
     "## When it burns\n\nCall the till engineer. If there is no answer in 10 minutes, call the store lead.\n",
     ["till engineer"], [(10, ("store lead",))]),
    ("a chain in a sentence",
     "## Escalation\n\nTill engineer → store lead (15 min) → director (1 h)\n",
     ["Till engineer"], [(15, ("store lead",)), (60, ("director",))]),
    ("a chain in an item",
     "## Escalation\n\n- L1 → L2 → Architect\n- Escalate if unresolved in 20 mins\n",
     ["L1"], [(15, ("L2",)), (30, ("Architect",))]),
    ("a chain of bold names",
     "## Escalation\n\n**Till engineer** > **Store lead** > **Director**\n",
     ["Till engineer"], [(15, ("Store lead",)), (30, ("Director",))]),
    ("what is done with somebody",
     "## Paging\n\n- P1: the till engineer is paged at once; the store lead is paged after 10 minutes.\n",
     ["till engineer"], [(10, ("store lead",))]),
    ("where alerts go",
     "## Alert routing\n\n- P1 alerts go straight to the till engineer.\n- P2 alerts go to #till.\n",
     ["till engineer"], []),
    ("pages that go on",
     "## On-call\n\nThe till engineer gets every page. If unacknowledged for 10 minutes the page goes to the "
     "store lead, "
     "after 30 minutes to the director.\n",
     ["till engineer"], [(10, ("store lead",)), (30, ("director",))]),
    ("a column for each place in the rota",
     "## On-call\n\n| Severity | Primary | Backup |\n|---|---|---|\n| P1 | Till engineer | Store lead |\n",
     ["Till engineer"], [(15, ("Store lead",))]),
    ("first, when, and to whom",
     "## Matrix\n\n| Severity | First | Escalate after | To |\n|---|---|---|---|\n"
     "| P1 | On-call | 5 min | Store lead |\n",
     ["On-call"], [(5, ("Store lead",))]),
    ("whom a role escalates to",
     "## Reporting lines\n\n| Role | Does | Escalates to |\n|---|---|---|\n"
     "| Till engineer | looks first | Store lead |\n"
     "| Store lead | decides | Director |\n",
     ["Till engineer"], [(15, ("Store lead",))]),
    ("a situation beside whom it is escalated to",
     "## Escalation path\n\nThe till engineer is the first point of contact.\n\n| Condition | Escalate to |\n"
     "|---|---|\n"
     "| No cause found within 20 min | Store lead |\n| Money is lost | Store lead + bank support |\n",
     ["till engineer"], [(20, ("Store lead",))]),
    ("minutes as figures",
     "## Timeline\n\n| Minute | Action |\n|---|---|\n| 0 | Page till engineer |\n| 10 | Page store lead |\n",
     ["till engineer"], [(10, ("store lead",))]),
    ("instants as figures",
     "## Escalation\n\n```\nMinute 0    Till engineer paged\nMinute 5    Store lead if no ack\n"
     "Hour 1+     Director\n```\n",
     ["Till engineer"], [(5, ("Store lead",)), (60, ("Director",))]),
    ("how long each tries, in a sentence",
     "## Escalation levels\n\n### Level 1 - Till engineer\nTries for 20 minutes.\n\n### Level 2 - Store lead\n\n"
     "Tries for 30 minutes.\n\n### Level 3 - Director\n",
     ["Till engineer"], [(20, ("Store lead",)), (50, ("Director",))]),
    ("names with what each does, and when they are called",
     "## Escalation steps\n\n1. **Till engineer**: first responder, must answer within 5 minutes\n"
     "2. **Store lead**: escalate if it is not solved within 25 minutes\n"
     "3. **Risk officer**: notify immediately for any loss of money\n",
     ["Till engineer"], [(25, ("Store lead",))]),
    ("tiers with their times for each severity elsewhere",
     "## Escalation tiers\n\n```\nTier 1 — Till engineer (alarm)\n   │ ↓\nTier 2 — Store lead\n   │ ↓\n"
     "Tier 3 — Director (P1) / Area lead (P2)\n```\n\n## Thresholds by severity\n\n"
     "| Severity | Tier 1 response | Escalate to Tier 2 | Escalate to Tier 3 |\n|---|---|---|---|\n"
     "| P1 | 5 min | 10 min | 40 min |\n| P2 | 1 h | 2 h | 4 h |\n",
     ["Till engineer"], [(10, ("Store lead",)), (40, ("Director",))]),
    ("a tree",
     "## Contact tree\n\n```\nTill on-call\n├── Store lead\n└── Director\n```\n",
     ["Till on-call"], [(15, ("Store lead",)), (30, ("Director",))]),
    ("a tree below a label among roles",
     "## Roles\n\nWho does what.\n\n**Call tree:**\n\n```\nTill on-call\n├── Store lead\n└── Director\n```\n",
     ["Till on-call"], [(15, ("Store lead",)), (30, ("Director",))]),
    ("a box with what somebody does",
     "## Escalation chain\n\n```\nAlarm\n  │\n  ▼\nAna (primary on-call)\n• Looks at every alarm\n• Decides\n```\n",
     ["Ana (primary on-call)"], []),
    ("data",
     "## Escalation\n\n```yaml\nescalation:\n  - level: 1\n    who: till engineer\n    after: 0m\n  - level: 2\n"
     "    who: store lead\n    after: 20m\n```\n",
     ["till engineer"], [(20, ("store lead",))]),
    ("a chain of each severity",
     "## Escalation\n\n```\nP1: Till engineer -> Store lead (10m) -> Director (30m)\n"
     "P2: Till engineer -> Store lead (1h)\n```\n",
     ["Till engineer"], [(10, ("Store lead",)), (30, ("Director",))]),
    ("a rota of weeks",
     "## Rota\n\n| Week of | Primary | Backup |\n|---|---|---|\n| 1 May | Ana | Bo |\n| 8 May | Bo | Cy |\n",
     ["Primary"], []),
    ("a rota of one",
     "## Rota\n\n| From | To | Primary | Backup |\n|---|---|---|---|\n| May | - | shop owner | - |\n",
     ["shop owner"], []),
    ("who is responsible for the first thing",
     "## Who does what\n\n| Activity | Till engineer | Store manager |\n|---|---|---|\n| Triage | R | I |\n"
     "| Tell customers | C | R/A |\n", ["Till engineer"], []),
    ("a role that answers first, in a table of roles",
     "## Team\n\n| Role | Does |\n|---|---|\n| Store lead | decides |\n| Till engineer | First responder |\n",
     ["Till engineer"], None),
    ("the label of a pager",
     "## Communication\n\n### Internal\n\n- Chat: #till\n- PagerDuty: Till on-call rotation for P1/P2\n",
     ["Till on-call rotation"], []),
    ("where alerts are routed, by a pager",
     "## Alert routing\n\n1. Route P1 alerts to PagerDuty till on-call immediately.\n"
     "2. Escalate to the store lead after 10 minutes without an answer.\n",
     ["till on-call"], [(10, ("store lead",))]),
    ("when, and in what case, on the arrows",
     "## Escalation path\n\n```\nTill engineer\n  ↓ (20 min unsolved)\nStore lead\n  ↓ (if money is lost)\n"
     "Bank owner\n```\n",
     ["Till engineer"], [(20, ("Store lead",))]),
    ("tiers with how soon each answers",
     "## Escalation\n\n- L1 on-call (15m SLA): look at the alarm\n- L2 engineers (1h SLA): repair it\n",
     ["L1 on-call"], [(60, ("L2 engineers",))]),
    ("questions in a tree are nobody",
     "## Escalation path\n\n```\nTill engineer\n  |-- Can solve it? --> Solve it with the store lead\n  |\n"
     "  v (not solved in 30 min)\nDirector\n  |-- Names a commander\n```\n",
     ["Till engineer"], [(30, ("Director",))]),
    ("when on-call is in the name",
     "## Escalation path\n\n1. **On-call engineer** — try what this page lists\n"
     "2. **Service owner** — if it lasts longer than 30 minutes\n",
     ["On-call engineer"], [(30, ("Service owner",))]),
    ("somebody who is alone",
     "## Who responds\n\nThe shop owner (`o@shop.example`) is the sole responder: there is no rota.\n",
     ["shop owner"], []),
    ("who owns the worst",
     "## Rotation\n\nOne primary, one secondary. Primary owns P1 and P2 incidents; secondary helps.\n",
     ["Primary"], []),
    ("whom a case calls is nobody's first call",
     "## Escalation\n\n- Escalate to the database owner for slow queries.\n- Escalate to the web lead for errors.\n",
     [], []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "called", "later"), CALLED, ids=[row[0] for row in CALLED])
def test_who_is_called_first_and_next_is_read_in_every_form(
    kind: str, text: str, called: list[str], later: list[tuple[float, tuple[str, ...]]] | None
) -> None:
    runbook = read(LEVELS + text)
    assert name_called(runbook) == called, kind
    if later is not None:
        assert [rung for rung in list_rungs(runbook) if rung[1]] == later, kind


SEVERITIES = [
    ("a figure below a head that says what it is",
     "## Severity\n\n| Sev | Meaning | Who responds | Time |\n|---|---|---|---|\n"
     "| 1 | dark | Till engineer | 5 min |\n"
     "| 2 | dim | Till engineer | 1 h |\n", ["Till engineer"], {"SEV1": 300, "SEV2": 3600}),
    ("whom a response calls among other things",
     "## Severity\n\n| Level | Initial response |\n|---|---|\n"
     "| SEV0 | Keep the evidence, page the till lead and the shop "
     "owner immediately; tell the police |\n| SEV1 | Look at it |\n", ["till lead", "shop owner"], None),
    ("all hands in a response, whoever is on call",
     "## Severity\n\n| Level | Response |\n|---|---|\n| SEV1 | Page immediately, all-hands |\n\n"
     "## Contacts\n\n| Role | Contact |\n|---|---|\n| Primary on-call | a@shop.example |\n",
     ["everyone"], {"SEV1": 300}),
    ("a step that escalates is no first call",
     "## Severity\n\n### P1 - Critical\n- **Response time**: 5 minutes\n- **Actions**:\n  1. Look\n"
     "  2. Escalate to the "
     "director\n\n## Matrix\n\n| Severity | First |\n|---|---|\n| P1 | On-call |\n", ["On-call"], {"P1": 300}),
    ("those who are told",
     "## Severity\n\n| Level | Response time | Action |\n|---|---|---|\n"
     "| P1 | 5 min | Till engineer paged, executives "
     "notified |\n", ["Till engineer"], {"P1": 300}),
    ("at once among the actions",
     "## Severity\n\n| Level | Action |\n|---|---|\n| P1 | Immediate response; page the till engineer |\n",
     ["till engineer"], {"P1": 300}),
    ("a line that calls",
     "## P1 response\n\n- Response time: 5 minutes\n- Notify the till engineer, then the store lead\n",
     ["till engineer"], {"P1": 300}),
    ("on call by another title",
     "## Severity\n\n| Level | Response |\n|---|---|\n| SEV1 | Page the on-call engineer within 10 minutes |\n\n"
     "## Contacts\n\n| Role | Contact |\n|---|---|\n| Secondary on-call | b@shop.example |\n"
     "| Primary on-call | a@shop.example |\n", ["Primary on-call"], {"SEV1": 600}),
    ("severities in a list among steps",
     "## When it happens\n\n1. Look at the till\n2. Choose the severity:\n   - **P1**: nobody can pay\n"
     "   - **P2**: paying is slow\n", [], {"P1": None, "P2": None}),
    ("who only hears of it",
     "## Severity\n\n### P1 - Critical\n- **Response time**: 5 minutes\n"
     "- **Escalation**: Directors + legal notification "
     "required\n\n## Contacts\n\n- **Till on-call**: a@shop.example\n", ["Till on-call"], {"P1": 300}),
    ("handles of teams, and how long nobody answers is no response time",
     "## Escalation paths\n\n1. **P1 — Till is dark**\n   - Page `@shop/tills` + `@shop/web` immediately via chat\n"
     "   - If no response within 15 min → escalate to the shop admin\n2. **P2 — Web is dim**\n   - Open a ticket\n",
     ["@shop/tills", "@shop/web"], {"P1": None, "P2": None}),
    ("all roles",
     "## Severity\n\n- **P1**: dark. Page all roles. Respond in 5 minutes.\n- **P2**: dim. Respond in 1 hour.\n",
     ["everyone"], {"P1": 300, "P2": 3600}),
    ("weekly is at leisure",
     "## Severity\n\n| Level | Response | Who |\n|---|---|---|\n| Critical | 5 min | Till lead |\n"
     "| Warning | Weekly review | Till lead |\n", ["Till lead"], {"Critical": 300, "Warning": None}),
    ("all hands in a line",
     "## Triage\n\n1. Look\n2. Choose the severity:\n   - **Critical** (P1): dark. Engage all hands.\n"
     "   - **Minor** (P2): dim.\n", ["everyone"], {"P1": None, "P2": None}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "called", "times"), SEVERITIES, ids=[row[0] for row in SEVERITIES])
def test_whom_the_words_of_a_severity_call(
    kind: str, text: str, called: list[str], times: dict[str, int | None] | None
) -> None:
    runbook = read(f"# Till incidents\n\n{text}")
    assert name_called(runbook) == called, kind
    if times is not None:
        found = {level.id: level.response for level in runbook.severities}
        assert {id: span and span.total_seconds() for id, span in found.items()} == times, kind


def test_a_level_that_an_item_only_mentions_is_no_severity() -> None:
    runbook = read("# Till\n\n## Escalation\n\n1. Till engineer\n2. Owners for SEV-1 or loss of money\n")
    assert runbook.assumes_severities
    assert name_called(runbook) == ["Till engineer"]


CONTACTS = [
    ("roles in a section about something else",
     "## Decisions\n\n| Role | Accountable for |\n|---|---|\n| Shop owner | all |\n| Till lead | tills |\n",
     ["Shop owner", "Till lead"]),
    ("a column of addresses is nobody's name",
     "## Contact directory\n\n| Entity | Contact | When |\n|---|---|---|\n"
     "| Till team | https://till.example | always |\n",
     ["Till team"]),
    ("numbers below a heading that does not say so",
     "## Before you begin\n\n- Till engineer: +1 202 555 0101\n- Store lead: +1 202 555 0102\n",
     ["Till engineer", "Store lead"]),
    ("data",
     "## Contacts\n\n```\nTill engineer:\n  Email: a@shop.example\n  Slack: @till\n\nStore lead:\n"
     "  Phone: +1 202 555 0102\n```\n",
     ["Till engineer", "Store lead"]),
    ("the same person with something in brackets",
     "## Contacts\n\n- **Primary on-call**: a@shop.example\n\n| Role | Handover |\n|---|---|\n"
     "| Primary on-call (1 week) | Monday |\n",
     ["Primary on-call"]),
    ("signs and hours",
     "## Who do I call?\n\n- 🔴 Till engineer (24/7): +1 202 555 0101\n", ["Till engineer"]),
    ("pagers and hotlines are ways",
     "## Contacts\n\n- On-call pager: [number]\n- Emergency hotline: [number]\n- Shop owner: o@shop.example\n",
     ["Shop owner"]),
    ("what belongs to other systems",
     "## External escalation\n\n| Integration | Escalation path |\n|---|---|\n"
     "| Bank gateway | Support of the bank |\n", []),
    ("cases are nobody",
     "## Escalation\n\n- **Leak suspected**: freeze the keys, tell the owner\n- **Request of a court**: wait\n", []),
    ("alarms are nobody",
     "## Escalation by alert\n\n| Alert | Go to |\n|---|---|\n| TillDown | the till page |\n"
     "| WebSlow | the web page |\n", []),
    ("steps are nobody",
     "## Escalation procedures\n\n### First response\n\n1. **Assess** the damage\n"
     "2. **Communicate**: tell the room\n", []),
    ("sites are nobody",
     "## Contacts\n\n- **Ana Till** (owner): ana@shop.example\n- **Bank**: dashboard.bank.example\n", ["Ana Till"]),
    ("marks of code around a name",
     "## Response roles\n\n- `Till commander`: decides\n- `Scribe`: writes\n", ["Till commander", "Scribe"]),
    ("two of a role, by what stands in brackets",
     "## Contacts\n\n- **Tech lead (web)**: w@shop.example\n- **Tech lead (till)**: t@shop.example\n",
     ["Tech lead (web)", "Tech lead (till)"]),
    ("names that are left open",
     "## Who is on call\n\n| Tier | Contact | Way |\n|---|---|---|\n| Primary | Ana (owner) | page |\n"
     "| Backup | [to be named] | mail |\n", ["Ana (owner)"]),
    ("places in a rota wherever they stand",
     "## Before\n\n- Primary: @ana\n- Tickets: label them\n", ["Primary"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "names"), CONTACTS, ids=[row[0] for row in CONTACTS])
def test_people_are_contacts_by_the_form_in_which_they_are_listed(
    kind: str, text: str, names: list[str]
) -> None:
    assert [contact.name for contact in read(LEVELS + text).contacts] == names, kind


@pytest.mark.parametrize(
    "text",
    [
        "If money is lost, page the finance lead.",
        "Notify customers and stakeholders.",
        "Call the vendor's support.",
        "Contact directory",
        "Open the page of the till.",
        "The director is told of it at the end of the week.",
    ],
)
def test_a_sentence_that_calls_nobody_of_the_team_is_no_call(text: str) -> None:
    assert parse_calls(text) == ()


def test_for_want_of_anybody_else_no_authority_is_called() -> None:
    runbook = read(
        f"{LEVELS}## Response team\n\n| Role | Does |\n|---|---|\n| Incident commander | decides |\n\n"
        "## Contact directory\n\n| Entity | Contact |\n|---|---|\n| NCSA | https://ncsa.example |\n"
    )
    assert name_called(runbook) == ["Incident commander"]


def test_a_call_in_another_language_is_one() -> None:
    [call] = parse_calls("Acionar imediatamente o responsável do caixa.")
    assert (call.who, call.levels) == ("imediatamente o responsável do caixa", ())
    assert [call.who for call in parse_calls("Llamar a la jefe de tienda.")] == ["jefe de tienda"]
