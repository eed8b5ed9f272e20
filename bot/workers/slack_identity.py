"""Who the bot is in Slack, and whether this database holds the incidents of that workspace."""

import asyncio
import logging
from contextlib import suppress

from bot.adapters.slack import SlackGateway
from bot.errors import TOKEN_CODES, DatabaseUnavailable, SettingsProblem, SlackCallError, SlackRejected
from bot.ports import BotIdentity
from bot.ports.store import Store

log = logging.getLogger(__name__)

ASK_AGAIN_S = 5.0
"""Seconds until what was away is asked again."""

OTHER_WORKSPACE = (
    "SLACK_BOT_TOKEN is of {now}, and this database holds the incidents of {known}. Take the token of that workspace, "
    "or name another database in TOCSIN_DATABASE_URL. Nothing was posted."
)


async def find_identity(chat: SlackGateway) -> BotIdentity | None:
    """None while Slack is away. Raises SettingsProblem where the token is refused."""
    try:
        return await chat.identity()
    except SlackRejected as refusal:
        if refusal.code in TOKEN_CODES:
            raise SettingsProblem(
                [
                    f"SLACK_BOT_TOKEN is refused by Slack ({refusal.code}). "
                    "Copy the Bot User OAuth Token again from your Slack app, OAuth & Permissions."
                ]
            ) from None
        raise
    except SlackCallError as error:
        log.warning("cannot reach Slack yet, retrying: %s", error)
        return None


async def wait_for_identity(chat: SlackGateway) -> BotIdentity:
    """Ask until Slack answers."""
    while True:
        await asyncio.sleep(ASK_AGAIN_S)
        try:
            return await chat.identity()
        except SlackCallError as error:
            log.warning("cannot reach Slack yet, retrying: %s", error)


async def explain_other_workspace(store: Store, identity: BotIdentity) -> str:
    """Why nothing may be posted with this token, in a sentence; empty where the database is its workspace's or
    nobody's. Raises DatabaseUnavailable."""
    team, url = await store.find_workspace() or (identity.team, "")
    if team == identity.team:
        return ""
    return OTHER_WORKSPACE.format(now=identity.url or identity.team, known=url or team)


async def ensure_workspace(store: Store, identity: BotIdentity | None) -> None:
    """Raises SettingsProblem where the database is another workspace's. While Slack or the database does not answer,
    nobody knows: that is asked again before anything is posted."""
    with suppress(DatabaseUnavailable):
        if identity and (other := await explain_other_workspace(store, identity)):
            raise SettingsProblem([other])


async def wait_for_workspace(store: Store, identity: BotIdentity) -> str:
    """As `explain_other_workspace`, asked until the database answers; what is nobody's is this workspace's from then
    on."""
    while True:
        try:
            if await store.find_workspace() is None:
                await store.claim_workspace(identity)
            return await explain_other_workspace(store, identity)
        except DatabaseUnavailable:
            await asyncio.sleep(ASK_AGAIN_S)
