"""What the register records by itself: agreements that come into force, terms that end, settlements that are closed.

The law does it, not an officer (``domain.md``: PP 28/2018 Pasal 9(1)); the register writes down that it has happened.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from ksad.contracts import registry as facts
from ksad.contracts.dates import PartialDate
from ksad.contracts.law import workbook
from ksad.contracts.registry import Scope, Stage
from ksad.contracts.umbrella import LAST_STAGE, STANDING, AccordState, AgreementState
from ksad.registry.domain import consent, endings
from ksad.registry.domain.chronology import Point, mark
from ksad.registry.domain.cooperation import Made, evolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.contracts.umbrella import Agreement, Instrumented, Umbrella
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def consequences(
    state: Cooperation, context: Context, *, through: date, closing: bool = False
) -> tuple[list[Made], Cooperation]:
    """What follows by itself up to a day, and the state that it makes.

    :param through: the last day that is over: terms that end on it have ended.
    :param closing: the backfill is being closed, so that legacy terms end, too, as facts of before the platform.
    """
    made: list[Made] = []
    while True:
        found = next(_next(state, context, through, closing=closing), None)
        if found is None:
            return made, state
        made.append(found)
        state = evolve(state, found.fact, found.on, legacy=found.legacy, precision=found.precision)


def _next(state: Cooperation, context: Context, through: date, *, closing: bool) -> Iterator[Made]:
    yield from _entering(state, min(context.today, through + timedelta(days=1)))
    yield from _expiring(state, context, through, closing=closing)
    yield from _settled(state, context)
    yield from _unconfirmed(state, context, through)


def _entering(state: Cooperation, day: date) -> Iterator[Made]:
    """An agreement is in force when it stands, or when its ``effective_on`` comes (P1.6)."""
    for key, one in _awaited(state):
        begins = _begins(one)
        if begins <= day:
            left = one.stage or Stage.SIGNING
            fact = facts.StageEntered(left=left, stage=LAST_STAGE, agreement=key if one.own_line else None)
            entered = _entered(state, key, fact.agreement, begins)
            yield Made(fact, entered.first, entered.precision, legacy=one.legacy, register=True)


def _entered(state: Cooperation, key: str, line: str | None, begins: date) -> PartialDate:
    """The day on which an agreement comes into force: as exactly as its signing is known, if that is what begins it.

    It is never before the stage that is left.
    """
    signed = state.when(mark(Point.AGREEMENT, key))
    day = signed if signed is not None and signed.first == begins else PartialDate.of(begins)
    last = state.when(mark(Point.STAGE, line))
    return last if last is not None and day.before(last) else day


def _awaited(state: Cooperation) -> Iterator[tuple[str, Agreement]]:
    """The signed agreements that the register brings into force."""
    for key, one in state.umbrella.agreements.items():
        if one.state is AgreementState.SIGNED and (one.own_line or _on_the_common_line(state, one)):
            yield key, one


def _on_the_common_line(state: Cooperation, one: Agreement) -> bool:
    """Whether an agreement that stands by consent takes the cooperation's line to the last stage.

    What was recorded before consent, or from paper, is taken there by people.
    """
    return not one.own_line and one.standing in {"parties", "instrument"} and state.stage is Stage.SIGNING


def _begins(one: Agreement) -> date:
    return max(one.effective_on or date.min, one.signed_on or date.min)


def running(umbrella: Umbrella) -> Iterator[tuple[Scope, str, Instrumented]]:
    """The accords in force and the agreements that stand."""
    for key, accord in umbrella.accords.items():
        if accord.state is AccordState.IN_FORCE:
            yield Scope.ACCORD, key, accord
    for key, agreement in umbrella.agreements.items():
        if agreement.state in STANDING:
            yield Scope.AGREEMENT, key, agreement


def _expiring(state: Cooperation, context: Context, through: date, *, closing: bool) -> Iterator[Made]:
    umbrella = state.umbrella
    if umbrella.withdrawn or umbrella.ended is not None:
        return
    for of, key, one in running(umbrella):
        last = one.last_day
        if last is None or last > through or (one.legacy and umbrella.backfilling and not closing):
            continue
        agreement = key if of is Scope.AGREEMENT else None
        fact = facts.Ended(
            of=of,
            key=key,
            ground=endings.EXPIRED,
            rests_on=one.ends_on,
            open_items=endings.left_open(state, key, context) if agreement else [],
            reason=None,
            clause=endings.expiry_clause(context, last),
            document=None,
            standing=facts.Standing(by="legacy" if closing and one.legacy else "unconfirmed", proposal=None),
        )
        yield Made(fact, last, legacy=closing and one.legacy, register=True)


def _settled(state: Cooperation, context: Context) -> Iterator[Made]:
    """Nothing is left open of an ended agreement: no item, no problem, no dispute."""
    for key, one in state.umbrella.settling.items():
        checklist = context.profile(state, key).checklist
        if not workbook.open_slots(one, checklist) and not state.umbrella.open_matters(key):
            fact = facts.SettlementClosed(agreement=key)
            yield Made(fact, context.on, context.precision, legacy=context.legacy, register=True)


def _unconfirmed(state: Cooperation, context: Context, through: date) -> Iterator[Made]:
    """Proposals whose time is over, and those that by now would break a rule, are closed without effect."""
    for identity, act in state.umbrella.pending.items():
        if act.expires_on is not None and act.expires_on <= through:
            fact = facts.ActClosed(proposal=UUID(identity), why="expired", rule=None, reason=None)
            yield Made(fact, act.expires_on, register=True)
            continue
        broken = consent.broken_by_now(state, UUID(identity), context)
        if broken is not None:
            fact = facts.ActClosed(proposal=UUID(identity), why="overtaken", rule=broken.rule, reason=broken.detail)
            yield Made(fact, context.today, register=True)


def turning_day(state: Cooperation) -> date | None:
    """The next day on which, when it is over, the register has something to record; None where nothing is ahead."""
    umbrella = state.umbrella
    days: list[date] = []
    if not umbrella.withdrawn and umbrella.ended is None:
        waiting = umbrella.backfilling
        days += [
            one.last_day for _, _, one in running(umbrella) if one.last_day is not None and not (one.legacy and waiting)
        ]
    days += [_begins(one) for _, one in _awaited(state)]
    days += [act.expires_on for act in umbrella.pending.values() if act.expires_on is not None]
    return min(days, default=None)
