"""How a request is refused: a named rule, the clause it stands on where there is one, and what to do about it."""

from __future__ import annotations

from enum import StrEnum


class RefusalKind(StrEnum):
    """What stands in the way. The machinery of the services gives each kind its HTTP status; no rule knows one."""

    UNREADABLE = "unreadable"
    """A header, an address or a body cannot be read."""
    UNIDENTIFIED = "unidentified"
    """Nobody knows who asks."""
    FORBIDDEN = "forbidden"
    """Whoever asks may not do this."""
    UNKNOWN = "unknown"
    """What the request names does not exist."""
    UNSERVED = "unserved"
    """The address exists, but does not serve this method."""
    CONFLICT = "conflict"
    """The present state does not allow it; another state would."""
    OUTDATED = "outdated"
    """The version that the request expects is not the present one."""
    TOO_LARGE = "too_large"
    """The body is larger than is taken."""
    INVALID = "invalid"
    """What was sent breaks a rule, whatever the state."""
    TOO_MANY = "too_many"
    """More requests than are served."""
    FAULT = "fault"
    """The platform failed."""
    UNAVAILABLE = "unavailable"
    """It cannot be done or answered now; later it can."""


class RuleBrokenError(Exception):
    """A command breaks a rule.

    :param rule: the rule's stable name in kebab-case, such as ``parties-differ``.
    :param detail: what is wrong and how to mend it, in Indonesian: a clerk reads it.
    :param clause: where the rule stands (``P1.4``, ``PP 28/2018 Pasal 9(1)``); ``None`` marks a rule of the platform.
    :param kind: what stands in the way.
    :param facts: the values that broke it, for programs.
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
