"""A panel in the page to break what the runbook looks at, and to heal it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sandbox.monitored_systems import TITLES, Breakage, SystemsProcess, SystemsProcessError


@dataclass(slots=True)
class FaultPanel:
    """The broken world before people's eyes. `world` is None while it starts; `problem` says what went wrong.

    `changed` is called after each change of what the panel shows.
    """

    changed: Callable[[], None] = lambda: None
    world: SystemsProcess | None = None
    problem: str = ""
    under_way: bool = False

    @property
    def choices(self) -> dict[str, str]:
        """What can be broken: names, and what people read."""
        return {fault.value: title for fault, title in TITLES.items()}

    @property
    def broken(self) -> str:
        """The name of what is broken now; empty when all is well."""
        return self.world.broken.value if self.world is not None and self.world.broken else ""

    def ready(self, world: SystemsProcess) -> None:
        """It runs."""
        self.world = world
        world.changed = lambda: self.changed()
        self.changed()

    def mark_failed(self, problem: str) -> None:
        """It does not run, in a sentence."""
        self.world, self.problem = None, problem
        self.changed()

    async def break_(self, what: str) -> str:
        """Break this. Gives a sentence when it cannot be done."""
        if self.world is None or what not in self.choices:
            return "There is nothing like that to break, or not yet."
        return await self._do(self.world.break_(Breakage(what)))

    async def heal(self) -> str:
        """Mend everything. Gives a sentence when it cannot be done."""
        return await self._do(self.world.heal()) if self.world is not None else ""

    async def _do(self, work: Coroutine[Any, Any, None]) -> str:
        self.under_way = True
        self.changed()
        try:
            await work
            self.problem = ""
        except SystemsProcessError as why:
            self.problem = str(why)
        finally:
            self.under_way = False
            self.changed()
        return self.problem
