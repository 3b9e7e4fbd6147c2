"""Tables of grants: which office may do what, under which condition, by which clause."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.rules import RefusalKind, RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


EVERYBODY = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")
"""All offices except accounts of programs: ``feed:*`` reads a province's feed, ``mailer`` whom mail has to remind."""


class Role(StrEnum):
    """What an officer may do for an office, from the least to the most; each may also do what those before it may."""

    READER = "reader"
    """Reads, and records nothing: inspectorates, councils, legal bureaus."""
    CLERK = "clerk"
    """Records, drafts and compiles."""
    REVIEWER = "reviewer"
    """Examines and mends what others have recorded."""
    SIGNER = "signer"
    """Gives the word of the office's head: what binds a region, decides a dispute, adopts a text, sends a report."""

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


class RoleRule(NamedTuple):
    """The least role that an act takes, and why, in a clause that goes on from *because it*."""

    role: Role
    because: str


BINDS = RoleRule(Role.SIGNER, "binds a region or the parties, or frees them")
HEADS_WORD = RoleRule(Role.SIGNER, "is the word of the office's head")
EXAMINES = RoleRule(Role.REVIEWER, "examines, mends or closes what others have recorded")
ENTERS = RoleRule(Role.CLERK, "enters what happened or is being prepared, and binds nobody")
READS = RoleRule(Role.READER, "tells and records nothing")


def role_rules(*groups: tuple[RoleRule, tuple[str, ...]]) -> dict[str, RoleRule]:
    """The rule of each act; an act stands in one group."""
    found: dict[str, RoleRule] = {}
    for rule, acts in groups:
        assert not found.keys() & set(acts)  # noqa: S101 - a table that contradicts itself decides nothing
        found |= dict.fromkeys(acts, rule)
    return found


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
    ``roles`` says of each act (the last part of a command's address) which role it takes, and why; what the machinery
    of every service takes, such as documents, is a clerk's.
    """

    def __init__(
        self,
        grants: Iterable[Grant],
        conditions: Mapping[str, str],
        remarks: Mapping[str, str] | None = None,
        roles: Mapping[str, RoleRule] | None = None,
    ) -> None:
        self.grants = tuple(grants)
        self.conditions = dict(conditions)
        self.remarks = dict(remarks or {})
        self.roles = dict(roles or {})

    def role_refusal(self, role: Role, act: str) -> RuleBrokenError | None:
        """Why an officer of this role may not do an act for the office; ``None`` where the role allows it."""
        least = self.roles.get(act, ENTERS).role
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
