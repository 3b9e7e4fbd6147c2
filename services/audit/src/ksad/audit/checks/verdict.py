"""What checks say: each has a name and a verdict, and tells where the first wrong leaf stands."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """One check: what it is about, whether it holds, what was found, and the first leaf that is wrong if one can tell.

    ``first_bad`` counts in the national log, or in the feed that the name tells. Where it is not certain, ``up_to`` is
    there, and the first wrong leaf stands in [first_bad, up_to). What is ``noted`` holds, but has to be read.
    """

    name: str
    ok: bool
    detail: str
    first_bad: int | None = None
    up_to: int | None = None
    noted: bool = False


class Verdict(NamedTuple):
    """All checks of an archive."""

    checks: list[Check]

    @property
    def ok(self) -> bool:
        """Whether all hold."""
        return all(check.ok for check in self.checks)


class Claim(NamedTuple):
    """A head that leaves are held against, and where it stands."""

    size: int
    root: str
    source: str


def fault(name: str, detail: str, where: range | None) -> Check:
    """A check that does not hold, whose first wrong leaf is somewhere in a range."""
    if where is None:
        return Check(name, ok=False, detail=detail)
    return Check(name, ok=False, detail=detail, first_bad=where.start, up_to=None if len(where) == 1 else where.stop)
