"""Slack goes away, limits, fails or refuses: nothing is lost or doubled, and what can never be done is named."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from sandbox.slack import (
    Fault,
    make_drop,
    make_hang,
    make_rate_limit,
    make_refusal,
    make_server_error,
    plan_by_table,
)
from tests.scenarios.asking import KNOWN, contacts, script
from tests.scenarios.conftest import World
from tests.scenarios.test_start import readyz

STORM: dict[int | str, Fault | Sequence[Fault | None]] = {
    "chat.postMessage": [make_drop(after_work=True), make_rate_limit(1), make_server_error(),
     make_hang(after_work=True),
                         None, make_server_error(after_work=True)],
    "conversations.create": [make_server_error(after_work=True)],
    "conversations.invite": [make_drop(after_work=True)],
    "pins.add": [make_drop()],
    "bookmarks.add": [make_drop(after_work=True)],
    "conversations.setTopic": [make_server_error()],
    "chat.update": [make_rate_limit(1), make_drop(), make_server_error(after_work=True)],
}  # fmt: skip


async def test_in_a_storm_of_faults_nothing_is_lost_or_doubled_and_the_room_keeps_its_order(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        first = await world.declared()
        world.looking.calm()
        world.slack.api.faults = plan_by_table(STORM)
        assert "INC-2 is declared" in (await world.incident("ana", "declare p0 API is down")).body
        await world.quiet(60)
        world.slack.api.faults = plan_by_table({})
        second = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        assert script(world, second) == script(world, first)
        assert len(world.slack.channels(of_bot=True)) == 3, "two rooms and the incidents channel"
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [2, 2, 2]
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 2
        room = world.slack.channel(second)
        assert (len(room.pins), len(room.bookmarks)) == (1, 1)
        assert room.topic["value"].startswith("P0 · investigating")
        handles = {world.slack.person(member).handle for member in room.members}
        assert {"ana", "bruno", "chidi", "devika"} <= handles
        dead = world.looking.rows("select key, error from outbox where state = 'dead'")
        assert dead == []


async def test_while_slack_is_away_incidents_are_recorded_and_delivered_once_it_is_back(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        first = await world.declared()
        world.looking.calm()
        await world.slack.go_away()
        answer = await world.incident("ana", "declare p0 API is down")
        assert "INC-2 is declared" in answer.body
        assert answer.elapsed < 2
        assert "Update to INC-2 posted." in (await world.incident("ana", "update INC-2 Rolled back")).body
        await world.slack.come_back()
        await world.quiet(40)
        second = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        said = script(world, second)
        assert [each for each in said if each != "update"] == script(world, first)
        assert (
            len(world.posts(second, "What changed"))
            == len(world.posts("incident-response", "What changed"))
            == 1
        )
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [2, 2, 2]


async def later(world: World, minutes: int) -> None:
    """So much time goes by for everything that waits."""
    world.looking.rows(
        "update outbox set not_before = now(), created_at = created_at - make_interval(mins => %s),"
        " first_sent_at = first_sent_at - make_interval(mins => %s) where state = 'pending'",
        minutes,
        minutes,
    )


def tries(world: World) -> int:
    """How often what waits was tried in vain; what is being tried just now does not count yet."""
    failed = "sum(attempts) - count(*) filter (where state = 'sending')"
    return int(world.looking.rows(f"select {failed} as tries from outbox where state <> 'sent'")[0]["tries"])


def more_tries(world: World, before: int) -> bool:
    return tries(world) > before


async def test_slack_is_away_for_ten_minutes_and_readyz_and_the_log_say_so_until_it_is_back(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        first = await world.declared()
        world.looking.calm()
        await world.slack.go_away()
        assert "INC-2 is declared" in (await world.incident("ana", "declare p0 API is down")).body
        for _ in range(5):
            before = tries(world)
            await later(world, 2)
            await world.until(partial(more_tries, world, before))
            status, said = await readyz(world)
            assert (status, said["status"]) == (200, "degraded")
            assert "Slack could not be reached for " in str(said["reasons"])
        assert "cannot reach Slack; retrying" in caplog.text
        assert [record for record in caplog.records if record.exc_info] == []
        await world.slack.come_back()
        await later(world, 0)
        await world.quiet(20)
        assert (await readyz(world))[1] == {"status": "ok"}
        second = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        assert script(world, second) == script(world, first)
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [2, 2, 2]


async def test_a_limit_of_a_minute_is_kept_named_at_readyz_and_survives_a_restart(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.api.faults = plan_by_table({"chat.postMessage": [make_rate_limit(60)]})
        await world.incident("ana", "update step 1", channel)
        await world.until(lambda: "again in" in str(waiting(world, "update:")))
        seconds = "select extract(epoch from not_before - now()) as left from outbox where state = 'pending'"
        assert 40 < world.looking.rows(seconds)[0]["left"] <= 60
        _, said = await readyz(world)
        assert re.search(r"Slack limits chat\.postMessage: again in (60|5\d) s", str(said["reasons"]))
        asked = len(world.slack.calls.of("chat.postMessage"))
        await later(world, 0)
        await world.until(lambda: "again in 5" in str(waiting(world, "update:")))
        assert len(world.slack.calls.of("chat.postMessage")) == asked, "Slack is not asked before its time"
        await world.incident("ana", "update step 2", channel)
    async with world.bot():
        await later(world, 1)
        await world.quiet()
        for place in (channel, "incident-response"):
            said_there = [world.text(post) for post in world.posts(place, "What changed")]
            assert ["step 1" in said_there[0], "step 2" in said_there[1], len(said_there)] == [True, True, 2]


def waiting(world: World, key: str) -> list[str]:
    """What the effects whose keys have these words wait for."""
    return [str(row["error"]) for row in world.looking.waiting() if key in row["key"]]


async def test_a_limit_delays_what_slack_named_and_everything_comes_in_order(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.api.faults = plan_by_table(
            {"chat.postMessage": [make_rate_limit(1), make_rate_limit(1), make_rate_limit(1)]}
        )
        for number in range(5):
            await world.incident("ana", f"update step {number}", channel)
        await world.quiet(20)
        for place in (channel, "incident-response"):
            said = [world.text(post) for post in world.posts(place, "What changed")]
            assert [f"step {number}" in text for number, text in enumerate(said)] == [True] * 5
        early = [call for call in world.slack.calls.of("chat.postMessage") if call.status == 429]
        assert len(early) == 3


@pytest.mark.parametrize(
    ("method", "code", "what", "why"),
    [
        ("pins.add", "not_pinnable", "pinning the alert", "this message cannot be pinned"),
        ("bookmarks.add", "missing_scope", "the bookmark", "the app lacks a permission"),
        ("conversations.setTopic", "too_long", "the topic", "the text is too long"),
        ("conversations.setTopic", "a_new_code", "the topic", "a new code"),
    ],
)
async def test_what_slack_refuses_for_good_is_named_once_in_the_room_and_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture, method: str, code: str, what: str, why: str
) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = plan_by_table({method: [make_refusal(code)]})
        channel = await world.declared("declare p3 Search is slow")
        shown = "\n".join(world.text(post) for post in world.posts(channel))
        assert shown.count(f"I couldn't do this: {what}. Slack refused it: {why}") == 1
        assert f"moved to dead letters: Slack refused {method}: {code}" in caplog.text
        assert len(world.posts(channel, "INCIDENT ALERT")) == 1


async def test_a_message_that_the_room_does_not_take_is_named_in_the_incidents_channel(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        # The room's copy and the one of the incidents channel, side by side.
        world.slack.api.faults = plan_by_table({"chat.postMessage": [make_refusal("msg_too_long")] * 2})
        await world.incident("ana", "update INC-1 Rolled back")
        await world.quiet()
        (told,) = world.posts("incident-response", "I couldn't do this: the status update")
        assert "INC-1" in world.text(told)
        assert "the message is too long" in world.text(told)
        (said,) = world.posts(channel, "I couldn't do this: the status update in the incidents channel")
        assert "the message is too long" in world.text(said)


async def test_with_a_revoked_token_everything_waits_and_the_log_and_readyz_name_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot() as running:
        await world.declared("declare p3 Search is slow")
        world.slack.api.token_error = "token_revoked"
        assert "INC-2 is declared" in (await world.incident("ana", "declare p3 Login fails")).body
        await world.until(lambda: "does not take the token (token_revoked)" in caplog.text)
        assert "token_revoked" in str((await running.health.readyz()).text)
        assert [record for record in caplog.records if record.exc_info] == []
        assert world.looking.rows("select 1 from outbox where state = 'dead'") == []
        await world.until(lambda: not world.looking.rows("select 1 from outbox where state = 'sending'"))
        world.slack.api.token_error = ""
        world.looking.rows(
            "update outbox set not_before = now() where not_before < now() + interval '1 hour'"
        )
        await world.quiet()
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 2
        assert "token_revoked" not in str((await running.health.readyz()).text)
