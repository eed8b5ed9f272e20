"""The use cases: each is one function and one transaction."""

from bot.runbook.runbook_version import RunbookVersion, build_version
from bot.services.acknowledge import acknowledge, join, track_channel_member
from bot.services.action_items import (
    add_action,
    end_action,
    explain_no_actions,
    reopen_action,
)
from bot.services.action_reminders import remind_of_due_actions
from bot.services.channel_fallback import (
    Unreached,
    handle_channel_gone,
    handle_channel_renamed,
    handle_channel_usable,
    report_unreached_contacts,
    run_startup,
)
from bot.services.checklist import process_due_windows, select_open_items, set_item
from bot.services.context import ServiceContext, UserRequest
from bot.services.declare import Declaration, declare, declare_another
from bot.services.diagnostic_runs import (
    begin_diagnostic_run,
    end_diagnostic_run,
    find_run_title,
    reserve_evidence,
    run_diagnostics,
    run_step,
    use_playbook,
)
from bot.services.due_work import find_due_work
from bot.services.edit import rename, set_severity, set_status
from bot.services.escalation import confirm_still_responding, escalate, escalate_due
from bot.services.followers import follow, unfollow
from bot.services.grouped_pages_due import release_due_pages
from bot.services.impact import Impact, set_impact
from bot.services.incident_guards import build_not_found, must_be_open
from bot.services.item_owners import set_owner
from bot.services.manual_page import PageTargets, page_targets
from bot.services.meeting_arrangement import arrange_meeting, cancel_meeting
from bot.services.merge import merge, must_be_mergeable
from bot.services.monthly_digest import schedule_digest
from bot.services.page_progress import process_due_attempts
from bot.services.provider_events import handle_provider_event
from bot.services.public_promises import remind_public_promises
from bot.services.resolve import cancel, close, reopen, resolve
from bot.services.review import add_review_answers, ensure_over
from bot.services.review_file import ask_review_file
from bot.services.review_proposal import propose_changed_reviews
from bot.services.roles import accept_command, assign, lead
from bot.services.runbook_learning import ask_runbook_draft, choose_learnings, keep_typed_commands
from bot.services.runbook_versions import RunbookVersions
from bot.services.shared_learnings import share_learnings
from bot.services.shift_handover import process_due_shifts
from bot.services.status_updates import find_draft, post_draft, post_update, send_due_reminders, snooze
from bot.services.step_inputs import find_invalid_input
from bot.services.time_corrections import correct_beginning
from bot.services.timeline_notes import add_note, keep_message, pin_message, update_source_message
from bot.services.unit_of_work import STILL_WANTED

__all__ = [
    "STILL_WANTED",
    "Declaration",
    "Impact",
    "PageTargets",
    "RunbookVersion",
    "RunbookVersions",
    "ServiceContext",
    "Unreached",
    "UserRequest",
    "accept_command",
    "acknowledge",
    "add_action",
    "add_note",
    "add_review_answers",
    "arrange_meeting",
    "ask_review_file",
    "ask_runbook_draft",
    "assign",
    "begin_diagnostic_run",
    "build_not_found",
    "build_version",
    "cancel",
    "cancel_meeting",
    "choose_learnings",
    "close",
    "confirm_still_responding",
    "correct_beginning",
    "declare",
    "declare_another",
    "end_action",
    "end_diagnostic_run",
    "ensure_over",
    "escalate",
    "escalate_due",
    "explain_no_actions",
    "find_draft",
    "find_due_work",
    "find_invalid_input",
    "find_run_title",
    "follow",
    "handle_channel_gone",
    "handle_channel_renamed",
    "handle_channel_usable",
    "handle_provider_event",
    "join",
    "keep_message",
    "keep_typed_commands",
    "lead",
    "merge",
    "must_be_mergeable",
    "must_be_open",
    "page_targets",
    "pin_message",
    "post_draft",
    "post_update",
    "process_due_attempts",
    "process_due_shifts",
    "process_due_windows",
    "propose_changed_reviews",
    "release_due_pages",
    "remind_of_due_actions",
    "remind_public_promises",
    "rename",
    "reopen",
    "reopen_action",
    "report_unreached_contacts",
    "reserve_evidence",
    "resolve",
    "run_diagnostics",
    "run_startup",
    "run_step",
    "schedule_digest",
    "select_open_items",
    "send_due_reminders",
    "set_impact",
    "set_item",
    "set_owner",
    "set_severity",
    "set_status",
    "share_learnings",
    "snooze",
    "track_channel_member",
    "unfollow",
    "update_source_message",
    "use_playbook",
]
