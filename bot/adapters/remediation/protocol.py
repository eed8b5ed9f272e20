"""What goes between the bot and the process that reads or carries out one remediation: one JSON value each way."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.domain.remediation_plan import Plan, dump_plan, parse_plan
from bot.ports.remediation import Observation, Receipt, Refusal
from bot.text.person_placeholders import strip_marks

PREVIEW, CARRY_OUT, OBSERVE, FIND_RETURN = "preview", "carry_out", "observe", "find_return"


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does. `parameters` are what was asked for, `action` and `target` the approved plan's, `key` is
    what it is found by, `started_at` when it began (ISO), `receipt` what is known of it. `keys` are the settings that
    it needs, by their fields' names. `not_after` is the instant (seconds since 1970) after which no call goes out."""

    deed: str
    kind: str
    parameters: Mapping[str, str]
    keys: Mapping[str, Any]
    action: Mapping[str, Any]
    target: str = ""
    key: str = ""
    title: str = ""
    started_at: str = ""
    receipt: Mapping[str, str] | None = None
    not_after: float = 0.0

    def dump(self) -> bytes:
        """As it goes over the pipe."""
        return json.dumps(asdict(self)).encode()


def parse_task(text: bytes) -> Task:
    """The task that `dump` wrote."""
    return Task(**json.loads(text))


def _strip(value: dict[str, Any]) -> dict[str, Any]:
    """What other systems wrote, without what could be taken for a mark of ours."""
    return {name: strip_marks(text) if isinstance(text, str) else text for name, text in value.items()}


ANSWERS = {"plan": Plan, "refusal": Refusal, "receipt": Receipt, "observation": Observation}


def dump_answer(answer: Plan | Refusal | Receipt | Observation) -> bytes:
    """An answer as it goes over the pipe."""
    name = next(name for name, kind in ANSWERS.items() if isinstance(answer, kind))
    value = dump_plan(answer) if isinstance(answer, Plan) else asdict(answer)
    return json.dumps({name: value}).encode()


def dump_failure(sentence: str) -> bytes:
    """What could not be read, and why."""
    return json.dumps({"failure": sentence}).encode()


def parse_answer(text: bytes) -> Plan | Refusal | Receipt | Observation | str:
    """The answer, or why there is none. Raises ValueError for anything else."""
    ((name, value),) = json.loads(text, object_hook=_strip).items()
    if name == "failure":
        return str(value)
    if name == "plan":
        return parse_plan(value)
    if name == "refusal":
        return Refusal(**value)
    return Receipt(**value) if name == "receipt" else Observation(**value)
