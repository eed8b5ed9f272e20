"""Markdown in, a typed runbook and its problems out. Pure: no files, no network, no clock."""

from bot.runbook.annotations import parse_annotations
from bot.runbook.bridge_line import override_bridge
from bot.runbook.contacts import ActionMatch, match_contacts
from bot.runbook.default_severities import NO_SEVERITIES
from bot.runbook.escalation import EscalationStep, build_escalation, can_wait, select_first_contacts
from bot.runbook.json_report import build_json
from bot.runbook.linked_files import join_files, resolve_link, split_files
from bot.runbook.lookup import PlaybookReference, find_by_title, suggest_titles
from bot.runbook.markdown.decoding import UndecodableFile, decode_text
from bot.runbook.model import (
    KNOWN,
    ChecklistTask,
    ChecklistWindow,
    Contact,
    EscalationLevel,
    Literal,
    NamedLink,
    Placeholder,
    Problem,
    Runbook,
    Severity,
    Template,
    TemplateLine,
    format_place,
)
from bot.runbook.parser import find_related, parse_runbook
from bot.runbook.playbook_matching import find_best_playbook, find_playbook_or_general
from bot.runbook.preflight import PagingReach, add_contact_book, check_reach, describe_reach
from bot.runbook.problem_gravity import list_causes
from bot.runbook.report import format_report
from bot.runbook.review_template import find_review_headings
from bot.runbook.runbook_version import RunbookVersion, build_version
from bot.runbook.runnable_steps import can_be_run, describe_probe
from bot.runbook.step_classifier import add_problems, classify_step, classify_steps, describe_counts
from bot.runbook.step_inputs import find_step, list_gaps
from bot.runbook.thresholds import parse_thresholds
from bot.text.line_wrap import wrap

__all__ = [
    "KNOWN",
    "NO_SEVERITIES",
    "ActionMatch",
    "ChecklistTask",
    "ChecklistWindow",
    "Contact",
    "EscalationLevel",
    "EscalationStep",
    "Literal",
    "NamedLink",
    "PagingReach",
    "Placeholder",
    "PlaybookReference",
    "Problem",
    "Runbook",
    "RunbookVersion",
    "Severity",
    "Template",
    "TemplateLine",
    "UndecodableFile",
    "add_contact_book",
    "add_problems",
    "build_escalation",
    "build_json",
    "build_version",
    "can_be_run",
    "can_wait",
    "check_reach",
    "classify_step",
    "classify_steps",
    "decode_text",
    "describe_counts",
    "describe_probe",
    "describe_reach",
    "find_best_playbook",
    "find_by_title",
    "find_playbook_or_general",
    "find_related",
    "find_review_headings",
    "find_step",
    "format_place",
    "format_report",
    "join_files",
    "list_causes",
    "list_gaps",
    "match_contacts",
    "override_bridge",
    "parse_annotations",
    "parse_runbook",
    "parse_thresholds",
    "resolve_link",
    "select_first_contacts",
    "split_files",
    "suggest_titles",
    "wrap",
]
