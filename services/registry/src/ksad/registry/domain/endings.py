"""Rules of the end: grounds of the bound profile, and the checklist of d.4 a to f, done by the parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.law import EvidenceSlot
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain.calendar import check_planned

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.law import Checklist
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

CLAUSE = "P6.d.4/P10.d.4"


def open_slots(state: Cooperation, checklist: Checklist) -> list[str]:
    """What is still to be proved, such as ``e 32.75 council_report``; added items count once.

    Nothing is, while no agreement was signed and the last stage was not entered: d.4 prepares the end of an agreement,
    and an accord alone leaves no goods and no debts (inference; an accord that stalls must be able to end).
    """
    if not state.has_agreement:
        return []
    done = {(proof.item, proof.region, proof.kind) for proof in state.proofs}
    slots = list(checklist.slots(state.parties))
    slots += [EvidenceSlot(item=item, region=None, proof="evidence") for item in state.items_added]
    return [
        " ".join(part for part in (slot.item, slot.region, slot.proof) if part)
        for slot in slots
        if (slot.item, slot.region, slot.proof) not in done
    ]


def _notice(state: Cooperation, fact: facts.TerminationNoticeGiven, context: Context) -> None:
    _check_ground(state, fact.ground, context)
    if not state.has_agreement:
        raise RuleBrokenError(
            "agreement-signed", "Belum ada perjanjian yang akan diakhiri.", "P1.6", kind=RefusalKind.CONFLICT
        )
    ground = context.profile(state).ending(fact.ground)
    if ground is not None and not ground.early:
        detail = f"Alasan {ground.label} tidak memerlukan pemberitahuan dini."
        raise RuleBrokenError("ground-is-early", detail, ground.source, ground=fact.ground)
    if fact.planned_end_on < context.on:
        detail = f"Rencana berakhir {fact.planned_end_on} sudah lewat."
        raise RuleBrokenError("end-ahead", detail, CLAUSE, ends_on=fact.planned_end_on)
    check_planned(fact.planned_end_on, context.today, "planned_end_on")


def _check_ground(state: Cooperation, key: str, context: Context) -> None:
    profile = context.profile(state)
    if profile.ending(key) is None:
        known = ", ".join(ground.key for ground in profile.endings)
        detail = f"Alasan {key} tidak ada pada {profile.id}; pilih: {known}."
        raise RuleBrokenError("ending-ground", detail, profile.endings[0].source, ground=key)


def _added(state: Cooperation, fact: facts.TerminationItemAdded, context: Context) -> None:
    if fact.item in state.items_added or context.profile(state).checklist.item(fact.item) is not None:
        raise RuleBrokenError("item-unique", f"Butir {fact.item} sudah ada.", CLAUSE, kind=RefusalKind.CONFLICT)


def _completed(state: Cooperation, fact: facts.TerminationItemCompleted, context: Context) -> None:
    checklist = context.profile(state).checklist
    if state.stage is not Stage.IMPLEMENTATION_AND_TERMINATION and not context.legacy:
        detail = "Persiapan pengakhiran dilakukan pada tahap pelaksanaan dan pengakhiran."
        raise RuleBrokenError("item-at-stage", detail, CLAUSE, kind=RefusalKind.CONFLICT)
    item = checklist.item(fact.item)
    if item is None:
        if fact.item not in state.items_added:
            raise RuleBrokenError("item-known", f"Butir {fact.item} tidak ada. Tambahkan lebih dahulu.", CLAUSE)
        return
    if item.per_party:
        if fact.region is None or fact.region not in state.parties:
            raise RuleBrokenError(
                "item-per-party", f"Butir {fact.item} dibuktikan setiap pihak; sebutkan pihaknya.", CLAUSE
            )
    elif fact.region is not None:
        raise RuleBrokenError("item-per-party", f"Butir {fact.item} tidak per pihak; kosongkan region.", CLAUSE)
    if fact.proof not in item.proofs:
        detail = f"Bukti butir {fact.item}: {', '.join(item.proofs)}."
        raise RuleBrokenError("item-proof", detail, CLAUSE, proof=fact.proof)
    if item.rupiah == "required" and fact.amount_idr is None:
        raise RuleBrokenError("item-in-rupiah", f"Butir {fact.item} dinilai dengan rupiah: isi amount_idr.", CLAUSE)
    if (fact.item, fact.region, fact.proof) in {(one.item, one.region, one.kind) for one in state.proofs}:
        detail = f"Bukti butir {fact.item} ini sudah dicatat. Betulkan bila keliru."
        raise RuleBrokenError("item-once", detail, CLAUSE, kind=RefusalKind.CONFLICT)
    waiting = {slot.split()[0] for slot in open_slots(state, checklist)}
    before = [key for key in item.needs if key in waiting]
    if before:
        detail = f"Selesaikan butir {', '.join(before)} sebelum butir {fact.item}."
        raise RuleBrokenError("item-order", detail, CLAUSE, kind=RefusalKind.CONFLICT, before=before)


def _ended(state: Cooperation, fact: facts.Ended, context: Context) -> None:
    _check_ground(state, fact.ground, context)
    if not state.accord_signed and not state.has_agreement:
        detail = "Belum ada naskah yang ditandatangani; usulan dibatalkan (withdraw-proposal), bukan diakhiri."
        raise RuleBrokenError("something-signed", detail, "P1.4", kind=RefusalKind.CONFLICT)
    ground = context.profile(state).ending(fact.ground)
    if not fact.open_items:
        return
    if ground is None or not ground.open_items:
        detail = f"Masih ada butir pengakhiran terbuka: {'; '.join(fact.open_items[:6])}. Lengkapi buktinya."
        raise RuleBrokenError(
            "checklist-complete", detail, CLAUSE, kind=RefusalKind.CONFLICT, open_items=fact.open_items
        )
    if not fact.reason:
        detail = "Berakhir dengan butir terbuka memerlukan alasan: isi reason."
        raise RuleBrokenError("open-items-with-reason", detail, CLAUSE, open_items=fact.open_items)


CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.TerminationNoticeGiven: _notice,
    facts.TerminationItemAdded: _added,
    facts.TerminationItemCompleted: _completed,
    facts.Ended: _ended,
}
