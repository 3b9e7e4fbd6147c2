"""Acts of several parties that wait to be confirmed (menunggu konfirmasi): visible, without legal effect."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.dates import Precision
from ksad.contracts.registry import Budget, KnownNumbers, Signatory

ACT_NAMES = {
    "accord_signed": "penandatanganan kesepakatan",
    "agreement_signed": "penandatanganan perjanjian",
    "agreement_amended": "perubahan perjanjian",
    "agreement_extended": "perpanjangan perjanjian",
    "party_joined": "bergabungnya pihak",
    "ended": "pengakhiran",
    "dispute_settled": "penyelesaian perselisihan dengan musyawarah",
    "division_agreed": "pembagian hasil kerja sama",
}
"""What acts of several parties are called, by what they become."""


class PendingAct(ValueObject):
    """An act that was proposed, and what has come in of the confirmations.

    ``type``, ``on``, ``precision`` and ``data`` are those of the event that it becomes; it waits ``since`` the day on
    which it was proposed, None in what an older release has folded. ``asked`` are the regions whose confirmation it
    needs, under the codes with which they are recorded. ``by`` is ``instrument`` as soon as the supervising body has
    confirmed for one of them.
    """

    scope: str
    type: str
    on: date
    precision: Precision
    data: dict[str, Any]
    asked: tuple[str, ...]
    proposer: str | None
    claimed: KnownNumbers
    expires_on: date | None
    since: date | None = None
    confirmed: tuple[str, ...] = ()
    by: Literal["parties", "instrument"] = "parties"
    numbers: KnownNumbers = Field(default_factory=dict)
    signatories: tuple[Signatory, ...] = ()
    budget: Budget = Field(default_factory=dict)

    @property
    def awaiting(self) -> tuple[str, ...]:
        """The regions that have not confirmed yet."""
        return tuple(code for code in self.asked if code not in self.confirmed)

    @property
    def kind(self) -> str:
        """What it becomes, such as ``agreement_signed``."""
        return self.type.split(".")[2]

    def shown(self, proposal: str) -> dict[str, Any]:
        """What is said of it to those who may see it: what it is, who is asked, and whose confirmation is missing.

        :param proposal: the id of the event that proposed it.
        """
        return {
            "proposal": proposal,
            "act": ACT_NAMES[self.kind],
            "scope": self.scope,
            "on": self.on.isoformat(),
            "precision": self.precision.value,
            "since": None if self.since is None else self.since.isoformat(),
            "proposer": self.proposer,
            "asked": list(self.asked),
            "confirmed": list(self.confirmed),
            "awaiting": list(self.awaiting),
            "expires_on": None if self.expires_on is None else self.expires_on.isoformat(),
        }


class RefusedAct(ValueObject):
    """The last act of its scope that a party refused."""

    kind: str
    region: str
    proposal: UUID
