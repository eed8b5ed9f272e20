"""What one command of a pipeline is recognised as, before the parts are put together."""

from dataclasses import dataclass

from bot.errors import Unclear
from bot.step import Call, Kind


@dataclass(frozen=True, slots=True)
class Part:
    """One command's kind and why. Without a `call` Tocsin cannot do it itself."""

    kind: Kind
    why: str
    runs: str | None = None
    call: Call | None = None
    hints: tuple[str, ...] = ()


class Mistyped(Unclear):
    """A command that cannot work as written. The text says what was probably meant."""
