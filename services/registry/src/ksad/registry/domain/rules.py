"""The rules of events, checked when an event is decided, and again when a correction changes the stream.

Each refusal names the rule, its clause if there is one, and, in Indonesian, what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.dates import in_words
from ksad.contracts.law import party_regions
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.umbrella import LAST_STAGE, AgreementState
from ksad.registry.domain import disputes, endings, instruments, order, verifying, workbook
from ksad.registry.domain.calendar import check_plausible
from ksad.registry.domain.instruments import OWN_STAGES
from ksad.registry.domain.naming import agreements_called, no_body, proposal_falls

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.law import Profile
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

PROBLEMS = "P6.d.2/P10.d.2"


AFTER_END: tuple[type[Fact], ...] = (
    facts.ProblemReported,
    facts.ProblemResolved,
    facts.DisputeRaised,
    facts.DisputeDecisionRequested,
    facts.DisputeEscalated,
    facts.DisputeSettled,
    *workbook.ENTRIES,
    facts.SettlementClosed,
    facts.ProfileBound,
    facts.Corrected,
    facts.BackfillClosed,
    facts.EntryVerified,
    facts.EntryReturned,
    facts.BodyDissolved,
    facts.ActProposed,
    facts.ActConfirmed,
    facts.ActRefused,
    facts.ActClosed,
)
"""What goes on after the cooperation has ended as a whole: its settlement, problems, disputes, bodies, verification."""


AFTER_ALL = (facts.Corrected, facts.BackfillClosed, facts.EntryVerified, facts.EntryReturned, facts.ActClosed)
"""What is about records, and goes on also after a proposal was given up."""


def check_open(state: Cooperation, fact: Fact) -> None:
    """A cooperation is registered once; one that was given up is over, and after an end only its settlement goes on."""
    if isinstance(fact, facts.Registered):
        if state.stage is not None:
            raise RuleBrokenError(
                "key-unique", f"Kode registrasi {fact.key} sudah dipakai. Pakai kode lain.", kind=RefusalKind.CONFLICT
            )
        return
    if by_register(fact):
        return
    ended = state.umbrella.ended is not None and not isinstance(fact, AFTER_END)
    if ended or (state.withdrawn and not isinstance(fact, AFTER_ALL)):
        raise RuleBrokenError(
            "cooperation-open", "Kerja sama ini sudah berakhir atau dibatalkan.", kind=RefusalKind.CONFLICT
        )


def _registered(_: Cooperation, fact: facts.Registered, context: Context) -> None:
    for code in fact.parties:
        # A new cooperation names the codes in force on its day; former codes are understood only for existing parties.
        context.adopted.regions.valid(code, context.on)
    party_regions(fact.parties, context.adopted.regions, context.on)
    context.adopted.check_affair(fact.affair)
    if fact.initiator is not None and fact.initiator not in fact.parties:
        detail = f"Pemrakarsa {context.names(fact.initiator)} bukan pihak."
        raise RuleBrokenError("initiator-is-party", detail, "P1.3", initiator=fact.initiator)
    if fact.category is not None and context.adopted.law.statute("categories", context.on) is None:
        detail = f"Pada {in_words(context.on)} belum dikenal kerja sama wajib dan sukarela. Kosongkan kategorinya."
        raise RuleBrokenError("category-known", detail, "UU 23/2014 Pasal 363", category=fact.category)
    if fact.stage is not Stage.EXPLORATION and not context.legacy:
        raise RuleBrokenError(
            "begins-with-exploration", "Kerja sama baru dimulai dari tahap penjajakan.", "P4", kind=RefusalKind.CONFLICT
        )


def _stage(state: Cooperation, fact: facts.StageEntered, context: Context) -> None:
    # A legacy fact is recorded as it happened, also against the order that the profile requires.
    if context.legacy:
        return
    if fact.agreement is not None:
        _own_stage(state, fact.agreement, fact, context)
        return
    signed = any(one.signed_on or one.amended for one in state.umbrella.agreements.values() if not one.own_line)
    _check_way(state, fact, context, signed=signed)


def _own_stage(state: Cooperation, key: str, fact: facts.StageEntered, context: Context) -> None:
    """An agreement's own line: negotiation and signing while it is drafted, the last stage when it is in force."""
    known = state.agreement(key)
    if known is None or not known.own_line:
        detail = "Perjanjian itu tidak mempunyai tahap sendiri; masuki tahap kerja samanya."
        raise RuleBrokenError("agreement-own-line", detail, "P4", kind=RefusalKind.CONFLICT)
    if fact.stage is LAST_STAGE:
        if known.state is not AgreementState.SIGNED or context.on < (known.effective_on or context.on):
            detail = "Perjanjian berlaku dengan sendirinya setelah ditandatangani, pada tanggal berlakunya."
            raise RuleBrokenError("stage-order", detail, "P1.6", kind=RefusalKind.CONFLICT)
        return
    if known.state is not AgreementState.DRAFTING or fact.stage not in OWN_STAGES:
        called = agreements_called(state, [key])
        detail = f"Perjanjian {called} tidak sedang disusun, atau tahap itu bukan tahap penyusunan perjanjian."
        raise RuleBrokenError("agreement-drafting", detail, "P4", kind=RefusalKind.CONFLICT)
    _check_way(state, fact, context, signed=False)


def _unsigned(profile: Profile, fact: facts.StageEntered, *, accord_signed: bool) -> str:
    """What has to be signed before a stage can be entered; empty if no signature opens that way."""
    for instrument, signed in (("kesepakatan", (True, False)), ("perjanjian", (accord_signed, True))):
        if profile.allows(fact.left, fact.stage, accord_signed=signed[0], agreement_signed=signed[1]):
            return f" karena {instrument} belum ditandatangani"
    return ""


def _check_way(state: Cooperation, fact: facts.StageEntered, context: Context, *, signed: bool) -> None:
    profile = context.profile(state, fact.agreement)
    if not profile.allows(fact.left, fact.stage, accord_signed=state.accord_signed, agreement_signed=signed):
        left, entered = profile.stage_name(fact.left), profile.stage_name(fact.stage)
        because = _unsigned(profile, fact, accord_signed=state.accord_signed)
        detail = f"Dari tahap {left} tidak dapat langsung ke tahap {entered}{because}."
        raise RuleBrokenError(
            "stage-order", detail, "P4", kind=RefusalKind.CONFLICT, left=fact.left.value, entered=fact.stage.value
        )


def check_party(state: Cooperation, region: str, context: Context) -> None:
    """Checks that a region is a party.

    :raises RuleBrokenError: it is not.
    """
    if region not in state.parties:
        detail = f"{context.names(region)} bukan pihak kerja sama ini."
        raise RuleBrokenError("region-is-party", detail, "P1.3", region=region)


def _check_alive(state: Cooperation, keys: list[str]) -> None:
    """Parties come into and leave agreements that have not ended."""
    over = [key for key in keys if key not in state.umbrella.alive]
    if over:
        called = agreements_called(state, over) or "itu"
        detail = f"Perjanjian {called} tidak ada atau sudah berakhir; pihaknya tidak berubah lagi."
        raise RuleBrokenError("while-in-force", detail, "P1.4", kind=RefusalKind.CONFLICT, agreements=over)


def _joined(state: Cooperation, fact: facts.PartyJoined, context: Context) -> None:
    _check_alive(state, fact.agreements)
    if not (fact.umbrella or fact.agreements):
        raise RuleBrokenError("joins-something", "Sebutkan perjanjian yang dimasuki.", "P1.4", region=fact.region)
    inside = [key for key in fact.agreements if fact.region in state.umbrella.agreements[key].between]
    name = context.names(fact.region)
    known = fact.region in state.parties
    if inside or (known and fact.umbrella):
        detail = f"{name} sudah menjadi pihak."
        raise RuleBrokenError("region-not-party", detail, "P1.4", kind=RefusalKind.CONFLICT, region=fact.region)
    if not (known or fact.umbrella):
        detail = f"{name} belum menjadi pihak kerja sama ini."
        raise RuleBrokenError("region-is-party", detail, "P1.4", kind=RefusalKind.CONFLICT, region=fact.region)
    context.adopted.regions.valid(fact.region, context.on)
    party_regions(fact.parties, context.adopted.regions, context.on)


def _withdrew(state: Cooperation, fact: facts.PartyWithdrew, context: Context) -> None:
    check_party(state, fact.region, context)
    _check_alive(state, fact.agreements)
    alive = state.umbrella.alive
    strange = [key for key in fact.agreements if fact.region not in alive[key].between]
    if not (fact.umbrella or fact.agreements) and proposal_falls(state, fact.region):
        return
    if strange or not (fact.umbrella or fact.agreements):
        called = agreements_called(state, strange) or "mana pun yang masih berlaku"
        detail = f"{context.names(fact.region)} bukan pihak perjanjian {called}."
        raise RuleBrokenError("region-is-party", detail, "P1.3", region=fact.region)
    few = [key for key in fact.agreements if alive[key].stands and len(alive[key].between) <= 2]  # noqa: PLR2004 - Pasal 1 no. 4
    if few:
        detail = f"Perjanjian {agreements_called(state, few)} tinggal satu pihak. Usulkan pengakhirannya."
        raise RuleBrokenError("two-parties-remain", detail, "P1.4", kind=RefusalKind.CONFLICT, agreements=few)
    if fact.umbrella:
        party_regions(fact.parties, context.adopted.regions, context.on)
        held = [key for key, one in alive.items() if fact.region in one.between and key not in fact.agreements]
        if held:
            name = context.names(fact.region)
            called = agreements_called(state, held)
            detail = f"{name} masih pihak perjanjian {called}. Keluar dari perjanjian itu lebih dahulu."
            raise RuleBrokenError("agreements-first", detail, "P1.4", kind=RefusalKind.CONFLICT, agreements=held)


def _reported(state: Cooperation, fact: facts.ProblemReported, _: Context) -> None:
    if state.problem_open(fact.problem) is not None:
        raise RuleBrokenError(
            "problem-key-unique",
            "Permasalahan dengan kode yang sama sudah dicatat. Pakai kode lain.",
            PROBLEMS,
            kind=RefusalKind.CONFLICT,
            problem=fact.problem,
        )


def _resolved(state: Cooperation, fact: facts.ProblemResolved, _: Context) -> None:
    if not state.problem_open(fact.problem):
        raise RuleBrokenError(
            "problem-open",
            "Permasalahan itu tidak ada atau sudah selesai.",
            PROBLEMS,
            kind=RefusalKind.CONFLICT,
            problem=fact.problem,
        )


def _dissolved(state: Cooperation, fact: facts.BodyDissolved, _: Context) -> None:
    known = state.umbrella.bodies.get(str(fact.body))
    if known is None or not known.stands:
        raise no_body()


def _bound(_: Cooperation, fact: facts.ProfileBound, context: Context) -> None:
    if fact.profile not in context.adopted.law.profiles:
        profiles = context.adopted.law.profiles
        detail = f"Profil hukum itu belum ditetapkan; pilih: {'; '.join(one.title for one in profiles.values())}."
        raise RuleBrokenError("profile-known", detail, profile=fact.profile, profiles=list(profiles))


def _proposal(state: Cooperation, _: facts.ProposalWithdrawn, __: Context) -> None:
    if state.accord_signed or state.has_agreement:
        detail = "Sudah ada naskah yang ditandatangani; kerja sama diakhiri, bukan dibatalkan."
        raise RuleBrokenError("nothing-signed", detail, "P1.4", kind=RefusalKind.CONFLICT)


def _backfilled(state: Cooperation, _: facts.BackfillClosed, __: Context) -> None:
    if state.backfill_closed:
        raise RuleBrokenError("backfill-open", "Masa pemasukan data lama telah ditutup.", kind=RefusalKind.CONFLICT)


CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.Registered: _registered,
    facts.StageEntered: _stage,
    facts.PartyJoined: _joined,
    facts.PartyWithdrew: _withdrew,
    facts.ProblemReported: _reported,
    facts.ProblemResolved: _resolved,
    facts.ProfileBound: _bound,
    facts.BodyDissolved: _dissolved,
    facts.ProposalWithdrawn: _proposal,
    facts.BackfillClosed: _backfilled,
    **instruments.CHECKS,
    **disputes.CHECKS,
    **endings.CHECKS,
    **verifying.CHECKS,
    **workbook.CHECKS,
}


def check(state: Cooperation, fact: Fact, context: Context) -> None:
    """Checks an event against all rules.

    :raises RuleBrokenError: it breaks one; the error names the rule, its clause and what to do.
    """
    check_plausible(context.on)
    if not by_register(fact):
        order.check_day(state, fact, context)
    check_open(state, fact)
    if context.legacy and state.backfill_closed:
        raise RuleBrokenError(
            "backfill-open",
            "Masa pemasukan data lama telah ditutup; catat sebagai fakta baru.",
            kind=RefusalKind.CONFLICT,
        )
    rule = CHECKS.get(type(fact))
    if rule is not None:
        rule(state, fact, context)
    if not by_register(fact):
        order.check(state, fact, context)


def by_register(fact: Fact) -> bool:
    """Whether the register has recorded a fact by itself; an end that stands on a term that reads otherwise is void."""
    return isinstance(fact, facts.SettlementClosed) or (isinstance(fact, facts.Ended) and fact.rests_on is not None)
