"""The order of problems, disputes and bodies: C12, C13 and C23."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.dates import in_words
from ksad.contracts.registry import Manner
from ksad.registry.domain.chronology import Point, mark
from ksad.registry.domain.order.reading import Breach, begun, breach, since

if TYPE_CHECKING:
    from ksad.contracts.dates import PartialDate
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

CHECK = "Periksa tanggalnya."


def _too_early(what: str, when: PartialDate, before: str, day: PartialDate | None) -> Breach | None:
    if day is None or not when.before(day):
        return None
    detail = f"{what} ({in_words(when)}) sebelum {before} ({in_words(day)}). {CHECK}"
    return breach(detail, on=str(when), after=str(day))


def _arisen(state: Cooperation, noun: str, agreement: str | None, context: Context) -> Breach | None:
    began, start = begun(state, agreement)
    if start is None or not context.when.before(start):
        return None
    said = since(began, start)
    return breach(f"{noun} ({in_words(context.when)}), padahal {said}. {CHECK}", after=str(start))


def problem_in_order(
    state: Cooperation, fact: facts.ProblemReported | facts.ProblemResolved, context: Context
) -> Breach | None:
    """A problem is of something that there is, and is resolved when it has been reported."""
    if isinstance(fact, facts.ProblemReported):
        return _arisen(state, "Permasalahan dilaporkan", fact.agreement, context)
    reported = state.when(mark(Point.PROBLEM, fact.problem))
    return _too_early("Permasalahan diselesaikan", context.when, "dilaporkan", reported)


def body_dissolved(state: Cooperation, fact: facts.BodyDissolved, context: Context) -> Breach | None:
    """A body is dissolved when it has been formed."""
    known = state.umbrella.bodies.get(str(fact.body))
    if known is None or known.formed_on <= context.until:
        return None
    formed = in_words(known.formed_on)
    detail = f"Badan dibubarkan ({in_words(context.when)}) sebelum dibentuk ({formed}). {CHECK}"
    return breach(detail, after=known.formed_on)


def dispute_raised(state: Cooperation, fact: facts.DisputeRaised, context: Context) -> Breach | None:
    """A dispute is of something that there is."""
    return _arisen(state, "Perselisihan diajukan", fact.agreement, context)


def decision_requested(state: Cooperation, fact: facts.DisputeDecisionRequested, context: Context) -> Breach | None:
    """A decision is asked for when the dispute has been raised."""
    raised = state.when(mark(Point.DISPUTE, fact.dispute))
    return _too_early("Keputusan diminta", context.when, "perselisihannya diajukan", raised)


def dispute_escalated(state: Cooperation, fact: facts.DisputeEscalated, context: Context) -> Breach | None:
    """A dispute is escalated when it has been raised; one that the Governor decided, after the decision."""
    what, dispute = "Perselisihan dilimpahkan", fact.dispute
    raised, decided = state.when(mark(Point.DISPUTE, dispute)), state.when(mark(Point.DECISION, dispute))
    return _too_early(what, context.when, "diajukan", raised) or _too_early(
        what, context.when, "diputuskan Gubernur", decided
    )


def dispute_settled(state: Cooperation, fact: facts.DisputeSettled, context: Context) -> Breach | None:
    """A dispute is settled when it has been raised, by the Minister when it has come to the Minister."""
    what = "Perselisihan diselesaikan" if fact.manner is Manner.DELIBERATION else "Perselisihan diputuskan"
    found = _too_early(what, context.when, "diajukan", state.when(mark(Point.DISPUTE, fact.dispute)))
    if found is not None or fact.manner is not Manner.MINISTER_DECISION:
        return found
    escalated = state.when(mark(Point.ESCALATION, fact.dispute))
    return _too_early(what, context.when, "dilimpahkan kepada Menteri", escalated)
