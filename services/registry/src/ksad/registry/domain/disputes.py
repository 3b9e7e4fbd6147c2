"""Rules of disputes: who may be in dispute, who decides, and when a dispute may be escalated."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts import registry as facts
from ksad.contracts.law import Basis, resolve
from ksad.contracts.registry import Manner
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain.calendar import check_date
from ksad.registry.domain.naming import parties_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.law.model import Finality
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation, Dispute

MINISTER = "minister"


class Forum(NamedTuple):
    """Who decides disputes, ``minister`` or ``governor:NN``, and by which clause with which basis."""

    office: str
    clause: str
    basis: Basis


def forum(state: Cooperation, context: Context, agreement: str | None = None) -> str:
    """Who decides disputes of a scope today: ``minister`` or ``governor:NN``; never a Governor who is a party."""
    return _resolved_forum(state, context, agreement).office


def _resolved_forum(state: Cooperation, context: Context, agreement: str | None) -> Forum:
    # The scope is an agreement, else the cooperation: its parties decide, not the two sides alone.
    parties = parties_of(state, agreement)
    found = resolve(parties, context.adopted.regions, context.on, context.profile(state, agreement))
    return Forum(found.dispute_forum, found.forum_clause, found.forum_basis)


def _forum_of(state: Cooperation, dispute: Dispute, context: Context) -> Forum:
    """Who decides a dispute on the day of the context: the Minister where it was escalated."""
    if dispute.status != "escalated":
        return _resolved_forum(state, context, dispute.agreement)
    rules = context.adopted.law.dispute_rules(context.on)
    ground = rules.escalation or rules.minister
    return Forum(MINISTER, ground.source, ground.basis)


def _decided_by(manner: Manner, where: Forum) -> bool:
    """Whether a decision of that kind is one of that forum."""
    return where.office.partition(":")[0] == ("minister" if manner is Manner.MINISTER_DECISION else "governor")


def _open_dispute(state: Cooperation, key: str) -> Dispute:
    known = state.dispute(key)
    if known is None or known.status == "settled":
        raise RuleBrokenError(
            "dispute-open",
            "Perselisihan itu tidak ada atau sudah selesai.",
            "P6.d.3/P10.d.3",
            kind=RefusalKind.CONFLICT,
            dispute=key,
        )
    return known


def _raised(state: Cooperation, fact: facts.DisputeRaised, context: Context) -> None:
    if state.dispute(fact.dispute) is not None:
        detail = "Perselisihan dengan kode yang sama sudah dicatat. Pakai kode lain."
        raise RuleBrokenError("dispute-key-unique", detail, "P6.d.3/P10.d.3", kind=RefusalKind.CONFLICT)
    known = None if fact.agreement is None else state.agreement(fact.agreement)
    parties = state.parties if known is None else known.participants
    strangers = sorted(set(fact.between) - set(parties))
    if strangers or len(set(fact.between)) < 2:  # noqa: PLR2004 - a dispute has two sides
        who = f"; bukan pihak: {context.names(*strangers)}" if strangers else ""
        detail = f"Perselisihan terjadi antara sedikitnya dua pihak{who}."
        raise RuleBrokenError("dispute-between-parties", detail, "P1.4", strangers=strangers)


def _requested(state: Cooperation, fact: facts.DisputeDecisionRequested, _: Context) -> None:
    if _open_dispute(state, fact.dispute).status != "raised":
        raise RuleBrokenError(
            "decision-requested-once", "Keputusan sudah diminta.", "P6.d.5/P10.d.5", kind=RefusalKind.CONFLICT
        )


# Nothing refuses an escalation of before UU 23/2014: that there was none is only recalled.
def _escalated(state: Cooperation, fact: facts.DisputeEscalated, context: Context) -> None:
    known = state.dispute(fact.dispute)
    # The Governor's decision that is not final settles the dispute until it is passed on (UU 23/2014 Pasal 370(3)-(4)).
    dispute = known if known is not None and known.appealable else _open_dispute(state, fact.dispute)
    if dispute.status == "escalated" or forum(state, context, dispute.agreement) == MINISTER:
        detail = "Perselisihan ini sudah ditangani Menteri Dalam Negeri."
        raise RuleBrokenError("escalated-once", detail, "UU 23/2014 Pasal 370(3)", kind=RefusalKind.CONFLICT)


def _settled(state: Cooperation, fact: facts.DisputeSettled, context: Context) -> None:
    dispute = _open_dispute(state, fact.dispute)
    # Deliberation (musyawarah) settles a dispute before any forum, and needs no decision.
    if fact.manner is Manner.DELIBERATION:
        return
    where = _forum_of(state, dispute, context)
    # What is only recalled is no ground to refuse what is said to have been decided.
    if not _decided_by(fact.manner, where) and where.basis is not Basis.MEMORY:
        province = where.office.partition(":")[2]
        who = f"Gubernur {context.names(province)}" if province else "Menteri Dalam Negeri"
        detail = f"Perselisihan ini diputuskan oleh {who}, atau diselesaikan dengan musyawarah."
        raise RuleBrokenError("right-forum", detail, where.clause, kind=RefusalKind.CONFLICT, forum=where.office)
    if fact.signed_as is not None and fact.signed_as.date is not None:
        check_date(fact.signed_as.date, context.today)
    if not fact.number:
        raise RuleBrokenError("decision-has-number", "Sebutkan nomor keputusan.", "P6.d.5/P10.d.5")


def finality(manner: Manner, context: Context) -> Finality:
    """Whether a settlement is final and binding by the law of its day, and on what ground."""
    rules = context.adopted.law.dispute_rules(context.on)
    return {
        Manner.DELIBERATION: rules.deliberation,
        Manner.GOVERNOR_DECISION: rules.governor,
        Manner.MINISTER_DECISION: rules.minister,
    }[manner]


def deciding_forum(state: Cooperation, key: str, manner: Manner, context: Context) -> str | None:
    """Who decided a dispute; None where the parties settled it themselves, or where nobody can say which Governor did.

    Of decisions before UU 23/2014 the law is only recalled, so that another forum than the recalled one may have
    decided.
    """
    dispute = state.dispute(key)
    if manner is Manner.DELIBERATION or dispute is None:
        return None
    where = _forum_of(state, dispute, context)
    if _decided_by(manner, where):
        return where.office
    return MINISTER if manner is Manner.MINISTER_DECISION else None


CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.DisputeRaised: _raised,
    facts.DisputeDecisionRequested: _requested,
    facts.DisputeEscalated: _escalated,
    facts.DisputeSettled: _settled,
}
