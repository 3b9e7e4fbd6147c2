"""A platform that one group of tests shares ends with the last of them: idle, it takes a twentieth of a core."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import pytest


def group_of(item: pytest.Item) -> str | None:
    """The group of a test, whose tests are all run by one worker; none if it may be run by any."""
    marker = item.get_closest_marker("xdist_group")
    return None if marker is None else str(marker.args[0])


class Groups:
    """How many tests of each group are still to come in this worker, and which fixtures end with a group."""

    def __init__(self, items: Sequence[pytest.Item], shared: Collection[str]) -> None:
        """:param shared: the names of fixtures that end with their group if they are the session's."""
        self._left = Counter(map(group_of, items))
        self._asking: dict[pytest.FixtureDef[Any], set[str | None]] = defaultdict(set)
        for item in items:
            if isinstance(item, pytest.Function):
                known = item._fixtureinfo.name2fixturedefs
                for fixture in [known[name][-1] for name in shared if name in known]:
                    if fixture.scope == "session":
                        self._asking[fixture].add(group_of(item))

    def ran(self, item: pytest.Item) -> None:
        """Ends what the test's group shares with no other test, if this was its last one."""
        group = group_of(item)
        self._left[group] -= 1
        if group is None or self._left[group] or not isinstance(item, pytest.Function):
            return
        for fixture in [fixture for fixture, groups in self._asking.items() if groups == {group}]:
            fixture.finish(item._request)  # type: ignore[arg-type] # only told where finishing fails
