"""Refusals: a request that breaks a rule is refused with the rule's name, its clause, and what to do about it.

What an office may do now is said by the same refusals, of acts that were only tried.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.policies import is_policy

if TYPE_CHECKING:
    from collections.abc import Iterable


class RefusalKind(StrEnum):
    """Why a request is refused. ``ksad.chassis.problems`` maps each kind to its HTTP status; no rule knows one."""

    UNREADABLE = "unreadable"
    """A header, the address or the body cannot be parsed."""
    UNIDENTIFIED = "unidentified"
    """The sender has no valid token."""
    FORBIDDEN = "forbidden"
    """The sender's office may not do this."""
    UNKNOWN = "unknown"
    """Something that the request names does not exist."""
    UNSERVED = "unserved"
    """The address exists, but does not support the method."""
    CONFLICT = "conflict"
    """The present state does not allow the request; it could succeed in another state."""
    OUTDATED = "outdated"
    """The version that the request expects is not the current one."""
    TOO_LARGE = "too_large"
    """The body is larger than the limit."""
    INVALID = "invalid"
    """The content of the request breaks a rule, whatever the state."""
    TOO_MANY = "too_many"
    """The sender has exceeded a rate limit."""
    FAULT = "fault"
    """An error of the platform itself."""
    UNAVAILABLE = "unavailable"
    """The platform cannot serve the request now; the sender should try again later."""


class RuleBrokenError(Exception):
    """A request breaks a rule.

    :param rule: the rule's stable name in kebab-case, such as ``parties-differ``.
    :param detail: what is wrong and how to correct it, as a sentence in Indonesian for the clerk.
    :param clause: the rule's legal basis (``P1.4``, ``PP 28/2018 Pasal 9(1)``), or, of a policy (:mod:`policies`), what
        the rule serves; ``None`` marks a rule of the platform that serves no clause.
    :param kind: why the request is refused; decides the HTTP status.
    :param facts: the values that broke the rule, for programs.
    """

    def __init__(
        self,
        rule: str,
        detail: str,
        clause: str | None = None,
        *,
        kind: RefusalKind = RefusalKind.INVALID,
        **facts: object,
    ) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
        self.clause = clause
        self.kind = kind
        self.facts = facts

    @property
    def policy(self) -> bool:
        """Whether the clause is what the rule serves; a correction is refused by the rule that it would break."""
        return self.clause is not None and is_policy(str(self.facts.get("breaks", self.rule)))


class Affordance(NamedTuple):
    """Whether an office may do an act now. ``about`` are the fields that name what it can be done with.

    ``refusal`` is the rule that forbids it; None where it is allowed.
    """

    act: str
    allowed: bool
    about: tuple[dict[str, Any], ...]
    refusal: RuleBrokenError | None


NOT_YOURS = RuleBrokenError(
    "office-may", "Jabatan Anda tidak berwenang untuk tindakan ini.", kind=RefusalKind.FORBIDDEN
)
NOTHING = RuleBrokenError("nothing-to-do", "Tidak ada yang dapat dikenai tindakan ini sekarang.")


def afforded(act: str, tried: Iterable[tuple[dict[str, Any], RuleBrokenError | None]]) -> Affordance:
    """Whether an act is allowed, by what was tried: what each trial was about, and the rule that refused it.

    The first refusal is the one that is told.
    """
    refusal: RuleBrokenError | None = None
    taken: list[dict[str, Any]] = []
    for about, refused in tried:
        if refused is None and about not in taken:
            taken.append(about)
        refusal = refusal or refused
    return Affordance(act, bool(taken), tuple(taken), None if taken else refusal or NOTHING)
