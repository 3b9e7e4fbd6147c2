"""Events of the termination workbook (d.4.a to c): goods with their values, obligations with creditors, the division.

The parties fill it in; the supervising body reminds them of it. What each filing must say, and the arithmetic that a
division has to close by, are in :mod:`ksad.contracts.law.workbook`.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, ValueObject, declare
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import AmountIdr, SignedIdr, Standing
from ksad.contracts.strict import Day

ROWS_MAX = 100
"""Rows of a filing, so that it stays one event; of more, groups are filed and the list is the document."""
RowText = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
"""A text in a row: at most 200 characters."""


class Good(ValueObject):
    """A movable or immovable good that came of the cooperation, under a key, with its value in rupiah."""

    good: Key
    kind: Literal["movable", "immovable"]
    what: RowText
    place: RowText | None = None
    value_idr: AmountIdr


class Obligation(ValueObject):
    """An obligation or debt under the agreement, under a key: to whom, how much, and how much of it was paid."""

    obligation: Key
    creditor: RowText
    amount_idr: AmountIdr
    paid_idr: AmountIdr = 0
    due_on: Day | None = None


Goods = Annotated[list[Good], Field(max_length=ROWS_MAX)]
Obligations = Annotated[list[Obligation], Field(max_length=ROWS_MAX)]
Allotted = Annotated[dict[Key, RegionCode | Literal["sold", "carried"]], Field(max_length=ROWS_MAX)]
"""What becomes of each good: a party gets it, it is sold, or it goes on in the agreement that continues this one."""


@declare(
    Service.REGISTRY,
    "ksad.cooperation.goods_inventoried",
    1,
    Audience.PARTIES,
    correctable=("document", "nihil"),
    verifiable=True,
)
class GoodsInventoried(Fact):
    """Item a: the goods of an agreement; a later inventory takes the place of an earlier one.

    ``nihil`` is the reason why there are none. A division names the inventory that it divides, so that a later one
    changes nothing of it.
    """

    agreement: Key
    goods: Goods
    document: DocumentRef | None
    nihil: ShortText | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.obligations_listed",
    1,
    Audience.PARTIES,
    correctable=("document", "nihil"),
    verifiable=True,
)
class ObligationsListed(Fact):
    """Item b: the obligations and debts of an agreement, as :class:`GoodsInventoried`."""

    agreement: Key
    obligations: Obligations
    document: DocumentRef | None
    nihil: ShortText | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.division_agreed",
    1,
    Audience.PARTIES,
    correctable=("document",),
    verifiable=True,
)
class DivisionAgreed(Fact):
    """Item c: the participants divided the goods after valuation, net of obligations.

    ``goods_by`` and ``obligations_by`` are the events of the filings that it divides. ``sold_for`` has the proceeds of
    each sold good, ``carried`` the obligations that go on in the agreement that continues this one. ``money`` is what
    each participant gets (and deposits into its treasury), or pays where it is negative.
    """

    agreement: Key
    goods_by: UUID
    obligations_by: UUID
    allotted: Allotted
    sold_for: dict[Key, AmountIdr]
    carried: list[Key]
    money: dict[RegionCode, SignedIdr]
    document: DocumentRef | None
    standing: Standing
