"""Which provinces a fact concerns: the pure rule of the feeds, version 1.

A fact of a cooperation concerns a province when the province, or a region in it, is among the current parties, and the
fact's audience admits it: ``public`` and ``parties`` all of them, ``supervisor`` only the province whose TKKSD
supervises. When the parties, the supervisor or a boundary change, what a province is then entitled to and has not yet
received of the cooperation's history follows at that moment, in journal order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ksad.contracts.catalogue import DECLARATIONS, Audience
from ksad.ledger.folds import regions

Data = dict[str, Any]
RULE_VERSION = 1
SUPERVISOR = Audience.SUPERVISOR.value
AUDIENCES = {kind: declaration.audience.value for kind, declaration in DECLARATIONS.items()}
audience_of = AUDIENCES.get
"""Who may see a fact of a type outside the ministry; None, nobody, where the type is unknown."""
RECORDED, RESOLVED = "ksad.cooperation.", "ksad.supervision.jurisdiction_resolved."
CHANGING = {kind for kind in AUDIENCES if kind.startswith((RECORDED, RESOLVED))}
"""The types that may bring `changes`."""
PARTIES, COOPERATION = "parties", "cooperation_id"
NAMING, BELONGING = "cooperation/", ("task/", "supervision/")
"""How subjects begin that name their cooperation themselves, and those whose facts name it."""


class ConcernState(NamedTuple):
    """What the rule must remember of a cooperation."""

    parties: tuple[str, ...] = ()
    supervisor: str | None = None

    def provinces(self, codes: dict[str, str]) -> frozenset[str]:
        """The provinces that the parties are, or lie in, under the codes they have now."""
        return frozenset(regions.province(codes, party) for party in self.parties)

    def entitled(self, province: str, audience: str) -> bool:
        """Whether a province of this cooperation may see a fact of this audience."""
        return audience != SUPERVISOR or self.supervisor == f"tkksd:{province}"


def changes(kind: str, data: Data) -> dict[str, Any]:
    """What a fact sets anew in the `ConcernState` of its cooperation."""
    if kind.startswith(RECORDED) and PARTIES in data:
        return {"parties": tuple(data[PARTIES])}
    if kind.startswith(RESOLVED):
        return {"supervisor": data["supervising_body"]}
    return {}


def cooperation_of(subject: str, data: Data) -> str | None:
    """The cooperation that a fact belongs to, or None."""
    if subject.startswith(NAMING):
        return subject.removeprefix(NAMING)
    if subject.startswith(BELONGING):
        found = data.get(COOPERATION)
        return None if found is None else str(found)
    return None
