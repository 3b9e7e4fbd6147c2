"""The circumstances under which a fact is decided, and what they say of a cooperation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from ksad.contracts.law import Profile
    from ksad.registry.domain.cooperation import Cooperation
    from ksad.registry.domain.reference import Adopted


class Context(NamedTuple):
    """The circumstances of a fact: reference data, the day it happened, the day it is now, whether it is legacy."""

    adopted: Adopted
    on: date
    today: date
    legacy: bool = False

    def profile(self, state: Cooperation) -> Profile:
        """The profile that the cooperation is bound to."""
        return self.adopted.law.profile(state.profile)

    def party(self, state: Cooperation, code: str) -> str:
        """The party that a code means, read by its lineage; the code itself where it means none."""
        regions = self.adopted.regions
        try:
            lineage = regions.lineage(code)
        except RuleBrokenError:
            return code
        return next((party for party in state.parties if regions.lineage(party) == lineage), code)
