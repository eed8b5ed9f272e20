"""How pytest-xdist shares the tests out among its workers."""

from functools import cached_property
from typing import Any

from xdist.scheduler import LoadScopeScheduling

from tests import samples

MODULES_EACH = 4
"""With more modules than this for each worker, a module is not torn apart."""


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """A module stays on one worker, with what it has set up; unless there are too few of them to share out.

    Where everything is proven, the third worker waits until what runs several bots side by side is through: on two
    cores it would make their answers late.
    """

    def _split_scope(self, nodeid: str) -> str:
        group = samples.group_of(nodeid)
        return group if self._has_many or group == samples.TOGETHER else nodeid

    @cached_property
    def _has_many(self) -> bool:
        modules = set(map(samples.group_of, self.collection or ()))
        return len(modules) > MODULES_EACH * len(self.nodes)

    def _assign_work_unit(self, node: Any) -> None:
        if node not in self.nodes[2:] or not self._is_crowded:
            super()._assign_work_unit(node)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        was_crowded = self._is_crowded
        super().mark_test_complete(node, item_index, duration)
        if was_crowded and not self._is_crowded:
            for waiting in self.nodes[2:]:
                self._reschedule(waiting)

    @property
    def _is_crowded(self) -> bool:
        """Whether several bots run side by side, or will."""
        if not self.config.option.whole:
            return False
        units = (self.workqueue, *self.assigned_work.values())
        return any(not all(unit.get(samples.TOGETHER, {}).values()) for unit in units)
