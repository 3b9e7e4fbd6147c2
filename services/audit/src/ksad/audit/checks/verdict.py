"""Results of checks."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """The result of one check: its name, whether it holds, what was found, and the first wrong leaf if known.

    ``first_bad`` is an index in the national log, or in the feed that the name states. If the position is not certain,
    the first wrong leaf is in [first_bad, up_to). A check that is ``noted`` holds, but its detail should be read.
    """

    name: str
    ok: bool
    detail: str
    first_bad: int | None = None
    up_to: int | None = None
    noted: bool = False


class Verdict(NamedTuple):
    """The results of all checks of an archive."""

    checks: list[Check]

    @property
    def ok(self) -> bool:
        """Whether all checks hold."""
        return all(check.ok for check in self.checks)


class Claim(NamedTuple):
    """A tree head to compare leaves with: size, root (hex), and where it comes from."""

    size: int
    root: str
    source: str


def fault(name: str, detail: str, where: range | None) -> Check:
    """A failed check whose first wrong leaf is in a range; ``None`` if the position is unknown."""
    if where is None:
        return Check(name, ok=False, detail=detail)
    return Check(name, ok=False, detail=detail, first_bad=where.start, up_to=None if len(where) == 1 else where.stop)
