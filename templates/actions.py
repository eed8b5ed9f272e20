"""The names by which buttons and forms are known to their listeners, and how a button's value is written."""

SEPARATOR = "|"
DONE, OPEN = "done", "open"

DECLARE = "declare"
ACKNOWLEDGE = "acknowledge"
JOIN = "join"
POST_UPDATE = "post_update"
POST_DRAFT = "post_draft"
EDIT_DRAFT = "edit_draft"
SNOOZE = "snooze"
RESOLVE = "resolve"
CUSTOMER_COPY = "customer_copy"
SET_ITEM = "set_item"
CLOSE = "close"
ACCEPT_COMMAND = "accept_command"
STILL_ON_IT = "still_on_it"
RUN_DIAGNOSTICS = "run_diagnostics"
RUN_STEP = "run_step"
USE_PLAYBOOK = "use_playbook"

DECLARE_FORM = "declare_form"
SEVERITY_FORM = "severity_form"
GAP = "gap-"
"""Before the name of a template's own gap, as the block id of its field in the forms of updates and resolutions."""

FILL_FORM = "fill_form"
FILL = "fill-"
"""Before the place of a command's gap, as the block id of its field."""

UPDATE_FORM = "update_form"
RESOLVE_FORM = "resolve_form"
SHOWN = "shown"

SEVERITY = "severity"
TITLE = "title"
PLAYBOOK = "playbook"
IMPACT = "impact"
AFFECTED_USERS = "affected_users"
PRIVATE = "private"
UPDATE_TEXT = "update_text"
STATUS = "status"
RESOLUTION = "resolution"
ROOT_CAUSE = "root_cause"
POSTMORTEM = "postmortem"


def value(*parts: object) -> str:
    """What a button carries."""
    return SEPARATOR.join(str(part) for part in parts)
