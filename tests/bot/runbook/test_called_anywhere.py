"""Who is called first, wherever and in whatever form a team writes it: the samples are invented, what is right was
written before they were read."""

from datetime import timedelta

import pytest

from bot.runbook import Runbook, add_problems, build_escalation, parse_runbook, select_first_contacts

LEVELS = "# Incident Runbook\n\n## Severity\n\n| Level | Response time |\n|---|---|\n| P1 | 15 min |\n"
"| P2 | 1 h |\n\n"


def read(text: str) -> Runbook:
    return add_problems(parse_runbook(text), lambda _: False, lambda _: None)


def name_called(runbook: Runbook, severity: int = 0) -> list[str]:
    """Whom declaring at a severity calls at once, contacts before others."""
    names = [contact.name for contact in runbook.contacts]
    met = select_first_contacts(runbook, runbook.severities[severity], names)
    return [*(["everyone"] if met.everyone else []), *met.matched, *met.unmatched]


def list_rungs(runbook: Runbook) -> list[tuple[float, tuple[str, ...]]]:
    names = [contact.name for contact in runbook.contacts]
    rungs = build_escalation(runbook, runbook.severities[0], names)
    return [(rung.after / timedelta(minutes=1), rung.names or rung.unmatched) for rung in rungs]


CALLED = [
    ("deputies in a directory are no turns",
     LEVELS + "## Escalation contacts\n\n| Role | Primary | Secondary |\n|---|---|---|\n"
     "| On-call engineer | Rota | - |\n| Till lead | @till-lead | @till-two |\n| Safety | @safe | - |\n",
     ["On-call engineer"]),
    ("a place in the rota before a lead",
     LEVELS + "## Emergency contacts\n\n### Rota\n- **Primary**: +1 202 555 0101\n"
     "- **Secondary**: +1 202 555 0102\n\n"
     "### Key people\n- **DevOps lead**: ops@shop.example\n- **CTO**: cto@shop.example\n",
     ["Primary"]),
    ("nobody in particular is nobody",
     LEVELS + "## First steps\n\n1. Page the appropriate responders\n\n## Escalation procedures\n\n"
     "### Technical escalation\n"
     "1. **L1**: On-call engineer\n2. **L2**: Till lead\n",
     ["On-call engineer"]),
    ("tiers in another language's runbook",
     "# Störungen\n\n## Eskalationsstufen\n- 1st Level: OnCall-Team (Slack)\n- 2nd Level: Leitung\n",
     ["OnCall-Team"]),
    ("any page is the first of a table",
     LEVELS + "## Escalation paths\n\n| When | Who |\n|---|---|\n| Any page | Duty engineer |\n"
     "| 15 min, no answer | Backup engineer |\n| Card leak | Legal team and owner |\n",
     ["Duty engineer"]),
    ("a sentence about who is on call",
     LEVELS + "## Ownership\n\nUntil we are more, the founder is primary on-call.\n",
     ["founder"]),
    ("a rota of handles with a line in them",
     LEVELS + "## Coverage\n\n| Period | Primary | Backup |\n|---|---|---|\n| Weekdays | `@till_dev` (lead) | - |\n"
     "| Nights | best-effort | - |\n",
     ["@till_dev"]),
    ("a situation that is a severity, and others that are cases",
     LEVELS + "## When to escalate\n\n| Situation | Escalate to | When |\n|---|---|---|\n"
     "| P1 incident | @till-manager + Shop lead | Immediately |\n| Fire | Safety officer | Immediately |\n"
     "| Not solved in 30 min | Head of shops | At 30 min |\n\n## Contacts\n\n| Role | Handle | For |\n|---|---|---|\n"
     "| Till manager | @till-manager | tills |\n| Shop lead | @shop | all |\n",
     ["Till manager", "Shop lead"]),
    ("all by a column in Spanish",
     "# Incidentes\n\n## Severidad\n\n| Nivel | Tiempo de respuesta | Escalación |\n|---|---|---|\n"
     "| P1 - Crítico | 15 minutos | Inmediata a todos |\n| P2 - Alto | 30 minutos | On-call → Lead |\n",
     ["everyone"]),
    ("who joins comes beside who is paged",
     "# On-call\n\n## Rota\n- Alerts page the primary.\n\n## Severities\n\n| Sev | Definition | Response |\n"
     "|---|---|---|\n"
     "| 1 | All is down | Page immediately; security lead joins; updates every 30 minutes |\n"
     "| 2 | Half is down | Page |\n",
     ["security lead", "primary"]),
    ("a line about who is on call at the top",
     "# Shop runbook\n\n**Scope:** the shops\n**On-call rotation:** ops@shop.example\n\n## Triage\n\n"
     "| Alert | Severity | Response |\n|---|---|---|\n| Till | P1 | 15 min |\n",
     ["On-call rotation"]),
    ("a bare line with a handle among owners of services",
     LEVELS + "## Contact & escalation\n\n**Primary on-call**: @shop-oncall in Slack\n**Room**: none\n\n"
     "**Service owners**:\n\n- Tills: @tills\n- Doors: @doors\n",
     ["Primary on-call"]),
    ("the only person there is",
     "# Turnos\n\n## Quién\n\n- **Operador único**: `ana@tienda.example`. No hay rotación.\n"
     "- **Zona horaria**: UTC\n\n"
     "## Niveles de severidad\n\n| Severidad | Qué es |\n|---|---|\n| **P0** | Caída total |\n| **P1** | Parcial |\n",
     ["Operador único"]),
    ("a column of whom to alert",
     "# Incidents\n\n## Severity levels\n\n| Level | Response time |\n|---|---|\n| P0 | 1 hour |\n"
     "| P1 | 4 hours |\n\n"
     "## Escalation matrix\n\n| Severity | Who to alert | Expectation |\n|---|---|---|\n"
     "| **P0** | Safety team, CTO | all hands |\n| **P1** | Safety team | soon |\n",
     ["Safety team", "CTO"]),
    ("a chain in a line behind its label",
     "# On-call\n\nRota weekly, Monday 10:00.\nEscalation: primary -> secondary -> shop lead.\n",
     ["primary"]),
    ("who comes in at a severity, in brackets",
     LEVELS + "## Escalation path\n\n1. **On-call engineer**\n   - first responder\n"
     "2. **Senior SRE** (P2+, 30 min no progress)\n"
     "3. **Shop lead** (P1, immediate)\n4. **Door lead** (door issues)\n",
     ["On-call engineer", "Shop lead"]),
    ("a response that pages behind a stroke",
     "# Incidents\n\n## Severity levels\n\n| Severity | Response time |\n|---|---|\n"
     "| **P0 - Critical** | Immediate - page on-call now |\n| **P1 - High** | Same day |\n",
     ["on-call"]),
    ("tiers in a table, whatever its heads say",
     "# On-call 체계\n\n## 에스컬레이션 레벨\n\n| 레벨 | 담당 | 조건 |\n|---|---|---|\n| L1 | 담당 (@till) | 알람 |\n"
     "| L2 | team-lead | L1 30분 미해결 |\n",
     ["담당 (@till)"]),
    ("of roles without anybody on call the commander",
     LEVELS + "## Roles\n- **Incident commander** - decides\n- **Technical lead** - mends\n",
     ["Incident commander"]),
    ("an escalation that is still a template",
     LEVELS + "## Escalation matrix (template)\n\n| Time | Who |\n|---|---|\n| Immediate | Duty engineer |\n"
     "| 15 min | CTO |\n",
     ["Duty engineer"]),
    ("an aim of mending is no call to all",
     "# Incidents\n\n## Severity classification\n\n### Sev0 - Critical\n\n"
     "**Response SLA:** Acknowledge within **5 minutes**. "
     "Mitigation target: immediate, all hands.\n\n**Ownership & escalation:**\n"
     "1. First responder pages Incident commander "
     "immediately.\n",
     ["Incident commander"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "called"), CALLED, ids=[kind for kind, *_ in CALLED])
def test_the_top_severity_calls_whom_a_runbook_means(kind: str, text: str, called: list[str]) -> None:
    assert sorted(name_called(read(text))) == sorted(called)


RUNGS = [
    ("a chain of each severity",
     "# R\n\n## Escalation\n\n| Severity | Response time | Escalation path |\n|---|---|---|\n"
     "| Critical | 15 min | On-call → Shop lead → CTO |\n| Warning | 2 hours | On-call → Shop lead |\n",
     [(15, ("Shop lead",)), (30, ("CTO",))]),
    ("brackets that say at which severity and when",
     LEVELS + "## Escalation path\n\n1. **On-call engineer**\n2. **Senior SRE** (P2+, 30 min no progress)\n",
     [(30, ("Senior SRE",))]),
    ("a situation with notes, for two severities",
     LEVELS + "## Immediate steps\n- Page the on-call engineer\n\n## Escalation matrix\n\n"
     "| Situation | Escalate to | Notes |\n"
     "|---|---|---|\n| P0/P1, no ack within 10 min | Backup engineer | at once |\n",
     [(10, ("Backup engineer",))]),
    ("nobody twice",
     LEVELS + "## Communication\n- P1/P2: Page on-call engineer immediately\n\n## Escalation\n\n"
     "1. On-call engineer (15 min)\n"
     "2. Team lead (30 min)\n3. CTO (P1 only, 2 hours)\n",
     [(30, ("Team lead",)), (120, ("CTO",))]),
    ("not solved, in Portuguese; the first of them is called at once, since nobody else is named",
     "# Incidentes\n\n## Severidade\n\n| Nível | Tempo de resposta |\n|---|---|\n| P0 | 5 minutos |\n"
     "| P1 | 1 hora |\n\n"
     "## Escalação\n\n1. **P0 não resolvido em 30 minutos**: Escalar para tech lead\n"
     "2. **P0 não resolvido em 1 hora**: Escalar para CTO\n\n## Contatos\n- **Tech lead**: a@b.example\n"
     "- **CTO**: c@b.example\n",
     [(60, ("CTO",))]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "rungs"), RUNGS, ids=[kind for kind, *_ in RUNGS])
def test_who_is_next_is_called_when_a_runbook_says_so(
    kind: str, text: str, rungs: list[tuple[float, tuple[str, ...]]]
) -> None:
    assert list_rungs(read(text)) == rungs


def test_a_severity_that_names_nobody_is_told_by_the_common_instructions_beside_one_that_does() -> None:
    text = (
        "# On-call\n\n## First steps\n- Page the duty engineer.\n\n## Severities\n\n### P0\n"
        "- **Action**: Page the CTO\n\n### P1\n- half\n"
    )
    found = read(text)
    assert name_called(found, 0) == ["CTO"]
    assert name_called(found, 1) == ["duty engineer"]


CONTACTS = [
    ("a heading of a place, with what belongs to it",
     "# R\n\n## Emergency contacts\n\n### Primary on-call\n- **Engineer**: [Rota]\n- **Telegram**: @shop\n"
     "- **Phone**: [number]\n",
     ["Primary on-call"]),
    ("an escalation's rungs with conditions are none",
     "# R\n\n## On-call escalation policy\n\n| Tier | Who | When |\n|---|---|---|\n| L1 | On-call | Immediate |\n"
     "| L2 | Shop lead | No answer after 15 min |\n\n## Contacts\n- **Owner**: +1 202 555 0101\n",
     ["Owner"]),
    ("a place that nobody has is none",
     "# R\n\n## On-call rotation\n\n| Role | Person | Contact |\n|---|---|---|\n"
     "| Primary on-call | Ada | ada@shop.example |\n"
     "| Backup | None | n/a |\n",
     ["Primary on-call"]),
    ("a list of tiers is none",
     "# R\n\n## Escalation\n\n- **L1**: On-call\n- **L2**: Shop lead\n\n## Contacts\n- **Owner**: +1 202 555 0101\n",
     ["Owner"]),
    ("who has the week, in a fence",
     "# R\n\n## Current on-call\n\n```\nWeek of March 3:\n- Primary (Days): Ada Poe\n"
     "- Manager On-Call: Bo Lund\n```\n",
     ["Primary (Days)", "Manager On-Call"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "names"), CONTACTS, ids=[kind for kind, *_ in CONTACTS])
def test_contacts_are_those_whom_a_runbook_lists(kind: str, text: str, names: list[str]) -> None:
    assert [contact.name for contact in read(text).contacts] == names
