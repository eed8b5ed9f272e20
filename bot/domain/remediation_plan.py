"""What a remediation would change, as it was read; and when that is another plan by now. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what changes: its name, how it is now and how it will be."""

    name: str
    now: str
    then: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, as it was read. Everything is redacted text for people but `action` and `reverse`.

    `target` is canonical and names the thing in the whole world. `fingerprint` has only what the act depends on, by
    names for people: any difference voids it. `action` are the parameters of the one call, JSON. `strict` says why two
    approvers have to agree, of whom the requester may be one; empty where one does. `red_lines` warn in the card.
    `reverse` are the parameters of the remediation that takes it back, empty where none does. `measure` is the short
    value that should get better. `deployed_at` is when the target was last deployed (ISO), empty where that is not
    known.
    """

    target: str
    title: str
    changes: tuple[Change, ...] = ()
    meanwhile: str = ""
    affected: str = ""
    undo: str = ""
    command: str = ""
    supports: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    red_lines: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    action: Mapping[str, Any] = field(default_factory=dict)
    reverse: Mapping[str, str] = field(default_factory=dict)
    strict: str = ""
    measure: str = ""
    deployed_at: str = ""


TEXTS = ("supports", "against", "unchecked", "red_lines", "details")
PLAN_FIELDS = frozenset(field.name for field in fields(Plan))


def dump_plan(plan: Plan) -> dict[str, Any]:
    """A plan as JSON can hold it."""
    return asdict(plan)


def parse_plan(kept: Mapping[str, Any]) -> Plan:
    """A plan from its JSON; what a newer version added is passed over."""
    made = {name: value for name, value in kept.items() if name in PLAN_FIELDS}
    made["changes"] = tuple(Change(**change) for change in made.get("changes", ()))
    made.update({name: tuple(made.get(name, ())) for name in TEXTS})
    return Plan(**made)


def compute_plan_hash(plan: Plan) -> str:
    """The SHA-256 in hexadecimal of the target, what it depends on and what would be done."""
    canonical = [plan.target, dict(plan.fingerprint), dict(plan.action)]
    return hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()


def explain_difference(approved: Plan, now: Plan) -> str:
    """What changed since a plan was approved, of what the act depends on; empty when nothing did."""
    if approved.target != now.target:
        return f"the target is {now.target} now, it was {approved.target}"
    names = dict.fromkeys((*approved.fingerprint, *now.fingerprint))
    told = [
        f"{name} is {now.fingerprint.get(name, 'gone')} now, it was {approved.fingerprint.get(name, 'not there')}"
        for name in names
        if approved.fingerprint.get(name) != now.fingerprint.get(name)
    ]
    return "; ".join(told)
