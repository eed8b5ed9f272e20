"""What one command of a pipeline is recognised as, before the parts are put together."""

from dataclasses import dataclass

from bot.domain.playbook import Call, StepKind
from bot.errors import UnsupportedCommand


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """One command's kind and why. Without a `call` Tocsin cannot do it itself. `harmless` as in a step's `Meaning`."""

    kind: StepKind
    why: str
    runs: str | None = None
    call: Call | None = None
    hints: tuple[str, ...] = ()
    harmless: bool = False


class MistypedCommand(UnsupportedCommand):
    """A command that cannot work as written. The text says what was probably meant."""
