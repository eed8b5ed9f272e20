"""Where requests can be held: between their coming and their answer."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Gate:
    """Where requests can be held; `held` is how many wait, `arrived` how many came since it was closed."""

    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    held: int = 0
    arrived: int = 0

    def __post_init__(self) -> None:
        self.is_open.set()

    def close(self) -> None:
        self.arrived = 0
        self.is_open.clear()

    async def pass_through(self) -> None:
        self.held += 1
        self.arrived += 1
        try:
            await self.is_open.wait()
        finally:
            self.held -= 1
