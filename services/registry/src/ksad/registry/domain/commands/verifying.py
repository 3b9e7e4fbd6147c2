"""Commands by which the supervising body examines facts that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ksad.contracts import registry as facts
from ksad.contracts.identifiers import ShortText
from ksad.contracts.strict import Identity
from ksad.registry.domain import binding
from ksad.registry.domain.chronology import Point, mark
from ksad.registry.domain.commands.command import Command

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


class VerifyEntries(Command):
    """The supervising body found these facts as recorded."""

    entries: Annotated[list[Identity], Field(min_length=1, max_length=100)]
    note: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The verification; of a signing whose day has now been examined, the profile of that day binds."""
        made: list[Fact] = [facts.EntryVerified(**self.payload())]
        for known in (state.entries.get(str(entry)) for entry in self.entries):
            if known is None or known.name != "agreement_signed" or known.agreement is None:
                continue
            signed = state.chronology.get(mark(Point.AGREEMENT, known.agreement))
            if signed is not None:
                made += binding.by_verified_signing(state, known.agreement, signed, context)
        return made


class ReturnEntry(Command):
    """The supervising body sends a fact back to be mended."""

    FACT = facts.EntryReturned

    entry: Identity
    reason: ShortText
    mend: ShortText
