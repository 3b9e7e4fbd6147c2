"""What is left to verify of a case, by the body that supervises each scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.verification import EntryStatus

if TYPE_CHECKING:
    from ksad.supervision.domain.case import Case

VERIFICATION = "verification"
"""The occasion of the task, and the name of its term in the policy."""
EXAMINED = "setiap fakta telah diverifikasi atau dikembalikan"


class Waiting(NamedTuple):
    """The oldest fact that a body has not examined: the version of the stream that made it so, and its agreement."""

    since: int
    agreement: str | None


def waiting(case: Case, adopted_at: str | None) -> dict[str, Waiting]:
    """By body, the oldest fact that is not examined; bodies that have examined everything are left out.

    :param adopted_at: when the first policy that names the term was adopted. What was recorded before, nobody was told
        to examine; None: there is no such policy.
    """
    found: dict[str, Waiting] = {}
    if adopted_at is None:
        return found
    for one in case.examined.values():
        # While legacy facts come in, what is owed is that they are completed.
        if one.status is not EntryStatus.UNVERIFIED or one.time < adopted_at or (one.legacy and case.backfill):
            continue
        body = body_of(case, one.agreement)
        if body is not None and (body not in found or one.since < found[body].since):
            found[body] = Waiting(one.since, one.agreement)
    return found


def body_of(case: Case, agreement: str | None) -> str | None:
    """Who supervises a scope now."""
    resolution = case.resolution_of(agreement)
    return resolution.supervising_body if resolution else None


def bodies_at_work(case: Case) -> set[str | None]:
    """The bodies that have the task to examine already; one that jurisdiction moved is that of the body it goes to."""
    return {body_of(case, task.agreement) for task in case.tasks.values() if task.occasion == VERIFICATION}
