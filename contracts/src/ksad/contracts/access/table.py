"""Tables of grants: which office may do what, under which condition, by which clause."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.rules import RefusalKind, RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


EVERYBODY = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")
"""All offices except ``feed:*``, the accounts with which a province reads its feed and nothing else."""


class Role(StrEnum):
    """What an officer may do for an office, from the least to the most; each may also do what those before it may."""

    READER = "reader"
    """Reads, and records nothing: inspectorates, councils, legal bureaus."""
    CLERK = "clerk"
    """Records, drafts and compiles."""
    REVIEWER = "reviewer"
    """Examines what others have recorded, and confirms or refuses acts of several parties."""
    SIGNER = "signer"
    """Gives the word of the office's head: submits and decides reports, decides disputes."""

    def covers(self, other: Role) -> bool:
        """Whether this role may do what another may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


ROLE_WORDS = {
    Role.READER: "pembaca",
    Role.CLERK: "penyusun",
    Role.REVIEWER: "pemeriksa",
    Role.SIGNER: "penanda tangan",
}
"""What people call each role."""


class Grant(NamedTuple):
    """Permission to perform an action.

    ``offices`` are names or patterns (``region:*`` is any region). ``condition`` names a condition that the service
    checks against the cooperation, task or report concerned. ``clause`` is the legal basis; ``None`` marks a rule of
    the platform.
    """

    action: str
    offices: tuple[str, ...]
    condition: str | None = None
    clause: str | None = None


class AccessTable:
    """The grants of one service, what each condition that they name means, and what an action asks beyond them.

    ``remarks`` are for readers, by action: what the service asks of the single entry or document after the grant.
    ``least`` is the least role, by act (the last part of a command's address); a clerk may do all other acts.
    """

    def __init__(
        self,
        grants: Iterable[Grant],
        conditions: Mapping[str, str],
        remarks: Mapping[str, str] | None = None,
        least: Mapping[str, Role] | None = None,
    ) -> None:
        self.grants = tuple(grants)
        self.conditions = dict(conditions)
        self.remarks = dict(remarks or {})
        self.least = dict(least or {})

    def role_refusal(self, role: Role, act: str) -> RuleBrokenError | None:
        """Why an officer of this role may not do an act for the office; ``None`` where the role allows it."""
        least = self.least.get(act, Role.CLERK)
        if role.covers(least):
            return None
        detail = (
            f"Anda masuk sebagai {ROLE_WORDS[role]}. Tindakan ini dilakukan oleh {ROLE_WORDS[least]} jabatan ini; "
            "minta petugas yang berwenang melakukannya."
        )
        return RuleBrokenError("role-may", detail, kind=RefusalKind.FORBIDDEN, role=role.value, least=least.value)

    def grants_for(self, office: str, action: str) -> list[Grant]:
        """The grants of an action to an office, whatever their conditions; an empty list means that it is refused."""
        return [
            grant
            for grant in self.grants
            if grant.action == action and any(fnmatchcase(office, pattern) for pattern in grant.offices)
        ]

    def check(self, office: str, action: str, holds: Callable[[str], bool] | None = None) -> Grant:
        """The first grant that allows an action to an office.

        :param holds: tells whether a named condition holds; ``None`` takes every condition as true, for a first check
            before the record concerned has been loaded.
        :raises RuleBrokenError: no grant allows the action (kind ``FORBIDDEN``).
        """
        rows = self.grants_for(office, action)
        for grant in rows:
            if grant.condition is None or holds is None or holds(grant.condition):
                return grant
        # Of several conditions that fail, the first grant's is the one that the refusal names.
        clause = rows[0].clause if rows else None
        rule = rows[0].condition if rows and rows[0].condition else "office-may"
        detail = "Jabatan Anda tidak berwenang untuk tindakan ini."
        raise RuleBrokenError(rule, detail, clause, kind=RefusalKind.FORBIDDEN, office=office, action=action)
