"""What is owed and not scheduled yet."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ksad.contracts.law import Duty
    from ksad.contracts.registry import Stage
    from ksad.contracts.supervision import Tier


class Owed(NamedTuple):
    """A duty that is owed and not scheduled yet. ``start`` is the day from which its term counts.

    ``agreement``, ``occasion`` and ``rests_on`` say what the duty is about, so that nobody reads it out of its
    occurrence.
    """

    duty: Duty
    occurrence: str
    stage: Stage | None
    start: date
    for_parties: tuple[str, ...] = ()
    period: str | None = None
    tier: Tier | None = None
    why: str | None = None
    agreement: str | None = None
    occasion: str | None = None
    rests_on: date | None = None
    term: str | None = None
