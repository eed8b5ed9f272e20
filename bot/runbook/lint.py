"""What a runbook lacks, in sentences that say what to do."""

from collections.abc import Iterator

from bot.runbook.contacts import match_contacts
from bot.runbook.escalation import select_first_contacts, select_levels
from bot.runbook.model import Problem, Runbook, Severity
from bot.runbook.unfillable_placeholders import find_overfull

HEADINGS = {
    "alert": "“### Initial Incident Notification”",
    "update": "“### Status Page Update”",
    "resolution": "“### Resolution Notification”",
}


def find_gaps(runbook: Runbook) -> Iterator[Problem]:
    """Everything that is missing from a runbook or that does not fit together."""
    if not runbook.playbooks:
        yield Problem(
            1,
            "warning",
            "No playbooks were found. Name them like “## P0 INCIDENT: API DOWN” with “### Symptoms” below.",
        )
    yield from _missing(runbook)
    for severity in runbook.severities:
        yield from check_paging(runbook, severity)
    yield from check_escalation(runbook)
    yield from find_overfull(runbook.templates.values())


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


def check_paging(runbook: Runbook, severity: Severity) -> Iterator[Problem]:
    """What stands between a severity and the people who are called for it at once."""
    names = [contact.name for contact in runbook.contacts]
    called = select_first_contacts(runbook, severity, names).matched
    for contact in runbook.contacts:
        if contact.name in called and not contact.handles:
            said = (
                f"“{contact.text}” is no Slack id, e-mail address or phone number"
                if contact.text
                else "there is no handle"
            )
            message = (
                f"{contact.name} is paged for {severity.id}, but {said}. Write one here or in the contacts "
                f"file."
            )
            stands = contact if contact.line else severity
            yield Problem(stands.line, "warning", message, stands.file)
    for words in match_contacts(severity.action, names).unmatched:
        message = (
            f"{severity.id} pages “{words}”, but no contact has that name. Add it to the contacts or to "
            f"the contacts file."
        )
        yield Problem(severity.line, "warning", message, severity.file)
    if runbook.assumes_severities and severity.rank:
        return  # said once
    first = select_first_contacts(runbook, severity, names)
    if first.everyone or first.matched:
        return
    if not severity.action and not select_levels(runbook, severity, names):
        message = (
            f"{severity.id} does not say whom to page. Add “Action: page the on-call engineer” below it."
        )
        yield Problem(severity.line, "warning", message, severity.file)


def check_escalation(runbook: Runbook) -> Iterator[Problem]:
    """What stands between the levels of the escalation and the people they call."""
    names = [contact.name for contact in runbook.contacts]
    for level in runbook.escalation:
        met = match_contacts(level.text, names)
        for words in met.unmatched:
            message = (
                f"The escalation pages “{words}”, but no contact has that name. Add it to the contacts or to "
                f"the contacts file."
            )
            yield Problem(level.line, "warning", message, level.file)
        if not (met.matched or met.unmatched or met.everyone):
            message = (
                f"The escalation names nobody in “{level.text}”. Write who is paged: the name of a contact."
            )
            yield Problem(level.line, "warning", message, level.file)
