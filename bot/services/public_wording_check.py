"""Looks at the words of a public text, with what is known of the people and of the promised rhythm."""

from collections.abc import Sequence

from bot.domain.incident import Incident, Situation
from bot.domain.public_update import PublicUpdate
from bot.domain.public_wording import WordConcern, WordingFacts, find_concerns
from bot.ports import Transaction
from bot.runbook import Literal, Runbook
from bot.services.context import ServiceContext
from bot.text.person_names import split_names


async def examine_wording(
    desk: ServiceContext, tx: Transaction, incident: Incident, update: PublicUpdate
) -> Sequence[WordConcern]:
    """What should not stand in its title and its text."""
    situation = await tx.situation(incident.number)
    assert situation is not None
    own = await tx.list_known_names(_list_people(situation))
    facts = WordingFacts(
        names={*desk.workspace_names, *await tx.list_known_names(), *own},
        own_names=split_names(own),
        allowed=read_customer_words(await desk.runbook_versions.of(incident)),
        every=incident.cadence,
        status=update.status,
    )
    return find_concerns(f"{update.title}\n{update.text}", facts)


def _list_people(situation: Situation) -> set[str]:
    """Who works on the incident or was paged for it."""
    return {*situation.people, *(page.person for page in situation.pages)} - {""}


def read_customer_words(runbook: Runbook) -> str:
    """What the runbook's own templates say to customers: the team chose these words."""
    lines = [
        line
        for name in ("update", "resolution")
        if (found := runbook.templates.get(name))
        for line in found.lines
    ]
    return "\n".join("".join(part.text for part in line.parts if isinstance(part, Literal)) for line in lines)
