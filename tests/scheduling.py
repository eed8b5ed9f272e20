"""How pytest-xdist shares the tests out among its workers."""

from functools import cached_property

from xdist.scheduler import LoadScopeScheduling

from tests import samples

MODULES_EACH = 4
"""With more modules than this for each worker, a module is not torn apart."""


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """A module stays on one worker, with what it has set up; unless there are too few of them to share out."""

    def _split_scope(self, nodeid: str) -> str:
        group = samples.group_of(nodeid)
        return group if self._has_many or group == samples.TOGETHER else nodeid

    @cached_property
    def _has_many(self) -> bool:
        modules = set(map(samples.group_of, self.collection or ()))
        return len(modules) > MODULES_EACH * len(self.nodes)
