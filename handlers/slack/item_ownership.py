"""Who may own an item, and the day until which it is to be done, as a form names them."""

from datetime import date

from bot.domain.policy import explain_cannot_page
from bot.errors import RuleViolation
from handlers.slack.request_context import RequestContext
from handlers.slack.view_submission import OTHERS, InvalidForm, ViewSubmission
from templates import action_ids


def parse_day(form: ViewSubmission) -> date | None:
    """The day in the form; None where none is chosen. Raises RuleViolation for what is none."""
    day = form.text(action_ids.DUE)
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        raise RuleViolation(OTHERS) from None


async def ensure_may_own(front: RequestContext, owner: str) -> None:
    """Raises InvalidForm for somebody who cannot be told of it, or whom Slack does not know just now."""
    person = await front.person(owner)
    if person is None:
        raise InvalidForm(
            {action_ids.OWNER: "Slack does not say who that is right now. Try again in a moment."}
        )
    if why := explain_cannot_page(deactivated=person.deactivated, bot=person.bot, stranger=person.stranger):
        raise InvalidForm({action_ids.OWNER: f"{person.name} {why}. Choose somebody else."})
