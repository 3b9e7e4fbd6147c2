"""Rules of the termination workbook (d.4 a to f): what entries prove, in which order, and that a division closes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.canonical import INTEGER_MAX
from ksad.contracts.law import workbook
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.umbrella import LAST_STAGE, Agreement, Settled
from ksad.registry.domain.naming import PROOF_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.contracts.law import Checklist, ChecklistItem
    from ksad.contracts.umbrella.workbook import Workbook
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

CLAUSE = "P6.d.4/P10.d.4"
PROOFS = {
    workbook.MONEY: (workbook.EVIDENCE, workbook.DEPOSIT, workbook.PAYMENT),
    workbook.REPORT: (workbook.EVIDENCE, "report"),
}
"""Kinds of proof that an item takes beside those of the checklist; ``evidence`` is the word of before."""


def rupiah(amount: int) -> str:
    """An amount as an official writes it: Rp1.250.000, or −Rp1.250.000."""
    sign = "−" if amount < 0 else ""
    return f"{sign}Rp{abs(amount):,}".replace(",", ".")


def _clause(item: str) -> str:
    return f"P6.d.4.{item}/P10.d.4.{item}"


def worked_on(state: Cooperation, key: str) -> Agreement:
    """The agreement whose end is prepared; of paper, its proofs may come in before its signing."""
    return state.agreement(key) or Agreement(between=state.parties, stage=state.stage)


def _checked(state: Cooperation, key: str, context: Context) -> tuple[Agreement, Checklist]:
    """The agreement and its checklist, where the preparation of its end has begun and is not over."""
    known = worked_on(state, key)
    if not (known.stage is LAST_STAGE or known.ended is not None or context.legacy):
        detail = "Persiapan pengakhiran dilakukan pada tahap pelaksanaan dan pengakhiran."
        raise RuleBrokenError("item-at-stage", detail, CLAUSE, kind=RefusalKind.CONFLICT)
    if known.ended is not None and known.settled is Settled.CLOSED:
        detail = "Penyelesaian perjanjian ini sudah ditutup. Permasalahan atau perselisihan baru membukanya kembali."
        raise RuleBrokenError("settlement-open", detail, CLAUSE, kind=RefusalKind.CONFLICT)
    return known, context.profile(state, key).checklist


def _check_proved(
    item: str, document: DocumentRef | None, nihil: str | None, context: Context, called: str = ""
) -> None:
    """Something is proved by its document, or there is nothing to prove, for a reason; of paper both may be unknown."""
    if (document is None and nihil is None and not context.legacy) or (document is not None and nihil is not None):
        what = called or item
        detail = f"Butir {what} dibuktikan dengan dokumen, atau dinyatakan nihil dengan alasannya; pilih salah satu."
        raise RuleBrokenError("proof-or-nihil", detail, _clause(item) if len(item) == 1 else CLAUSE, item=item)


def _check_rows(
    item: str, rows: Iterable[tuple[str, str]], fact: facts.GoodsInventoried | facts.ObligationsListed
) -> None:
    """A filing has rows, each under a key of its own and with its words, or says why it has none."""
    named = list(rows)
    counted = Counter(key for key, _ in named)
    if bool(counted) is (fact.nihil is not None):
        detail = f"Rinci butir {item}, atau nyatakan nihil dengan alasannya; tidak keduanya."
        raise RuleBrokenError("proof-or-nihil", detail, _clause(item), item=item)
    twice = [key for key, count in counted.items() if count > 1]
    if twice:
        detail = f"Kode yang sama dipakai dua kali, untuk {_quoted(words for key, words in named if key in twice)}."
        raise RuleBrokenError("row-once", detail, _clause(item), twice=twice)


def _check_sums(item: str, *amounts: int) -> None:
    """Sums are told in JSON, in which programs read no greater whole number alike (RFC 7493, 2.2)."""
    if any(abs(amount) > INTEGER_MAX for amount in amounts):
        detail = f"Jumlah seluruhnya melampaui {rupiah(INTEGER_MAX)}. Periksa nilainya."
        raise RuleBrokenError("sum-in-rupiah", detail, _clause(item), item=item)


def _inventoried(state: Cooperation, fact: facts.GoodsInventoried, context: Context) -> None:
    _checked(state, fact.agreement, context)
    _check_sums(workbook.GOODS, sum(one.value_idr for one in fact.goods))
    _check_rows(workbook.GOODS, ((one.good, one.what) for one in fact.goods), fact)
    _check_proved(workbook.GOODS, fact.document, fact.nihil, context)


def _listed(state: Cooperation, fact: facts.ObligationsListed, context: Context) -> None:
    _checked(state, fact.agreement, context)
    _check_rows(workbook.OBLIGATIONS, ((one.obligation, one.creditor) for one in fact.obligations), fact)
    _check_sums(workbook.OBLIGATIONS, sum(one.amount_idr for one in fact.obligations))
    over = next((one for one in fact.obligations if one.paid_idr > one.amount_idr), None)
    if over is not None:
        detail = (
            f"Kewajiban kepada {over.creditor}: dibayar {rupiah(over.paid_idr)}, lebih dari "
            f"{rupiah(over.amount_idr)}. Periksa jumlahnya."
        )
        raise RuleBrokenError("paid-within-amount", detail, _clause("b"), obligation=over.obligation)
    _check_proved(workbook.OBLIGATIONS, fact.document, fact.nihil, context)


def _divided(state: Cooperation, fact: facts.DivisionAgreed, context: Context) -> None:
    known, _ = _checked(state, fact.agreement, context)
    book = known.workbook
    goods, owed = book.goods, book.obligations
    if goods is None or owed is None:
        detail = "Barang dan kewajiban dirinci lebih dahulu; yang dibagi adalah rincian itu."
        raise RuleBrokenError("division-itemised", detail, _clause("c"), kind=RefusalKind.CONFLICT)
    if (fact.goods_by, fact.obligations_by) != (goods.event, owed.event):
        detail = "Inventarisasi atau daftar kewajiban telah diperbarui. Susun pembagian dari yang terbaru."
        raise RuleBrokenError("division-of-newest", detail, _clause("c"), kind=RefusalKind.CONFLICT)
    _check_allotted(known, fact, context, {one.good: one.what for one in goods.goods})
    _check_carried(state, fact, {one.obligation: one.creditor for one in owed.obligations})
    found = workbook.sums(goods.goods, owed.obligations, fact.allotted, fact.sold_for, fact.carried, fact.money)
    shares = [one.share_idr for one in found.shares]
    _check_sums("c", found.value, found.sold, found.net, found.money, found.difference, *shares)
    if found.difference:
        detail = (
            f"Jumlah uang para pihak harus {rupiah(found.money_due)} (hasil penjualan {rupiah(found.sold)} dikurangi "
            f"kewajiban {rupiah(found.owed)}), bukan {rupiah(found.money)}; selisih {rupiah(found.difference)}."
        )
        raise RuleBrokenError(
            "division-closes",
            detail,
            _clause("c"),
            expected=found.money_due,
            given=found.money,
            difference=found.difference,
        )
    if fact.document is None and not context.legacy:
        detail = "Pembagian dibuktikan dengan berita acaranya; unggah dan lampirkan."
        raise RuleBrokenError("proof-or-nihil", detail, _clause("c"), item="c")


def _check_allotted(known: Agreement, fact: facts.DivisionAgreed, context: Context, goods: Mapping[str, str]) -> None:
    """Every good goes somewhere exactly once, and what a participant gets or pays is a participant's."""
    wrong = sorted(set(goods) ^ set(fact.allotted))
    if wrong:
        detail = f"Setiap barang dalam inventarisasi dibagi tepat satu kali; periksa {_listed_words(wrong, goods)}."
        raise RuleBrokenError("good-allotted-once", detail, _clause("c"), goods=wrong)
    sold = {good for good, to in fact.allotted.items() if to == workbook.SOLD}
    if sold != set(fact.sold_for):
        wrong = sorted(sold ^ set(fact.sold_for))
        detail = (
            "Sebutkan hasil penjualan setiap barang yang dijual, dan hanya barang itu; periksa "
            f"{_listed_words(wrong, goods)}."
        )
        raise RuleBrokenError("sold-for-what", detail, _clause("c"), goods=wrong)
    gets = {to for to in fact.allotted.values() if to not in {workbook.SOLD, workbook.CARRIED}}
    strangers = sorted((gets | set(fact.money)) - set(known.participants))
    if strangers:
        detail = f"Bukan peserta penyelesaian perjanjian ini: {context.names(*strangers)}."
        raise RuleBrokenError("participants-only", detail, _clause("c"), strangers=strangers)


def _check_carried(state: Cooperation, fact: facts.DivisionAgreed, obligations: Mapping[str, str]) -> None:
    """What goes on goes on in an agreement that continues this one."""
    unknown = sorted(set(fact.carried) - set(obligations))
    if unknown or len(set(fact.carried)) != len(fact.carried):
        twice = [key for key, count in Counter(fact.carried).items() if count > 1]
        wrong = _listed_words([*unknown, *twice], obligations)
        detail = f"Kewajiban yang diteruskan disebut satu kali dan ada dalam daftarnya; periksa {wrong}."
        raise RuleBrokenError("carried-known", detail, _clause("c"), obligations=unknown)
    carries = fact.carried or workbook.CARRIED in fact.allotted.values()
    continued = any(one.continues == fact.agreement and not one.dropped for one in state.umbrella.agreements.values())
    if carries and not continued:
        detail = (
            "Barang atau kewajiban hanya dapat diteruskan ke perjanjian yang melanjutkan perjanjian ini. "
            "Buat perjanjian itu lebih dahulu."
        )
        raise RuleBrokenError("carried-into-next", detail, _clause("c"), kind=RefusalKind.CONFLICT)


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"“{one}”" for one in dict.fromkeys(words))


def _listed_words(keys: Iterable[str], rows: Mapping[str, str]) -> str:
    """Rows of the workbook as people call them; what is in no row has no name."""
    found = list(keys)
    known = _quoted(rows[key] for key in found if key in rows)
    strange = "yang tidak ada dalam daftar" if any(key not in rows for key in found) else ""
    return " dan ".join(part for part in (known, strange) if part)


def _called(item: str, book: Workbook | None) -> str:
    """An item of the checklist by its letter, one that was added by its words."""
    added = {} if book is None else book.added
    return f"“{added[item]}”" if item in added else item


def _added(state: Cooperation, fact: facts.TerminationItemAdded, context: Context) -> None:
    known = state.agreement(fact.agreement)
    checklist = context.profile(state, fact.agreement).checklist
    if (known is not None and fact.item in known.workbook.added) or checklist.item(fact.item) is not None:
        what = _called(fact.item, known.workbook if known is not None else None)
        detail = f"Butir {what} sudah ada. Pakai kode lain."
        raise RuleBrokenError("item-unique", detail, CLAUSE, kind=RefusalKind.CONFLICT, item=fact.item)


def _completed(state: Cooperation, fact: facts.TerminationItemCompleted, context: Context) -> None:
    item = context.profile(state, fact.agreement).checklist.item(fact.item)
    if item is None:
        # The list of d.4 is open ("antara lain"): for an added item no kind of proof is prescribed.
        book = worked_on(state, fact.agreement).workbook
        if fact.item not in book.added:
            detail = "Butir yang disebut tidak ada dalam daftar pengakhiran. Tambahkan lebih dahulu."
            raise RuleBrokenError("item-known", detail, CLAUSE, item=fact.item)
        _check_proved(fact.item, fact.document, fact.nihil, context, _called(fact.item, book))
        return
    known, checklist = _checked(state, fact.agreement, context)
    _check_whose(known, fact, item)
    if fact.proof not in PROOFS.get(fact.item, item.proofs):
        kinds = ", ".join(PROOF_NAMES.get(proof, "bukti") for proof in item.proofs)
        detail = f"Butir {fact.item} dibuktikan dengan: {kinds}."
        raise RuleBrokenError("item-proof", detail, CLAUSE, proof=fact.proof)
    if item.rupiah == "required" and fact.amount_idr is None:
        raise RuleBrokenError(
            "item-in-rupiah", f"Butir {fact.item} dinilai dengan rupiah: isi nilainya.", _clause(item.key)
        )
    _check_owed(known, checklist, fact)
    _check_proved(fact.item, fact.document, fact.nihil, context)


def _check_whose(known: Agreement, fact: facts.TerminationItemCompleted, item: ChecklistItem) -> None:
    if item.per_party:
        if fact.region is None or fact.region not in known.participants:
            detail = f"Butir {fact.item} dibuktikan setiap pihak; sebutkan pihaknya."
            raise RuleBrokenError("item-per-party", detail, CLAUSE)
    elif fact.region is not None:
        raise RuleBrokenError(
            "item-per-party", f"Butir {fact.item} tidak dibuktikan per pihak; kosongkan daerahnya.", CLAUSE
        )


def _check_owed(known: Agreement, checklist: Checklist, fact: facts.TerminationItemCompleted) -> None:
    """A proof is of something that is still owed, and of no more than is owed."""
    book = known.workbook
    if fact.item == workbook.DIVISION and book.goods is not None and book.obligations is not None:
        detail = "Barang dan kewajiban sudah dirinci; catat pembagiannya menurut rincian itu."
        raise RuleBrokenError("division-itemised", detail, _clause("c"), kind=RefusalKind.CONFLICT)
    mine = [one for one in workbook.slots(known, checklist) if (one.item, one.region) == (fact.item, fact.region)]
    slot = next((one for one in mine if one.proof == fact.proof or fact.item != workbook.RECORDS), None)
    if slot is None:
        return  # Of an agreement on paper, of which nothing is asked.
    if slot.state is workbook.SlotState.NIHIL and not slot.entries:
        detail = f"Butir {fact.item} nihil dengan sendirinya: tidak ada yang dibagikan kepada daerah ini."
        raise RuleBrokenError("item-nihil", detail, _clause(fact.item), kind=RefusalKind.CONFLICT)
    if not slot.open:
        detail = f"Bukti butir {fact.item} ini sudah dicatat. Betulkan bila keliru."
        raise RuleBrokenError("item-once", detail, CLAUSE, kind=RefusalKind.CONFLICT)
    if fact.nihil is not None and (book.division is not None or fact.item not in {workbook.MONEY, workbook.RECORDS}):
        detail = f"Butir {fact.item} tidak nihil: masih ada yang harus dibuktikan dengan dokumen."
        raise RuleBrokenError("item-not-nihil", detail, _clause(fact.item), kind=RefusalKind.CONFLICT)
    if book.division is not None and fact.item == workbook.MONEY:
        _check_money(slot, fact)


def _check_money(slot: workbook.Slot, fact: facts.TerminationItemCompleted) -> None:
    left = (slot.due_idr or 0) - (slot.done_idr or 0)
    what = "disetor ke kas daerahnya" if left > 0 else "dibayar"
    if fact.proof != slot.proof or fact.amount_idr is None or not 0 < fact.amount_idr <= abs(left):
        detail = f"Menurut pembagian masih harus {what} {rupiah(abs(left))}."
        if fact.amount_idr is not None:
            detail += f" Yang dicatat {rupiah(fact.amount_idr)}."
        raise RuleBrokenError(
            "money-as-divided", detail, _clause("d"), proof=slot.proof, left=abs(left), given=fact.amount_idr
        )


ENTRIES: tuple[type[Fact], ...] = (
    facts.GoodsInventoried,
    facts.ObligationsListed,
    facts.DivisionAgreed,
    facts.TerminationItemAdded,
    facts.TerminationItemCompleted,
)
"""Entries of a workbook, which go on after an end."""
CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.GoodsInventoried: _inventoried,
    facts.ObligationsListed: _listed,
    facts.DivisionAgreed: _divided,
    facts.TerminationItemAdded: _added,
    facts.TerminationItemCompleted: _completed,
}
