"""The context in which facts are decided."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.dates import PartialDate, Precision
from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.law import Profile
    from ksad.registry.domain.cooperation import Cooperation
    from ksad.registry.domain.reference import Adopted


class Context(NamedTuple):
    """The circumstances of a fact: reference data, the day it happened, the day it is now, whether it is legacy.

    ``precision`` is how exactly the day is known, and ``office`` who has it recorded; None: the platform.
    """

    adopted: Adopted
    on: date
    today: date
    legacy: bool = False
    precision: Precision = Precision.DAY
    office: str | None = None

    @property
    def now(self) -> Context:
        """The circumstances of today, whatever day the fact is of: authority is asked for the day of the command."""
        return self._replace(on=self.today, precision=Precision.DAY)

    @property
    def when(self) -> PartialDate:
        """The day on which it happened, as exactly as it is known."""
        return PartialDate(first=self.on, precision=self.precision)

    @property
    def until(self) -> date:
        """The latest day on which it can have happened."""
        return self.when.last

    def profile(self, state: Cooperation, agreement: str | None = None) -> Profile:
        """The profile that the cooperation, or one of its agreements, is bound to."""
        known = None if agreement is None else state.agreement(agreement)
        return self.adopted.law.profile(state.profile if known is None else known.profile or state.profile)

    def names(self, *codes: str) -> str:
        """The names of regions for people; the code where nobody knows it."""
        return self.adopted.regions.names(codes)

    @property
    def region(self) -> bool:
        """Whether a region's office has it recorded: what binds others too it can only propose."""
        return (self.office or "").startswith("region:")

    @property
    def team(self) -> bool:
        """Whether a team has it recorded that assists a Governor: what the Governor did it proves."""
        return (self.office or "").startswith("tkksd:")

    def speaks_for(self, codes: Iterable[str]) -> str | None:
        """Which of some regions, by recorded codes, the office of the context speaks for today; None: none of them.

        By lineage: a region whose code changed since it was recorded acts under its new code (P1.1).
        """
        regions = self.adopted.regions
        if self.office is None or not self.region:
            return None
        try:
            own = regions.valid(self.office.removeprefix("region:"), self.today).lineage
        except RuleBrokenError:
            return None
        # A code that nobody knows is refused by the rule of the event, with its clause.
        return next((one for one in codes if regions.known_lineage(one) == own), None)

    def party(self, state: Cooperation, code: str) -> str:
        """The recorded code of the party that a region code belongs to; the code itself if it belongs to none."""
        regions = self.adopted.regions
        try:
            lineage = regions.lineage(code)
        # The code stays as it is; the rule of the event refuses one that is no party, with its clause.
        except RuleBrokenError:
            return code
        return next((party for party in state.parties if regions.lineage(party) == lineage), code)
