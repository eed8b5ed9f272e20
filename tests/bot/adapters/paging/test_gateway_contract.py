"""What every Pager promises: the fake of the rules' tests, and the real one against a PagerDuty on this machine."""

from dataclasses import dataclass

import pytest

from bot.contacts import Handle, HandleKind
from bot.domain.page_provider import PageRequest, PageResponse
from bot.ports import Pager
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import faults
from tests.bot.adapters.paging.conftest import SETTINGS, Opened
from tests.fake_pager import ACCEPTED, LIMITED, REFUSED, UNKNOWN, FakePager, delivered

SERVICE = Handle(HandleKind.PAGERDUTY_SERVICE, SETTINGS["OPS_KEY"])
CALL = PageRequest("key", "CTO", "P0 INC-42: API is down")


@dataclass
class PagerWorld:
    """A pager, and the provider behind it as a test sees it."""

    pager: Pager
    fake: FakePager | None
    duty: PagerDutyStandIn

    def next_answer(self, answer: PageResponse) -> None:
        """The provider's next answer: one of the fake's, and the fault at the real one that leads to it."""
        if self.fake is not None:
            self.fake.answers.append(answer)
            return
        fault = {
            REFUSED.sentence: faults.make_refusal("403"),
            LIMITED.sentence: faults.make_rate_limit(17),
            UNKNOWN.sentence: faults.make_server_error(after_work=True),
        }[answer.sentence]
        self.duty.faults = faults.plan_by_table({len(self.duty.calls) + 1: fault})

    def notify(self, name: str) -> None:
        """The provider reaches somebody."""
        if self.fake is not None:
            self.fake.build_news["key"] = delivered(name)
        else:
            self.duty.incidents[0].notified.append((name, "success"))

    def notes(self) -> list[str]:
        if self.fake is not None:
            return [note for notes in self.fake.notes.values() for note in notes]
        return [note for incident in self.duty.incidents for note in incident.notes]

    def states(self) -> list[str]:
        if self.fake is not None:
            return list(self.fake.pages.values())
        return [incident.status for incident in self.duty.incidents]


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, duty: PagerDutyStandIn, opened: Opened) -> PagerWorld:
    fake = FakePager() if request.param == "fake" else None
    return PagerWorld(fake or opened(), fake, duty)


async def test_a_page_goes_from_accepted_to_its_end(world: PagerWorld) -> None:
    assert (await world.pager.page(SERVICE, CALL)).outcome is ACCEPTED.outcome
    assert world.states() == ["triggered"]
    await world.pager.acknowledge(SERVICE, "key")
    assert world.states() == ["acknowledged"]
    await world.pager.resolve(SERVICE, "key")
    assert world.states() == ["resolved"]


async def test_the_same_key_is_one_page(world: PagerWorld) -> None:
    for _ in range(3):
        await world.pager.page(SERVICE, CALL)
    assert world.states() == ["triggered"]


async def test_a_note_is_added_once_and_only_to_a_page_that_is_open(world: PagerWorld) -> None:
    await world.pager.page(SERVICE, CALL)
    for text in ("Also INC-43.", "Also INC-44.", "Also INC-43."):
        assert (await world.pager.add_note(SERVICE, "key", text)).outcome is ACCEPTED.outcome
    assert world.notes() == ["Also INC-43.", "Also INC-44."]
    await world.pager.resolve(SERVICE, "key")
    for key in ("key", "other"):
        assert (await world.pager.add_note(SERVICE, key, "Also INC-45.")).outcome is ACCEPTED.outcome
    assert world.notes() == ["Also INC-43.", "Also INC-44."]


async def test_ending_what_was_never_asked_for_is_accepted_and_makes_nothing(world: PagerWorld) -> None:
    assert (await world.pager.resolve(SERVICE, "other")).outcome is ACCEPTED.outcome
    assert (await world.pager.acknowledge(SERVICE, "other")).outcome is ACCEPTED.outcome
    assert world.states() == []


@pytest.mark.parametrize("answer", [REFUSED, LIMITED], ids=["refused", "limited"])
async def test_a_refusal_did_nothing(world: PagerWorld, answer: PageResponse) -> None:
    world.next_answer(answer)
    told = await world.pager.page(SERVICE, CALL)
    assert (told.outcome, told.again_after, told.moves_on) == (answer.outcome, answer.again_after, True)
    assert told.sentence.startswith(answer.sentence.rstrip(").")), told
    assert world.states() == []


async def test_after_an_unknown_answer_the_page_may_be_there_and_is_not_doubled(world: PagerWorld) -> None:
    world.next_answer(UNKNOWN)
    told = await world.pager.page(SERVICE, CALL)
    assert (told.outcome, told.sentence, told.moves_on) == (UNKNOWN.outcome, UNKNOWN.sentence, True)
    await world.pager.page(SERVICE, CALL)
    assert world.states() == ["triggered"]


async def test_a_page_is_delivered_once_the_provider_says_so(world: PagerWorld) -> None:
    await world.pager.page(SERVICE, CALL)
    assert (await world.pager.progress(SERVICE, "key")).outcome is ACCEPTED.outcome
    world.notify("Devika")
    told = await world.pager.progress(SERVICE, "key")
    assert (told.outcome, told.sentence) == (delivered("").outcome, "PagerDuty says that it notified Devika.")
    assert not told.moves_on
