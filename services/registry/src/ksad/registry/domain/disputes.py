"""Rules of disputes: between parties, decided by the right forum only, escalated where the law has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.law import resolve
from ksad.contracts.registry import Manner
from ksad.contracts.rules import RefusalKind, RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation, Dispute

MINISTER = "minister"


def forum(state: Cooperation, context: Context) -> str:
    """Who decides disputes of these parties today: ``minister`` or ``governor:NN``; never a Governor who is a party."""
    found = resolve(state.parties, context.adopted.regions, context.on, context.profile(state))
    return found.dispute_forum


def _open_dispute(state: Cooperation, key: str) -> Dispute:
    known = state.dispute(key)
    if known is None or known.status == "settled":
        raise RuleBrokenError(
            "dispute-open", f"Tidak ada perselisihan terbuka {key}.", "P6.d.3/P10.d.3", kind=RefusalKind.CONFLICT
        )
    return known


def _raised(state: Cooperation, fact: facts.DisputeRaised, _: Context) -> None:
    if state.dispute(fact.dispute) is not None:
        detail = f"Perselisihan {fact.dispute} sudah dicatat."
        raise RuleBrokenError("dispute-key-unique", detail, "P6.d.3/P10.d.3", kind=RefusalKind.CONFLICT)
    strangers = sorted(set(fact.between) - set(state.parties))
    if strangers or len(set(fact.between)) < 2:  # noqa: PLR2004 - a dispute has two sides
        detail = f"Perselisihan terjadi antara sedikitnya dua pihak; bukan pihak: {strangers}."
        raise RuleBrokenError("dispute-between-parties", detail, "P1.4", strangers=strangers)


def _requested(state: Cooperation, fact: facts.DisputeDecisionRequested, _: Context) -> None:
    if _open_dispute(state, fact.dispute).status != "raised":
        raise RuleBrokenError(
            "decision-requested-once", "Keputusan sudah diminta.", "P6.d.5/P10.d.5", kind=RefusalKind.CONFLICT
        )


def _escalated(state: Cooperation, fact: facts.DisputeEscalated, context: Context) -> None:
    dispute = _open_dispute(state, fact.dispute)
    if context.profile(state).disputes.escalation is None:
        detail = "Profil hukum kerja sama ini tidak mengenal pelimpahan perselisihan kepada Menteri."
        raise RuleBrokenError("escalation-known", detail, "UU 23/2014 Pasal 370(3)", kind=RefusalKind.CONFLICT)
    if dispute.status == "escalated" or forum(state, context) == MINISTER:
        raise RuleBrokenError(
            "escalated-once",
            "Perselisihan ini sudah pada Menteri.",
            "UU 23/2014 Pasal 370(3)",
            kind=RefusalKind.CONFLICT,
        )


def _settled(state: Cooperation, fact: facts.DisputeSettled, context: Context) -> None:
    dispute = _open_dispute(state, fact.dispute)
    if fact.manner is Manner.DELIBERATION:
        return
    where = MINISTER if dispute.status == "escalated" else forum(state, context)
    decided_by = MINISTER if fact.manner is Manner.MINISTER_DECISION else "governor"
    if not where.startswith(decided_by):
        who = "Menteri Dalam Negeri" if where == MINISTER else f"Gubernur {where.removeprefix('governor:')}"
        detail = f"Perselisihan ini diputuskan oleh {who}, atau diselesaikan dengan musyawarah."
        raise RuleBrokenError("right-forum", detail, "P6.d.5/P10.d.5", kind=RefusalKind.CONFLICT, forum=where)
    if not fact.number:
        raise RuleBrokenError("decision-has-number", "Sebutkan nomor keputusan.", "P6.d.5/P10.d.5")


def is_final(state: Cooperation, manner: Manner, context: Context) -> bool:
    """Whether a settlement is final and binding, as the bound profile says."""
    rules = context.profile(state).disputes
    decision = {
        Manner.DELIBERATION: rules.deliberation,
        Manner.GOVERNOR_DECISION: rules.governor,
        Manner.MINISTER_DECISION: rules.minister,
    }[manner]
    return decision.final


CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.DisputeRaised: _raised,
    facts.DisputeDecisionRequested: _requested,
    facts.DisputeEscalated: _escalated,
    facts.DisputeSettled: _settled,
}
