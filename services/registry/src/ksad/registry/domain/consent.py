"""Consent: an act of several parties waits until all of them, or the signed instrument, say that it stands.

A proposal is the future event, waiting. Its rules are checked when it is proposed, and again when it takes effect.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import declaration_of, load_fact
from ksad.contracts.dates import PartialDate
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.umbrella import refusal_of
from ksad.registry.domain import binding
from ksad.registry.domain.acts import act_of
from ksad.registry.domain.cooperation import Made, evolve, next_event
from ksad.registry.domain.instruments import check_signatories
from ksad.registry.domain.rules import check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.umbrella import PendingAct
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

CLAUSE = "P1.4"
LATER = "menyusul"
"""Stands for the number of a party that has not confirmed yet, where the rules are tried."""


def taken(state: Cooperation, fact: Fact, context: Context, *, caused: bool = False) -> tuple[list[Made], Cooperation]:
    """A fact that has effect at once, with the legal profile that it binds to, and the state after.

    :raises RuleBrokenError: it breaks a rule.
    """
    check(state, fact, context)
    made: list[Made] = []
    for one in (fact, *_binding(state, fact, context)):
        # Folded one by one: the rules of a later event apply to the state after the earlier ones of the same command.
        legacy, precision = context.legacy, context.precision
        state = evolve(state, one, context.on, legacy=legacy, precision=precision, office=context.office)
        made.append(Made(one, context.on, context.precision, context.legacy, caused=caused))
    return made, state


def _binding(state: Cooperation, fact: Fact, context: Context) -> list[facts.ProfileBound]:
    """The legal profile of an agreement that stands; by its date only where the supervising body has examined that."""
    if not isinstance(fact, facts.AgreementSigned):
        return []
    if fact.standing.by == "instrument":
        signed = PartialDate(first=context.on, precision=context.precision)
        return binding.by_verified_signing(state, fact.agreement, signed, context)
    return binding.at_signing(state, fact.agreement, context)


def proposed(
    state: Cooperation, fact: Fact, context: Context, over_refusal: str | None = None
) -> tuple[list[Made], Cooperation]:
    """An act of several: proposed by a party, or recorded by the supervising body from the signed instrument.

    :param fact: the effect, with as many numbers as were given.
    :raises RuleBrokenError: it breaks a rule, its office is not asked, or another act of its scope is pending.
    """
    act = act_of(fact)
    assert act is not None  # noqa: S101 - asked only for acts of several
    asked, scope = act.asked(state, fact), act.scope(fact)
    own = own_region(context, asked)
    _check_own(fact, own, context)
    check(state, _assumed(fact, asked, own), context)
    _check_free(state, scope, fact, own)
    if getattr(fact, "document", None) is None:
        detail = f"Unggah dan lampirkan naskah atau bukti {act.name}."
        raise RuleBrokenError("act-has-document", detail, act.clause)
    identity = next_event(state)
    proposal = facts.ActProposed(
        scope=scope,
        effect=facts.ProposedEffect(
            type=fact.declaration.type,
            on=context.on,
            precision=context.precision,
            data=fact.model_dump(mode="json", exclude=set(facts.ADDED)),
        ),
        asked=list(asked),
        proposer=own,
        claimed={code: number for code, number in _numbers(fact).items() if number and own not in (None, code)},
        expires_on=_last_day(context),
    )
    confirmation = facts.ActConfirmed(
        proposal=identity,
        by="instrument" if own is None else "party",
        regions=[code for code in asked if own in (None, code)],
        numbers={code: number for code, number in _numbers(fact).items() if own in (None, code)},
        signatories=getattr(fact, "signatories", []),
        budget=getattr(fact, "budget", {}),
        document=None if own is not None else getattr(fact, "document", None),
        over_refusal=why_over_refusal(state, refusal_of(scope, _kind(fact)), own, over_refusal),
    )
    told = Made(proposal, context.today)
    state = evolve(state, proposal, context.today)
    made, state = confirmed(state, confirmation, context.now)
    return [told, *made], state


def confirmed(state: Cooperation, fact: facts.ActConfirmed, context: Context) -> tuple[list[Made], Cooperation]:
    """A confirmation and, if it is the last one, the act itself on its own day.

    :raises RuleBrokenError: the confirmation breaks a rule, or by now the act breaks one.
    """
    act = state.umbrella.pending[str(fact.proposal)]
    check(state, fact, context)
    _check_confirmation(act, fact, context)
    made = [Made(fact, context.on, context.precision)]
    state = evolve(state, fact, context.on)
    act = state.umbrella.pending[str(fact.proposal)]
    if act.awaiting:
        return made, state
    then = context._replace(on=act.on, precision=act.precision, legacy=False)
    more, state = taken(state, effect(act, fact.proposal), then, caused=True)
    return [*made, *more], state


def effect(act: PendingAct, proposal: UUID, assumed: Mapping[str, str] | None = None) -> Fact:
    """The event that a proposal becomes, with what its parties have added.

    :param assumed: numbers of parties that have not confirmed, to try the rules with.
    """
    numbers = {code: act.numbers.get(code, (assumed or {}).get(code)) for code in act.asked}
    added: dict[str, Any] = {
        "standing": {"by": act.by, "proposal": proposal},
        "numbers": numbers,
        "signatories": list(act.signatories),
        "budget": act.budget,
    }
    known = declaration_of(act.type).model.model_fields
    return load_fact(act.type, {**act.data, **{name: value for name, value in added.items() if name in known}})


def broken_by_now(state: Cooperation, proposal: UUID, context: Context) -> RuleBrokenError | None:
    """Why a proposal can no longer take effect, whatever numbers are still to come; None if it can."""
    pending = state.umbrella.pending[str(proposal)]
    fact = effect(pending, proposal, dict.fromkeys(pending.asked, LATER))
    act = act_of(fact)
    if act is not None and set(act.asked(state, fact)) != set(pending.asked):
        detail = "Para pihaknya berubah sejak diusulkan. Usulkan lagi kepada para pihak sekarang."
        return RuleBrokenError("same-parties", detail, CLAUSE, kind=RefusalKind.CONFLICT)
    then = context._replace(on=pending.on, precision=pending.precision, legacy=False)
    try:
        check(state, fact, then)
    except RuleBrokenError as error:
        return error
    return None


def check_pending(state: Cooperation, proposal: UUID) -> PendingAct:
    """The proposal, if it still waits.

    :raises RuleBrokenError: it does not: it stands, was refused, withdrawn, overtaken or is unknown.
    """
    found = state.umbrella.pending.get(str(proposal))
    if found is None:
        detail = "Usulan ini tidak menunggu konfirmasi (lagi): sudah berlaku, ditolak, atau ditutup."
        raise RuleBrokenError("proposal-open", detail, CLAUSE, kind=RefusalKind.CONFLICT, proposal=str(proposal))
    return found


def own_region(context: Context, asked: tuple[str, ...]) -> str | None:
    """The region for which the office speaks; None where it is no region's office.

    :raises RuleBrokenError: its region is not asked.
    """
    if not context.region:
        return None
    own = context.speaks_for(asked)
    if own is None:
        detail = "Daerah ini tidak diminta persetujuannya untuk tindakan ini."
        raise RuleBrokenError("is-asked", detail, CLAUSE, kind=RefusalKind.FORBIDDEN, asked=list(asked))
    return own


def why_over_refusal(state: Cooperation, refusal: str, own: str | None, said: str | None) -> str | None:
    """Why the supervising body records, for all or for those that are missing, an act that a party refused before.

    :param refusal: by which name the refusal is remembered (:func:`refusal_of`).
    :param own: the region that speaks for itself: it says nothing of this.
    :raises RuleBrokenError: it does not say why.
    """
    known = state.umbrella.refused.get(refusal)
    if own is not None or known is None:
        return None
    if said is None:
        detail = "Tindakan ini pernah ditolak salah satu pihak. Sebutkan alasan tetap mencatatnya."
        raise RuleBrokenError("over-refusal", detail, CLAUSE, refused_by=known.region, proposal=str(known.proposal))
    return said


def _kind(fact: Fact) -> str:
    return fact.declaration.name.rpartition(".")[2]


def _numbers(fact: Fact) -> dict[str, str | None]:
    return dict(getattr(fact, "numbers", {}))


def _check_own(fact: Fact, own: str | None, context: Context) -> None:
    """A party states its own number, signatory and budget; the numbers of others are only claimed."""
    if own is None:
        return
    stated = {one.region for one in getattr(fact, "signatories", [])} | set(getattr(fact, "budget", {}))
    if stated - {own}:
        detail = (
            "Sebutkan penanda tangan dan pernyataan anggaran daerah sendiri saja; pihak lain menyatakannya sendiri."
        )
        raise RuleBrokenError(
            "own-number-only", detail, CLAUSE, kind=RefusalKind.FORBIDDEN, regions=sorted(stated - {own})
        )
    if "numbers" in type(fact).model_fields and not _numbers(fact).get(own):
        detail = f"Nomor naskah belum diisi untuk: {context.names(own)}."
        raise RuleBrokenError("number-known", detail, CLAUSE, missing=[own])


def _assumed(fact: Fact, asked: tuple[str, ...], own: str | None) -> Fact:
    """The effect as if every party had given its number: what is proposed is checked before all have."""
    if "standing" not in type(fact).model_fields:
        return fact
    if own is None:
        return fact.model_copy(update={"standing": facts.Standing(by="instrument", proposal=None)})
    numbers = dict.fromkeys(asked, LATER) | {code: number or LATER for code, number in _numbers(fact).items()}
    changes = {"numbers": numbers} if "numbers" in type(fact).model_fields else {}
    return fact.model_copy(update={**changes, "standing": facts.Standing(by="parties", proposal=None)})


def _check_free(state: Cooperation, scope: str, fact: Fact, own: str | None) -> None:
    """One act of a scope waits at a time; what has effect at once is held up only by the same kind of act.

    That one the supervising body completes (confirm-act); of any other it is the rules that say what becomes.
    """
    kind = _kind(fact)
    waiting = ((key, act) for key, act in state.umbrella.pending.items() if act.scope == scope)
    found = next((key for key, act in waiting if own is not None or act.kind == kind), None)
    if found is not None:
        detail = "Masih ada usulan yang menunggu konfirmasi untuk hal ini. Konfirmasi, tolak, atau tarik lebih dahulu."
        raise RuleBrokenError("one-proposal", detail, CLAUSE, kind=RefusalKind.CONFLICT, proposal=found)


def _last_day(context: Context) -> date | None:
    """The last day on which what is proposed today can be confirmed."""
    limit = context.adopted.policy.proposal_days if context.adopted.policy else None
    return None if limit is None else context.today + timedelta(days=limit.days)


def _check_confirmation(act: PendingAct, fact: facts.ActConfirmed, context: Context) -> None:
    again = [code for code in fact.regions if code in act.confirmed]
    if again or not fact.regions:
        detail = f"Usulan ini sudah dikonfirmasi untuk: {context.names(*(again or act.confirmed))}."
        raise RuleBrokenError("confirmed-once", detail, CLAUSE, kind=RefusalKind.CONFLICT, regions=again)
    by_party = fact.by == "party"
    stated = {one.region for one in fact.signatories} | set(fact.budget) | set(fact.numbers)
    if stated - set(fact.regions):
        detail = "Sebutkan nomor, penanda tangan, dan pernyataan anggaran daerah yang dikonfirmasi saja."
        kind = RefusalKind.FORBIDDEN if by_party else RefusalKind.INVALID
        raise RuleBrokenError("own-number-only", detail, CLAUSE, kind=kind, regions=sorted(stated - set(fact.regions)))
    check_signatories(fact.regions, fact.signatories, context)
    if "numbers" in declaration_of(act.type).model.model_fields:
        missing = [code for code in fact.regions if code not in fact.numbers or (by_party and not fact.numbers[code])]
        if missing:
            detail = f"Nomor naskah belum diisi untuk: {context.names(*missing)}."
            raise RuleBrokenError("number-known", detail, CLAUSE, missing=missing)
    if not by_party and fact.document is None:
        detail = "Unggah dan lampirkan naskah yang ditandatangani."
        raise RuleBrokenError("act-has-document", detail, CLAUSE)
