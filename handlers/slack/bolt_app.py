"""Builds the Bolt application with every listener."""

import logging

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from handlers.slack import actions, commands, events, expired_requests, form_submissions, home, shortcuts
from handlers.slack.expired_requests import PrioritisedApp
from handlers.slack.fault_handler import register_fault_handler
from handlers.slack.request_context import RequestContext


def build_bolt_app(front: RequestContext, token: str) -> AsyncApp:
    """The Bolt application with every listener. Signatures are checked before anything reaches it."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

    quiet = logging.getLogger("bot.bolt")
    quiet.setLevel(logging.ERROR)  # or every start would warn that the client's token is not asked for
    bolt = PrioritisedApp(
        front,
        name="tocsin",  # or Bolt reads the source of every caller for one
        logger=quiet,
        client=front.client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        raise_error_for_unhandled_request=False,
    )
    # Bolt asks one listener after the other: what comes in numbers goes first.
    for surface in (commands, events, home, shortcuts, form_submissions, expired_requests, actions):
        surface.listen(bolt, front)
    register_fault_handler(bolt)
    return bolt
