"""Whom a runbook calls at once, told in words around a name, in prose, in steps, in tables of people; the samples are
invented."""

import pytest

from tests.bot.runbook.test_relative_calls import LEVELS, name_called, read

SHOP = "# Shop incidents\n\n"
TABLE = "## Severity\n\n| Level | {head} |\n|---|---|\n| P1 | {cell} |\n\n"

CALLED = [
    ("what somebody does behind the name",
     LEVELS + "## Escalation\n\n1. Till engineer on-call looks at the alert in #till-alarms\n"
     "2. Not solved in 20 minutes: ping the till lead\n", ["Till engineer on-call"]),
    ("what somebody does within a time",
     SHOP + "## Escalation flow\n\n1. The monitor raises an alert (PagerDuty)\n"
     "2. Duty engineer answers within 10m\n3. If open after 25m, escalate to the store lead\n", ["Duty engineer"]),
    ("by which way",
     LEVELS + "## Escalation path\n\n1. Page the till on-call via PagerDuty\n2. Page the store manager\n",
     ["till on-call"]),
    ("at once to somebody",
     SHOP + "## Severity\n\n### P1 - Critical\n**Response Time**: 10 minutes\n"
     "**Escalation**: Immediately to the store lead\n", ["store lead"]),
    ("lines in the cell of a response",
     SHOP + TABLE.format(
         head="Response expectation",
         cell="**Immediate (24/7)**<br> • Page till on-call at once.<br> • Notify the store director.<br>"
         " • Updates every 20 mins.",
     ), ["till on-call", "store director"]),
    ("prose that pages",
     "# Duty\n\nPage the primary of the till rotation. If nobody acks in 10 minutes, page the backup.\n\n"
     "Sev 1: nobody can pay.\n\nSev 2: paying is slow.\n", ["primary of the till rotation"]),
    ("a step of the first response",
     SHOP + TABLE.format(head="Response time", cell="10 min")
     + "## Immediate actions\n\n1. Declare the incident\n2. Page the till engineer through Opsgenie\n"
     "3. Inform customers on the status page\n", ["till engineer"]),
    ("a tree of messages",
     SHOP + TABLE.format(head="Meaning", cell="All is down")
     + "## Communication tree\n\n1) The commander declares\n2) Notify the on-call team over the alarm channel\n"
     "3) P1: tell the owners within 20 minutes\n", ["on-call team"]),
    ("a heading that says whom to call",
     "# When tills stop\n\n## Contact the Duty Engineer\n\nLook into the schedule; an ack comes within 5 minutes.\n\n"
     "## Look at the till\n\nIs it on?\n", ["Duty Engineer"]),
    ("a table of times below a severity",
     SHOP + "## Paths by severity\n\n### P1 - Critical\n\n**Who hears of it:**\n\n"
     "| Time | Role | Way |\n|---|---|---|\n"
     "| Immediate | Till engineer | Page |\n| 10 min | Store lead | Page |\n| 45 min | CTO/Owner | Call |\n\n"
     "### P2 - High\n\n| Time | Role | Way |\n|---|---|---|\n| Immediate | Store lead | Chat |\n", ["Till engineer"]),
    ("first responder in a table of when",
     LEVELS + "## Escalation path\n\n| Role | When to contact | Way |\n|---|---|---|\n"
     "| Duty engineer | First responder | Phone |\n| Backup engineer | If the first is away (10min) | Phone |\n",
     ["Duty engineer"]),
    ("a box with arrows",
     LEVELS + "## Escalation matrix\n\n```\n┌──────────────────┐\n│  Duty Engineer   │\n│      │           │\n"
     "│      ▼ (15 min P1, 30 min P2) │\n│  Store Lead      │\n└──────────────────┘\n```\n", ["Duty Engineer"]),
    ("tiers with a range behind",
     LEVELS + "## Escalation matrix\n\n1. **L1** (0-10 min): Duty engineer\n2. **L2** (10-30 min): Store lead\n",
     ["Duty engineer"]),
    ("a tier is who has it",
     LEVELS + "## Escalation\n\n1. Page L1 immediately for P1 and P2 alerts.\n"
     "2. Escalate to L2 if unresolved in 15 minutes.\n", ["L1"]),
    ("letters for a role",
     SHOP + "## Severity\n\n| Level | Response |\n|---|---|\n| P1 | 15min, EM + Sr Eng, #till |\n", ["EM", "Sr Eng"]),
    ("letters for a role that a contact has in full",
     SHOP + "## Severity\n\n| Level | Response | Notify |\n|---|---|---|\n| P1 | 15min | EM |\n\n"
     "## Contacts\n\n- **Engineering Manager**: em@shop.example\n- **Owner**: owner@shop.example\n",
     ["Engineering Manager"]),
    ("an audience",
     SHOP + TABLE.format(head="Response time", cell="10 min")
     + "## Who is told\n\n| Audience | When |\n|---|---|\n| Till owner | Immediately for P1 |\n"
     "| Customers | Immediately for P1 |\n| Store manager | After 1 hour for P1 |\n", ["Till owner"]),
    ("a handle behind a channel",
     SHOP + TABLE.format(head="Notify", cell="#till-war and @till-oncall"), ["@till-oncall"]),
    ("a column for each severity",
     LEVELS + "## Escalation matrix\n\n| Role | P1 | P2 |\n|---|---|---|\n| Till on-call | Immediate | 1h |\n"
     "| Store lead | 20min | Next day |\n", ["Till on-call"]),
    ("at once for a severity, whoever it is",
     SHOP + "## Severity\n\n- **P1**: nobody can pay\n- **P2**: paying is slow\n\n## First response, in order\n\n"
     "1. **Look at the till** - is it on?\n2. **Notify the Shop Owner** - immediately for P1, by noon for P2.\n",
     ["Shop Owner"]),
    ("severities in a fence",
     LEVELS + "## Escalation\n\n```\nP1: Immediate notification to the till lead + CTO\n"
     "P2: Till lead notified within 40 minutes\n```\n", ["till lead", "CTO"]),
    ("links of a chain that are called at once when the one before has not answered",
     LEVELS + "## Escalation path\n\n```\nDuty engineer (10 min ack)\n  ↓ (if no ack)\nStore lead (immediate)\n```\n",
     ["Duty engineer"]),
    ("words of a response beside a time in the heading",
     SHOP + "## Severity\n\n### P1 - Critical (Response time: 10 minutes)\n\n"
     "**Response**: Till engineer + store lead\n",
     ["Till engineer", "store lead"]),
    ("a name in brackets",
     SHOP + TABLE.format(head="Who is paged", cell="Till engineer (Ana)")
     + "## Contacts\n\n- **Ana**: ana@shop.example\n- **Bo**: bo@shop.example\n", ["Ana"]),
]  # fmt: skip

NOBODY = [
    ("those who are told and not called",
     SHOP + "## Severity\n\n- P1: all is down\n\n## First steps\n\n1. Notify customers\n2. Inform stakeholders\n"),
    ("a condition",
     SHOP + "## Severity\n\n- P1: all is down\n\n## First steps\n\n1. If money is lost, page the finance lead\n"),
    ("what one playbook says",
     SHOP + "## Severity\n\n- P1: all is down\n\n## Incident: Till is dark\n\n### Symptoms\n- dark\n\n"
     "### Immediate actions\n1. Page the electrician on duty\n"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "called"), CALLED, ids=[kind for kind, *_ in CALLED])
def test_who_is_called_at_once_is_read_from_what_the_runbook_tells(
    kind: str, text: str, called: list[str]
) -> None:
    assert sorted(map(str.casefold, name_called(read(text)))) == sorted(map(str.casefold, called)), kind


@pytest.mark.parametrize(("kind", "text"), NOBODY, ids=[kind for kind, _ in NOBODY])
def test_nobody_is_called_whom_the_runbook_does_not_call(kind: str, text: str) -> None:
    assert name_called(read(text)) == [], kind
