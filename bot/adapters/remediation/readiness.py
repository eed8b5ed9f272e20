"""What the start and `check` say of remediations: what is on, what lacks, and what a full database would do."""

import asyncio
import logging
from collections.abc import Mapping

import psycopg

from bot.adapters.remediation.database_address import build_act_address, build_read_address
from bot.adapters.remediation.full_database import explain_locked_out
from bot.adapters.remediation.protocol import PREVIEW, Task
from bot.adapters.remediation.task_runner import build_read_keys
from bot.contacts.approvers import Approvers
from bot.domain.remediation import RemediationKind, parse_enabled_kinds
from bot.domain.remediation_rights import ReadinessLine, list_readiness
from bot.ports.remediation import Refusal, RemediationUnavailable
from bot.settings.remediation_settings import SystemSettings
from bot.settings.setting_lookup import read_secret
from bot.text.redaction import redact

log = logging.getLogger(__name__)

ENDS_SESSIONS = frozenset({RemediationKind.END_IDLE, RemediationKind.END_BLOCKER})


def read_readiness(settings: SystemSettings, approvers: Approvers) -> tuple[ReadinessLine, ...]:
    """Which kinds are on, with which rights, who approves, and what lacks."""
    has = {str(field.alias): name for name, field in type(settings).model_fields.items()}
    kinds, _ = parse_enabled_kinds(settings.remediations)
    return list_readiness(kinds, approvers, lambda name: bool(getattr(settings, has[name])))


def ask_databases(settings: SystemSettings) -> tuple[ReadinessLine, ...]:
    """Whether the roles that look and that act get into a full database; nothing where none is named. Asks it."""
    keys = build_read_keys(settings)
    acting = {"remediation_database_url": read_secret(settings.remediation_database_url)}
    ways = ((build_read_address, keys, "look"), (build_act_address, acting, "end idle sessions"))
    told = []
    for build, known, deed in ways:
        try:
            address = build(_build_task({}, known)) if any(known.values()) else ""
        except psycopg.Error as error:
            told.append(f"An address of the monitored database cannot be read: {redact(str(error))}.")
            continue
        told.append(explain_locked_out(address, deed) if address else "")
    return tuple(ReadinessLine(sentence, True) for sentence in told if sentence)


def explain_workflow(settings: SystemSettings, parameters: Mapping[str, str]) -> str:
    """Why a workflow that the runbook names could not be run, in a sentence; empty when it could. Asks GitHub."""
    from bot.adapters.remediation import workflow  # its HTTP client would stay in the bot's memory

    try:
        found = workflow.preview(_build_task(parameters, build_read_keys(settings)))
    except RemediationUnavailable as away:
        return f"The workflow {parameters.get('workflow', '')} could not be checked: {away}"
    return found.sentence if isinstance(found, Refusal) else ""


def _build_task(parameters: Mapping[str, str], keys: Mapping[str, object]) -> Task:
    return Task(PREVIEW, RemediationKind.WORKFLOW.value, parameters, keys, {})


async def report_readiness(settings: SystemSettings, approvers: Approvers) -> None:
    """Say it in the log at the start. The databases are asked only where their sessions may be ended."""
    lines = read_readiness(settings, approvers)
    if ENDS_SESSIONS & parse_enabled_kinds(settings.remediations)[0]:
        lines += await asyncio.to_thread(ask_databases, settings)
    for line in lines:
        log.log(logging.WARNING if line.is_warning else logging.INFO, "%s", line.sentence)
