"""The order of stages, accords and agreements: C5 to C11 and C17."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.dates import PartialDate, in_words
from ksad.contracts.registry import TermKind
from ksad.contracts.umbrella import LAST_STAGE
from ksad.registry.domain.chronology import Point, mark
from ksad.registry.domain.order.reading import Breach, begun, breach, not_after, since, term

if TYPE_CHECKING:
    from ksad.contracts.umbrella import Agreement
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

Signed = facts.AccordSigned | facts.AgreementSigned
Changed = facts.AgreementAmended | facts.AgreementExtended


def stage_in_order(state: Cooperation, fact: facts.StageEntered, context: Context) -> Breach | None:
    """A stage is not entered before the one that was entered last; the last one not before the agreement holds."""
    last = state.when(mark(Point.STAGE, fact.agreement))
    if last is not None and context.when.before(last):
        left = context.profile(state, fact.agreement).stage_name(fact.left)
        detail = f"Tahap {left} dimasuki {in_words(last)}; tahap berikutnya tidak dapat mendahuluinya."
        return breach(detail, entered_on=str(last))
    if fact.stage is not LAST_STAGE:
        return None
    mine = [(key, one) for key, one in state.umbrella.standing.items() if _on_line(key, one, fact.agreement)]
    for key, one in mine:
        signed = state.when(mark(Point.AGREEMENT, key))
        begins = max((day for day in (signed, _effective(one)) if day), key=lambda day: day.first, default=None)
        if begins is not None and context.when.before(begins):
            detail = f"Perjanjian baru berlaku pada {in_words(begins)}; pelaksanaannya tidak dapat mendahuluinya."
            return breach(detail, effective_on=str(begins))
    return None


def _on_line(key: str, one: Agreement, line: str | None) -> bool:
    return key == line if one.own_line else line is None


def _effective(one: Agreement) -> PartialDate | None:
    return None if one.effective_on is None else PartialDate.of(one.effective_on)


def signed_after_stage(state: Cooperation, fact: Signed, context: Context) -> Breach | None:
    """What is signed in the stage of signing is not signed before that stage was entered; a renewal needs no stage."""
    if isinstance(fact, facts.AccordSigned) and fact.replaces is not None:
        return None
    known = state.agreement(fact.agreement) if isinstance(fact, facts.AgreementSigned) else None
    line = fact.agreement if isinstance(fact, facts.AgreementSigned) and known and known.own_line else None
    entered = state.when(mark(Point.SIGNING_STAGE, line))
    if entered is None or not context.when.before(entered):
        return None
    detail = f"Tanggal penandatanganan mendahului tahap penandatanganan ({in_words(entered)})."
    return breach(detail, entered_on=str(entered))


def agreement_after_accord(state: Cooperation, fact: facts.AgreementSigned, context: Context) -> Breach | None:
    """The agreement carries the accord out, so it is not signed before it."""
    known = state.agreement(fact.agreement)
    accord = fact.accord or (known.accord if known else None)
    signed = None if accord is None else state.when(mark(Point.ACCORD, accord))
    if signed is None or not context.when.before(signed):
        return None
    detail = f"Perjanjian tidak dapat mendahului kesepakatannya ({in_words(signed)})."
    return breach(detail, accord_signed_on=str(signed))


def term_after_signing(state: Cooperation, fact: Signed | facts.AgreementAmended, context: Context) -> Breach | None:
    """A term ends after the signing, and after it has begun. That it begins before the signing is recorded."""
    if fact.ends_on is None:
        return None
    ends = term(fact.ends_on, fact.ends_precision)
    begins = [("penandatanganan", context.when)]
    if isinstance(fact, facts.AgreementAmended):
        signed = state.when(mark(Point.AGREEMENT, fact.agreement))
        begins += [("penandatanganan perjanjiannya", signed)] if signed else []
    elif fact.effective_on is not None:
        begins.append(("mulai berlaku", PartialDate.of(fact.effective_on)))
    for what, day in begins:
        if not_after(ends, day):
            detail = f"Jangka waktu berakhir {in_words(ends)}, tidak setelah {what} {in_words(day)}."
            return breach(detail, ends_on=str(ends), begins_on=str(day))
    return None


def while_in_force(state: Cooperation, fact: Changed | facts.PartyJoined, context: Context) -> Breach | None:
    """What has not been signed, or has ended, is not amended, extended or joined."""
    keys = fact.agreements if isinstance(fact, facts.PartyJoined) else [fact.agreement]
    for key in keys:
        known = state.agreement(key)
        if known is None:
            continue
        signed = state.when(mark(Point.AGREEMENT, key))
        if signed is not None and context.when.before(signed):
            detail = f"Perjanjian ditandatangani {in_words(signed)}; sebelum itu tidak ada yang dapat diubah."
            return breach(detail, signed_on=str(signed))
        last = known.last_day if known.ended is None else known.ended.on
        if last is not None and context.on > last:
            detail = (
                f"Perjanjian berakhir {in_words(last)}; yang telah berakhir tidak dapat diubah atau diperpanjang. "
                "Buat perjanjian baru yang melanjutkannya."
            )
            return breach(detail, ends_on=last)
    return None


def extension_is_longer(state: Cooperation, fact: facts.AgreementExtended, context: Context) -> Breach | None:
    """An extension ends after what it extends, and after its own day; only from paper its end may be unknown."""
    if fact.ends_on is None:
        unknown = not context.legacy and fact.term is not TermKind.OPEN
        return breach("Sebutkan sampai kapan perjanjian diperpanjang.") if unknown else None
    ends = term(fact.ends_on, fact.ends_precision)
    known = state.agreement(fact.agreement)
    olds = [context.when]
    if known is not None and known.ends_on is not None:
        olds.insert(0, term(known.ends_on, known.ends_precision))
    for old in olds:
        if not_after(ends, old):
            return breach(f"Perpanjangan harus berakhir setelah {in_words(old)}.", ends_on=str(ends), before=str(old))
    return None


def joined_before_left(
    state: Cooperation, fact: facts.PartyJoined | facts.PartyWithdrew, context: Context
) -> Breach | None:
    """A region joins what there is, and leaves what it has joined."""
    for scope in [*fact.agreements, *([None] if fact.umbrella else [])]:
        what, start = _joinable(state, scope)
        starts = [(what, start)]
        if isinstance(fact, facts.PartyWithdrew):
            # The day of the joining may be known less exactly than what was joined, so both count.
            joined = state.when(mark(Point.JOINED, scope, fact.region))
            starts.insert(0, (f"{context.names(fact.region)} baru menjadi pihak", joined or start))
        for what, start in starts:
            if start is not None and context.when.before(start):
                said = since(what, start)
                return breach(f"{said[0].upper()}{said[1:]}.", region=fact.region, since=str(start))
    return None


def _joinable(state: Cooperation, scope: str | None) -> tuple[str, PartialDate | None]:
    """Since when there is what a region joins, and what that is in words."""
    known = None if scope is None else state.agreement(scope)
    signed = None if scope is None else state.when(mark(Point.AGREEMENT, scope))
    if known is not None and known.stands and signed is not None:
        return "perjanjian ini baru ditandatangani", signed
    return begun(state, scope)


def approval_in_order(state: Cooperation, fact: facts.CouncilApprovalRecorded, context: Context) -> Breach | None:
    """A council approves a draft that there is; one that approves after the signing is recorded."""
    opened = state.when(mark(Point.OPENED, fact.agreement))
    if opened is None or not context.when.before(opened):
        return None
    return breach(f"Rancangan perjanjian baru disusun {in_words(opened)}.", opened_on=str(opened))
