"""Pull requests that Tocsin proposes: of the review of an incident, and of what its runbook learned from it."""

from dataclasses import dataclass
from enum import StrEnum


class ProposalState(StrEnum):
    """How a pull request stands, as far as is known: it is asked for, open, or ended by people."""

    WAITING = "waiting"
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ReviewProposal:
    """The pull request with an incident's review. `why` is what was in the way last, `entries` how many entries the
    timeline had when the review was written there last."""

    state: ProposalState
    link: str = ""
    why: str = ""
    entries: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether people merged or closed it: nothing is committed any more."""
        return self.state in (ProposalState.MERGED, ProposalState.CLOSED)


@dataclass(frozen=True, slots=True)
class ProposalRules:
    """What goes to a code host: `host` is what people call the one of the reviews (empty: none), `runbook_host` that of
    the runbook; `may_be_private` lets private incidents go there too."""

    host: str = ""
    runbook_host: str = ""
    may_be_private: bool = False

    def may_propose(self, is_private: bool, is_drill: bool) -> bool:
        """Whether an incident's review goes there: never a drill's."""
        return bool(self.host) and not is_drill and (self.may_be_private or not is_private)

    def may_learn(self, is_private: bool, is_drill: bool) -> bool:
        """Whether the runbook learns from an incident: never from a private one or a drill."""
        return bool(self.runbook_host) and not (is_private or is_drill)
