"""Which proofs the termination workbook asks for, and how each stands: open, closed, nihil, or done without details."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from ksad.contracts.catalogue import ValueObject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.law.duties import Checklist, EvidenceSlot
    from ksad.contracts.umbrella import Agreement
    from ksad.contracts.umbrella.workbook import Division, ItemProof, Workbook

GOODS, OBLIGATIONS, DIVISION, MONEY, RECORDS, REPORT = "abcdef"
"""The items of d.4 by their letters."""
DEPOSIT, PAYMENT, EVIDENCE = "deposit", "payment", "evidence"


class SlotState(StrEnum):
    """Belum; selesai; nihil; dinyatakan selesai tanpa rincian (proved before proofs had details)."""

    OPEN = "open"
    CLOSED = "closed"
    NIHIL = "nihil"
    PLAIN = "plain"


class Slot(ValueObject):
    """One proof that an item asks for; ``region`` is whose, None where the participants do the item together.

    ``due_idr`` and ``done_idr`` are what is to be deposited (negative: paid) and what was, of item d after a division.
    ``entries`` are the events that it rests on, ``on`` the day of the last of them.
    """

    item: str
    region: str | None
    proof: str
    state: SlotState
    on: date | None = None
    due_idr: int | None = None
    done_idr: int | None = None
    nihil: str | None = None
    entries: tuple[UUID, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it is still to be proved."""
        return self.state is SlotState.OPEN


def slots(agreement: Agreement, checklist: Checklist) -> tuple[Slot, ...]:
    """Every proof that the settlement of an agreement asks for, in the order of the checklist, and how it stands.

    Without an agreement there is none: d.4 prepares its end, and an accord alone leaves no goods and no debts
    (inference; a stalled accord must be able to end). A party that left to settle with the end is a participant.
    """
    if not agreement.stands:
        return ()
    return tuple(_slot(agreement.workbook, wanted) for wanted in checklist.slots(agreement.participants))


def added_slots(agreement: Agreement) -> tuple[Slot, ...]:
    """The items that were added beyond a to f. They keep no settlement open."""
    workbook = agreement.workbook
    return tuple(_proved(key, None, EVIDENCE, workbook.of(key)) for key in workbook.added)


def open_slots(agreement: Agreement | None, checklist: Checklist) -> list[Slot]:
    """The proofs that are still owed; a settlement with none, no open problem and no open dispute is closed."""
    return [] if agreement is None else [slot for slot in slots(agreement, checklist) if slot.open]


def open_items(agreement: Agreement | None, checklist: Checklist) -> list[Slot]:
    """As :func:`open_slots`, with the items that were added: an end names them all."""
    if agreement is None or not agreement.stands:
        return []
    return [*open_slots(agreement, checklist), *(slot for slot in added_slots(agreement) if slot.open)]


def waiting_for(agreement: Agreement, checklist: Checklist, item: str) -> list[str]:
    """The items that an item comes after and that are not done: a and b before c, c before d and e, f last."""
    known = checklist.item(item)
    needed = () if known is None else known.needs
    undone = {slot.item for slot in slots(agreement, checklist) if slot.open}
    return [key for key in needed if key in undone]


def done_on(agreement: Agreement, checklist: Checklist, item: str) -> date | None:
    """The last day of the entries by which an item is done; None where there are none."""
    days = [slot.on for slot in slots(agreement, checklist) if slot.item == item and slot.on is not None]
    return max(days, default=None)


def _slot(workbook: Workbook, wanted: EvidenceSlot) -> Slot:
    item, region, proof = wanted.item, wanted.region, wanted.proof
    if item in {GOODS, OBLIGATIONS}:
        return _filing(workbook, item)
    if item == DIVISION:
        return _division(workbook)
    if region is not None and item in {MONEY, RECORDS} and division_state(workbook) is SlotState.NIHIL:
        return Slot(item=item, region=region, proof=proof, state=SlotState.NIHIL)
    if workbook.division is not None and region is not None and item == MONEY:
        return _money(workbook, workbook.division, region)
    if workbook.division is not None and region is not None and item == RECORDS:
        return _recorded(workbook, workbook.division, region, proof)
    if item in {MONEY, REPORT}:
        return _proved(item, region, proof, workbook.of(item, region))
    return _proved(item, region, proof, (one for one in workbook.of(item, region) if one.proof == proof))


def _filing(workbook: Workbook, item: str) -> Slot:
    filed = workbook.goods if item == GOODS else workbook.obligations
    if filed is None:
        return _proved(item, None, EVIDENCE, workbook.of(item))
    state = SlotState.CLOSED if filed.nihil is None else SlotState.NIHIL
    return Slot(
        item=item, region=None, proof=EVIDENCE, state=state, on=filed.on, nihil=filed.nihil, entries=(filed.event,)
    )


def division_state(workbook: Workbook) -> SlotState:
    """How item c stands: nihil where there are neither goods nor obligations, unless a division stands."""
    return _division(workbook).state


def _division(workbook: Workbook) -> Slot:
    made, goods, owed = workbook.division, workbook.goods, workbook.obligations
    if made is not None:
        return Slot(
            item=DIVISION, region=None, proof=EVIDENCE, state=SlotState.CLOSED, on=made.on, entries=(made.event,)
        )
    if goods is not None and owed is not None and goods.nihil is not None and owed.nihil is not None:
        return Slot(item=DIVISION, region=None, proof=EVIDENCE, state=SlotState.NIHIL, on=max(goods.on, owed.on))
    return _proved(DIVISION, None, EVIDENCE, workbook.of(DIVISION))


def _money(workbook: Workbook, division: Division, region: str) -> Slot:
    """Item d of a region: deposits less payments are its money of the division."""
    due = division.money.get(region, 0)
    proofs = workbook.of(MONEY, region)
    done = sum(_signed(one) for one in proofs)
    plain = any(one.proof == EVIDENCE for one in proofs)
    if plain:
        state = SlotState.PLAIN
    elif due != done:
        state = SlotState.OPEN
    else:
        state = SlotState.CLOSED if proofs else SlotState.NIHIL
    return Slot(
        item=MONEY,
        region=region,
        proof=PAYMENT if due < done else DEPOSIT,
        state=state,
        on=max((one.on for one in proofs), default=None),
        due_idr=due,
        done_idr=done,
        entries=tuple(one.event for one in proofs),
    )


def _signed(proof: ItemProof) -> int:
    amount = proof.amount_idr or 0
    return -amount if proof.proof == PAYMENT else amount


def _recorded(workbook: Workbook, division: Division, region: str, proof: str) -> Slot:
    """Item e of a region: nihil where it gets no good; a proof of what an earlier division gave it does not count."""
    since = division.since.get(region)
    if since is None:
        return Slot(item=RECORDS, region=region, proof=proof, state=SlotState.NIHIL)
    counted = (one for one in workbook.of(RECORDS, region) if one.proof == proof and one.division >= since)
    return _proved(RECORDS, region, proof, counted)


def _proved(item: str, region: str | None, proof: str, proofs: Iterable[ItemProof]) -> Slot:
    """A slot that a proof closes. Without a document it was one of before, or of paper that nobody has."""
    known = list(proofs)
    if not known:
        return Slot(item=item, region=region, proof=proof, state=SlotState.OPEN)
    last = known[-1]
    state = SlotState.CLOSED
    if last.nihil is not None:
        state = SlotState.NIHIL
    elif last.document is None or item in {GOODS, OBLIGATIONS, DIVISION}:
        state = SlotState.PLAIN
    amounts = [one.amount_idr for one in known if one.amount_idr is not None]
    return Slot(
        item=item,
        region=region,
        proof=proof,
        state=state,
        on=last.on,
        done_idr=sum(amounts) if amounts else None,
        nihil=last.nihil,
        entries=tuple(one.event for one in known),
    )
