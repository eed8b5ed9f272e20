"""The stand-in beside what the app's manifest asks for: the bot's methods are all there, with the same scopes."""

from contextlib import suppress

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.scopes import EVENT_SCOPES, SCOPES, list_required_scopes
from sandbox.slack import Slack
from sandbox.slack.event_subscriptions import SCOPES as HEARD
from sandbox.slack.web_api_server import ALL_SCOPES, METHODS

SCOPED = sorted(method for method, scopes in SCOPES.items() if scopes)


def test_the_stand_in_has_every_method_and_scope_that_the_bot_uses() -> None:
    assert set(SCOPES) - {"apps.connections.open"} <= set(METHODS)
    assert list_required_scopes() <= ALL_SCOPES


@pytest.mark.parametrize("method", SCOPED)
async def test_without_the_manifests_scopes_of_a_method_it_is_refused_with_their_names(
    slack: Slack, client: AsyncWebClient, method: str
) -> None:
    room = slack.add_channel("war-room", with_bot=True)
    slack.api.scopes = list_required_scopes() - SCOPES[method]
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json={"channel": room.id})
    answer = refused.value.response
    assert answer["error"] == "missing_scope"
    assert SCOPES[method] & set(answer["needed"].split(","))
    assert set(answer["provided"].split(",")) == slack.api.scopes
    slack.api.scopes = list_required_scopes()
    with suppress(SlackApiError):
        await client.api_call(method, json={"channel": room.id})
    assert slack.calls[-1].error != "missing_scope"


@pytest.mark.parametrize("event", sorted(EVENT_SCOPES))
def test_an_event_takes_the_scope_that_the_manifest_gives_for_it(event: str) -> None:
    kind, _, families = event.partition(".")
    scope = HEARD.get(kind, "")
    taken = {
        scope.format(family=each) for each in ([families] if families else ["channels", "groups"]) if scope
    }
    assert taken == EVENT_SCOPES[event]
