"""The ends in R1 and R2: reminders, and the workbook of each agreement with its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.dates import WorkingCalendar, add_months
from ksad.contracts.law import read_policy, workbook
from ksad.contracts.umbrella import AgreementState, Settled, Umbrella
from ksad.contracts.umbrella.workbook import Workbook
from ksad.ledger.figures import telling
from ksad.ledger.figures.content import activities as chapters
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import CitedClause
from ksad.ledger.figures.scope import agreement_name, ref
from ksad.ledger.figures.tables import SOON_MONTHS, UNVERIFIED, ends_soon, region
from ksad.ledger.folds.verifying import is_verified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from uuid import UUID

    from ksad.contracts.umbrella import Agreement
    from ksad.ledger.figures.prefix import Row
    from ksad.ledger.figures.scope import ReportScope

PROOF_LABELS = {
    "evidence": "bukti",
    "asset_record": "pencatatan aset",
    "council_report": "laporan kepada DPRD",
    "deposit": "penyetoran",
    "payment": "pembayaran",
    "report": "laporan",
}
PLAIN = "dinyatakan selesai tanpa rincian"


def terminations(scope: ReportScope) -> tuple[chapters.Termination, ...]:
    """The cooperations that are ending or have ended, or end within six months, with reminders and the checklist."""
    return tuple(
        _termination(scope, identity, row)
        for identity, row in scope.cooperations.items()
        if row["detail"]["notice"]
        or row["detail"]["ended"]
        or row["detail"]["proofs"]
        or _settling(row)
        or ends_soon(row, scope.prefix.day)
        or _reminders(scope, identity)
    )


def _settling(row: Row) -> bool:
    """Whether an agreement has ended and is not settled, while the accord and other agreements go on."""
    return any(one["state"] == AgreementState.SETTLING for one in row["detail"]["agreements"].values())


def _reminders(scope: ReportScope, identity: str) -> list[chapters.Reminder]:
    return [
        chapters.Reminder(
            clause=CitedClause(id=clause, basis="text"),
            sent_on=min([entry["on"] for entry in row["detail"]["delivered"].values()]),
            reason=telling.reminder(row),
            agreement=agreement_name(scope.cooperation(row), row["detail"]["agreement"]),
            acknowledgements=tuple(
                chapters.Acknowledgement(party=region(scope.prefix, code), on=row["detail"]["acknowledged"].get(code))
                for code in row["detail"]["for_parties"]
            ),
        )
        for row, clause in ((share.row, share.clause) for share in scope.of("d.4"))
        if row["cooperation_id"] == identity and row["detail"]["delivered"]
    ]


def _termination(scope: ReportScope, identity: str, row: Row) -> chapters.Termination:
    detail = row["detail"]
    parts = Umbrella.model_validate(detail["parts"])
    booked = _ending(parts, scope.prefix.day)
    ended = detail["ended"]
    gone = max((one.ended for one in booked.values() if one.ended is not None), key=lambda one: one.on, default=None)
    ended_on, ground = (ended["on"], ended["ground"]) if ended else (None, (detail["notice"] or {}).get("ground"))
    if ended is None and gone is not None:
        ended_on, ground = gone.on.isoformat(), gone.ground
    told = telling.ground(scope.prefix.law, row, ground, ended_on)
    return chapters.Termination(
        cooperation=ref(row),
        planned_end=row["ends_on"],
        ended_on=ended_on,
        ground=f"{told} (perjanjian; kerja sama belum berakhir)" if ended is None and gone is not None else told,
        exception=ended["reason"] if ended else None,
        reminders=tuple(_reminders(scope, identity)),
        checklist=tuple(
            proof for key, one in booked.items() for proof in _proofs(scope, row, one, agreement_name(row, key))
        ),
        divisions=tuple(_division(scope, row, one) for one in booked.values() if one.workbook.division is not None),
    )


def _ending(parts: Umbrella, day: date) -> dict[str, Agreement]:
    """The agreements that are ending or have ended; all where none has begun to, for then the cooperation has."""
    booked = {key: one for key, one in parts.agreements.items() if _concerns(one)}
    soon = add_months(day, SOON_MONTHS)
    begun = {
        key: one
        for key, one in booked.items()
        if one.ended is not None
        or one.notice is not None
        or one.workbook != Workbook()
        or (one.ends_on is not None and one.ends_on <= soon)
    }
    return begun or booked


def _concerns(agreement: Agreement) -> bool:
    """Whether there is anything to settle: of what was settled before the platform nobody has examined it."""
    return agreement.stands and agreement.settled is not Settled.NOT_EXAMINED


def _proofs(
    scope: ReportScope, row: Row, agreement: Agreement, called: str | None
) -> Iterator[chapters.ChecklistProof]:
    """Each proof that the agreement's settlement asks for, then the items that were added."""
    checklist = scope.prefix.law.profile(agreement.profile or row["detail"]["profile"]).checklist
    late = _late_from(scope, agreement)
    for slot in workbook.slots(agreement, checklist):
        item = checklist.item(slot.item)
        assert item is not None  # noqa: S101 - slots come from the items
        label = f"{item.label} ({PROOF_LABELS[_kind(slot)]})"
        yield _proof(scope, row, agreement, slot, _Called(label, item.id(scope.tier_of(row)), called), late)
    for slot in workbook.added_slots(agreement):
        label = f"Butir tambahan: {agreement.workbook.added[slot.item]}"
        yield _proof(scope, row, agreement, slot, _Called(label, None, called), None)


def _kind(slot: workbook.Slot) -> str:
    """What kind of proof a slot asks for: whose money of the division is negative pays, and deposits nothing."""
    return workbook.PAYMENT if slot.item == workbook.MONEY and (slot.due_idr or 0) < 0 else slot.proof


class _Called(NamedTuple):
    """What a proof is called, its clause, and the agreement that it is of, ``None`` where there is only one."""

    label: str
    clause: str | None
    agreement: str | None


def _proof(
    scope: ReportScope, row: Row, agreement: Agreement, slot: workbook.Slot, called: _Called, late: date | None
) -> chapters.ChecklistProof:
    amount = _amount(agreement, slot)
    notes = [slot.nihil] if slot.nihil else []
    notes += [PLAIN] if slot.state is workbook.SlotState.PLAIN else []
    notes += [f"nilai {UNVERIFIED}"] if amount is not None and slot.entries and not _verified(row, slot.entries) else []
    if slot.open and late is not None and late <= scope.prefix.day:
        notes.append(f"terlambat sejak {indonesian.day(late.isoformat())}")
    return chapters.ChecklistProof(
        clause=CitedClause(id=called.clause or scope._replace(tier=scope.tier_of(row)).clause("d.4").id, basis="text"),
        label=called.label,
        agreement=called.agreement,
        party=None if slot.region is None else region(scope.prefix, slot.region),
        done_on=None if slot.open or slot.on is None else slot.on.isoformat(),
        amount=amount,
        evidence=len(slot.entries),
        nihil=slot.state is workbook.SlotState.NIHIL,
        notes=tuple(notes),
    )


def _amount(agreement: Agreement, slot: workbook.Slot) -> int | None:
    """What a proof is about in rupiah: values of a, open obligations of b, what c divides, money of d."""
    book = agreement.workbook
    if slot.item == workbook.GOODS and book.goods is not None:
        return sum(one.value_idr for one in book.goods.goods)
    if slot.item == workbook.OBLIGATIONS and book.obligations is not None:
        return sum(one.amount_idr - one.paid_idr for one in book.obligations.obligations)
    if slot.item == workbook.DIVISION and book.division is not None:
        return workbook.sums_of(book.division).net
    # Who pays has a negative sum in the workbook; what was paid is no negative amount.
    return None if slot.done_idr is None else abs(slot.done_idr) if slot.item == workbook.MONEY else slot.done_idr


def _verified(row: Row, entries: Iterable[UUID]) -> bool:
    """Whether the supervising body has verified all of these entries: money that nobody verified prints a mark."""
    return all(is_verified(row["detail"], str(one)) for one in entries)


def _late_from(scope: ReportScope, agreement: Agreement) -> date | None:
    text = scope.prefix.texts.get("policy")
    if text is None:
        return None
    # The platform's text counts calendar days; whoever counts working days here counts them without holidays.
    return workbook.late_from(agreement, read_policy(text.content), WorkingCalendar())


def _division(scope: ReportScope, row: Row, agreement: Agreement) -> chapters.ReportedDivision:
    made = agreement.workbook.division
    assert made is not None  # noqa: S101 - asked only where one stands
    found = workbook.sums_of(made)
    return chapters.ReportedDivision(
        agreement=agreement.title or row["title"],
        value=found.value,
        obligations=found.owed,
        sold=found.sold,
        net=found.net,
        shares=tuple(
            chapters.DividedShare(
                party=region(scope.prefix, one.region), goods=one.goods_idr, money=one.money_idr, share=one.share_idr
            )
            for one in workbook.shares(made, agreement.participants)
        ),
        verified=_verified(row, [made.event]),
    )
