"""Looks in every state, for the messages that show them."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.diagnostic_run import (
    ALL,
    BAD,
    OK,
    STOPPED,
    UNKNOWN,
    WARN,
    WHOLE,
    DiagnosticRun,
    Evidence,
    StepResult,
)
from bot.domain.evidence import EvidenceTable
from bot.domain.playbook import ParsedStep, Step, StepKind
from tests.templates.worlds import START

AT = START + timedelta(seconds=3)
TABLE = EvidenceTable(
    ("service", "tasks", "what", "state", "age"),
    (
        ("rodistaa-backend-prod", "4/6", "backend:118", "FAILED", "8 min"),
        ("changed", "", "backend: image v2.14.0 → v2.15.0", "", ""),
        ("stopped", "12×", "Essential container in task exited", "", ""),
    ),
)


def result(place: int, title: str, verdict: str | None, headline: str = "", **more: object) -> StepResult:
    """One step of the shipped runbook's first playbook."""
    known: dict[str, object] = {
        "playbook": "api-completely-down",
        "line": 41 + place,
        "file": "",
        "kind": "diagnostic",
        "runs": "ecs.describe_services",
        "digest": f"{place:02}" * 32 if verdict else "",
        "collected_at": AT if verdict else None,
        "seen_at": AT if verdict else None,
    }
    return StepResult(place=place, title=title, verdict=verdict, headline=headline, **{**known, **more})  # type: ignore[arg-type]


def ended(
    *results: StepResult, scope: str = WHOLE, what: str = "api-completely-down", **more: object
) -> DiagnosticRun:
    """A look that came to its end after nine seconds."""
    known = {"asked_by": "", "number": 1, "ended_at": START + timedelta(seconds=11)}
    return DiagnosticRun(
        id=7,
        incident=42,
        scope=scope,
        what=what,
        begun_at=START + timedelta(seconds=2),
        results=results,
        **{**known, **more},  # type: ignore[arg-type]
    )


SERVICE = result(
    0,
    "Check ECS service status",
    BAD,
    "rodistaa-backend-prod: 4 of 6 tasks running; the deployment of backend:118 FAILED.",
    measure="4/6",
    detail=Evidence(
        table=TABLE,
        link="https://ap-south-1.console.aws.amazon.com/ecs/v2/clusters/rodistaa-production/services",
        command="aws ecs describe-services \\\n  --cluster rodistaa-production",
        begin=START - timedelta(minutes=30),
        end=START,
        age=42.0,
        next_look="Check the logs of the newest tasks.",
    ),
)
LOGS = result(
    1,
    "Check CloudWatch logs for errors",
    WARN,
    "84 lines match in 10 min, 6 times as many as in the hour before.",
    measure="84",
    detail=Evidence(text="03:04:12 Error: connect ECONNREFUSED 10.0.3.7:5432\n03:04:13 Error: timeout"),
)
DENIED = result(
    2,
    "Check ECS task metrics",
    UNKNOWN,
    "AWS denies cloudwatch:GetMetricData.",
    cause="forbidden",
    detail=Evidence(next_look="Allow cloudwatch:GetMetricData for Tocsin's role."),
)
LACKING = "Skipped: PGHOST is not set for Tocsin."
UNASKED = tuple(
    result(place, title, UNKNOWN, LACKING, cause="not_configured", line=line)
    for place, title, line in ((3, "Check connections", 64), (4, "Check for locks", 67))
)
CPU = result(
    5,
    "Check database CPU/Memory",
    OK,
    "CPU 31%, limit 80%.",
    measure="31%",
    detail=Evidence(chart="Average: 28% at 02:30, 31% at 03:00 UTC, highest 33%, lowest 28%; limit 90%"),
)
STATUS = result(6, "Check Razorpay status", OK, "All systems operational.", measure="operational")
PROBE = result(
    7,
    "Verify webhook endpoint",
    None,
    kind="probe",
    note="needs your click: this sends a request to the other system",
)
OVER = "Stopped before it answered: the incident was resolved."
NEEDING = Step(
    line=70,
    section="Investigation",
    title="Check one task",
    command="aws ecs describe-tasks \\\n  --cluster <cluster> --tasks <task-arn>",
    language="bash",
    meaning=ParsedStep(StepKind.DIAGNOSTIC, "", needs=("<cluster>", "<task-arn>")),
)
MIXED = (SERVICE, LOGS, DENIED, *UNASKED, CPU, STATUS, PROBE)


def looks(words: str = "") -> dict[str, DiagnosticRun]:
    """Every kind of look; with `words` wherever something came from outside."""
    waiting = [replace(each, verdict=None, headline="", measure="") for each in MIXED[2:7]]
    fine = tuple(replace(each, verdict=OK, measure="6/6", headline="All is well.") for each in MIXED[:3])
    found = {
        "running": ended(SERVICE, LOGS, *waiting, ended_at=None),
        "mixed": ended(*MIXED),
        "again": ended(
            *fine, *MIXED[5:], asked_by="U0ANA", number=2, before={each.step: each for each in MIXED}
        ),
        "stopped": ended(
            SERVICE,
            *(
                replace(each, verdict=UNKNOWN, cause=STOPPED, headline=OVER, detail=Evidence())
                for each in waiting
            ),
        ),
        "nothing could be asked": ended(*UNASKED),
        "nothing to run": ended(),
        "before they begin": ended(ended_at=None),
        "which playbook": ended(
            *MIXED, replace(LOGS, place=9, playbook="slow-api-responses"), scope=ALL, what=""
        ),
        "many": ended(
            *(replace(SERVICE, place=n, title=f"Step {n}", line=n) for n in range(40)),
            *(replace(PROBE, place=50 + n, title=f"Probe {n}") for n in range(9)),
        ),
    }
    return {name: _with(look, words) for name, look in found.items()} if words else found


def _with(look: DiagnosticRun, words: str) -> DiagnosticRun:
    return replace(look, results=tuple(_worded(result, words) for result in look.results))


def _worded(of: StepResult, words: str) -> StepResult:
    table = EvidenceTable((words,) * 3, ((words,) * 3,) * 40, 37)
    address = f"https://console.example/{''.join(word for word in words if word not in '*`')}"
    detail = replace(
        of.detail, table=table, text=words, link=address, command=words, next_look=words, chart=words
    )
    return replace(of, title=words, headline=words, measure=words[:40], detail=detail)
