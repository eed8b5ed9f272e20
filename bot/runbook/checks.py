"""What a runbook lacks, in sentences that say what to do."""

from collections.abc import Iterator

from bot.runbook.contacts import match_contacts
from bot.runbook.model import Problem, Runbook, Severity
from bot.runbook.unfilled import too_many

HEADINGS = {
    "alert": "“### Initial Incident Notification”",
    "update": "“### Status Page Update”",
    "resolution": "“### Resolution Notification”",
}


def gaps_of(runbook: Runbook) -> Iterator[Problem]:
    """Everything that is missing from a runbook or that does not fit together."""
    if not runbook.severities:
        message = (
            "No severities were found, so no incident can be declared. Add a section “## Incident Severity "
            "Levels” with "
            "headings such as “### P0 - CRITICAL (Complete Outage)” or a table with a Severity column."
        )
        yield Problem(1, "error", message)
    if not runbook.playbooks:
        yield Problem(
            1,
            "warning",
            "No playbooks were found. Name them like “## P0 INCIDENT: API DOWN” with “### Symptoms” below.",
        )
    yield from _missing(runbook)
    for severity in runbook.severities:
        yield from calls(runbook, severity)
    yield from escalates(runbook)
    yield from too_many(runbook.templates.values())


def _missing(runbook: Runbook) -> Iterator[Problem]:
    for id, heading in HEADINGS.items():
        if id not in runbook.templates:
            message = (
                f"There is no template for the {id} message. Add a fenced block below a heading such as "
                f"{heading}."
            )
            yield Problem(1, "warning", message)
    if not runbook.windows:
        message = (
            "There is no post-incident checklist. Add “## Post-Incident Checklist” with “Within 24 hours:” "
            "and a list below."
        )
        yield Problem(1, "warning", message)
    if not runbook.contacts:
        yield Problem(
            1,
            "warning",
            "There are no contacts. Add “## Contacts” with a list such as “- **CTO**: <@U012ABCDE>”.",
        )
    if runbook.update_every is None:
        message = (
            "No interval for status updates is given. Add “Next Update: In 15 minutes” to the template of "
            "the alert."
        )
        yield Problem(1, "warning", message)


def calls(runbook: Runbook, severity: Severity) -> Iterator[Problem]:
    """What stands between a severity's action and the people it calls."""
    match = match_contacts(severity.action, [contact.name for contact in runbook.contacts])
    for contact in runbook.contacts:
        if contact.name in match.matched and not contact.handles:
            said = (
                f"“{contact.text}” is no Slack id, e-mail address or phone number"
                if contact.text
                else "there is no handle"
            )
            message = (
                f"{contact.name} is called for {severity.id}, but {said}. Write one here or in the contacts "
                f"file."
            )
            stands = contact if contact.line else severity
            yield Problem(stands.line, "warning", message, stands.file)
    for words in match.unmatched:
        message = (
            f"{severity.id} calls “{words}”, but no contact goes by that name. Add it to the contacts or to "
            f"the contacts file."
        )
        yield Problem(severity.line, "warning", message, severity.file)
    if not severity.action:
        message = (
            f"{severity.id} does not say whom to call. Add “Action: page the on-call engineer” below it."
        )
        yield Problem(severity.line, "warning", message, severity.file)


def escalates(runbook: Runbook) -> Iterator[Problem]:
    """What stands between the levels of the escalation and the people they call."""
    names = [contact.name for contact in runbook.contacts]
    for level in runbook.escalation:
        met = match_contacts(level.text, names)
        for words in met.unmatched:
            message = (
                f"The escalation calls “{words}”, but no contact goes by that name. Add it to the contacts or to "
                f"the contacts file."
            )
            yield Problem(level.line, "warning", message, level.file)
        if not (met.matched or met.unmatched or met.everyone):
            message = (
                f"The escalation names nobody in “{level.text}”. Write who is called: the name of a contact."
            )
            yield Problem(level.line, "warning", message, level.file)
