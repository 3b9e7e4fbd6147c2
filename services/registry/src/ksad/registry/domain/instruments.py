"""Rules of accords and agreements: whose numbers, in which stage, until when, and while they are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.dates import in_words
from ksad.contracts.law import Basis, party_regions
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.umbrella import AccordState, AgreementState
from ksad.registry.domain.calendar import check_date, check_planned
from ksad.registry.domain.naming import accords_called, agreement_of, agreements_called

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.umbrella import Instrumented
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

OWN_STAGES = (Stage.NEGOTIATION, Stage.SIGNING)
"""The stages between which people move an agreement's own line; the last one is entered by the register."""


def check_numbers(
    between: Iterable[str], numbers: facts.KnownNumbers, standing: facts.Standing, context: Context
) -> None:
    """An instrument carries one number per party (practice: each party numbers it); only of paper it may be unknown."""
    parties = set(between)
    if set(numbers) != parties:
        missing = sorted(parties - set(numbers))
        extra = sorted(set(numbers) - parties)
        wrong = [("belum ada nomor dari", missing), ("bukan pihaknya", extra)]
        told = "; ".join(f"{what}: {context.names(*codes)}" for what, codes in wrong if codes)
        detail = f"Naskah memerlukan satu nomor untuk setiap pihak; {told}."
        raise RuleBrokenError("number-per-party", detail, "P1.4", missing=missing, extra=extra)
    unknown = sorted(code for code, number in numbers.items() if number is None)
    if unknown and not context.legacy and standing.by != "instrument":
        detail = f"Nomor naskah belum diisi untuk: {context.names(*unknown)}."
        raise RuleBrokenError("number-known", detail, "P1.4", missing=unknown)


def check_between(state: Cooperation, between: list[str], context: Context) -> None:
    """The parties of an accord or agreement are two or more of the cooperation's."""
    strangers = sorted(set(between) - set(state.parties))
    if strangers:
        detail = f"Bukan pihak kerja sama ini: {context.names(*strangers)}."
        raise RuleBrokenError("between-parties", detail, "P1.4", strangers=strangers)
    party_regions(between, context.adopted.regions, context.on)


def _scheduled(_: Cooperation, fact: facts.SigningScheduled, context: Context) -> None:
    check_planned(fact.signing_on, context.today, "signing_on")
    if fact.signing_on < context.on:
        detail = f"Tanggal penandatanganan {in_words(fact.signing_on)} sudah lewat."
        raise RuleBrokenError("signing-ahead", detail, "P6.c/P10.c")


def _check_once(known: Instrumented | None, what: str, instead: str, context: Context) -> None:
    """What was signed is not signed again, by some of its parties or others; what came from paper may be, on paper."""
    if known is None or known.signed_on is None or (context.legacy and known.legacy):
        return
    raise RuleBrokenError(
        "signed-once",
        f"{what} ini sudah ditandatangani {in_words(known.signed_on)}. {instead}",
        "P1.4",
        kind=RefusalKind.CONFLICT,
        signed_on=known.signed_on,
    )


def _check_of_paper(known: Instrumented, context: Context) -> None:
    """What stands since the platform runs is changed by its parties, or from the instrument: not as of paper."""
    if context.legacy and not known.legacy:
        detail = "Perjanjian ini bukan data lama. Catat perubahannya sebagai peristiwa baru, berdasarkan naskahnya."
        raise RuleBrokenError("legacy-of-paper", detail, "P1.4", kind=RefusalKind.CONFLICT)


def _check_replaced(state: Cooperation, fact: facts.AccordSigned, context: Context) -> None:
    """An accord in force is replaced by all whom it binds: a renewal without one of them would end it for that one."""
    if fact.replaces is None:
        return
    old = state.umbrella.accords.get(fact.replaces)
    if old is None:
        raise RuleBrokenError("accord-known", "Kesepakatan yang digantikan tidak ada pada kerja sama ini.", "P1.5")
    missing = [code for code in old.between if code in state.parties and code not in fact.between]
    if missing and old.state is AccordState.IN_FORCE and not context.legacy:
        names = context.names(*missing)
        detail = (
            f"Kesepakatan yang digantikan juga mengikat {names}. Sertakan sebagai pihak, atau akhiri kesepakatan itu "
            "lebih dahulu bersama semua pihaknya."
        )
        raise RuleBrokenError("replaced-by-all", detail, "P1.4", kind=RefusalKind.CONFLICT, missing=missing)


def _check_sequence(state: Cooperation, fact: facts.AccordSigned, context: Context) -> None:
    """Accords of one cooperation follow each other: nobody is bound by two at a time about the same object."""
    begins = fact.effective_on or context.on
    for key, one in state.umbrella.accords.items():
        bound = [code for code in one.between if code in fact.between]
        over = one.last_day is not None and one.last_day < begins
        if context.legacy or key == fact.replaces or one.state is not AccordState.IN_FORCE or not bound or over:
            continue
        detail = (
            f"{context.names(*bound)} masih terikat {accords_called(state, [key])}. Nyatakan bahwa yang baru "
            "menggantikannya, dengan semua pihaknya, atau akhiri kesepakatan itu lebih dahulu."
        )
        raise RuleBrokenError("accords-in-sequence", detail, "P1.5", kind=RefusalKind.CONFLICT, accord=key, bound=bound)


def _accord(state: Cooperation, fact: facts.AccordSigned, context: Context) -> None:
    check_between(state, fact.between, context)
    check_numbers(fact.between, fact.numbers, fact.standing, context)
    _check_term(fact, context)
    check_signatories(fact.between, fact.signatories, context)
    instead = "Nyatakan bahwa yang baru menggantikannya."
    _check_once(state.umbrella.accords.get(fact.accord), "Kesepakatan", instead, context)
    _check_replaced(state, fact, context)
    _check_sequence(state, fact, context)
    if not context.legacy and fact.replaces is None and state.stage is not Stage.SIGNING:
        detail = "Kesepakatan ditandatangani pada tahap penandatanganan. Masuki tahap itu lebih dahulu."
        raise RuleBrokenError("signed-at-signing", detail, "P4.c", kind=RefusalKind.CONFLICT)


def _check_term(fact: facts.AgreementSigned | facts.AccordSigned, context: Context) -> None:
    check_planned(fact.ends_on, context.today, "ends_on")
    check_planned(fact.effective_on, context.today, "effective_on")


def check_signatories(between: Iterable[str], signatories: Iterable[facts.Signatory], context: Context) -> None:
    """Who signs does so for a party, alone, and says truly in which capacity. Letters are of days that have come.

    :raises RuleBrokenError: a stranger signs, two sign for one party, a head has a mandate, or who acts for a head has
        no letter, unless it came from paper.
    """
    parties, signed = set(between), set[str]()
    for one in signatories:
        who = context.names(one.region)
        if one.region not in parties:
            detail = f"{who} bukan pihak naskah ini; sebutkan penanda tangan para pihaknya saja."
            raise RuleBrokenError("signatory-of-party", detail, "P1.3", region=one.region)
        if one.region in signed:
            detail = f"Untuk {who} disebut lebih dari satu penanda tangan. Sebutkan yang menandatangani naskahnya saja."
            raise RuleBrokenError("one-signatory", detail, "P1.4", region=one.region)
        signed.add(one.region)
        if one.capacity == "head" and one.mandate is not None:
            detail = (
                f"Kepala daerah {who} menandatangani tanpa surat kuasa. Kosongkan suratnya, atau nyatakan bahwa "
                "penanda tangannya pejabat pelaksana atau penerima kuasa."
            )
            raise RuleBrokenError("head-without-mandate", detail, "P1.3", region=one.region)
        if one.capacity == "acting" and one.mandate is None and not context.legacy:
            detail = f"Penanda tangan untuk {who} bertindak sebagai pelaksana. Sebutkan nomor dan tanggal suratnya."
            raise RuleBrokenError("acting-by-letter", detail, "P1.3", region=one.region)
        if one.mandate is not None:
            check_date(one.mandate.date, context.today)


def _check_mandates(fact: facts.AgreementSigned, context: Context) -> None:
    """Who signs an agreement for the head of a region does so by a letter, which is named unless it came from paper."""
    missing = [one.region for one in fact.signatories if one.capacity == "mandated" and one.mandate is None]
    mandate = context.adopted.law.statute("mandate", context.on)
    if missing and mandate is not None and mandate.basis is not Basis.MEMORY and not context.legacy:
        who = context.names(*missing)
        detail = f"Penanda tangan untuk {who} bertindak atas kuasa. Sebutkan nomor dan tanggal surat kuasanya."
        raise RuleBrokenError("mandate-named", detail, mandate.source, regions=missing)


def _opened(state: Cooperation, fact: facts.AgreementOpened, context: Context) -> None:
    check_between(state, fact.between, context)
    if fact.agreement in state.umbrella.agreements:
        there = agreements_called(state, [fact.agreement])
        detail = f"Kode ini sudah dipakai untuk perjanjian {there}. Pakai kode lain."
        raise RuleBrokenError("agreement-key-unique", detail, kind=RefusalKind.CONFLICT)
    context.adopted.check_affair(fact.affair)
    if fact.continues is not None:
        agreement_of(state, fact.continues)
    if fact.stage is not Stage.NEGOTIATION and not context.legacy:
        detail = "Perjanjian baru dimulai dari tahap negosiasi."
        raise RuleBrokenError("begins-with-negotiation", detail, "P6.b.1/P10.b.1", kind=RefusalKind.CONFLICT)


def _dropped(state: Cooperation, fact: facts.AgreementDropped, _: Context) -> None:
    known = state.agreement(fact.agreement)
    if known is None or known.state is not AgreementState.DRAFTING:
        detail = "Hanya rancangan perjanjian yang dapat tidak dilanjutkan; yang ditandatangani diakhiri."
        raise RuleBrokenError("agreement-drafting", detail, "P1.6", kind=RefusalKind.CONFLICT)


def _agreement(state: Cooperation, fact: facts.AgreementSigned, context: Context) -> None:
    check_between(state, fact.between, context)
    check_numbers(fact.between, fact.numbers, fact.standing, context)
    _check_term(fact, context)
    check_signatories(fact.between, fact.signatories, context)
    _check_mandates(fact, context)
    context.adopted.check_affair(fact.affair)
    known = state.agreement(fact.agreement)
    _check_once(known, "Perjanjian", "Ubah dengan adendum semua pihaknya, atau buka perjanjian baru.", context)
    if fact.continues is not None:
        agreement_of(state, fact.continues)
    stage = known.stage if known is not None and known.own_line else state.stage
    if not context.legacy and (stage is not Stage.SIGNING or not state.accord_signed):
        detail = "Perjanjian ditandatangani pada tahap penandatanganan, setelah kesepakatan ditandatangani."
        raise RuleBrokenError("signed-at-signing", detail, "P4.c", kind=RefusalKind.CONFLICT)


def _approval(state: Cooperation, fact: facts.CouncilApprovalRecorded, context: Context) -> None:
    known = state.agreement(fact.agreement)
    parties = state.parties if known is None else known.between
    if fact.region not in parties:
        detail = f"{context.names(fact.region)} bukan pihak kerja sama ini."
        raise RuleBrokenError("region-is-party", detail, "P1.3", region=fact.region)
    if fact.number is None and not context.legacy:
        raise RuleBrokenError("number-known", "Nomor persetujuan DPRD belum diisi.", "PP 28/2018 Pasal 6(2)")


def _amended(state: Cooperation, fact: facts.AgreementAmended, context: Context) -> None:
    known = agreement_of(state, fact.agreement)
    check_numbers(known.between, fact.numbers, fact.standing, context)
    check_planned(fact.ends_on, context.today, "ends_on")
    _check_of_paper(known, context)


def _extended(state: Cooperation, fact: facts.AgreementExtended, context: Context) -> None:
    known = agreement_of(state, fact.agreement)
    check_numbers(known.between, fact.numbers, fact.standing, context)
    check_planned(fact.ends_on, context.today, "ends_on")
    _check_of_paper(known, context)


CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.SigningScheduled: _scheduled,
    facts.AccordSigned: _accord,
    facts.AgreementOpened: _opened,
    facts.AgreementDropped: _dropped,
    facts.CouncilApprovalRecorded: _approval,
    facts.AgreementSigned: _agreement,
    facts.AgreementAmended: _amended,
    facts.AgreementExtended: _extended,
}
