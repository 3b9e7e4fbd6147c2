"""Commands on the termination workbook (d.4 a to f)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.law import workbook
from ksad.contracts.registry import AmountIdr, SignedIdr
from ksad.contracts.registry.workbook import Allotted, Goods, Obligations
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import Identity
from ksad.registry.domain.commands.command import LATER, ActCommand, Command, by_party, standing
from ksad.registry.domain.naming import agreement_key
from ksad.registry.domain.workbook import CLAUSE, worked_on

if TYPE_CHECKING:
    from ksad.contracts.umbrella import Agreement
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

WhichAgreement = Annotated[Key | None, LATER]


class WorkbookCommand(Command):
    """What all entries of the workbook of an agreement's end name: the agreement, where there are several."""

    agreement: WhichAgreement = None


def _check_body(document: DocumentRef | None, context: Context) -> None:
    """The supervising body enters what it has on paper; only the participants do so of their own knowledge.

    :raises RuleBrokenError: the document is missing.
    """
    by_body = context.office is not None and not context.office.startswith("region:")
    if by_body and document is None and not context.legacy:
        detail = "Yang bukan peserta penyelesaian mencatat dari dokumennya. Unggah dan lampirkan dokumen itu."
        raise RuleBrokenError("recorded-from-document", detail, CLAUSE)


class InventoryGoods(WorkbookCommand):
    """File the goods that came of the cooperation (item a); a later inventory takes the place of an earlier one."""

    goods: Goods = Field(default_factory=list)
    document: DocumentRef | None = None
    nihil: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant."""
        del context
        key = agreement_key(state, self.agreement)
        return [facts.GoodsInventoried(agreement=key, goods=self.goods, document=self.document, nihil=self.nihil)]

    def check_evidence(self, context: Context) -> None:
        """What the supervising body enters it has on paper."""
        _check_body(self.document, context)


class ListObligations(WorkbookCommand):
    """File the obligations and debts under the agreement (item b); a later list takes the place of an earlier one."""

    obligations: Obligations = Field(default_factory=list)
    document: DocumentRef | None = None
    nihil: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant."""
        del context
        key = agreement_key(state, self.agreement)
        fact = facts.ObligationsListed(
            agreement=key, obligations=self.obligations, document=self.document, nihil=self.nihil
        )
        return [fact]

    def check_evidence(self, context: Context) -> None:
        """What the supervising body enters it has on paper."""
        _check_body(self.document, context)


class Divide(WorkbookCommand, ActCommand):
    """Divide the goods net of obligations (item c); where no filings are named, the newest are divided."""

    allotted: Allotted
    money: dict[RegionCode, SignedIdr]
    sold_for: dict[Key, AmountIdr] = Field(default_factory=dict)
    carried: list[Key] = Field(default_factory=list)
    goods_by: Identity | None = None
    obligations_by: Identity | None = None
    document: DocumentRef | None = None

    def by_lineage(self, state: Cooperation, context: Context) -> Self:
        """With the codes under which the participants came in."""
        key = agreement_key(state, self.agreement)
        allotted = {good: _participant(to, state, key, context) for good, to in self.allotted.items()}
        money = by_party(self.money, _with_leavers(state, key), context)
        return self.model_copy(update={"allotted": allotted, "money": money})

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant.

        :raises RuleBrokenError: there is nothing filed to divide.
        """
        key = agreement_key(state, self.agreement)
        book = worked_on(state, key).workbook
        if book.goods is None or book.obligations is None:
            before = [item for item, filed in (("a", book.goods), ("b", book.obligations)) if filed is None]
            detail = f"Selesaikan butir {', '.join(before)} sebelum butir c, dengan rinciannya."
            raise RuleBrokenError("workbook-in-order", detail, CLAUSE, kind=RefusalKind.CONFLICT, before=before)
        fact = facts.DivisionAgreed(
            agreement=key,
            goods_by=self.goods_by or book.goods.event,
            obligations_by=self.obligations_by or book.obligations.event,
            allotted=self.allotted,
            sold_for=self.sold_for,
            carried=self.carried,
            money=self.money,
            document=self.document,
            standing=standing(context),
        )
        return [fact]


def _participant(code: str, state: Cooperation, key: str, context: Context) -> str:
    """The code under which a participant came in, of who has left since, too; ``sold`` and ``carried`` are none."""
    return code if code in {workbook.SOLD, workbook.CARRIED} else context.party(_with_leavers(state, key), code)


def _with_leavers(state: Cooperation, key: str) -> Cooperation:
    everybody = tuple(dict.fromkeys((*state.parties, *worked_on(state, key).participants)))
    return state._replace(umbrella=state.umbrella.model_copy(update={"parties": everybody}))


class AddTerminationItem(WorkbookCommand):
    """Add an item to the checklist beyond a to f ("antara lain")."""

    item: Key
    description: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant."""
        del context
        values = self.payload() | {"agreement": agreement_key(state, self.agreement)}
        return [facts.TerminationItemAdded(**values)]


class CompleteTerminationItem(WorkbookCommand):
    """Record a proof for an item of the checklist, or that there is nothing to prove."""

    item: Key
    region: RegionCode | None = None
    proof: Literal["evidence", "asset_record", "council_report", "deposit", "payment", "report"] = "evidence"
    document: DocumentRef | None = None
    amount_idr: AmountIdr | None = None
    number: Annotated[ShortText | None, LATER] = None
    nihil: Annotated[ShortText | None, LATER] = None

    def by_lineage(self, state: Cooperation, context: Context) -> Self:
        """With the code under which the participant came in."""
        if self.region is None:
            return self
        key = agreement_key(state, self.agreement)
        return self.model_copy(update={"region": _participant(self.region, state, key, context)})

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant; that there are no goods or obligations is a filing of item a or b."""
        key = agreement_key(state, self.agreement)
        if self.nihil is not None and self.item == workbook.GOODS:
            return [facts.GoodsInventoried(agreement=key, goods=[], document=self.document, nihil=self.nihil)]
        if self.nihil is not None and self.item == workbook.OBLIGATIONS:
            return [facts.ObligationsListed(agreement=key, obligations=[], document=self.document, nihil=self.nihil)]
        proof = self._proof(worked_on(state, key), state, context, key)
        return [facts.TerminationItemCompleted(**self.payload() | {"agreement": key, "proof": proof})]

    def _proof(self, known: Agreement, state: Cooperation, context: Context, key: str) -> str:
        """The kind of proof; ``evidence``, the word of before, is what the item asks for."""
        if self.proof != workbook.EVIDENCE:
            return self.proof
        if self.item == workbook.REPORT and not context.legacy:
            return "report"
        if self.item != workbook.MONEY or known.workbook.division is None:
            return self.proof
        checklist = context.profile(state, key).checklist
        found = (one for one in workbook.slots(known, checklist) if (one.item, one.region) == ("d", self.region))
        return next((one.proof for one in found), self.proof)

    def check_evidence(self, context: Context) -> None:
        """What the supervising body enters it has on paper."""
        _check_body(self.document, context)
