"""Every code that Slack documents for the methods that are called is a sentence."""

import pytest

from bot.text.slack_errors import describe_slack_code

DOCUMENTED = """
    account_inactive already_in_channel cant_invite cant_invite_self channel_not_found ekm_access_denied
    enterprise_is_restricted failed_for_some_users fatal_error internal_error invalid_arguments invalid_auth
    is_archived method_not_supported_for_channel_type missing_scope no_permission no_user not_allowed_token_type
    not_authed not_in_channel org_login_required org_user_not_in_team ratelimited request_timeout
    restricted_action service_unavailable team_access_not_granted team_added_to_org token_expired token_revoked
    too_many_users two_factor_setup_required ura_max_channels user_is_restricted user_is_ultra_restricted
    user_not_found user_team_not_in_channel users_list_not_supplied
    cannot_dm_bot channel_type_not_supported external_channel_migrating message_limit_exceeded
    messages_tab_disabled metadata_too_large msg_too_long no_text rate_limited
    restricted_action_non_threadable_channel restricted_action_read_only_channel
    restricted_action_thread_locked restricted_action_thread_only_channel too_many_attachments user_disabled
    block_mismatch cant_update_message edit_window_closed message_not_found invalid_blocks
    exchanged_trigger_id expired_trigger_id invalid_trigger_id not_found push_limit_reached view_too_large
    blocked_file_type file_uploads_disabled storage_limit_reached
    invalid_name invalid_name_maxlength invalid_name_punctuation invalid_name_required invalid_name_specials
    name_taken invalid_users user_not_visible users_not_found
"""
"""Of conversations.create, invite, open and rename, chat.postMessage and update, views.open, pins.add, files and
users.lookupByEmail."""


@pytest.mark.parametrize("code", DOCUMENTED.split())
def test_a_documented_code_is_words_for_people(code: str) -> None:
    said = describe_slack_code(code)
    assert said != code.replace("_", " ")
    assert "_" not in said


def test_a_code_that_comes_later_keeps_its_own_words() -> None:
    assert describe_slack_code("some_new_code") == "some new code"
