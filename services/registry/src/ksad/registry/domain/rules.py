"""The rules a fact may break, checked when it is decided and again when a correction changes the stream.

Each refusal names its rule, the clause it stands on where there is one, and how to mend it, in Indonesian.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.law import party_regions
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain import disputes, endings
from ksad.registry.domain.calendar import check_date, check_planned

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

PROBLEMS = "P6.d.2/P10.d.2"


def check_open(state: Cooperation, fact: Fact) -> None:
    """A cooperation is registered once, and nothing happens to one that ended or was withdrawn."""
    if isinstance(fact, facts.Registered):
        if state.stage is not None:
            raise RuleBrokenError(
                "key-unique", f"Kunci {fact.key} sudah terdaftar. Pakai kunci lain.", kind=RefusalKind.CONFLICT
            )
        return
    if state.closed and not isinstance(fact, facts.Corrected | facts.BackfillClosed):
        raise RuleBrokenError(
            "cooperation-open", "Kerja sama ini sudah berakhir atau dibatalkan.", kind=RefusalKind.CONFLICT
        )


def check_numbers(state: Cooperation, numbers: dict[str, str]) -> None:
    """An instrument carries one number per party (practice: each party numbers it)."""
    if set(numbers) != set(state.parties):
        missing = sorted(set(state.parties) - set(numbers))
        extra = sorted(set(numbers) - set(state.parties))
        detail = f"Naskah memerlukan satu nomor untuk setiap pihak; kurang: {missing}, bukan pihak: {extra}."
        raise RuleBrokenError("number-per-party", detail, "P1.4", missing=missing, extra=extra)


def _registered(_: Cooperation, fact: facts.Registered, context: Context) -> None:
    for code in fact.parties:
        context.adopted.regions.valid(code, context.on)
    party_regions(fact.parties, context.adopted.regions, context.on)
    if fact.initiator is not None and fact.initiator not in fact.parties:
        detail = f"Pemrakarsa {fact.initiator} bukan pihak."
        raise RuleBrokenError("initiator-is-party", detail, "P1.3", initiator=fact.initiator)
    profile = context.adopted.law.profile(fact.profile)
    if not profile.knows_category(fact.category):
        detail = f"Kategori {fact.category} belum dikenal pada {profile.id}. Kosongkan kategori."
        raise RuleBrokenError("category-known", detail, "UU 23/2014 Pasal 363", category=fact.category)
    if fact.stage is not Stage.EXPLORATION and not context.legacy:
        raise RuleBrokenError(
            "begins-with-exploration", "Kerja sama baru dimulai dari tahap penjajakan.", "P4", kind=RefusalKind.CONFLICT
        )


def _stage(state: Cooperation, fact: facts.StageEntered, context: Context) -> None:
    if context.legacy:
        return
    profile = context.profile(state)
    assert state.stage is not None  # noqa: S101 - checked by check_open
    if not profile.allows(
        state.stage, fact.stage, accord_signed=state.accord_signed, agreement_signed=state.agreement_signed
    ):
        left, entered = profile.stage_name(state.stage), profile.stage_name(fact.stage)
        detail = f"Dari tahap {left} tidak dapat langsung ke tahap {entered} pada keadaan sekarang."
        raise RuleBrokenError(
            "stage-order", detail, "P4", kind=RefusalKind.CONFLICT, left=state.stage.value, entered=fact.stage.value
        )


def _scheduled(_: Cooperation, fact: facts.SigningScheduled, context: Context) -> None:
    check_planned(fact.signing_on, context.today, "signing_on")
    if fact.signing_on < context.on:
        raise RuleBrokenError("signing-ahead", f"Tanggal penandatanganan {fact.signing_on} sudah lewat.", "P6.c/P10.c")


def _accord(state: Cooperation, fact: facts.AccordSigned, context: Context) -> None:
    check_numbers(state, fact.numbers)
    if not context.legacy and state.stage is not Stage.SIGNING:
        detail = "Kesepakatan ditandatangani pada tahap penandatanganan. Masuki tahap itu lebih dahulu."
        raise RuleBrokenError("signed-at-signing", detail, "P4.c", kind=RefusalKind.CONFLICT)


def _approval(state: Cooperation, fact: facts.CouncilApprovalRecorded, _: Context) -> None:
    check_party(state, fact.region)


def check_party(state: Cooperation, region: str) -> None:
    """The region is one of the parties."""
    if region not in state.parties:
        raise RuleBrokenError("region-is-party", f"{region} bukan pihak kerja sama ini.", "P1.3", region=region)


def _agreement(state: Cooperation, fact: facts.AgreementSigned, context: Context) -> None:
    check_numbers(state, fact.numbers)
    check_planned(fact.ends_on, context.today, "ends_on")
    check_planned(fact.effective_on, context.today, "effective_on")
    begins = fact.effective_on or context.on
    if fact.ends_on is not None and fact.ends_on <= begins:
        detail = f"Perjanjian berakhir ({fact.ends_on}) sebelum berlaku ({begins}). Periksa kedua tanggal."
        raise RuleBrokenError("ends-after-effective", detail, "P1.6", ends_on=fact.ends_on, effective_on=begins)
    if not context.legacy and (state.stage is not Stage.SIGNING or not state.accord_signed):
        detail = "Perjanjian ditandatangani pada tahap penandatanganan, setelah kesepakatan ditandatangani."
        raise RuleBrokenError("signed-at-signing", detail, "P4.c", kind=RefusalKind.CONFLICT)


def _amended(state: Cooperation, fact: facts.AgreementAmended, context: Context) -> None:
    check_numbers(state, fact.numbers)
    check_planned(fact.ends_on, context.today, "ends_on")
    _needs_agreement(state)
    _ends_later(fact.ends_on, context)


def _ends_later(ends_on: date | None, context: Context) -> None:
    if ends_on is not None and ends_on <= context.on:
        detail = f"Tanggal berakhir {ends_on} tidak setelah tanggal naskahnya ({context.on})."
        raise RuleBrokenError("ends-after-effective", detail, "P1.6", ends_on=ends_on)


def _extended(state: Cooperation, fact: facts.AgreementExtended, context: Context) -> None:
    check_numbers(state, fact.numbers)
    check_planned(fact.ends_on, context.today, "ends_on")
    _needs_agreement(state)
    if state.ends_on is not None and fact.ends_on <= state.ends_on:
        detail = f"Perpanjangan harus berakhir setelah {state.ends_on}."
        raise RuleBrokenError("extension-is-longer", detail, "P1.6", ends_on=fact.ends_on, before=state.ends_on)
    _ends_later(fact.ends_on, context)


def _needs_agreement(state: Cooperation) -> None:
    if not state.has_agreement:
        raise RuleBrokenError(
            "agreement-signed", "Belum ada perjanjian yang ditandatangani.", "P1.6", kind=RefusalKind.CONFLICT
        )


def _joined(state: Cooperation, fact: facts.PartyJoined, context: Context) -> None:
    if fact.region in state.parties:
        raise RuleBrokenError(
            "region-not-party",
            f"{fact.region} sudah menjadi pihak.",
            "P1.4",
            kind=RefusalKind.CONFLICT,
            region=fact.region,
        )
    context.adopted.regions.valid(fact.region, context.on)
    party_regions(fact.parties, context.adopted.regions, context.on)


def _withdrew(state: Cooperation, fact: facts.PartyWithdrew, context: Context) -> None:
    check_party(state, fact.region)
    party_regions(fact.parties, context.adopted.regions, context.on)


def _reported(state: Cooperation, fact: facts.ProblemReported, _: Context) -> None:
    if state.problem_open(fact.problem) is not None:
        raise RuleBrokenError(
            "problem-key-unique", f"Permasalahan {fact.problem} sudah dicatat.", PROBLEMS, kind=RefusalKind.CONFLICT
        )


def _resolved(state: Cooperation, fact: facts.ProblemResolved, _: Context) -> None:
    if not state.problem_open(fact.problem):
        raise RuleBrokenError(
            "problem-open", f"Tidak ada permasalahan terbuka {fact.problem}.", PROBLEMS, kind=RefusalKind.CONFLICT
        )


def _bound(_: Cooperation, fact: facts.ProfileBound, context: Context) -> None:
    if fact.profile not in context.adopted.law.profiles:
        known = ", ".join(context.adopted.law.profiles)
        raise RuleBrokenError("profile-known", f"Profil hukum {fact.profile} belum ditetapkan; pilih: {known}.")


def _proposal(state: Cooperation, _: facts.ProposalWithdrawn, __: Context) -> None:
    if state.accord_signed or state.has_agreement:
        detail = "Sudah ada naskah yang ditandatangani; kerja sama diakhiri, bukan dibatalkan."
        raise RuleBrokenError("nothing-signed", detail, "P1.5", kind=RefusalKind.CONFLICT)


def _backfilled(state: Cooperation, _: facts.BackfillClosed, __: Context) -> None:
    if state.backfill_closed:
        raise RuleBrokenError("backfill-open", "Pemasukan data lama sudah ditutup.", kind=RefusalKind.CONFLICT)


CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.Registered: _registered,
    facts.StageEntered: _stage,
    facts.SigningScheduled: _scheduled,
    facts.AccordSigned: _accord,
    facts.CouncilApprovalRecorded: _approval,
    facts.AgreementSigned: _agreement,
    facts.AgreementAmended: _amended,
    facts.AgreementExtended: _extended,
    facts.PartyJoined: _joined,
    facts.PartyWithdrew: _withdrew,
    facts.ProblemReported: _reported,
    facts.ProblemResolved: _resolved,
    facts.ProfileBound: _bound,
    facts.ProposalWithdrawn: _proposal,
    facts.BackfillClosed: _backfilled,
    **disputes.CHECKS,
    **endings.CHECKS,
}


def check(state: Cooperation, fact: Fact, context: Context) -> None:
    """Refuse a fact that breaks a rule.

    :raises RuleBrokenError: names the rule, its clause and the mend.
    """
    check_date(context.on, context.today)
    check_open(state, fact)
    if context.legacy and state.backfill_closed:
        raise RuleBrokenError(
            "backfill-open", "Pemasukan data lama sudah ditutup; catat sebagai fakta baru.", kind=RefusalKind.CONFLICT
        )
    rule = CHECKS.get(type(fact))
    if rule is not None:
        rule(state, fact, context)
