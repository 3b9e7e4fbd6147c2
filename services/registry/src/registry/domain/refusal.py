"""How the registry's rules refuse."""

from __future__ import annotations

from contracts.rules import RuleBrokenError


def broken(rule: str, detail: str, clause: str | None = None, *, status: int = 422, **given: object) -> RuleBrokenError:
    """A refusal; 409 where the present state stands in the way, 422 where the input does."""
    error = RuleBrokenError(rule, detail, clause, **given)
    error.status = status  # type: ignore[attr-defined] # read at the edge
    return error
