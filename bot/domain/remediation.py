"""A change to production that two people agree on: its states, its plan, and the rules about both. Pure.

```
asked -> proposed -> approved -> executing -> done | failed
                                           -> unknown -> done | failed
asked, proposed -> rejected | expired | void        approved -> void
```

What is `unknown` may have been done: it is looked for and never done again. No state leads back to `executing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.policy import explain_cannot_change
from bot.domain.remediation_plan import Plan


class RemediationKind(StrEnum):
    """What can be done. What a person does themselves is `by_hand`."""

    ECS_ROLLBACK = "ecs.rollback"
    ECS_SCALE = "ecs.scale"
    ECS_RESTART = "ecs.restart"
    END_IDLE = "postgres.end_idle"
    END_BLOCKER = "postgres.end_blocker"
    FAILOVER = "rds.failover"
    WORKFLOW = "github.workflow"
    REVERT = "github.revert"
    SWITCH = "appconfig.switch"
    BANNER = "firebase.banner"
    BY_HAND = "by_hand"


EXECUTABLE = tuple(kind for kind in RemediationKind if kind is not RemediationKind.BY_HAND)
"""The kinds that Tocsin can carry out."""


class RemediationState(StrEnum):
    """How far a remediation came. `asked` is read for before it is shown."""

    ASKED = "asked"
    PROPOSED = "proposed"
    APPROVED = "approved"
    EXECUTING = "executing"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"


_S = RemediationState

TRANSITIONS: Mapping[RemediationState, frozenset[RemediationState]] = {
    _S.ASKED: frozenset({_S.PROPOSED, _S.VOID}),
    _S.PROPOSED: frozenset({_S.APPROVED, _S.REJECTED, _S.EXPIRED, _S.VOID, _S.DONE}),
    _S.APPROVED: frozenset({_S.EXECUTING, _S.VOID, _S.DONE}),
    _S.EXECUTING: frozenset({_S.DONE, _S.FAILED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.DONE, _S.FAILED}),
    _S.DONE: frozenset(),
    _S.FAILED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.VOID: frozenset(),
}
"""What may follow each state. From `proposed` to `done` leads what a person ran themselves, from `approved` a drill."""

OPEN_STATES = (_S.PROPOSED, _S.APPROVED, _S.EXECUTING, _S.UNKNOWN)
"""While one of these is true, nothing else is proposed for the same target."""

NOT_BEGUN = (_S.ASKED, _S.PROPOSED, _S.APPROVED)
"""Nothing was done yet: these become void when the incident ends or remediations are switched off."""


def may_follow(before: RemediationState, after: RemediationState) -> bool:
    """Whether a remediation may go from one state to the other."""
    return after in TRANSITIONS[before]


@dataclass(frozen=True, slots=True)
class KindRules:
    """The rules of a kind: the card's verb, how long an approval is waited for, how long the target rests after it,
    and how long it is watched at most."""

    verb: str
    expires_after: timedelta = timedelta(minutes=10)
    cooldown: timedelta = timedelta(0)
    watched_for: timedelta = timedelta(minutes=10)


RULES: Mapping[RemediationKind, KindRules] = {
    RemediationKind.ECS_ROLLBACK: KindRules("Roll back", cooldown=timedelta(minutes=10)),
    RemediationKind.ECS_SCALE: KindRules("Scale", cooldown=timedelta(minutes=5)),
    RemediationKind.ECS_RESTART: KindRules("Restart", cooldown=timedelta(minutes=5)),
    RemediationKind.END_IDLE: KindRules(
        "End idle sessions", cooldown=timedelta(minutes=2), watched_for=timedelta(minutes=1)
    ),
    RemediationKind.END_BLOCKER: KindRules(
        "End blocker", cooldown=timedelta(minutes=2), watched_for=timedelta(minutes=1)
    ),
    RemediationKind.FAILOVER: KindRules(
        "Fail over", expires_after=timedelta(minutes=5), cooldown=timedelta(minutes=30)
    ),
    RemediationKind.WORKFLOW: KindRules(
        "Run workflow", cooldown=timedelta(minutes=5), watched_for=timedelta(minutes=30)
    ),
    RemediationKind.REVERT: KindRules("Revert", watched_for=timedelta(minutes=2)),
    RemediationKind.SWITCH: KindRules("Switch flag", watched_for=timedelta(minutes=30)),
    RemediationKind.BANNER: KindRules("Show banner", watched_for=timedelta(minutes=2)),
    RemediationKind.BY_HAND: KindRules("By hand", expires_after=timedelta(hours=12)),
}


@dataclass(frozen=True, slots=True)
class Remediation:
    """One remediation as it stands in the database. `number` is the N of `R-N`, counted in its incident.

    `parameters` say what was asked for, `plan` is None until that was read. `why` says why it ended as it did or how
    far it is; `receipt` are what the call gave back (texts); `verdict` says what the watch found, empty while it goes
    on. `request` is the key of what asked for it, and what we are found again by. `look_at` is when it is looked at
    next, `check` the run of diagnostics after it. `paged` are the approvers who were paged for its card, `clicked` who
    has clicked on it, both with the instants (ISO); `alone` is the reason of one who approved it alone, else empty.
    `first_approver` is the first of two who have to agree where who asked for it is no approver.
    """

    id: int
    incident: int
    number: int
    kind: RemediationKind
    parameters: Mapping[str, str]
    state: RemediationState
    asked_by: str
    asked_at: datetime
    reason: str = ""
    plan: Plan | None = None
    expires_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    started_at: datetime | None = None
    settled_at: datetime | None = None
    watch_until: datetime | None = None
    why: str = ""
    receipt: Mapping[str, str] = field(default_factory=dict)
    verdict: str = ""
    checked_by: str | None = None
    is_by_hand: bool = False
    is_drill: bool = False
    undo_of: int | None = None
    attempts: int = 0
    paged: Mapping[str, str] = field(default_factory=dict)
    clicked: Mapping[str, str] = field(default_factory=dict)
    alone: str = ""
    first_approver: str | None = None

    @property
    def reference(self) -> str:
        """How people name it within its incident: `R3`."""
        return f"R{self.number}"

    @property
    def key(self) -> str:
        """By what it is found again at the other side."""
        return f"tocsin-inc-{self.incident}-r{self.number}"

    @property
    def call(self) -> str:
        """Whose support a person is to call; empty where nobody is called."""
        return self.parameters.get("call", "")

    @property
    def verb(self) -> str:
        return RULES[self.kind].verb

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return self.plan.title if self.plan else self.verb


@dataclass(frozen=True, slots=True)
class ApproverFacts:
    """Who clicks, by what Slack says at that moment. The approvers are read fresh too; `first_is_approver` is whether
    the first of two who agreed is one still."""

    person: str
    is_approver: bool
    guest: bool = False
    bot: bool = False
    stranger: bool = False
    deactivated: bool = False
    requester_is_approver: bool = True
    first_is_approver: bool = True


STATES_IN_WORDS: Mapping[RemediationState, str] = {
    _S.ASKED: "is asked for and being read",
    _S.APPROVED: "is approved already",
    _S.EXECUTING: "is executing already",
    _S.UNKNOWN: "is unknown: whether it was done is being looked for",
    _S.DONE: "is done",
    _S.FAILED: "is failed",
    _S.REJECTED: "is rejected",
    _S.EXPIRED: "is expired",
    _S.VOID: "is void",
}


def explain_cannot_decide(asked: Remediation, who: ApproverFacts) -> str:
    """Why this person has no say about it, as the beginning of a sentence; empty when they have one."""
    if who.deactivated:
        return "Your Slack account is deactivated."
    if why := explain_cannot_change(guest=who.guest, bot=who.bot, stranger=who.stranger):
        return f"{why.partition('.')[0]}."  # whom to ask instead, the approvers, is said by who asks this
    if not who.is_approver:
        return f"You are not one of the approvers of “{asked.verb}”."
    return ""


def explain_cannot_approve(
    asked: Remediation, who: ApproverFacts, now: datetime, *, is_open: bool, approvers: str
) -> str:
    """Why this person may not approve it now, in a sentence that says who may; empty when they may."""
    if stands := explain_state(asked, now, is_open):
        return f"{stands} Nothing was approved."
    why = explain_cannot_decide(asked, who)
    if not why and who.person == asked.asked_by:
        why = "You asked for it: a second person has to approve it."
    if not why and who.person == asked.first_approver and needs_two_approvers(asked, who):
        why = "You approved it already, as the first of two: another approver has to, too."
    if not why:
        return ""
    may = f" It may be approved by {approvers}." if approvers else ""
    return f"{why}{may} Nothing was approved."


def needs_two_approvers(asked: Remediation, who: ApproverFacts) -> bool:
    """Whether two approvers have to agree: the plan is strict, and who asked for it is none of them."""
    return asked.plan is not None and bool(asked.plan.strict) and not who.requester_is_approver


def is_first_of_two(asked: Remediation, who: ApproverFacts) -> bool:
    """Whether this approval waits for another one: nobody agreed before, or who did is no approver any more."""
    return needs_two_approvers(asked, who) and not (asked.first_approver and who.first_is_approver)


def explain_state(asked: Remediation, now: datetime, is_open: bool) -> str:
    """Why nobody can approve it as it stands, in a sentence; empty when it waits for that."""
    if asked.state is not RemediationState.PROPOSED:
        return f"{asked.reference} {STATES_IN_WORDS[asked.state]}."
    if not is_open:
        return "The incident is over."
    if asked.expires_at is not None and now >= asked.expires_at:
        return f"{asked.reference} is expired: what it was planned with may have changed. Click “Ask again”."
    return ""


def explain_cooldown(kind: RemediationKind, settled_at: datetime | None, now: datetime) -> str:
    """Why the target still rests after the last one, in a sentence; empty when it does not."""
    rest = RULES[kind].cooldown
    if settled_at is None or now - settled_at >= rest:
        return ""
    minutes = int(rest.total_seconds() // 60)
    left = int((rest - (now - settled_at)).total_seconds())
    return (
        f"The last remediation of this target ended {int((now - settled_at).total_seconds())} s ago. It rests for "
        f"{minutes} min, so that what came of it can be seen: ask again in {left} s."
    )


def parse_enabled_kinds(text: str) -> tuple[frozenset[RemediationKind], tuple[str, ...]]:
    """The kinds that a setting names with commas, and the words in it that are none."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = {kind.value: kind for kind in EXECUTABLE}
    return frozenset(known[word] for word in words if word in known), tuple(
        word for word in words if word not in known
    )
