"""The termination workbook of an agreement as its facts make it: filings, division, added items, proofs.

Nothing is added up here: :mod:`ksad.contracts.law.workbook` does, from this state and the checklist of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import DocumentRef, ValueObject
from ksad.contracts.registry import Good, Obligation

Data = Mapping[str, Any]


class Filed(ValueObject):
    """What all entries of a workbook say: the event that made them, its day and document."""

    event: UUID
    on: date
    document: DocumentRef | None = None


class Inventory(Filed):
    """A filing of item a; ``nihil`` is the reason why there are no goods."""

    goods: tuple[Good, ...] = ()
    nihil: str | None = None


class ObligationList(Filed):
    """A filing of item b; ``nihil`` is the reason why nothing is owed."""

    obligations: tuple[Obligation, ...] = ()
    nihil: str | None = None


class Division(Filed):
    """The division that stands, with the goods and obligations that it divides.

    ``number`` counts the divisions of the agreement; ``since`` has, by region, the number of the one from which on the
    goods allotted to it have been these: what it proved of others before proves nothing of them.
    """

    number: int
    goods: tuple[Good, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    allotted: dict[str, str] = Field(default_factory=dict)
    sold_for: dict[str, int] = Field(default_factory=dict)
    carried: tuple[str, ...] = ()
    money: dict[str, int] = Field(default_factory=dict)
    since: dict[str, int] = Field(default_factory=dict)

    def goods_of(self, region: str) -> tuple[Good, ...]:
        """The goods that a region gets."""
        return tuple(one for one in self.goods if self.allotted.get(one.good) == region)


class ItemProof(Filed):
    """A proof of an item, or the reason why there is none; ``division`` is the number of the one that stood then."""

    item: str
    region: str | None
    proof: str
    number: str | None = None
    amount_idr: int | None = None
    nihil: str | None = None
    division: int = 0

    @property
    def slot(self) -> tuple[str, str | None, str]:
        """Which proof it is of which item, and whose."""
        return self.item, self.region, self.proof


class Workbook(ValueObject):
    """The newest filings of a and b, the division that stands, and the proofs. ``added`` describes each added item."""

    goods: Inventory | None = None
    obligations: ObligationList | None = None
    division: Division | None = None
    added: dict[str, str] = Field(default_factory=dict)
    proofs: tuple[ItemProof, ...] = ()

    def of(self, item: str, region: str | None = None) -> tuple[ItemProof, ...]:
        """The proofs of an item, of a region where it is per party."""
        return tuple(one for one in self.proofs if (one.item, one.region) == (item, region))


def inventoried(workbook: Workbook, data: Data, event: UUID, on: date) -> Workbook:
    """The workbook with a new inventory."""
    goods = tuple(data["goods"])
    filed = Inventory(event=event, on=on, document=data["document"], goods=goods, nihil=data["nihil"])
    return workbook.model_copy(update={"goods": filed})


def listed(workbook: Workbook, data: Data, event: UUID, on: date) -> Workbook:
    """The workbook with a new list of obligations."""
    owed = tuple(data["obligations"])
    filed = ObligationList(event=event, on=on, document=data["document"], obligations=owed, nihil=data["nihil"])
    return workbook.model_copy(update={"obligations": filed})


def divided(workbook: Workbook, data: Data, event: UUID, on: date) -> Workbook:
    """The workbook with a new division, which takes the place of the one that stood."""
    before = workbook.division
    made = Division(
        event=event,
        on=on,
        document=data["document"],
        number=1 if before is None else before.number + 1,
        goods=() if workbook.goods is None else workbook.goods.goods,
        obligations=() if workbook.obligations is None else workbook.obligations.obligations,
        allotted=dict(data["allotted"]),
        sold_for=dict(data["sold_for"]),
        carried=tuple(data["carried"]),
        money=dict(data["money"]),
    )
    since = {region: _since(made, before, region) for region in sorted(set(made.allotted.values()))}
    return workbook.model_copy(update={"division": made.model_copy(update={"since": since})})


def _since(made: Division, before: Division | None, region: str) -> int:
    if before is None or before.goods_of(region) != made.goods_of(region):
        return made.number
    return before.since.get(region, made.number)


def added(workbook: Workbook, data: Data) -> Workbook:
    """The workbook with an item beyond a to f."""
    return workbook.model_copy(update={"added": {**workbook.added, data["item"]: data["description"]}})


def proved(workbook: Workbook, data: Data, event: UUID, on: date) -> Workbook:
    """The workbook with one more proof."""
    names = ("item", "region", "proof", "number", "amount_idr", "nihil", "document")
    number = 0 if workbook.division is None else workbook.division.number
    proof = ItemProof(event=event, on=on, division=number, **{name: data[name] for name in names})
    return workbook.model_copy(update={"proofs": (*workbook.proofs, proof)})
