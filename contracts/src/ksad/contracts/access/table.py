"""A table of grants.

A grant gives an action to offices (``region:*`` is any region's), if need be under a named condition that the service
checks against the case at hand, with the clause it stands on.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.rules import RefusalKind, RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


EVERYBODY = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")
"""Every office of a person or a program but the feeds' own."""


class Grant(NamedTuple):
    """One row of the table."""

    action: str
    offices: tuple[str, ...]
    condition: str | None = None
    clause: str | None = None


class AccessTable:
    """The table of one service, with a sentence for each condition that it names."""

    def __init__(self, grants: Iterable[Grant], conditions: Mapping[str, str]) -> None:
        self.grants = tuple(grants)
        self.conditions = dict(conditions)

    def grants_for(self, office: str, action: str) -> list[Grant]:
        """The rows that speak for an office and an action; none means no."""
        return [
            grant
            for grant in self.grants
            if grant.action == action and any(fnmatchcase(office, pattern) for pattern in grant.offices)
        ]

    def check(self, office: str, action: str, holds: Callable[[str], bool] | None = None) -> Grant:
        """The row that allows an action to an office.

        :param holds: whether a named condition holds in the case at hand; None defers conditions to a later check.
        :raises RuleBrokenError: of kind FORBIDDEN, no row allows it.
        """
        rows = self.grants_for(office, action)
        for grant in rows:
            if grant.condition is None or holds is None or holds(grant.condition):
                return grant
        clause = rows[0].clause if rows else None
        rule = rows[0].condition if rows and rows[0].condition else "office-may"
        detail = f"Jabatan {office} tidak berwenang untuk tindakan ini ({action})."
        raise RuleBrokenError(rule, detail, clause, kind=RefusalKind.FORBIDDEN, office=office, action=action)
