"""Changes that are told in several places: in the answer, in the room, to followers and in the timeline."""

from dataclasses import field

from bot.domain.text_fields import People, TextRecord, kept_as, text_record


@text_record
class SeverityChange(TextRecord):
    """The severity before and now; `called` names who is paged because of it, `every` is in seconds, None for updates
    without a fixed time."""

    before: str
    to: str
    called: str
    every: int | None
    reason: str


@text_record
class ImpactChange(TextRecord):
    """What is known now of the impact and of the people whom it reaches, and what was said before; None for what did
    not change, an empty text for what is not known."""

    impact: str | None = None
    impact_before: str | None = None
    affected_users: str | None = None
    affected_users_before: str | None = None


@text_record
class ManualPage(TextRecord):
    """Who was paged by hand: `to` names contacts and groups, `persons` are user ids (None in what an older version
    wrote), `person` the only one; `text` is what was said to them."""

    to: str
    person: str
    persons: People | None = None
    text: str

    @property
    def people(self) -> tuple[str, ...]:
        """The user ids of the people who were paged by name."""
        return tuple(self.person.split()) if self.persons is None else self.persons


@text_record
class EscalatedLevel(TextRecord):
    """The level that was paged. `why` is a sentence; `to` and `known` name contacts: paged now, and paged before with
    no other method left. `line` is the runbook's (0 for none), `step` the level of all `total`."""

    why: str
    to: str
    known: str
    line: int
    step: int
    total: int = field(metadata=kept_as("of"))
