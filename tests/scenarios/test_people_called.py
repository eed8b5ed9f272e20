"""Who was called by hand and how it went: guests who answer, accounts that nobody reads, who asked for more people."""

from pathlib import Path

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_refusal, make_server_error, plan_by_table
from tests.scenarios.asking import KNOWN, contacts
from tests.scenarios.conftest import World
from tests.scenarios.duties import asks, paging, shown
from tests.scenarios.test_ladder import TEAM

GUS = "U0GUS00001"


async def test_a_member_of_the_channel_is_called_by_name_with_the_words(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        noor = world.slack.add_person("noor", "Noor Haddad")
        world.slack.people.join(noor, channel)
        assert "paged noor: " in await asks(world, "ana", "page noor the index is gone", channel)
        await world.until(lambda: len(world.slack.direct_messages(noor)) == 1)
        told = world.text(world.slack.direct_messages(noor)[0])
        assert "You're being paged for INC-1." in told
        assert "the index is gone" in told
        await world.until(lambda: world.posts(channel, "@Ana Duarte paged noor: the index is gone"))
        await world.quiet()
        assert "responder" not in shown(world, channel)


async def test_several_are_called_at_once_and_each_is_told_the_words(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        noor = world.slack.add_person("noor", "Noor Haddad")
        await asks(world, "ana", "page CTO, @noor and @devika: come", channel)
        await world.until(lambda: world.posts(channel, "paged CTO"))
        await world.quiet()
        for who in ("bruno", noor, "devika"):
            assert "come" in world.text(world.slack.direct_messages(who)[0]), who
        assert "CTO, noor, devika: come" in world.text(world.posts(channel, "paged CTO")[0])
        await world.incident("ana", "timeline", channel)
        assert "paged CTO, @Noor Haddad, @Devika Rao: come" in world.heard("ana")


async def test_a_user_group_is_called_as_one_and_again_by_a_mention(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        noor = world.slack.add_person("noor", "Noor Haddad")
        world.slack.add_usergroup("search", "Search", [noor, "devika"])
        assert "paged @search" in await asks(world, "ana", "page @search it is slow", channel)
        await world.until(lambda: world.slack.direct_messages(noor) and world.slack.direct_messages("devika"))
        await world.quiet()
        assert "You're being paged for INC-1 as @search" in world.text(world.slack.direct_messages(noor)[0])
        await asks(world, "ana", "page @search once more", channel)
        await world.until(lambda: world.posts(channel, "once more"))
        said = world.text(world.posts(channel, "once more")[0])
        assert "@Noor Haddad" in said and "@Devika Rao" in said
        assert len(world.slack.direct_messages(noor)) == 1


async def test_who_was_not_reached_is_named_again_at_each_further_request(
    world: World, tmp_path: Path
) -> None:
    """Also where somebody else's request failed before: a page that reaches nobody never looks like one that does."""
    dora = world.slack.add_person("dora", "Dora Gone", deleted=True)
    for name in ("first", "second"):
        world.slack.add_usergroup(name, name.title(), [dora])
    async with world.bot(**contacts(tmp_path, f'{KNOWN}"Legal" = "slack:{dora.id}"')):
        channel = await world.declared("declare p3 Search is slow")
        for count, words in enumerate(("Legal", "Legal", "@first", "@second", "Legal, CTO"), 1):
            await world.incident("ana", f"page {words}", channel)
            await world.quiet()
            said = [world.text(post) for post in world.posts(channel, "could not be paged")]
            assert len(said) == count, (words, said)
            assert "@Dora Gone" in said[-1] and "/incident page WHO" in said[-1], words


async def test_a_group_that_the_contacts_file_knows_is_called_by_all_of_its_ways(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    group = world.slack.add_usergroup("oncall", "On call", ["devika"])
    book = f'"On-Call Engineer" = ["slack:{group.id}", "pagerduty:user/PCTO001"]\n'
    async with paging(world, duty, tmp_path, book):
        channel = await world.declared("declare p3 Search is slow")
        assert "paged On-Call Engineer" in await asks(world, "ana", "page @oncall", channel)
        await world.until(lambda: len(duty.incidents) == 1)
        await world.until(lambda: len(world.slack.direct_messages("devika")) == 1)


async def test_of_a_group_with_a_deactivated_member_it_is_said_whom_it_reached(world: World) -> None:
    dora = world.slack.add_person("dora", "Dora Gone")
    async with world.bot():
        world.slack.workspace.open_direct("U0TOCSIN01", dora.id)  # Slack takes messages to her without a word
        world.slack.deactivate(dora)
        world.slack.add_usergroup("search", "Search", ["chidi", dora, "devika"])
        channel = await world.declared("declare p3 Search is slow")
        await asks(world, "ana", "page @search come", channel)
        await world.until(lambda: world.posts(channel, "could not be paged"))
        await world.quiet()
        (said,) = (world.text(post) for post in world.posts(channel, "could not be paged"))
        assert "@Dora Gone (@search) could not be paged: the Slack account is deactivated" in said
        assert "Others paged as @search:" in said
        assert "@Chidi Okafor" in said and "@Devika Rao" in said
        assert "3 paged in Slack, 1 not reached" in shown(world, channel)


async def test_a_contact_whose_account_is_deactivated_is_not_taken_for_called(
    world: World, tmp_path: Path
) -> None:
    dora = world.slack.add_person("dora", "Dora Gone")
    world.slack.workspace.open_direct("U0TOCSIN01", dora.id)
    world.slack.deactivate(dora)
    book = contacts(tmp_path, f'"CTO" = ["slack:{dora.id}", "tel:+15550100"]')
    async with world.bot(**book):
        channel = await world.declared("declare p0 API is down")
        await world.until(lambda: world.posts(channel, "could not be paged"))
        await world.quiet()
        said = world.text(world.posts(channel, "could not be paged")[0])
        assert "@Dora Gone (CTO) could not be paged: the Slack account is deactivated" in said
        assert world.posts(channel, "Call CTO: +15550100"), "the next way is taken"
        assert world.looking.rows("select accepted_at, failed from page") == [
            {"accepted_at": None, "failed": "the Slack account is deactivated"}
        ]


async def test_who_is_called_by_hand_and_cannot_be_reached_is_named_with_what_to_do(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        world.slack.api.faults = plan_by_table(
            {"chat.postMessage": [make_refusal("user_disabled")]}
        )  # the page goes first
        await asks(world, "ana", "page @devika", channel)
        await world.until(lambda: world.posts(channel, "could not be paged"))
        said = world.text(world.posts(channel, "could not be paged")[0])
        assert "@Devika Rao could not be paged" in said
        assert "/incident page WHO" in said
        assert "responder" not in said
        await world.incident("ana", "timeline", channel)
        assert "could not page @Devika Rao: " in world.heard("ana")


async def test_a_guest_who_was_called_acknowledges_by_word_and_by_button(world: World) -> None:
    async with world.bot():
        for number, how in enumerate(("word", "button"), 1):
            channel = await world.declared(f"declare p3 Search {number} is slow")
            await world.incident("gus", f"ack INC-{number}", "general")
            assert "Guests can read here" in world.heard("gus"), "who was not called"
            await asks(world, "ana", "page @gus come", channel)
            await world.until(lambda: len(world.slack.direct_messages("gus")) == number)  # noqa: B023
            if how == "word":
                await world.incident("gus", f"ack INC-{number}", "general")
            else:
                message = world.slack.direct_messages("gus")[-1]
                await world.slack.people.click("gus", message, "acknowledge")
            by = f"select acknowledged_by from incident where number = {number}"
            await world.until(lambda: world.looking.rows(by) == [{"acknowledged_by": GUS}])  # noqa: B023
            await world.incident("gus", "update all is well", channel)
            assert "Guests can read here" in world.heard("gus")


async def test_who_asked_for_more_people_is_named(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared("declare p2 Search is slow")
        await asks(world, "bruno", "escalate", channel)
        await world.until(lambda: world.posts(channel, "asked for more people"))
        assert "@Bruno Keller asked for more people. Now paged: " in shown(world, channel)
        await asks(world, "bruno", "page everyone", channel)
        await world.until(lambda: world.posts("incident-response", "asked for everyone"))
        assert "needs people: @Bruno Keller asked for everyone." in shown(world, "incident-response")
        await world.incident("ana", "timeline", channel)
        assert "@Bruno Keller escalated, step 1: " in world.heard("ana")
        assert "asked for more people" not in world.heard("ana"), "who escalated is named once"
        assert "<@" not in shown(world, channel) + shown(world, "incident-response") + world.heard("ana")


async def test_the_announcement_says_who_was_paged_as_soon_as_nobody_is_on_the_way(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await world.until(lambda: world.slack.workspace.find_channel("incident-response"))
        world.slack.api.faults = plan_by_table({"chat.postMessage": [make_server_error()]})
        await world.declared()
        await world.quiet()
        (announced,) = world.posts("incident-response", "INCIDENT ALERT")
        (line,) = [line for line in world.text(announced).splitlines() if "Paged: " in line]
        assert len(line.partition("Paged: ")[2].split(", ")) == 3
        assert "Paging: " not in world.text(announced)


async def test_the_announcement_does_not_say_that_it_pages_whom_nobody_can_reach(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        world.slack.workspace.open_direct("U0TOCSIN01", world.slack.person("bruno").id)
        world.slack.deactivate(world.slack.person("bruno"))
        await world.declared()
        await world.quiet()
        (announced,) = world.posts("incident-response", "INCIDENT ALERT")
        text = world.text(announced)
        assert "CTO" not in text.partition("Paged: ")[2].splitlines()[0] and "Paging: " not in text
